package telephony

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestPattern(t *testing.T) {
	for _, row := range []struct {
		pattern    Pattern
		fit, other string // numbers, with spaces between
	}{
		{"", "0 110 +8613800138000 *", ""},
		{".", "0 110 *8#", ""},
		{"110", "110", "11 1100 119"},
		{"X", "0 9", "* # + 00"},
		{"Z", "1 9", "0 10"},
		{"N", "2 9", "1 0"},
		{"0Z.", "01 0213456", "0 00 1"},
		{"1[3-9]XXXXXXXXX", "13800138000 19900000000", "12800138000 1380013800 138001380001"},
		{"[1-3,7]", "1 2 3 7", "0 4 8 ,"},
		{"[137]", "1 3 7", "2"},
		{"[*#]8", "*8 #8", "8 +8"},
		{"+86.", "+86 +8613", "86 +85"},
		{"400XXXXXXX", "4008001234", "400800123"},
	} {
		if !row.pattern.Valid() {
			t.Errorf("%q is refused", row.pattern)
		}
		for _, n := range strings.Fields(row.fit) {
			if !row.pattern.Match(n) {
				t.Errorf("%q does not match %q", row.pattern, n)
			}
		}
		for _, n := range strings.Fields(row.other) {
			if row.pattern.Match(n) {
				t.Errorf("%q matches %q", row.pattern, n)
			}
		}
	}
	if !Pattern("").Match("") || !Pattern(".").Match("") || Pattern("X").Match("") {
		t.Error("only a pattern that asks for nothing matches a caller without a number")
	}
}

func TestPatternValid(t *testing.T) {
	for _, p := range []Pattern{
		"x", "1.2", "..", "[", "[]", "[1", "1]", "[a-z]", "[1-]", "[-1]", "[1-5", "[,]", "[*-#]", "1 2", "１", "1\n", Pattern(strings.Repeat("1", 65)),
	} {
		if p.Valid() {
			t.Errorf("%q is accepted", p)
		}
	}
}

func TestPatternLen(t *testing.T) {
	for p, want := range map[Pattern]int{"": 0, ".": 0, "1": 1, "1[3-9]XX.": 4, "[1-3,7]": 1, "[1": 0} {
		if got := p.Len(); got != want {
			t.Errorf("%q takes %d digits, want %d", p, got, want)
		}
	}
}

// aPattern draws a pattern and a number that fits it.
func aPattern(t *rapid.T) (p Pattern, number string) {
	elements := map[string]string{"X": "0123456789", "Z": "123456789", "N": "23456789", "[1-3,7]": "1237", "[*0]": "*0", "5": "5", "#": "#"}
	for range rapid.IntRange(0, 6).Draw(t, "length") {
		e := rapid.SampledFrom([]string{"X", "Z", "N", "[1-3,7]", "[*0]", "5", "#"}).Draw(t, "element")
		p += Pattern(e)
		number += string(rapid.SampledFrom([]byte(elements[e])).Draw(t, "digit"))
	}
	if rapid.Bool().Draw(t, "open") {
		p += "."
		number += rapid.StringMatching(`[0-9]{0,4}`).Draw(t, "more")
	}
	return p, number
}

func TestPatternProperties(t *testing.T) {
	t.Run("a number made to fit fits, and could at every key before", rapid.MakeCheck(func(t *rapid.T) {
		p, number := aPattern(t)
		if !p.Valid() || !p.Match(number) {
			t.Fatalf("%q and %q", p, number)
		}
		for i := range len(number) {
			if !p.CouldMatch(number[:i]) {
				t.Fatalf("%q gives up on %q before %q", p, number[:i], number)
			}
		}
	}))
	t.Run("what could not fit does not", rapid.MakeCheck(func(t *rapid.T) {
		p, _ := aPattern(t)
		dialled, more := rapid.StringMatching(`[0-9*#]{0,6}`).Draw(t, "dialled"), rapid.StringMatching(`[0-9*#]{1,4}`).Draw(t, "more")
		if !p.CouldMatch(dialled) && p.Match(dialled+more) {
			t.Fatalf("%q gave up on %q but matches %q", p, dialled, dialled+more)
		}
	}))
	t.Run("no pattern and no number makes a panic", rapid.MakeCheck(func(t *rapid.T) {
		p, number := Pattern(rapid.StringMatching(`[0-9XZN\[\],.*#-]{0,12}`).Draw(t, "pattern")), rapid.String().Draw(t, "number")
		p.Match(number)
		p.CouldMatch(number)
		if p.Valid() && p.Len() > len(p) {
			t.Fatalf("%q takes %d digits", p, p.Len())
		}
	}))
}

func TestCleanNumber(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"021-6234 5678":         "02162345678",
		"+86 (138) 0013-8000":   "+8613800138000",
		"86+138":                "86138",
		"*72#":                  "*72#",
		"'; drop table calls":   "",
		"sip:801@10.0.0.1":      "80110001",
		"１３８":                   "",
		strings.Repeat("1", 99): strings.Repeat("1", MaxNumberLen),
	} {
		if got := CleanNumber(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestCleanCallerBoundsAStranger(t *testing.T) {
	if got := CleanCaller(Caller{Number: "138", Name: " 王\x00芳\u202e\n "}); got.Name != "王芳" {
		t.Errorf("name %q", got.Name)
	}
	rapid.Check(t, func(t *rapid.T) {
		in := Caller{Number: rapid.String().Draw(t, "number"), Name: string(rapid.SliceOf(rapid.Byte()).Draw(t, "name")), Withheld: true}
		out := CleanCaller(in)
		if len(out.Number) > MaxNumberLen || utf8.RuneCountInString(out.Name) > MaxNameLen || !out.Withheld {
			t.Fatalf("%+v", out)
		}
		if !utf8.ValidString(out.Name) || strings.IndexFunc(out.Name, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0 {
			t.Fatalf("name %q", out.Name)
		}
		if again := CleanCaller(out); again != out {
			t.Fatalf("%+v becomes %+v", out, again)
		}
	})
}
