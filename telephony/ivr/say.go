package ivr

import (
	"strconv"
	"time"

	"callbox/telephony"
)

// Say speaks a language: its methods give the prompts to play one after the other. Languages other than "zh" are English.
func Say(language string) Voice { return Voice{zh: language == "zh"} }

// A Voice composes what no single prompt can say.
type Voice struct{ zh bool }

// Number speaks a whole number: 一千零一十, one thousand and ten. What is beyond 999,999,999 either way is spoken digit by
// digit.
func (v Voice) Number(n int) []string {
	switch {
	case n < -maxNumber || n > maxNumber:
		return v.Digits(strconv.Itoa(n))
	case n < 0:
		return append([]string{"num_minus"}, v.Number(-n)...)
	case v.zh:
		return chinese(n)
	}
	return english(n)
}

// count speaks how many of something there are: in Chinese two of a thing are 两.
func (v Voice) count(n int) []string {
	if v.zh && n == 2 {
		return []string{"num_liang"}
	}
	return v.Number(n)
}

// Digits speaks a number as people read out a telephone number, in Chinese with 幺 for 1. What is no key is left out.
func (v Voice) Digits(s string) []string {
	var ids []string
	for _, c := range []byte(s[:min(len(s), telephony.MaxNumberLen)]) {
		switch {
		case c == '1' && v.zh:
			ids = append(ids, "num_yao")
		case c >= '0' && c <= '9':
			ids = append(ids, "num_"+string(c))
		case c == '*':
			ids = append(ids, "num_star")
		case c == '#':
			ids = append(ids, "num_hash")
		case c == '+':
			ids = append(ids, "num_plus")
		case c == '-':
			ids = append(ids, "num_minus")
		}
	}
	return ids
}

// AgentNumber tells the caller who answers: 工号…为您服务 (A5.3).
func (v Voice) AgentNumber(agent string) []string {
	return around("agent_number", v.Digits(agent), "agent_serves")
}

// Position tells a waiting caller's place, counted from 1 (A4.4).
func (v Voice) Position(n int) []string {
	if n <= 1 {
		return []string{"position_next"}
	}
	return around("position_before", v.Number(n), "position_after")
}

// LeaveKey tells by which key a caller may leave the queue (A4.6).
func (v Voice) LeaveKey(key string) []string { return around("queue_leave", v.Digits(key)) }

// Wait tells the estimated waiting time as people say it, never too short: minutes up to ten, then in steps of five (A4.3).
func (v Voice) Wait(d time.Duration) []string {
	minutes := int((d + time.Minute - 1) / time.Minute)
	switch {
	case minutes <= 1:
		return []string{"wait_short"}
	case minutes > 60:
		return []string{"wait_long"}
	case minutes > 10:
		minutes = (minutes + 4) / 5 * 5
	}
	return around("wait_before", v.count(minutes), "minutes")
}

// Clock speaks the time of day to the minute: 下午两点零五分, two oh five p m.
func (v Voice) Clock(t time.Time) []string {
	half := "clock_am"
	if t.Hour() >= 12 {
		half = "clock_pm"
	}
	if v.zh {
		return v.chineseClock(half, t.Hour(), t.Minute())
	}
	return v.englishClock(half, t.Hour(), t.Minute())
}

func (v Voice) chineseClock(half string, hour, minute int) []string {
	if hour > 12 { // midnight is 零点
		hour -= 12
	}
	ids := around(half, v.count(hour), "clock_hour")
	if minute == 0 {
		return append(ids, "clock_sharp")
	}
	if minute < 10 {
		ids = append(ids, word(0))
	}
	return append(append(ids, v.Number(minute)...), "clock_minute")
}

func (v Voice) englishClock(half string, hour, minute int) []string {
	ids := v.Number((hour+11)%12 + 1) // midnight is twelve
	if minute == 0 {
		return append(ids, "clock_sharp", half)
	}
	if minute < 10 {
		ids = append(ids, "clock_oh")
	}
	return append(append(ids, v.Number(minute)...), half)
}

// Messages tells how many new messages wait in a mailbox (A9.1).
func (v Voice) Messages(n int) []string {
	switch {
	case n <= 0:
		return []string{"voicemail_none"}
	case n == 1:
		return around("voicemail_you_have", v.Number(1), "voicemail_message")
	}
	return around("voicemail_you_have", v.count(n), "voicemail_messages")
}

// around puts prompts before and after what was composed.
func around(before string, ids []string, after ...string) []string {
	return append(append([]string{before}, ids...), after...)
}
