package storage

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callbox/telephony"
)

// A tape is a journal written by hand.
type tape struct {
	entries []telephony.Entry
	boot    uint32
	wall    time.Time
	mono    time.Duration
}

func newTape() *tape { return &tape{boot: 1, wall: time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)} }

// after lets time pass.
func (t *tape) after(seconds int) *tape {
	t.wall, t.mono = t.wall.Add(time.Duration(seconds)*time.Second), t.mono+time.Duration(seconds)*time.Second
	return t
}

// tell adds facts of a call.
func (t *tape) tell(call telephony.CallID, facts ...telephony.Fact) *tape {
	for _, f := range facts {
		t.entries = append(t.entries, telephony.Entry{
			Seq: uint64(len(t.entries) + 1), Time: t.wall, Mono: t.mono, Boot: t.boot, Call: call, Fact: f,
		})
	}
	return t
}

// crash ends a boot without a word; the box is up again later.
func (t *tape) crash(seconds int) *tape {
	t.after(seconds)
	t.boot, t.mono = t.boot+1, 0
	return t.tell("", telephony.BoxStarted{})
}

// records folds the tape: the newest record of each call.
func (t *tape) records() map[telephony.CallID]Record {
	f, got := NewFold(), map[telephony.CallID]Record{}
	for _, e := range t.entries {
		if r, ok := f.Step(e); ok {
			got[r.ID] = r
		}
	}
	return got
}

func arrive(number string) telephony.Fact {
	return telephony.CallArrived{Direction: telephony.Inbound, Line: "fxo/1", Caller: telephony.Caller{Number: number}}
}

func end(o telephony.Outcome, by string) telephony.Fact {
	return telephony.CallEnded{Outcome: o, Cause: telephony.CauseNormal, By: by}
}

// aServedCall is the story of a caller who came through a menu and a queue to an agent.
func aServedCall(t *tape, call telephony.CallID) {
	t.tell(call, arrive("02162345678"),
		telephony.Routed{Target: "menu:main", Rule: "route/day", Why: telephony.Text{EN: "working hours"}})
	t.after(2).tell(call, telephony.CallAnswered{}, telephony.MenuEntered{Menu: "main"})
	t.after(3).tell(call, telephony.MenuKey{Menu: "main", Keys: "1", Result: "target"},
		telephony.Routed{Target: "queue:sales", Rule: "menu/main key 1"}, telephony.Queued{Queue: "sales", Position: 1})
	t.after(20).tell(call, telephony.Offered{Queue: "sales", Agent: "1001", Phone: "phone/801"})
	t.after(5).tell(call, telephony.Unqueued{Queue: "sales", Reason: "answered", Waited: 25 * time.Second},
		telephony.Bridged{A: "fxo/1#1", B: "phone/801#2", Agent: "1001"},
		telephony.RecordingStarted{Recording: string(call) + ".1", Purpose: "call", Agent: "1001"})
	t.after(30).tell(call, telephony.LegHeld{Leg: "phone/801#2", On: true})
	t.after(10).tell(call, telephony.LegHeld{Leg: "phone/801#2"})
	t.after(20).tell(call, telephony.LegReleased{Leg: "phone/801#2"}, telephony.LegReleased{Leg: "fxo/1#1"},
		end(telephony.OutcomeAnswered, "agent"))
	t.after(1).tell(call, telephony.Recorded{Recording: string(call) + ".1", File: "a.wav", Octets: 960000, Length: time.Minute})
}

func TestFoldOfAServedCall(t *testing.T) {
	tp := newTape()
	aServedCall(tp, "1-1")
	at := func(s int) time.Time { return time.Date(2026, 11, 23, 1, 0, s, 0, time.UTC) }
	want := Record{
		ID: "1-1", First: 1, Last: 17, Direction: telephony.Inbound, Line: "fxo/1",
		Caller:  telephony.Caller{Number: "02162345678"},
		Arrived: at(0), Answered: at(2), Connected: at(30), Ended: at(90), Length: 90 * time.Second,
		Target: "menu:main", Rule: "route/day", Why: telephony.Text{EN: "working hours"},
		Menus: []MenuStep{{"main", "1", "target"}},
		Queue: "sales", Waited: 25 * time.Second, Visits: []Visit{{"sales", 25 * time.Second, "answered", "1001", time.Minute}},
		Agent: "1001", Talks: []Talk{{"phone/801#2", "1001", time.Minute}}, Talked: time.Minute, Held: 10 * time.Second, Sought: true,
		Outcome: telephony.OutcomeAnswered, Cause: telephony.CauseNormal, EndedBy: "agent",
		Recording: []string{"1-1.1"},
	}
	if diff := cmp.Diff(want, tp.records()["1-1"]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFoldStories(t *testing.T) {
	cases := []struct {
		name  string
		tell  func(*tape)
		check func(Record) bool
	}{
		{"pain 24: a queue that answered is not an agent who did", func(tp *tape) {
			tp.tell("1", arrive("1"), telephony.CallAnswered{}, telephony.Queued{Queue: "sales"})
			tp.after(40).tell("1", telephony.Unqueued{Queue: "sales", Reason: "left", Waited: 40 * time.Second},
				end(telephony.OutcomeLostInQueue, "caller"))
		}, func(r Record) bool {
			return r.Connected.IsZero() && r.Talked == 0 && r.Waited == 40*time.Second && r.Agent == ""
		}},
		{"A4.5: turned away at a full queue", func(tp *tape) {
			tp.tell("1", arrive("1"), telephony.Unqueued{Queue: "sales", Reason: "full"}, end(telephony.OutcomeBusy, "box"))
		}, func(r Record) bool {
			return len(r.Visits) == 1 && r.Visits[0] == Visit{Queue: "sales", Reason: "full"}
		}},
		{"A9.1: a message is left, and recorded to its end after the call", func(tp *tape) {
			tp.tell("1", arrive("1"), telephony.RecordingStarted{Recording: "1.1", Purpose: "voicemail"},
				telephony.VoicemailLeft{Mailbox: "sales", Recording: "1.1"}, end(telephony.OutcomeVoicemail, "caller"))
			tp.after(5).tell("1", telephony.Recorded{Recording: "1.1"})
		}, func(r Record) bool {
			return r.Mailbox == "sales" && r.Message == "1.1" && len(r.Recording) == 1 && r.Last == 5
		}},
		{"a second end changes nothing", func(tp *tape) {
			tp.tell("1", arrive("1"), end(telephony.OutcomeLostRinging, "caller"), end(telephony.OutcomeFailed, "box"))
		}, func(r Record) bool { return r.Outcome == telephony.OutcomeLostRinging && r.Last == 2 }},
		{"pain 22: two agents after a transfer, talk adds up", func(tp *tape) {
			tp.tell("1", arrive("1"), telephony.Bridged{A: "a", B: "b", Agent: "1001"})
			tp.after(10).tell("1", telephony.Bridged{A: "a", B: "c", Agent: "1002"})
			tp.after(20).tell("1", telephony.LegReleased{Leg: "a"})
			tp.after(3).tell("1", end(telephony.OutcomeAnswered, "caller"))
		}, func(r Record) bool {
			return r.Talked == 30*time.Second && r.Agent == "1002" && r.Talks[0].Talked == 10*time.Second && r.Length == 33*time.Second
		}},
		{"pain 26: the clock is set back an hour in mid-call", func(tp *tape) {
			tp.tell("1", arrive("1"), telephony.Bridged{A: "a", B: "b"})
			tp.wall = tp.wall.Add(-time.Hour)
			tp.after(60).tell("1", end(telephony.OutcomeAnswered, "caller"))
		}, func(r Record) bool {
			return r.Length == time.Minute && r.Talked == time.Minute && r.Ended.Equal(r.Arrived.Add(time.Minute))
		}},
		{"interrupted: the call ended when the box went down, not when it came back", func(tp *tape) {
			tp.tell("1", arrive("1"), telephony.Queued{Queue: "sales"})
			tp.after(60).tell("", telephony.Oddity{})
			tp.crash(3600).tell("1", end(telephony.OutcomeInterrupted, "box"))
		}, func(r Record) bool {
			return r.Length == time.Minute && r.Visits[0] == Visit{Queue: "sales", Waited: time.Minute, Reason: "interrupted"}
		}},
		{"A5.18: asked, and hangs up; the talk ends with the agent", func(tp *tape) {
			tp.tell("1", arrive("1"), telephony.Bridged{A: "a", B: "b", Agent: "1001"})
			tp.after(10).tell("1", telephony.LegReleased{Leg: "b"}, telephony.Polled{Queue: "sales", Agent: "1001"})
			tp.after(9).tell("1", telephony.LegReleased{Leg: "a"}, end(telephony.OutcomeAnswered, "agent"))
		}, func(r Record) bool {
			return *r.Poll == Poll{Queue: "sales", Agent: "1001"} && r.Talked == 10*time.Second && r.Length == 19*time.Second
		}},
		{"A5.18: votes", func(tp *tape) {
			tp.tell("1", arrive("1"), telephony.Polled{Queue: "sales", Agent: "1001"},
				telephony.Voted{Queue: "sales", Agent: "1001", Vote: telephony.Fair}, end(telephony.OutcomeAnswered, "agent"))
		}, func(r Record) bool { return *r.Poll == Poll{"sales", "1001", telephony.Fair} }},
		{"a recording that the crash left open is closed by the next boot, after the call", func(tp *tape) {
			tp.tell("1", arrive("1"), telephony.RecordingStarted{Recording: "1.1"}, end(telephony.OutcomeAnswered, "agent"))
			tp.crash(10).tell("1", telephony.Recorded{Recording: "1.1", Problem: "interrupted"})
		}, func(r Record) bool { return r.Last == 5 }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tp := newTape()
			c.tell(tp)
			got := tp.records()
			if r, ok := got["1"]; len(got) != 1 || !ok || !c.check(r) {
				t.Errorf("records %+v", got)
			}
		})
	}
}

// A fold that begins at Low of another goes on with the same records: that is what a start of the box does.
func TestFoldGoesOnFromLow(t *testing.T) {
	tp := newTape()
	for n := range 20 {
		call := telephony.NewCallID(1, uint64(n))
		aServedCall(tp, call)
		tp.tell(call+"x", arrive("1"))
		if n > 3 {
			tp.tell(telephony.NewCallID(1, uint64(n-3))+"x", end(telephony.OutcomeLostRinging, "caller"))
		}
		if n%7 == 6 {
			tp.crash(100)
		}
	}
	want := tp.records()
	for cut := range tp.entries {
		first, got := NewFold(), map[telephony.CallID]Record{}
		for _, e := range tp.entries[:cut] {
			if r, ok := first.Step(e); ok {
				got[r.ID] = r
			}
		}
		second := NewFold()
		for _, e := range tp.entries[first.Low()-1:] {
			if r, ok := second.Step(e); ok {
				got[r.ID] = r
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("cut at %d (-want +got):\n%s", cut, diff)
		}
	}
}

// A5.4: a record says that its call came after hours, whatever became of it then.
func TestRecordAfterHours(t *testing.T) {
	r := newTape().tell("1", arrive("1"), telephony.Routed{Target: "queue:sales", Rule: "route/a", Closed: telephony.PeriodOff},
		telephony.Routed{Target: "voicemail:office", Rule: "overflow"}, end(telephony.OutcomeVoicemail, "caller")).records()["1"]
	if r.Closed != telephony.PeriodOff {
		t.Errorf("closed %q", r.Closed)
	}
}
