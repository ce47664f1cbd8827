package storage

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// What guessers try first is no secret, however long it is (ASVS 6.2.4, 6.2.11): the lists of stolen passwords, words in disguises, walks
// over the keys, and what every colleague knows of somebody.

// mostLeft is how many characters a guesser finds who has guessed the rest.
const mostLeft = 4

// stolen are the passwords of ten characters and more that were found most often, one a line and in small letters.
//
//go:embed stolen.txt
var stolen string

// commonWords are what is left of common passwords of ten characters and more, and the words of this box and its trade.
var commonWords = strings.Fields(`
	abc abcd admin administrator asdf asdfghjkl asdfgh baseball basketball batman beijing callbox callcenter callcentre changeme
	charlie chelsea china chocolate company computer default dragon extension facebook football forever freedom google guangzhou
	guest hello helloworld huawei iloveyou internet jennifer kefu killer letmein liverpool login loveyou manager manchester master
	michael michelle monkey mustang operator pass password passwort pokemon princess private qazwsx qazwsxedc qq qwe qwer qwert qwerty
	qwertyuiop root sales samsung secret security server service shadow shanghai shenzhen soccer starwars summer sunshine superman
	superuser supervisor support system telephone temp temporary test testing trustno unknown user username voip welcome whatever winter
	wo woaini woaiwojia woainima xiaomi zhongguo zxcvbn zxcvbnm zhang wang aini nihao mima wodemima
`)

// walks are rows and columns of keys, and alphabets, which fingers follow either way.
var walks = []string{
	"01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
	"qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6y7u8i9o0p", "147258369", "1029384756", "159", "357",
}

// habits are what people in China make passwords of: words of love, and numbers that others know. A start does not wait for it.
var habits = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(strings.Join(someHabits, "|")) })

var someHabits = []string{
	`wo?ai(?:ni|wo)`, `aini`, `iloveyou`, `5201314`, `1314520`, `520`, `1314`,
	`[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dx]`,             // identity, GB 11643
	`(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}`,                                            // mobile telephone
	`0[1-9]\d{1,2}[- ]?[2-9]\d{6,7}`,                                                         // telephone with its area
	`(?:19|20)\d{2}[-./年]?(?:1[0-2]|0?[1-9])[-./月]?(?:3[01]|[12]\d|0?[1-9])日?`,               // birthday
	`(?:3[01]|[12]\d|0[1-9])[-./]?(?:1[0-2]|0[1-9])[-./]?(?:19|20)\d{2}`,                     // the same, day first
	`(?:1[0-2]|0[1-9])[-./]?(?:3[01]|[12]\d|0[1-9])[-./]?(?:19|20)\d{2}`, `(?:19|20)\d{2}年?`, // and month first
}

// common reports whether a password is a stolen one, or a common word in a disguise, or a walk over the keys, or one short thing again
// and again.
func common(password string) bool {
	lower := strings.ToLower(password)
	if strings.Contains(stolen, "\n"+lower+"\n") {
		return true
	}
	bare := strings.TrimRightFunc(lower, notLetter) // without a year behind
	for _, w := range []string{strings.TrimFunc(lower, notLetter), unleet(bare), unleet(lower)} {
		if slices.Contains(commonWords, unit(w)) {
			return true
		}
	}
	return len(unit(lower)) <= mostLeft || strays(lower) <= mostLeft
}

// named reports whether a password is little more than names that everybody here knows.
func named(password string, names ...string) bool {
	return lessThan(password, without(password, names))
}

// personal reports whether a password is little more than what others know of a person.
func personal(password string, names ...string) bool {
	return lessThan(password, habits().ReplaceAllString(without(password, names), " "))
}

// lessThan reports whether something was taken from a password, and next to nothing is left.
func lessThan(password, left string) bool {
	left = strings.TrimSpace(left)
	return left != strings.ToLower(password) && (strays(left) <= mostLeft || slices.Contains(commonWords, strings.TrimFunc(left, notLetter)))
}

// without takes names out of a text, the words of each as well.
func without(text string, names []string) string {
	text = strings.ToLower(text)
	for _, name := range names {
		name = strings.ToLower(name)
		for _, part := range append([]string{name, strings.Join(strings.Fields(name), "")}, strings.FieldsFunc(name, notFigure)...) {
			if utf8.RuneCountInString(part) > 1 {
				text = strings.ReplaceAll(text, part, " ")
			}
		}
	}
	return text
}

// strays counts the letters and figures of a text that stand in no walk of three keys or more, nor in a row of the same.
func strays(s string) int {
	s = strings.Join(strings.FieldsFunc(s, notFigure), "")
	n := 0
	for s != "" {
		step := 0
		for end := range s + "." {
			if end >= 3 && (walked(s[:end]) || strings.Count(s[:end], s[:1]) == end) {
				step = end
			}
		}
		if step == 0 {
			n++
			_, step = utf8.DecodeRuneInString(s)
		}
		s = s[step:]
	}
	return n
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

func notFigure(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// unleet puts letters for the figures that stand for them.
func unleet(s string) string {
	return strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i").Replace(s)
}

// unit is the shortest text that the whole repeats.
func unit(s string) string {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			return s[:n]
		}
	}
	return s
}

// walked reports whether all of a text is one walk.
func walked(s string) bool {
	back := []byte(s)
	slices.Reverse(back)
	return slices.ContainsFunc(walks, func(w string) bool { return strings.Contains(w, s) || strings.Contains(w, string(back)) })
}
