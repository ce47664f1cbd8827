package telephony

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of what a stranger may call himself.
const (
	MaxNumberLen = 32 // digits, E.164 with room for prefixes
	MaxNameLen   = 64 // runes
)

// CleanNumber keeps what a number may hold (digits, * # and a leading +) up to MaxNumberLen; separators people type go.
func CleanNumber(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case b.Len() >= MaxNumberLen:
			return b.String()
		case r >= '0' && r <= '9', r == '*', r == '#', r == '+' && b.Len() == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// CleanCaller bounds a caller's number and name and drops control characters. What is left is still untrusted text.
func CleanCaller(c Caller) Caller {
	c.Number = CleanNumber(c.Number)
	if !utf8.ValidString(c.Name) {
		c.Name = strings.ToValidUTF8(c.Name, "")
	}
	n := 0
	c.Name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if n++; n > MaxNameLen || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, c.Name))
	return c
}

// A Pattern matches a number as a dial plan writes it: digits and * # + stand for themselves, X for any digit, Z for 1-9,
// N for 2-9, [1-5,7] for one of a set, and a '.' at the end for any further digits. An empty pattern matches every number, none included.
type Pattern string

// Match reports whether the whole number fits.
func (p Pattern) Match(number string) bool {
	if p == "" {
		return true
	}
	pat := string(p)
	for pat != "" {
		if pat == "." {
			return true
		}
		if number == "" {
			return false
		}
		set, rest, ok := nextElement(pat)
		if !ok || !elementHas(set, number[0]) {
			return false
		}
		pat, number = rest, number[1:]
	}
	return number == ""
}

// CouldMatch reports whether more digits could still make the number fit: the caller is not done dialling.
func (p Pattern) CouldMatch(prefix string) bool {
	if p == "" {
		return true
	}
	pat := string(p)
	for prefix != "" {
		if pat == "" || pat == "." {
			return pat == "."
		}
		set, rest, ok := nextElement(pat)
		if !ok || !elementHas(set, prefix[0]) {
			return false
		}
		pat, prefix = rest, prefix[1:]
	}
	return pat != ""
}

// setForm is a set: single characters and ranges of digits, with commas between or not.
var setForm = regexp.MustCompile(`^\[([0-9]-[0-9],?|[0-9*#],?)+\]$`)

// Valid reports whether the pattern is well formed.
func (p Pattern) Valid() bool {
	pat := string(p)
	for pat != "" && pat != "." {
		set, rest, ok := nextElement(pat)
		if !ok || !strings.ContainsRune("0123456789*#+XZN[", rune(set[0])) || set[0] == '[' && !setForm.MatchString(set) {
			return false
		}
		pat = rest
	}
	return len(p) <= 64
}

// Len is how many digits the pattern takes, those that a '.' stands for not counted; 0 if it is not valid.
func (p Pattern) Len() (n int) {
	for pat := string(p); pat != "" && pat != "."; n++ {
		_, rest, ok := nextElement(pat)
		if !ok {
			return 0
		}
		pat = rest
	}
	return n
}

// nextElement cuts the first element off a pattern: one character, or a set in brackets.
func nextElement(pat string) (element, rest string, ok bool) {
	if pat[0] != '[' {
		return pat[:1], pat[1:], true
	}
	end := strings.IndexByte(pat, ']')
	if end < 2 {
		return "", "", false
	}
	return pat[:end+1], pat[end+1:], true
}

func elementHas(element string, c byte) bool {
	switch element[0] {
	case 'X':
		return c >= '0' && c <= '9'
	case 'Z':
		return c >= '1' && c <= '9'
	case 'N':
		return c >= '2' && c <= '9'
	case '[':
		set := element[1 : len(element)-1]
		for i := 0; i < len(set); i++ {
			if i+2 < len(set) && set[i+1] == '-' {
				if c >= set[i] && c <= set[i+2] {
					return true
				}
				i += 2
			} else if set[i] == c && c != ',' {
				return true
			}
		}
		return false
	}
	return element[0] == c
}
