package ivr

import (
	"slices"
	"strings"
	"testing"
	"time"

	"callbox/telephony"

	"pgregory.net/rapid"
)

// spoken is what a caller hears, in writing.
func spoken(t interface{ Fatalf(string, ...any) }, language string, ids []string) string {
	var words []string
	for _, id := range ids {
		i := slices.IndexFunc(telephony.BuiltinPrompts, func(p telephony.Prompt) bool { return p.ID == id })
		if i < 0 || telephony.BuiltinPrompts[i].Text.In(language) == "" {
			t.Fatalf("%s has no word %q", language, id)
		}
		words = append(words, telephony.BuiltinPrompts[i].Text.In(language))
	}
	if language == "zh" {
		return strings.Join(words, "")
	}
	return strings.Join(words, " ")
}

func TestNumbers(t *testing.T) {
	for _, row := range []struct {
		n      int
		zh, en string
	}{
		{0, "零", "zero"},
		{2, "二", "two"},
		{10, "十", "ten"},
		{11, "十一", "eleven"},
		{20, "二十", "twenty"},
		{21, "二十一", "twenty one"},
		{99, "九十九", "ninety nine"},
		{100, "一百", "one hundred"},
		{101, "一百零一", "one hundred and one"},
		{105, "一百零五", "one hundred and five"},
		{110, "一百一十", "one hundred and ten"},
		{200, "二百", "two hundred"},
		{222, "二百二十二", "two hundred and twenty two"},
		{1000, "一千", "one thousand"},
		{1005, "一千零五", "one thousand and five"},
		{1010, "一千零一十", "one thousand and ten"},
		{1100, "一千一百", "one thousand one hundred"},
		{2002, "两千零二", "two thousand and two"},
		{10000, "一万", "ten thousand"},
		{10010, "一万零一十", "ten thousand and ten"},
		{20000, "两万", "twenty thousand"},
		{100000, "十万", "one hundred thousand"},
		{100500, "十万零五百", "one hundred thousand five hundred"},
		{105000, "十万五千", "one hundred and five thousand"},
		{120000, "十二万", "one hundred and twenty thousand"},
		{1100000, "一百一十万", "one million one hundred thousand"},
		{100000005, "一亿零五", "one hundred million and five"},
		{200000000, "两亿", "two hundred million"},
		{110000000, "一亿一千万", "one hundred and ten million"},
		{100100000, "一亿零一十万", "one hundred million one hundred thousand"},
		{999999999, "九亿九千九百九十九万九千九百九十九", "nine hundred and ninety nine million nine hundred and ninety nine thousand nine hundred and ninety nine"},
		{-2, "负二", "minus two"},
		{1000000000, "幺零零零零零零零零零", "one zero zero zero zero zero zero zero zero zero"},
	} {
		if got := spoken(t, "zh", Say("zh").Number(row.n)); got != row.zh {
			t.Errorf("%d is spoken %s, want %s", row.n, got, row.zh)
		}
		if got := spoken(t, "en", Say("en").Number(row.n)); got != row.en {
			t.Errorf("%d is spoken %q, want %q", row.n, got, row.en)
		}
	}
}

func TestPhrases(t *testing.T) {
	for _, row := range []struct {
		name   string
		say    func(Voice) []string
		zh, en string
	}{
		{"a telephone number", func(v Voice) []string { return v.Digits("+86-13#*") }, "加八六负幺三井号星号", "plus eight six minus one three hash star"},
		{"A5.3 the job number", func(v Voice) []string { return v.AgentNumber("1002") }, "工号幺零零二为您服务。", "Agent number one zero zero two is at your service."},
		{"A4.4 the next", func(v Voice) []string { return v.Position(1) }, "您是下一位。", "You are next in line."},
		{"A4.4 the second", func(v Voice) []string { return v.Position(2) }, "您排在第二位。", "You are number two in line."},
		{"A4.4 the twelfth", func(v Voice) []string { return v.Position(12) }, "您排在第十二位。", "You are number twelve in line."},
		{"A4.6 the key to leave by", func(v Voice) []string { return v.LeaveKey("#") }, "如不想继续等候，请按井号", "If you do not wish to wait, press hash"},
		{"A4.3 no wait", func(v Voice) []string { return v.Wait(0) }, "预计等待时间不到一分钟。", "Your estimated waiting time is less than one minute."},
		{"A4.3 a minute and a second", func(v Voice) []string { return v.Wait(61 * time.Second) }, "预计等待时间约两分钟", "Your estimated waiting time is about two minutes"},
		{"A4.3 eleven minutes", func(v Voice) []string { return v.Wait(11 * time.Minute) }, "预计等待时间约十五分钟", "Your estimated waiting time is about fifteen minutes"},
		{"A4.3 an hour", func(v Voice) []string { return v.Wait(time.Hour) }, "预计等待时间约六十分钟", "Your estimated waiting time is about sixty minutes"},
		{"A4.3 hours", func(v Voice) []string { return v.Wait(100 * time.Hour) }, "预计等待时间超过一小时。", "Your estimated waiting time is more than one hour."},
		{"midnight", at(0, 0), "上午零点整", "twelve o'clock a m"},
		{"past midnight", at(0, 30), "上午零点三十分", "twelve thirty a m"},
		{"morning", at(9, 5), "上午九点零五分", "nine oh five a m"},
		{"noon", at(12, 0), "下午十二点整", "twelve o'clock p m"},
		{"afternoon", at(14, 2), "下午两点零二分", "two oh two p m"},
		{"evening", at(23, 59), "下午十一点五十九分", "eleven fifty nine p m"},
		{"A9.1 no message", func(v Voice) []string { return v.Messages(0) }, "您没有新留言。", "You have no new messages."},
		{"A9.1 one message", func(v Voice) []string { return v.Messages(1) }, "您有一条新留言。", "You have one new message."},
		{"A9.1 two messages", func(v Voice) []string { return v.Messages(2) }, "您有两条新留言。", "You have two new messages."},
	} {
		if got := spoken(t, "zh", row.say(Say("zh"))); got != row.zh {
			t.Errorf("%s: %s, want %s", row.name, got, row.zh)
		}
		if got := spoken(t, "en", row.say(Say("en"))); got != row.en {
			t.Errorf("%s: %q, want %q", row.name, got, row.en)
		}
	}
}

func at(hour, minute int) func(Voice) []string {
	return func(v Voice) []string { return v.Clock(time.Date(2026, 10, 1, hour, minute, 59, 0, time.UTC)) }
}

// multiplies are the words that multiply the digit before them; closes multiply all since the last of their kind.
var (
	multiplies = map[string]map[string]int{
		"zh": {"num_10": 10, "num_hundred": 100, "num_thousand": 1000},
		"en": {"num_hundred": 100},
	}
	closes = map[string]map[string]int{
		"zh": {"num_wan": 10_000, "num_yi": 100_000_000},
		"en": {"num_thousand": 1000, "num_million": 1_000_000},
	}
)

// heard reads a spoken number back, as a listener does.
func heard(language string, ids []string) int {
	digits := map[string]int{"num_liang": 2, "num_and": 0}
	for n := range 100 {
		digits[word(n)] = n
	}
	total, section, digit := 0, 0, 0
	for _, id := range ids {
		if v := closes[language][id]; v > 0 {
			total, section, digit = total+(section+digit)*v, 0, 0
		} else if v := multiplies[language][id]; v > 0 {
			section, digit = section+max(1, digit)*v, 0
		} else {
			digit += digits[id]
		}
	}
	return total + section + digit
}

// Every number has words, which exist in the language and mean the number.
func TestEveryNumberIsHeardAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.IntRange(0, maxNumber), rapid.IntRange(0, 20000)).Draw(t, "n")
		for _, language := range languages {
			ids := Say(language).Number(n)
			text := spoken(t, language, ids)
			if got := heard(language, ids); got != n {
				t.Fatalf("%d is spoken %q and heard as %d", n, text, got)
			}
		}
	})
}
