package storage

import (
	"bytes"
	"errors"
	"maps"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"callbox/telephony"
)

// someWork adds to a busy time calls to the outside and between phones.
func someWork(n int, seed uint64) *tape {
	tp := someDays(n, seed)
	for i := range 20 {
		call := telephony.NewCallID(2, uint64(i+1))
		tp.tell(call, telephony.CallArrived{Direction: telephony.Outbound, Line: "phone/801", Called: "62345678"})
		if i%3 > 0 {
			tp.tell(call, telephony.Dialed{Line: "fxo/2", Leg: "fxo/2#1"}, telephony.Bridged{A: "phone/801#1", B: "fxo/2#1", Agent: "1001"})
			tp.after(40).tell(call, telephony.LegReleased{Leg: "fxo/2#1"}, end(telephony.OutcomeAnswered, "caller"))
		} else {
			tp.tell(call, end(telephony.OutcomeCongestion, "box"))
		}
		call = telephony.NewCallID(3, uint64(i+1))
		tp.tell(call, telephony.CallArrived{Direction: telephony.InternalCall, Line: "phone/801", Called: "802"},
			telephony.Bridged{A: "phone/801#1", B: "phone/802#1"})
		tp.after(5).tell(call, end(telephony.OutcomeAnswered, "caller"))
	}
	return tp
}

// Idea 17, A11.3: the rows of each report add up to its total. That each number is the calls that it opens is in cmd/boxd.
func TestReportsAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		play(s, someWork(200, 3))
		syncStore(t, s)
		for _, per := range reports {
			rep, err := s.Report(t.Context(), ReportQuery{Per: per})
			if err != nil || len(rep.Rows) == 0 {
				t.Fatalf("%s: %d rows, %v", per, len(rep.Rows), err)
			}
			var sum Row
			outcomes := map[string]int{}
			for _, row := range rep.Rows {
				sum.Offered, sum.Answered, sum.Talked = sum.Offered+row.Offered, sum.Answered+row.Answered, sum.Talked+row.Talked
				sum.Outgoing, sum.Internal, sum.Waited = sum.Outgoing+row.Outgoing, sum.Internal+row.Internal, sum.Waited+row.Waited
				for o, n := range row.Outcomes {
					outcomes[o] += n
				}
			}
			want := Row{
				Offered: rep.Total.Offered, Answered: rep.Total.Answered, Talked: rep.Total.Talked, Outgoing: rep.Total.Outgoing,
				Internal: rep.Total.Internal, Waited: rep.Total.Waited,
			}
			if diff := cmp.Diff(want, sum, cmp.AllowUnexported(Row{})); diff != "" || !maps.Equal(outcomes, rep.Total.Outcomes) {
				t.Errorf("%s (-total +sum of rows):\n%s", per, diff)
			}
		}
	})
}

// A11.11: a caller who calls again within three days was not served by the first call, be it answered in another queue or not at all.
func TestFirstContact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		const day = 24 * 3600
		tp, n := newTape(), uint64(0)
		come := func(number string, served bool, then int) {
			n++
			id := telephony.NewCallID(1, n)
			tp.tell(id, arrive(number))
			if served {
				tp.tell(id, telephony.Queued{Queue: "sales"}, telephony.Unqueued{Queue: "sales", Reason: "answered"},
					telephony.Bridged{A: "a", B: "b", Agent: "1001"}, end(telephony.OutcomeAnswered, "caller"))
			} else {
				tp.tell(id, end(telephony.OutcomeLostInMenu, "caller"))
			}
			tp.after(then)
		}
		come("1", true, 60)     // calls again, in vain
		come("2", true, 60)     // calls again four days later
		come("", true, 60)      // nobody knows
		come("3", true, 2*day)  // does not
		come("1", false, 2*day) // behind the report's end, too
		come("2", true, 60)
		play(s, tp)
		syncStore(t, s)
		first := time.Now().Add(-4*day*time.Second - time.Hour)
		for _, q := range []ReportQuery{{Per: PerDay}, {Per: PerAgent}, {Per: PerQueue}, {Per: PerDay, Queue: "sales"}} {
			q.From, q.To, q.Returns = first, first.Add(day*time.Second), true
			rep, err := s.Report(t.Context(), q)
			if err != nil || rep.Total.Answered != 4 || tenth(rep.Total.Resolved) != 66.7 {
				t.Errorf("%+v: %d answered, %.1f %% resolved, %v", q, rep.Total.Answered, rep.Total.Resolved, err)
			}
		}
	})
}

// A11.5: votes are of the agent who hung up and of the queue, though others talked in the call and it waited elsewhere.
func TestVotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		tp := newTape()
		for i, vote := range []telephony.Vote{1, 1, 2, 4, 0} {
			id := telephony.NewCallID(1, uint64(i+1))
			tp.tell(id, arrive("1"), telephony.Queued{Queue: "service"}, telephony.Unqueued{Queue: "service", Reason: "timeout"},
				telephony.Queued{Queue: "sales"}, telephony.Unqueued{Queue: "sales", Reason: "answered"},
				telephony.Bridged{A: "a", B: "b", Agent: "1001"}, telephony.Bridged{A: "a", B: "c", Agent: "1002"},
				telephony.LegReleased{Leg: "c"}, telephony.Polled{Queue: "sales", Agent: "1002"})
			if vote != 0 {
				tp.tell(id, telephony.Voted{Queue: "sales", Agent: "1002", Vote: vote})
			}
			tp.after(1).tell(id, end(telephony.OutcomeAnswered, "agent"))
		}
		tp.tell("1-9", arrive("1"), end(telephony.OutcomeLostInMenu, "caller"))
		play(s, tp)
		syncStore(t, s)
		for _, c := range []struct {
			q     ReportQuery
			key   string // of the row with the votes; "": none has any
			other string
		}{
			{ReportQuery{Per: PerAgent}, "1002", "1001"},
			{ReportQuery{Per: PerAgent, Queue: "sales"}, "1002", "1001"},
			{ReportQuery{Per: PerAgent, Queue: "service"}, "", "1001"},
			{ReportQuery{Per: PerQueue}, "sales", "service"},
			{ReportQuery{Per: PerQueue, Agent: "1001"}, "", "sales"},
			{ReportQuery{Per: PerLine}, "fxo/1", ""},
		} {
			rep, err := s.Report(t.Context(), c.q)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]Ballot{c.key: {1, 2, 1, 0, 1}, c.other: {}, "all": {1, 2, 1, 0, 1}}
			if c.key == "" {
				want = map[string]Ballot{c.other: {}, "all": {}}
			}
			rows := map[string]Ballot{"all": rep.Total.Ballot}
			for _, r := range rep.Rows {
				rows[r.Key] = r.Ballot
			}
			for key, b := range want {
				if key != "" && rows[key] != b {
					t.Errorf("%+v, %s: %v, want %v", c.q, key, rows[key], b)
				}
			}
			if b := &rep.Total.Ballot; c.key != "" && (b.Asked() != 5 || b.Voted() != 4 || b.Satisfied() != 75) {
				t.Errorf("%+v: %d asked, %d voted, %.0f %% satisfied", c.q, b.Asked(), b.Voted(), b.Satisfied())
			}
		}
		var text bytes.Buffer
		if err := s.Export(t.Context(), &text, "csv", "en", Query{Vote: "4"}); err != nil || !strings.Contains(text.String(), ",dissatisfied,,,,\r\n") {
			t.Errorf("%v: %s", err, text.String())
		}
	})
}

// A5.18: a box that goes down in a poll leaves an answered call, since the agent was done; a vote that it does not know is none.
func TestDownInAPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		s := openStore(t, dir, Options{})
		tp := newTape()
		for call, vote := range map[telephony.CallID]telephony.Vote{"1-1": 0, "1-2": telephony.Fair, "1-3": 9} {
			tp.tell(call, arrive("1"), telephony.Bridged{A: "a", B: "b", Agent: "1001"}, telephony.LegReleased{Leg: "b"}, telephony.Polled{Queue: "sales", Agent: "1001"})
			if vote != 0 {
				tp.tell(call, telephony.Voted{Queue: "sales", Agent: "1001", Vote: vote})
			}
		}
		play(s, tp)
		syncStore(t, s)
		s.Close()
		s = openStore(t, dir, Options{})
		defer s.Close()
		syncStore(t, s)
		rep, err := s.Report(t.Context(), ReportQuery{Per: PerAgent})
		if err != nil || rep.Total.Answered != 3 || rep.Total.Ballot != (Ballot{2, 0, 0, 1, 0}) {
			t.Errorf("%d answered, votes %v, %v", rep.Total.Answered, rep.Total.Ballot, err)
		}
		if page, err := s.Calls(t.Context(), Query{Outcome: telephony.OutcomeAnswered}); err != nil || len(page.Calls) != 3 {
			t.Errorf("%d calls are answered, %v", len(page.Calls), err)
		}
	})
}

// A11.13: what the box or a person took of the calls that no rule refuses.
func TestReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		tp := newTape()
		tp.tell("1-1", arrive("1"), telephony.CallAnswered{}, end(telephony.OutcomeLostInMenu, "caller"))
		tp.tell("1-2", arrive("1"), end(telephony.OutcomeCongestion, "box"))
		tp.tell("1-3", arrive("1"), end(telephony.OutcomeRefused, "box"))
		tp.tell("1-4", arrive("1"), end(telephony.OutcomeLostRinging, "caller"))
		tp.tell("1-5", arrive("1"), telephony.Bridged{A: "a", B: "b"}, end(telephony.OutcomeForwarded, "caller"))
		play(s, tp)
		syncStore(t, s)
		if rep, err := s.Report(t.Context(), ReportQuery{Per: PerDay}); err != nil || rep.Total.Reached != 50 {
			t.Errorf("%.1f %% were taken, %v", rep.Total.Reached, err)
		}
	})
}

// Both languages are complete: no code of the box's own stands in an export.
func TestExportsSpeak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		play(s, someWork(60, 5))
		s.Append(telephony.Entry{Fact: telephony.AgentChanged{Agent: "1001", State: telephony.AgentBusy, Reason: "meeting", Phone: "phone:801"}})
		time.Sleep(time.Minute)
		syncStore(t, s)
		for _, language := range []string{"zh", "en"} {
			var text bytes.Buffer
			err := s.Export(t.Context(), &text, "csv", language, Query{})
			for _, q := range []ReportQuery{{Per: PerDay}, {Per: PerDay, Queue: "sales"}, {Per: PerMenu}, {Per: PerSlot}} {
				err = errors.Join(err, s.ExportReport(t.Context(), &text, "csv", language, q))
			}
			err = errors.Join(err, s.ExportStretches(t.Context(), &text, "csv", language, StretchQuery{}))
			if err != nil {
				t.Fatal(err)
			}
			for what, wants := range map[string]bool{"服务水平": true, "签入次数": true, "按键 ": true, "项目,通话数,按键 1": true, "按键 _": false} {
				if language == "zh" && strings.Contains(text.String(), what) != wants {
					t.Errorf("%q is there: %v", what, !wants)
				}
			}
			code := regexp.MustCompile(`[a-z]+_[a-z_]+|\b(meeting|left|wrap_up)\b`)
			if found := code.FindAllString(text.String(), -1); language == "zh" && len(found) > 0 || strings.Contains(text.String(), "_in_queue") {
				t.Errorf("%s: %q", language, found)
			}
		}
	})
}

// A14.3, A18.11: for a person is who came to one, or found no line; not who called by night, was served by a menu or refused.
func TestForPerson(t *testing.T) {
	to := func(target telephony.Target, o telephony.Outcome) []telephony.Fact {
		return []telephony.Fact{arrive("1"), telephony.Routed{Target: target}, end(o, "caller")}
	}
	for _, c := range []struct {
		story []telephony.Fact
		want  bool
	}{
		{to("queue:sales", telephony.OutcomeLostInQueue), true},
		{to("agent:1001", telephony.OutcomeVoicemail), true},
		{to("phone:801", telephony.OutcomeLostRinging), true},
		{to("outside:13800138000", telephony.OutcomeForwarded), true},
		{to("menu:main", telephony.OutcomeLostInMenu), false},
		{to("voicemail:office", telephony.OutcomeVoicemail), false},
		{to("prompt:closed", telephony.OutcomeSelfService), false},
		{to(telephony.ToBusy, telephony.OutcomeRefused), false},
		{[]telephony.Fact{arrive("1"), end(telephony.OutcomeCongestion, "box")}, true},
		{[]telephony.Fact{arrive("1"), telephony.Unqueued{Queue: "sales", Reason: "full"}, end(telephony.OutcomeBusy, "box")}, true},
	} {
		r := newTape().tell("1", c.story...).records()["1"]
		if got := r.forPerson(); got != c.want {
			t.Errorf("%+v: %v", c.story, got)
		}
	}
}

// A11.9, A11.11: a queue's row counts its visits, the waits and the talk that came of them.
func TestQueueReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		play(s, someDays(200, 3))
		syncStore(t, s)
		rep, err := s.Report(t.Context(), ReportQuery{Per: PerQueue})
		if err != nil || len(rep.Rows) != 1 {
			t.Fatalf("%+v, %v", rep, err)
		}
		row := rep.Rows[0]
		if row.Offered != row.Answered+row.Missed["left"] || row.ForPerson != row.Offered || row.InTime != row.Answered || row.Longest != 45*time.Second ||
			row.Mean != time.Minute {
			t.Errorf("%+v", row)
		}
		byDay, err := s.Report(t.Context(), ReportQuery{Per: PerDay, Queue: "sales"})
		if err != nil || byDay.Total.Offered != row.Offered || byDay.Total.Level != row.Level {
			t.Errorf("by day %+v, %v; want %+v", byDay.Total, err, row)
		}
	})
}

// A5.5, A11.6, A11.7: the time of an agent in each state, cut at the ends of the report, and ended by a stop of the box.
func TestStretches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		s := openStore(t, dir, Options{})
		start := time.Now()
		set := func(state telephony.AgentState, phone string, then time.Duration) {
			s.Append(telephony.Entry{Fact: telephony.AgentChanged{Agent: "1001", State: state, Phone: phone, By: "page"}})
			time.Sleep(then)
		}
		set(telephony.AgentReady, "phone:801", 50*time.Minute)
		set(telephony.AgentTalking, "phone:801", 3*time.Minute)
		set(telephony.AgentWrapUp, "phone:801", 2*time.Minute)
		set(telephony.AgentBreak, "phone:801", 15*time.Minute)
		set(telephony.AgentSignedOut, "", time.Hour)
		set(telephony.AgentBusy, "phone:802", 10*time.Minute)
		s.Append(telephony.Entry{Fact: telephony.LineStateChanged{Line: "fxo/1"}})
		syncStore(t, s)
		unclean(t, s)
		time.Sleep(time.Hour)
		s = openStore(t, dir, Options{})
		defer s.Close()
		s.Append(telephony.Entry{Fact: telephony.BoxStarted{}})
		syncStore(t, s)

		online, err := s.Stretches(t.Context(), StretchQuery{State: AgentOnline})
		want := []Stretch{
			{"1001", AgentOnline, "", "phone:801", start, start.Add(70 * time.Minute), false},
			{"1001", AgentOnline, "", "phone:802", start.Add(130 * time.Minute), start.Add(140 * time.Minute), false},
		}
		equal := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
		if diff := cmp.Diff(want, online, equal); diff != "" || err != nil {
			t.Errorf("signed in (-want +got), %v:\n%s", err, diff)
		}
		rests, err := s.Stretches(t.Context(), StretchQuery{
			From: start.Add(time.Hour), To: start.Add(65 * time.Minute), State: telephony.AgentBreak,
		})
		if err != nil || len(rests) != 1 || rests[0].Length() != 5*time.Minute {
			t.Errorf("a break across both ends: %+v, %v", rests, err)
		}
		for _, per := range []Per{PerAgent, PerDay, PerHour, PerSlot, PerWeek, PerMonth} {
			rep, err := s.Report(t.Context(), ReportQuery{Per: per})
			total := AgentTime{
				Online: 80 * time.Minute, Ready: 50 * time.Minute, Talking: 3 * time.Minute, WrapUp: 2 * time.Minute,
				Break: 15 * time.Minute, Busy: 10 * time.Minute, SignIns: 2, Busies: 1, Breaks: 1, WrapUps: 1,
			}
			if err != nil || rep.Total.Work != total {
				t.Errorf("%s: %+v, %v", per, rep.Total.Work, err)
			}
			var sum time.Duration
			for _, row := range rep.Rows {
				sum += row.Work.Online
			}
			if sum != total.Online || per == PerHour && len(rep.Rows) != 3 {
				t.Errorf("%s: %d rows add up to %v", per, len(rep.Rows), sum)
			}
		}
	})
}

// A11.11: AHT and calls per hour are of calls with an agent, by day as by agent: a phone where no agent sits wraps nothing up, and neither does
// a queue or a line.
func TestHandling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		n := uint64(0)
		call := func(d telephony.Direction, agent string, talk time.Duration, o telephony.Outcome) {
			n++
			id := telephony.NewCallID(1, n)
			for _, f := range []telephony.Fact{telephony.CallArrived{Direction: d, Line: "fxo/1"}, telephony.Queued{Queue: "sales"}, telephony.Unqueued{Queue: "sales", Reason: "answered"}, telephony.Bridged{A: "a", B: "b", Agent: agent}} {
				s.Append(telephony.Entry{Call: id, Fact: f})
			}
			time.Sleep(talk)
			s.Append(telephony.Entry{Call: id, Fact: telephony.CallEnded{Outcome: o}})
		}
		state := func(state telephony.AgentState, then time.Duration) {
			s.Append(telephony.Entry{Fact: telephony.AgentChanged{Agent: "1001", State: state, Phone: "phone:801"}})
			time.Sleep(then)
		}
		state(telephony.AgentReady, 40*time.Minute)
		call(telephony.Inbound, "1001", 5*time.Minute, telephony.OutcomeAnswered)
		call(telephony.Outbound, "1001", 4*time.Minute, telephony.OutcomeAnswered)
		call(telephony.Inbound, "", 10*time.Minute, telephony.OutcomeAnswered)
		call(telephony.InternalCall, "1001", time.Minute, telephony.OutcomeAnswered)
		state(telephony.AgentWrapUp, 3*time.Minute)
		state(telephony.AgentSignedOut, time.Minute)
		syncStore(t, s)
		for _, c := range []struct {
			q    ReportQuery
			want time.Duration
			hour float64
		}{
			{ReportQuery{Per: PerAgent}, 6 * time.Minute, 2.0 / 63 * 60},
			{ReportQuery{Per: PerDay}, 6 * time.Minute, 2.0 / 63 * 60},
			{ReportQuery{Per: PerDay, Agent: "1001"}, 6 * time.Minute, 2.0 / 63 * 60},
			{ReportQuery{Per: PerDay, Queue: "sales"}, 0, 0},
			{ReportQuery{Per: PerDay, Line: "fxo/1"}, 0, 0},
			{ReportQuery{Per: PerQueue}, 0, 0},
			{ReportQuery{Per: PerLine}, 0, 0},
		} {
			rep, err := s.Report(t.Context(), c.q)
			if err != nil || len(rep.Rows) == 0 || rep.Total.Handling.Round(time.Second) != c.want || tenth(rep.Total.Hourly) != tenth(c.hour) {
				t.Errorf("%+v: %v a call, %.1f an hour, %v", c.q, rep.Total.Handling, rep.Total.Hourly, err)
			}
		}
	})
}

// Pain 26: in the night when the clock goes back, the doubled hour has two rows; a day belongs to the site's zone.
func TestReportSlots(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
	cases := []struct {
		by   Per
		at   time.Time
		want string
	}{
		{PerHour, at, "2026-10-25T02:00:00+02:00"},
		{PerHour, at.Add(time.Hour), "2026-10-25T02:00:00+01:00"},
		{PerDay, at.Add(-3 * time.Hour), "2026-10-24"},
		{PerDay, at.Add(-2 * time.Hour), "2026-10-25"},
		{PerWeek, time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC), "2026-W53"},
		{PerSlot, at, "02"},
		{PerMonth, time.Date(2026, 10, 31, 23, 30, 0, 0, time.UTC), "2026-11"},
	}
	for _, c := range cases {
		if got, _, _ := (&tally{ReportQuery: ReportQuery{Per: c.by}, zone: berlin}).slot(c.at); got != c.want {
			t.Errorf("%s of %v: %s, want %s", c.by, c.at, got, c.want)
		}
	}
}

// A record of an older version does not say whether the call was sent to a person; where it went first does.
func TestOlderRecordsForPerson(t *testing.T) {
	for target, want := range map[telephony.Target]bool{"phone:801": true, "queue:sales": true, "voicemail:office": false, "menu:main": false, "": false} {
		if got := (&Record{Target: target, Outcome: telephony.OutcomeNoAnswer}).forPerson(); got != want {
			t.Errorf("%q: %v", target, got)
		}
	}
}

// Where the clock goes forward at midnight, as in Chile, that day begins an hour later, and who is signed in over it is counted to the end.
func TestReportWithoutMidnight(t *testing.T) {
	santiago, err := time.LoadLocation("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	night := Stretch{
		Agent: "1001", State: telephony.AgentReady,
		From: time.Date(2026, 9, 5, 20, 0, 0, 0, santiago), To: time.Date(2026, 9, 6, 9, 0, 0, 0, santiago),
	}
	for per, want := range map[Per]map[string]time.Duration{
		PerDay:   {"2026-09-05": 4 * time.Hour, "2026-09-06": 8 * time.Hour},
		PerWeek:  {"2026-W36": 12 * time.Hour},
		PerMonth: {"2026-09": 12 * time.Hour},
	} {
		tally := &tally{ReportQuery: ReportQuery{Per: per}, zone: santiago, rows: map[string]*Row{}, total: newRow()}
		tally.work(night)
		got := map[string]time.Duration{}
		for key, row := range tally.rows {
			got[key] = row.Work.Online
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", per, got, want)
		}
	}
}
