package storage

import (
	"slices"
	"strings"
	"unicode"
)

// A password that long lists of stolen ones begin with is no secret, however long it is (ASVS 6.2.4, 6.2.11). Such lists hold few words,
// dressed up: in capitals, with figures for letters, with a year behind. So the box looks for the word beneath.

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

// walks are rows of keys and alphabets, which fingers follow either way.
var walks = []string{
	"01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
	"qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6y7u8i9o0p",
}

// common reports whether a password is one of those, or a walk over the keys, or one short thing again and again.
func common(password string) bool {
	lower := strings.ToLower(password)
	bare := strings.TrimRightFunc(lower, notLetter) // without a year behind
	for _, w := range []string{strings.TrimFunc(lower, notLetter), unleet(bare), unleet(lower)} {
		if slices.Contains(commonWords, unit(w)) {
			return true
		}
	}
	digits := strings.TrimFunc(lower, unicode.IsLetter)
	return walked(lower) || len(unit(lower)) <= 4 || len(digits) >= len(lower)-3 && walked(digits)
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

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
