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
	return phrase("agent_number", v.Digits(agent), "agent_serves")
}

// Position tells a waiting caller's place, counted from 1 (A4.4).
func (v Voice) Position(n int) []string {
	if n <= 1 {
		return []string{"position_next"}
	}
	return phrase("position_before", v.Number(n), "position_after")
}

// LeaveKey tells by which key a caller may leave the queue (A4.6).
func (v Voice) LeaveKey(key string) []string { return phrase("queue_leave", v.Digits(key)) }

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
	return phrase("wait_before", v.count(minutes), "minutes")
}

// Duration speaks a length of time to the second.
func (v Voice) Duration(d time.Duration) []string {
	seconds := max(0, int(d.Round(time.Second)/time.Second))
	var ids []string
	for _, unit := range []struct {
		seconds   int
		one, many string
	}{{3600, "hour", "hours"}, {60, "minute", "minutes"}, {1, "second", "seconds"}} {
		n := seconds / unit.seconds
		if seconds %= unit.seconds; n == 0 && (unit.seconds > 1 || ids != nil) {
			continue
		}
		word := unit.many
		if n == 1 {
			word = unit.one
		}
		ids = append(ids, phrase(v.count(n), word)...)
	}
	return ids
}

// Clock speaks the time of day to the minute: 下午两点零五分, two oh five p m.
func (v Voice) Clock(t time.Time) []string {
	half, hour, minute := "clock_am", t.Hour(), t.Minute()
	if hour >= 12 {
		half = "clock_pm"
	}
	if hour > 12 || hour == 0 && !v.zh { // English midnight is twelve, Chinese 零点
		hour = (hour+11)%12 + 1
	}
	switch {
	case v.zh && minute == 0:
		return phrase(half, v.count(hour), "clock_hour", "clock_sharp")
	case v.zh && minute < 10:
		return phrase(half, v.count(hour), "clock_hour", "num_0", v.Number(minute), "clock_minute")
	case v.zh:
		return phrase(half, v.count(hour), "clock_hour", v.Number(minute), "clock_minute")
	case minute == 0:
		return phrase(v.Number(hour), "clock_sharp", half)
	case minute < 10:
		return phrase(v.Number(hour), "clock_oh", v.Number(minute), half)
	}
	return phrase(v.Number(hour), v.Number(minute), half)
}

// Messages tells how many new messages wait in a mailbox (A9.1).
func (v Voice) Messages(n int) []string {
	switch {
	case n <= 0:
		return []string{"voicemail_none"}
	case n == 1:
		return phrase("voicemail_you_have", v.Number(1), "voicemail_message")
	}
	return phrase("voicemail_you_have", v.count(n), "voicemail_messages")
}

// phrase joins prompts and lists of prompts.
func phrase(parts ...any) []string {
	var ids []string
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			ids = append(ids, p)
		case []string:
			ids = append(ids, p...)
		}
	}
	return ids
}
