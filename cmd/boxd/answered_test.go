package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/storage"
	"callbox/telephony"
)

// TestAnswerRateAlarm (A14.3, A18.11): an hour in which too few callers were answered is an alarm with its commonest cause, once; it goes when it is
// better, or nobody calls, and there is none of a few callers, or without a rule.
func TestAnswerRateAlarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, telephony.DefaultConfig())
		defer w.close()
		calls := 0
		sent := func(n int, to telephony.Target, o telephony.Outcome) {
			for range n {
				calls++
				id := telephony.CallID("9-" + strings.Repeat("1", calls))
				w.box.Store.Append(telephony.Entry{Call: id, Fact: telephony.CallArrived{Direction: telephony.Inbound, Line: "fxo/1"}})
				w.box.Store.Append(telephony.Entry{Call: id, Fact: telephony.Routed{Target: to}})
				w.box.Store.Append(telephony.Entry{Call: id, Fact: telephony.CallEnded{Outcome: o}})
			}
		}
		come := func(n int, o telephony.Outcome) { sent(n, "queue:sales", o) }
		rule := func(percent int) {
			c := *w.box.Store.Config()
			c.Site.AnswerRate = percent
			if _, err := w.box.Store.Put(t.Context(), &c, storage.Change{Who: "admin", Base: c.Revision}); err != nil {
				t.Fatal(err)
			}
		}
		const queued, rang = "hung up in the queue", "hung up while it rang"
		for _, row := range []struct {
			story string
			do    func()
			want  string
		}{
			{"nobody calls", func() {}, ""},
			{"a night of callers whom no route leads to a person", func() {
				sent(9, "voicemail:office", telephony.OutcomeVoicemail)
				sent(9, "prompt:closed", telephony.OutcomeLostInMenu)
				sent(9, "menu:main", telephony.OutcomeSelfService)
			}, ""},
			{"four who are lost", func() { come(4, telephony.OutcomeLostInQueue) }, ""},
			{"a fifth", func() { come(1, telephony.OutcomeLostRinging) }, "0 were answered (0 %; your rule is 90 %). The others most often " + queued},
			{"most are answered", func() { come(50, telephony.OutcomeAnswered) }, queued}, // 50 of 55 are 91 %
			{"and more", func() { come(10, telephony.OutcomeAnswered) }, ""},
			{"hours later, five others", func() { time.Sleep(2 * time.Hour); come(5, telephony.OutcomeLostRinging) }, rang},
			{"an hour without a call", func() { time.Sleep(answeredOver) }, ""},
			{"five again", func() { come(5, telephony.OutcomeLostRinging) }, rang},
			{"a full box", func() { time.Sleep(2 * time.Hour); sent(5, "busy", telephony.OutcomeCongestion) }, "no free line"},
			{"no rule any more", func() { rule(0) }, ""},
		} {
			row.do()
			time.Sleep(2 * alarmLook)
			said := ""
			for _, a := range w.box.Store.Alarms() {
				said += a.Message.EN
			}
			if (said == "") != (row.want == "") || !strings.Contains(said, row.want) {
				t.Errorf("%s: %q", row.story, said)
			}
		}
	})
}
