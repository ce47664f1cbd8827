package telephony

import (
	"strings"
	"testing"
)

// A18.2: the middle of a number is hidden, four digits or more; what is short stays whole.
func TestMaskNumber(t *testing.T) {
	for number, want := range map[string]string{
		"": "", "801": "801", "110": "110", "95588": "95588", "123456": "123456",
		"6234567": "6****67", "62345678": "62****78", "13800138000": "138****8000", "02162345678": "021****5678",
		"+8613800138000": "+861******8000", "138-0013-8000": "138-****-8000",
	} {
		if got := MaskNumber(number); got != want {
			t.Errorf("%q: %q, want %q", number, got, want)
		}
	}
}

func TestMaskNumbers(t *testing.T) {
	whole := func(n string) bool { return n == "4008001234" }
	for text, want := range map[string]string{
		"请回电 13800138000 找801":     "请回电 138****8000 找801",
		"outside:02162345678":      "outside:021****5678",
		"138 0013 8000, 801 802 8": "138 **** 8000, 801 802 8",
		"2026-11-23 8:00 to 12:00": "2026-11-23 8:00 to 12:00",
		"ask 4008001234":           "ask 4008001234",
		"2026-11-23-13911223344":   "202*-**-**-*******3344",
	} {
		if got := MaskNumbers(text, whole); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// What is hidden cannot be read from what is shown, whatever the number.
func FuzzMaskNumbers(f *testing.F) {
	f.Add("+8613800138000")
	f.Fuzz(func(t *testing.T, text string) {
		got := MaskNumbers(text, func(string) bool { return false })
		if len(got) != len(text) || strings.Count(got, "*") < strings.Count(text, "*") {
			t.Fatalf("%q: %q", text, got)
		}
	})
}
