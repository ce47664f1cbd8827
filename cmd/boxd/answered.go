package main

import (
	"context"
	"fmt"
	"time"

	"callbox/storage"
	"callbox/telephony"
)

const (
	answeredOver  = time.Hour
	answeredFew   = 5 // callers before a rate says anything
	answeredAlarm = "answer_rate"
	// answeredBetter is how many percent above the rule it has to be again: a rate that moves around it is one alarm.
	answeredBetter = 2
)

// fewAnswered is the alarm while fewer of the last hour's callers whom somebody should have answered were than the configuration asks
// for (A14.3, A18.11). It is the answer rate of the reports and the wallboard: who calls when a route leads to a notice or a mailbox, or
// is served by a menu, does not count. While the box is too busy to count, the alarm stays as it was.
func (b *Box) fewAnswered(ctx context.Context, was telephony.Alarm) telephony.Alarm {
	a := telephony.Alarm{Name: answeredAlarm}
	rule, now := b.Store.Config().Site.AnswerRate, time.Now()
	if rule == 0 {
		return a
	}
	if (reports{b}).spares() != nil {
		return was
	}
	r, err := b.Store.Report(ctx, storage.ReportQuery{Per: storage.PerDay, From: now.Add(-answeredOver), To: now})
	if err != nil {
		return was
	}
	enough := float64(rule)
	if was.On {
		enough = min(enough+answeredBetter, 100)
	}
	if a.On = r.Total.ForPerson >= answeredFew && r.Total.Rate < enough; a.On == was.On {
		return was
	}
	if a.On {
		a.Message = howAnswered(&r.Total, rule)
	}
	return a
}

// howAnswered says how it stands, and how the missed ended most often, which need not be most of them.
func howAnswered(t *storage.Row, rule int) telephony.Text {
	why, most := telephony.Text{}, 0
	for _, c := range unanswered {
		if n := t.Missed[string(c.outcome)]; n > most {
			why, most = c.means, n
		}
	}
	return telephony.Text{
		ZH: fmt.Sprintf("最近一小时转人工来电 %d 个，接通 %d 个（%.0f%%），低于规定的 %d%%。", t.ForPerson, t.Answered, t.Rate, rule) + why.ZH,
		EN: fmt.Sprintf("Of the last hour's %d calls for a person, %d were answered (%.0f %%; your rule is %d %%).", t.ForPerson, t.Answered, t.Rate, rule) + why.EN,
	}
}

// unanswered are the ways in which calls end that nobody took.
var unanswered = []struct {
	outcome telephony.Outcome
	means   telephony.Text
}{
	{telephony.OutcomeLostInQueue, telephony.Text{ZH: "未接的多在排队时挂机。", EN: " The others most often hung up in the queue."}},
	{telephony.OutcomeLostInMenu, telephony.Text{ZH: "未接的多在菜单中挂机。", EN: " The others most often hung up in the menu."}},
	{telephony.OutcomeLostRinging, telephony.Text{ZH: "未接的多在振铃时挂机。", EN: " The others most often hung up while it rang."}},
	{telephony.OutcomeVoicemail, telephony.Text{ZH: "未接的多转到留言。", EN: " The others most often left a message."}},
	{telephony.OutcomeNoAnswer, telephony.Text{ZH: "未接的多因无人接听。", EN: " The others most often found nobody who answered."}},
	{telephony.OutcomeBusy, telephony.Text{ZH: "未接的多因线路忙。", EN: " The others most often found it busy."}},
	{telephony.OutcomeCongestion, telephony.Text{ZH: "未接的多因没有空闲线路。", EN: " The others most often found no free line."}},
}
