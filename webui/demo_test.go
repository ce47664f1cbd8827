package webui

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"testing"
	"time"

	"callbox/telephony"
)

var demo = flag.String("demo", "", "serve the page with sample data on this address until interrupted")

// TestDemo serves the page with a box in memory, for those who work on the page (app/test/page.mjs drives it):
//
//	go test ./webui -run Demo -demo 127.0.0.1:8099
func TestDemo(t *testing.T) {
	if *demo == "" {
		t.Skip("no -demo address")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	l, err := net.Listen("tcp", *demo)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("claim code " + testCode)
	box, began := demoBox(), time.Now()
	go func() { // the box lives: something changes each second
		for ctx.Err() == nil {
			live := demoLive(began, time.Now())
			for i, a := range live.Agents {
				wished, ok := box.wish(a.ID)
				if ok {
					live.Agents[i].Asks = wished.Asks
				}
				if wished.State != "" {
					live.Agents[i].State, live.Agents[i].Reason, live.Agents[i].Since = wished.State, wished.Reason, wished.Since
				}
			}
			live.Spans = demoSpans(box.Config(), began)
			box.setLive(live)
			time.Sleep(time.Second)
		}
	}()
	server := &http.Server{Handler: New(box.options()).Handler()}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(l); err != http.ErrServerClosed {
		t.Fatal(err)
	}
}

// demoZone is China's, but for hours after its midnight another one's, where it is day: of today there would be next to nothing to see.
func demoZone(now time.Time) string {
	if now.UTC().Hour() < 16 { // from 8:00 to midnight there
		return "Asia/Shanghai"
	}
	return "America/New_York"
}

func demoBox() *memoryBox {
	b := newBox()
	b.config.Site.TimeZone = demoZone(time.Now())
	b.phones = []SimPhone{{Extension: "801", AnswerAfterMS: 3000, State: "idle"}, {Extension: "802", AnswerAfterMS: 2000, State: "talking"}}
	b.config.Agents, b.config.Lines = nil, nil
	for i, name := range []string{"李华", "王芳", "陈思远", "赵敏", "Emma Wilson", "周杰"} {
		b.config.Agents = append(b.config.Agents, telephony.Agent{ID: fmt.Sprint(1001 + i), Name: name})
	}
	for i := range 8 {
		b.config.Lines = append(b.config.Lines, telephony.LineConfig{ID: fmt.Sprint("fxo/", i+1), Name: fmt.Sprint("外线 ", i+1)})
	}
	b.config.Spans = []telephony.SpanConfig{{ID: "e1/1", Name: "电信中继 A", Side: "user", Blocked: []int{31}}, {ID: "e1/2", Name: "联通中继 B", Side: "user"}}
	b.config.Mailboxes = []telephony.Mailbox{{ID: "night", Name: "夜间信箱"}}
	b.config.Queues = append(b.config.Queues, telephony.Queue{ID: "english", Name: "English line"})
	b.config.Site.Codes = []string{"报修", "咨询", "投诉", "催单"}
	b.config.Site.Notice = "今晚 18:00 系统测试，来电请照常接听。"
	for i := range b.config.Queues {
		b.config.Queues[i].Members = []telephony.Member{{Agent: "1001"}, {Agent: "1002"}}
	}
	b.notes = []CallNote{{Call: "3-0990", Number: "13816402257", Agent: "1002", By: "wangfang", Time: time.Now().Add(-26 * time.Hour), Code: "报修", Text: "洗衣机漏水，已约周四上门。"}}
	b.config.Site.CustomerURL = "https://crm.example.cn/?phone={number}"
	b.config.FAQ = []telephony.Answer{
		{Question: "保修期多长？", Answer: "整机一年，压缩机三年，凭发票办理。"},
		{Question: "几点送货？", Answer: "工作日 9 点到 18 点，周六上午。"},
		{Question: "怎样退货？", Answer: "签收七天内，包装完好即可退。"},
	}
	b.books["lihua"] = []Contact{{"62345601", "仓库值班", "夜间也有人"}, {"13901234567", "海棠小区物业", ""}, {"02162345678", "Emma Wilson", "English"}}
	_ = b.PutUser(context.Background(), User{Name: "lihua", Role: Supervisor, Agent: "1001"}, testPassword, By{})
	b.demoCalls(time.Now())
	return b
}

// demoCalls are the calls of the last hours, newest first.
func (b *memoryBox) demoCalls(now time.Time) {
	outcomes := []telephony.Outcome{"answered", "answered", "answered", "lost_in_queue", "answered", "voicemail", "answered", "no_answer", "answered", "self_service", "busy"}
	numbers := []string{"13816402257", "02162345678", "18621870033", "057187654321", "13901234567", "", "01088221199"}
	for i := range 120 {
		id := telephony.NewCallID(3, uint64(1000-i))
		arrived := now.Add(-time.Duration(i*i*3+i*171+40) * time.Second).Truncate(time.Second)
		r := CallRecord{
			ID: id, Direction: telephony.Inbound, Line: []string{"e1/1", "fxo/2", "e1/2", "fxo/4"}[i%4], Caller: telephony.Caller{Number: numbers[i%len(numbers)]},
			Called: "62345600", Arrived: arrived, Ended: arrived.Add(2 * time.Minute), Outcome: outcomes[i%len(outcomes)],
			Queue: []string{"sales", "support"}[i%2], WaitMS: int64(4000 + i*7919%61000), Cause: 16, EndedBy: "caller",
			Target: "menu:main", Rule: "route/day", Why: telephony.Text{ZH: "工作时间来电，规则 day 匹配", EN: "within working hours the rule day fits"},
		}
		if hour := arrived.Hour(); hour < 8 || hour >= 20 {
			r.Closed = "off"
		}
		if i%9 == 4 {
			r.Closed, r.Direction, r.Caller, r.Called, r.Queue, r.WaitMS = "", telephony.Outbound, telephony.Caller{Number: "801", Name: "李华"}, numbers[(i+1)%5], "", 0
		}
		if r.Outcome == telephony.OutcomeAnswered {
			r.Agent, r.TalkMS = fmt.Sprint(1001+i%6), int64(18000+i*6007%320000)
			r.Recordings = []string{"rec-" + string(id)}
			if i%5 == 1 {
				r.Score = &Score{Points: 70 + i%30, Agent: r.Agent, By: "admin", Time: r.Ended}
			}
			if r.Queue == "sales" {
				r.EndedBy, r.Poll = "agent", &Poll{Queue: r.Queue, Agent: r.Agent, Vote: []telephony.Vote{1, 1, 2, 0, 1, 3, 2, 1, 4}[i%9]}
			}
		}
		if r.Outcome == telephony.OutcomeVoicemail {
			r.Recordings, r.Mailbox = []string{"vm-" + string(id)}, "night"
		}
		b.keep(r)
	}
}

// keep adds a record with its recordings and its journal.
func (b *memoryBox) keep(r CallRecord) {
	for _, id := range r.Recordings {
		purpose, length := "call", min(r.TalkMS, 95000)
		if r.Mailbox != "" {
			purpose, length = "voicemail", 14000
		}
		b.recorded = append(b.recorded, Recording{
			ID: id, Call: r.ID, Purpose: purpose, Mailbox: r.Mailbox, Agent: r.Agent, Caller: r.Caller, Started: r.Arrived, LengthMS: length,
		})
	}
	b.records = append(b.records, r)
	agent, phone := r.Agent, "phone/801"
	at := func(s float64, fact telephony.Fact) telephony.Entry {
		d := time.Duration(s * float64(time.Second))
		return telephony.Entry{Seq: uint64(s*10) + 1, Time: r.Arrived.Add(d), Mono: d, Boot: 3, Call: r.ID, Fact: fact}
	}
	story := []telephony.Entry{
		at(0, telephony.CallArrived{Direction: r.Direction, Line: r.Line, Leg: r.Line + "#9", Caller: r.Caller, Called: r.Called}),
		at(1.9, telephony.Routed{Target: "menu:main", Rule: "route/day", Why: r.Why}),
		at(2, telephony.CallAnswered{}),
		at(2.1, telephony.MenuEntered{Menu: "main"}),
		at(5.4, telephony.MenuKey{Menu: "main", Keys: "1", Result: "target"}),
		at(5.5, telephony.Routed{Target: telephony.NewTarget("queue", r.Queue), Rule: "menu/main key 1", Why: telephony.Text{ZH: "主叫在总机按了 1", EN: "the caller pressed 1 in the menu"}}),
		at(5.6, telephony.Queued{Queue: r.Queue, Position: 2}),
	}
	if agent != "" {
		story = append(
			story,
			at(8, telephony.Offered{Queue: r.Queue, Agent: "1002", Phone: "phone/802", Why: "longest_idle: idle 3m12s, level 1"}),
			at(20, telephony.OfferEnded{Queue: r.Queue, Agent: "1002", Result: telephony.OfferNoAnswer, Rang: 12 * time.Second}),
			at(20.1, telephony.Offered{Queue: r.Queue, Agent: agent, Phone: phone, Why: "longest_idle: idle 42s, level 1"}),
			at(20.4, telephony.LegRinging{Leg: phone + "#7"}),
			at(23, telephony.OfferEnded{Queue: r.Queue, Agent: agent, Result: telephony.OfferAnswered, Rang: 2900 * time.Millisecond}),
			at(23.1, telephony.Unqueued{Queue: r.Queue, Reason: "answered", Waited: 17500 * time.Millisecond}),
			at(23.2, telephony.Bridged{A: r.Line + "#9", B: phone + "#7", Agent: agent}),
			at(23.3, telephony.RecordingStarted{Recording: "rec-" + string(r.ID), Purpose: "call", Agent: agent}),
			at(61, telephony.LegHeld{Leg: phone + "#7", On: true}),
			at(74, telephony.LegHeld{Leg: phone + "#7"}),
			at(118, telephony.LegReleased{Leg: r.Line + "#9", Cause: 16, Witness: telephony.ByBusyTone}),
			at(118.1, telephony.Recorded{Recording: "rec-" + string(r.ID), Length: 95 * time.Second}),
		)
	} else {
		story = append(story, at(40, telephony.Unqueued{Queue: r.Queue, Reason: "left", Waited: 34 * time.Second}))
	}
	b.messages[r.ID] = demoMessages(r)
	b.journals[r.ID] = append(story, at(118.2, telephony.CallEnded{Outcome: r.Outcome, Cause: 16, By: "caller"}))
}

// demoLive is a lively moment of the box.
func demoLive(began, now time.Time) telephony.Live {
	since := func(s int) time.Time { return began.Add(-time.Duration(s) * time.Second) }
	who := func(n string) telephony.Caller { return telephony.Caller{Number: n} }
	pair := func(caller, phone, agent string) []telephony.LiveParty {
		return []telephony.LiveParty{
			{Leg: caller + "#9", Line: caller, State: telephony.PartyTalking}, {Leg: phone + "#7", Line: phone, Agent: agent, State: telephony.PartyTalking},
		}
	}
	boss := telephony.LiveParty{Leg: "phone/805#8", Line: "phone/805", State: telephony.PartyWhisper, Mode: "whisper", By: "admin"}
	live := telephony.Live{
		Time: now,
		Calls: []telephony.LiveCall{
			{ID: "3-1001", Direction: telephony.Inbound, Language: "zh", Line: "e1/1", Caller: who("13816402257"), Called: "62345600", State: "talk", Where: "phone/801", Agent: "1001", Recording: true, Since: since(205), Talking: since(164), Parties: append(pair("e1/1/4", "phone/801", "1001"), boss)},
			{ID: "3-1002", Direction: telephony.Inbound, Language: "zh", Line: "trunk/ctc", Caller: telephony.Caller{Number: "02162345678", Name: "海棠小区物业"}, Called: "62345601", State: "talk", Where: "phone/803", Agent: "1003", Recording: true, Paused: true, Since: since(92), Talking: since(61), Parties: pair("trunk/ctc", "phone/803", "1003")},
			{ID: "3-1003", Direction: telephony.Inbound, Language: "zh", Line: "fxo/3", Caller: who("18621870033"), Called: "62345600", State: "queue", Where: "sales", Since: since(48)},
			{ID: "3-1004", Direction: telephony.Inbound, Language: "zh", Line: "fxo/4", Caller: who("057187654321"), Called: "62345600", State: "queue", Where: "sales", Since: since(21)},
			{ID: "3-1005", Direction: telephony.Inbound, Language: "zh", Line: "trunk/ctc", Caller: who("13901234567"), Called: "62345602", State: "queue", Where: "support", Since: since(74)},
			{ID: "3-1006", Direction: telephony.Inbound, Language: "zh", Line: "fxo/2", Caller: telephony.Caller{Withheld: true}, Called: "62345600", State: "menu", Where: "main", Since: since(6)},
			{ID: "3-1007", Direction: telephony.Outbound, Language: "zh", Line: "phone/806", Caller: telephony.Caller{Number: "806", Name: "周杰"}, Called: "01088221199", State: "talk", Where: "fxo/5", Since: since(33), Talking: since(20), Parties: pair("phone/806", "fxo/5", "")},
		},
		Queues: []telephony.LiveQueue{
			{ID: "sales", Name: "销售", Ready: 1, SignedIn: 3, Talking: 1, AnswerSeconds: 30, Waiting: []telephony.LiveWaiter{
				{Call: "3-1003", Caller: who("18621870033"), Since: since(41), Offered: []string{"1002"}},
				{Call: "3-1004", Caller: who("057187654321"), Since: since(14)},
			}},
			{ID: "support", Name: "售后", Ready: 0, SignedIn: 2, Talking: 1, AnswerSeconds: 20, Waiting: []telephony.LiveWaiter{{Call: "3-1005", Caller: who("13901234567"), Since: since(66), Priority: 2}}},
			{ID: "english", Name: "English line", Ready: 1, SignedIn: 1, AnswerSeconds: 30},
		},
		Agents: []telephony.LiveAgent{
			{ID: "1001", Name: "李华", State: telephony.AgentTalking, Phone: "phone:801", Call: "3-1001", Since: since(164), Queues: []string{"sales", "support"}},
			{ID: "1002", Name: "王芳", State: telephony.AgentRinging, Phone: "phone:802", Call: "3-1003", Since: since(4)},
			{ID: "1003", Name: "陈思远", State: telephony.AgentTalking, Phone: "phone:803", Call: "3-1002", Since: since(61), After: telephony.AgentBreak},
			{ID: "1004", Name: "赵敏", State: telephony.AgentWrapUp, Phone: "phone:804", Since: since(9), Until: since(-51)},
			{ID: "1005", Name: "Emma Wilson", State: telephony.AgentReady, Phone: "phone:805", Since: since(312)},
			{ID: "1006", Name: "周杰", State: telephony.AgentBusy, Reason: "paperwork", Phone: "phone:806", Since: since(540), Asks: since(95)},
			{ID: "1007", Name: "吴桐", State: telephony.AgentSignedOut, Since: since(5000)},
		},
		Alarms: []telephony.LiveAlarm{{Name: "line_fault/fxo/7", Severity: telephony.Fault, Message: telephony.Text{ZH: "外线 7 没有馈电：请检查线路是否插好。", EN: "Line 7 has no battery: check that it is plugged in."}, Since: since(1260)}, {
			Name: "certificate_expiry", Severity: telephony.Warning, Since: since(90_000),
			Message: telephony.Text{ZH: "证书将于 2026-12-20 过期。请在此之前在“证书”页更换。", EN: "The certificate is good until 2026-12-20. Put in another one before, under Certificate."},
		}},
	}
	states := []telephony.LineState{"talking", "ringing", "talking", "talking", "talking", "idle", "fault", "blocked"}
	for i, s := range states {
		live.Lines = append(live.Lines, telephony.LineStatus{ID: fmt.Sprint("fxo/", i+1), Name: fmt.Sprint("外线 ", i+1), State: s, Since: since(30 + 17*i)})
	}
	live.Lines = append(live.Lines, telephony.LineStatus{ID: "trunk/ctc", Name: "电信中继", State: telephony.LineTalking, Busy: 2, Since: since(92)})
	live.Lines = append(live.Lines, telephony.LineStatus{ID: "e1/1", Name: "电信中继 A", State: telephony.LineTalking, Busy: 11, Since: since(164)})
	live.Lines = append(live.Lines, telephony.LineStatus{ID: "e1/2", Name: "联通中继 B", State: telephony.LineFault, Detail: "red", Since: since(77)})
	for i := range 7 {
		s := []telephony.LineState{"talking", "ringing", "talking", "idle", "idle", "talking", "offline"}[i]
		live.Lines = append(live.Lines, telephony.LineStatus{ID: fmt.Sprint("phone/", 801+i), Name: fmt.Sprint(801 + i), State: s, Since: since(60)})
	}
	return live
}
