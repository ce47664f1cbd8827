package panel

import (
	"slices"
	"strings"
	"testing"

	"callbox/telephony"
)

// A backup that is encrypted asks for its passphrase, letter by letter, and again when it was the wrong one (A16.5).
func TestPassphrase(t *testing.T) {
	b := benchOf(t, false, "en")
	facts := workday()
	facts.ClaimCode = "48217730"
	b.step(facts)
	b.fail = telephony.Errorf(telephony.Invalid, "已加密", "It is encrypted.").At("passphrase")
	b.press("o")
	for range 30 {
		if slices.Contains(b.rows, ">Load a backup") {
			break
		}
		b.press("d")
	}
	b.press("oo")
	b.done(`restore `)
	b.shows("It is encrypted.")
	b.press("o")
	b.shows("Passphrase", " ", "^", "Up/down, then OK")
	b.press("uuo" + "uo" + strings.Repeat("u", 27)) // b, a, 0 chosen
	b.shows("Passphrase", "ba0", "  ^", "Up/down, then OK")
	b.press("bb") // 0 is not taken, a goes
	b.shows("Passphrase", "b ", " ^", "OK again: enter")
	b.press("do") // the last letter is before the first
	b.fail = telephony.Errorf(telephony.Invalid, "打不开", "It does not open.").At("passphrase")
	b.press("o")
	b.done("restore b`")
	b.shows("It does not open.")
	b.press("b")
	b.shows("Passphrase", "b` ", "  ^", "OK again: enter")
	b.press(strings.Repeat("uo", 30))
	b.shows("Passphrase", strings.Repeat("a", 19)+" ", strings.Repeat(" ", 19)+"^", "OK again: enter")
	b.press(strings.Repeat("b", 31))
	b.fail = telephony.Errorf(telephony.Invalid, "已损坏", "It is damaged.")
	b.press("uoo")
	b.done("restore ba")
	b.press("o")
	if b.rows[0] == "Passphrase" {
		t.Error("another passphrase is asked for where none helps")
	}
}
