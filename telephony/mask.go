package telephony

import (
	"regexp"
	"strings"
)

const (
	maskedFrom  = 7 // digits of the shortest number that is masked: what is shorter is an extension or a service
	maskedLeast = 4 // digits that are hidden of one, at least
	shownAt     = 7 // digits that are shown, at most
)

// MaskNumber hides the middle of a number (A18.2): 13800138000 is 138****8000. Short ones, such as extensions, stay whole.
func MaskNumber(number string) string {
	isDigit := func(r rune) bool { return r >= '0' && r <= '9' }
	digits := len(number) - len(strings.Map(func(r rune) rune {
		if isDigit(r) {
			return -1
		}
		return r
	}, number))
	if digits < maskedFrom {
		return number
	}
	hide := max(maskedLeast, digits-shownAt)
	at, from := -1, (digits-hide)/2
	return strings.Map(func(r rune) rune {
		if !isDigit(r) {
			return r
		}
		if at++; at >= from && at < from+hide {
			return '*'
		}
		return r
	}, number)
}

var (
	numberIn = regexp.MustCompile(`\b1\d\d \d{4} \d{4}\b|\+?\d(?:-?\d)+`)
	dateForm = regexp.MustCompile(`^(?:19|20)\d\d-[01]\d-[0-3]\d$`)
)

// MaskNumbers masks every number in a text but those for which whole says that it stays. A date is none.
func MaskNumbers(text string, whole func(number string) bool) string {
	return numberIn.ReplaceAllStringFunc(text, func(n string) string {
		if dateForm.MatchString(n) || whole(n) {
			return n
		}
		return MaskNumber(n)
	})
}
