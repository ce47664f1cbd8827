package storage

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"callbox/telephony"
)

// How long an ended call is kept in mind for what comes late: a recording that is closed after the call, a message.
const (
	lateFacts      = time.Minute
	lateRecordings = time.Hour
)

// A Fold makes call records of journal entries, given in order. It has no clock and no memory but the entries: the same
// journal gives the same records, today and after a rebuild (idea 4, pain 24).
type Fold struct {
	calls map[telephony.CallID]*story
	ended []*story // in the order of their end
	now   telephony.Entry
}

// A story is one call that is not over, or may still hear late facts.
type story struct {
	rec    Record
	boot   uint32
	began  time.Duration // Mono of the arrival
	died   time.Duration // Mono of the last thing that the box noted before it went down; 0 while it is up
	over   telephony.Entry
	bridge *bridge
	held   map[string]bool // legs on hold
	since  time.Duration   // the hold began
	queued bool            // the last visit is open
	inMenu bool            // the last menu waits for its input
	open   map[string]telephony.RecordingStarted
}

// answers are the targets where a person answers.
var answers = map[string]bool{
	telephony.ToQueue: true, telephony.ToAgent: true, telephony.ToPhone: true, telephony.ToOutside: true,
}

type bridge struct {
	a, b  string
	since time.Duration
	visit int // that brought it about, from 1
}

// NewFold is a fold that has seen nothing.
func NewFold() *Fold { return &Fold{calls: map[telephony.CallID]*story{}} }

// Step takes the next entry. It gives the record of a call that has ended, each time the entry changed it.
func (f *Fold) Step(e telephony.Entry) (Record, bool) {
	if f.now.Boot != e.Boot {
		for _, s := range f.calls {
			if s.boot == f.now.Boot && s.died == 0 {
				s.died = f.now.Mono
			}
		}
	}
	f.now = e
	f.forget()
	if a, ok := e.Fact.(telephony.CallArrived); ok && e.Call != "" && f.calls[e.Call] == nil {
		f.calls[e.Call] = begin(e, a)
		return Record{}, false
	}
	s := f.calls[e.Call]
	if s == nil {
		return Record{}, false
	}
	ended := s.over.Seq != 0
	changed := s.late(e) || !ended && s.step(e)
	if changed {
		s.rec.Last = e.Seq
	}
	if s.over.Seq == 0 {
		return Record{}, false
	}
	if !ended {
		f.ended = append(f.ended, s)
	}
	return s.rec, changed
}

// Low is the number of the first entry that a new fold must see to go on where this one stands.
func (f *Fold) Low() uint64 {
	low := f.now.Seq + 1
	for _, s := range f.calls {
		low = min(low, s.rec.First)
	}
	return low
}

// forget drops the ended calls that nothing can come for any more.
func (f *Fold) forget() {
	n := 0
	for _, s := range f.ended {
		past := f.now.Mono - s.over.Mono
		another := f.now.Boot != s.over.Boot
		if len(s.open) > 0 && (another || past < lateRecordings) || !another && past < lateFacts {
			break
		}
		delete(f.calls, s.rec.ID)
		n++
	}
	f.ended = f.ended[n:]
}

// interrupted lists what earlier boots left open, oldest first.
func (f *Fold) interrupted(boot uint32) []*story {
	var left []*story
	for _, s := range f.calls {
		if s.boot != boot && (s.over.Seq == 0 || len(s.open) > 0) {
			left = append(left, s)
		}
	}
	slices.SortFunc(left, func(a, b *story) int { return int(a.rec.First) - int(b.rec.First) })
	return left
}

func begin(e telephony.Entry, a telephony.CallArrived) *story {
	return &story{
		rec: Record{
			ID: e.Call, First: e.Seq, Last: e.Seq, Direction: a.Direction, Line: a.Line, Caller: a.Caller, Called: a.Called,
			Calling: a.Agent, Arrived: e.Time.UTC(),
		},
		boot: e.Boot, began: e.Mono, held: map[string]bool{}, open: map[string]telephony.RecordingStarted{},
	}
}

// at is when an entry happened on the call's own clock. What a later boot adds happened when the box went down.
func (s *story) at(e telephony.Entry) time.Duration {
	if e.Boot != s.boot {
		return s.died
	}
	return e.Mono
}

// clock is a moment as the record tells it.
func (s *story) clock(at time.Duration) time.Time { return s.rec.Arrived.Add(at - s.began) }

// late takes what may come after the end as well, and reports whether it was that.
func (s *story) late(e telephony.Entry) bool {
	switch f := e.Fact.(type) {
	case telephony.RecordingStarted:
		s.open[f.Recording] = f
		if !slices.Contains(s.rec.Recording, f.Recording) {
			s.rec.Recording = append(slices.Clip(s.rec.Recording), f.Recording)
		}
	case telephony.Recorded:
		delete(s.open, f.Recording)
		if !slices.Contains(s.rec.Recording, f.Recording) {
			s.rec.Recording = append(slices.Clip(s.rec.Recording), f.Recording)
		}
	case telephony.VoicemailLeft:
		s.rec.Mailbox, s.rec.Message = f.Mailbox, f.Recording
	default:
		return false
	}
	return true
}

// step takes what happens to a call in progress.
func (s *story) step(e telephony.Entry) bool {
	at := s.at(e)
	switch f := e.Fact.(type) {
	case telephony.CallerIdentified:
		s.rec.Caller = f.Caller
	case telephony.Routed:
		if s.rec.Rule == "" {
			s.rec.Target, s.rec.Rule, s.rec.Why, s.rec.Closed = f.Target, f.Rule, f.Why, f.Closed
		}
		s.rec.Sought = s.rec.Sought || answers[f.Target.Kind()]
	case telephony.CallAnswered:
		if s.rec.Answered.IsZero() {
			s.rec.Answered = s.clock(at)
		}
	case telephony.MenuEntered:
		s.rec.Menus, s.inMenu = append(s.rec.Menus, MenuStep{Menu: f.Menu}), true
	case telephony.MenuKey:
		s.menuKey(f)
	case telephony.Queued:
		s.unbridge(at)
		s.enter(f.Queue)
		s.since = at
	case telephony.Unqueued:
		s.leave(f)
	case telephony.Bridged:
		s.unbridge(at)
		s.join(f, at)
	case telephony.Dialed:
		if s.rec.Direction == telephony.Outbound {
			s.rec.Out = f.Line
		}
	case telephony.LegHeld:
		s.hold(f, at)
	case telephony.LegReleased:
		if s.bridge != nil && (f.Leg == s.bridge.a || f.Leg == s.bridge.b) {
			s.unbridge(at)
		}
	case telephony.LegGiven:
		if s.bridge != nil && (f.Leg == s.bridge.a || f.Leg == s.bridge.b) {
			s.unbridge(at)
		}
	case telephony.RoomEntered:
		s.unbridge(at)
		s.join(telephony.Bridged{B: "room/" + f.Room}, at)
	case telephony.RoomLeft:
		s.unbridge(at)
	case telephony.Polled:
		s.rec.Poll = &Poll{Queue: f.Queue, Agent: f.Agent}
	case telephony.Voted:
		s.rec.Poll = &Poll{Queue: f.Queue, Agent: f.Agent, Vote: f.Vote}
	case telephony.CallEnded:
		s.end(e, f, at)
	}
	return true
}

func (s *story) menuKey(f telephony.MenuKey) {
	step := MenuStep{f.Menu, f.Keys, f.Result}
	if n := len(s.rec.Menus); s.inMenu && s.rec.Menus[n-1].Menu == f.Menu {
		s.rec.Menus[n-1] = step
	} else {
		s.rec.Menus = append(s.rec.Menus, step)
	}
	s.inMenu = false
}

func (s *story) enter(queue string) {
	s.rec.Queue = queue
	s.rec.Visits = append(s.rec.Visits, Visit{Queue: queue})
	s.queued = true
}

func (s *story) leave(f telephony.Unqueued) {
	if !s.queued { // turned away at the door: full, nobody there
		s.enter(f.Queue)
	}
	v := &s.rec.Visits[len(s.rec.Visits)-1]
	v.Waited, v.Reason = max(0, f.Waited), f.Reason
	s.rec.Waited += v.Waited
	s.queued = false
}

func (s *story) join(f telephony.Bridged, at time.Duration) {
	s.bridge = &bridge{a: f.A, b: f.B, since: at}
	s.rec.Talks = append(s.rec.Talks, Talk{Leg: f.B, Agent: f.Agent})
	if s.rec.Connected.IsZero() {
		s.rec.Connected = s.clock(at)
	}
	if f.Agent == "" {
		return
	}
	s.rec.Agent = f.Agent
	if n := len(s.rec.Visits); n > 0 && !s.queued && s.rec.Visits[n-1].Reason == visitAnswered {
		s.bridge.visit = n
		s.rec.Visits[n-1].Agent = cmp.Or(s.rec.Visits[n-1].Agent, f.Agent)
	}
}

// unbridge ends a conversation, and the holds in it.
func (s *story) unbridge(at time.Duration) {
	if s.bridge == nil {
		return
	}
	for _, leg := range slices.Sorted(maps.Keys(s.held)) {
		s.hold(telephony.LegHeld{Leg: leg}, at)
	}
	talked := max(0, at-s.bridge.since)
	s.rec.Talks[len(s.rec.Talks)-1].Talked = talked
	s.rec.Talked += talked
	if s.bridge.visit > 0 {
		s.rec.Visits[s.bridge.visit-1].Talked += talked
	}
	s.bridge = nil
}

func (s *story) hold(f telephony.LegHeld, at time.Duration) {
	switch {
	case s.bridge == nil || s.held[f.Leg] == f.On:
		return
	case f.On:
		if len(s.held) == 0 {
			s.since = at
		}
		s.held[f.Leg] = true
	default:
		delete(s.held, f.Leg)
		if len(s.held) == 0 {
			s.rec.Held += max(0, at-s.since)
		}
	}
}

func (s *story) end(e telephony.Entry, f telephony.CallEnded, at time.Duration) {
	s.unbridge(at)
	if s.queued {
		s.leave(telephony.Unqueued{Queue: s.rec.Queue, Reason: "interrupted", Waited: at - s.since})
	}
	s.rec.Outcome, s.rec.Cause, s.rec.EndedBy = f.Outcome, f.Cause, f.By
	s.rec.Length = max(0, at-s.began)
	s.rec.Ended = s.clock(s.began + s.rec.Length)
	s.over = e
}
