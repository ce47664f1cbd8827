package q931

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"callbox/telephony"
	"callbox/telephony/machine"
)

// An end is one side of an interface with an owner that keeps account of what it was told.
type end struct {
	*rapid.T
	name   string
	i      *Interface
	live   []Ref           // calls that began and are not Released
	timers []machine.Start // with After from the beginning of time, the earliest first
	now    *time.Duration
	wire   func([]byte) // where what it sends goes
	asked  int          // restarts of ours that are not done
	odd    []string
}

func newEnd(t *rapid.T, name string, s Side, now *time.Duration, wire func([]byte)) *end {
	return &end{T: t, name: name, i: New(Options{Side: s}), now: now, wire: wire}
}

// step gives the machine an event and looks at what must hold whatever happens.
func (e *end) step(event Event) {
	switch v := event.(type) {
	case Call:
		e.live = append(e.live, v.Ref)
	case Restart:
		e.asked++
	case Expired:
		e.stop(v.Timer)
	}
	for _, a := range e.i.Step(event) {
		e.take(a, event)
	}
	e.hold(len(e.live) == len(e.i.calls), "calls that the owner does not know of", event)
	running := 0
	for _, c := range e.i.calls {
		e.hold(c.state != null && slices.Contains(e.live, c.ref), "a call without an owner", event)
		running += len(c.running)
	}
	if len(e.i.restarts) > 0 {
		running++
	}
	e.hold(running == len(e.timers), "timers that are not those of the calls", event)
	e.hold(e.asked == len(e.i.restarts), "a restart that is never done", event)
}

func (e *end) take(a Action, by Event) {
	switch a := a.(type) {
	case machine.Start:
		e.hold(a.After > 0, "a timer that does not run on this side: "+string(a.Timer), by)
		e.stop(a.Timer)
		a.After += *e.now
		e.timers = append(e.timers, a)
		slices.SortStableFunc(e.timers, func(a, b machine.Start) int { return int(a.After - b.After) })
	case machine.Stop:
		e.stop(a.Timer)
	case Send:
		m, err := Decode(a.Octets)
		e.hold(err == nil && len(m.bad) == 0 && len(m.unknown) == 0, fmt.Sprintf("sends what nobody can read: % X", a.Octets), by)
		e.wire(a.Octets)
	case Establish:
	case Incoming:
		e.hold(!slices.Contains(e.live, a.Ref), "a second call of one reference", by)
		e.live = append(e.live, a.Ref)
	case Released:
		e.hold(slices.Contains(e.live, a.Ref), "no call's end", by)
		e.hold(a.Cause != 0, "an end without a cause", by)
		e.live = slices.DeleteFunc(e.live, func(r Ref) bool { return r == a.Ref })
	case RestartDone:
		e.asked--
	case Restarted:
	case Odd:
		e.odd = append(e.odd, a.What)
	default:
		ref := refOf(a)
		e.hold(slices.Contains(e.live, ref), fmt.Sprintf("news of no call: %T", a), by)
	}
}

func refOf(a Action) Ref {
	switch a := a.(type) {
	case Digits:
		return a.Ref
	case DigitsWanted:
		return a.Ref
	case Proceeding:
		return a.Ref
	case Alerting:
		return a.Ref
	case Progressing:
		return a.Ref
	case Connected:
		return a.Ref
	case Active:
		return a.Ref
	case Disconnecting:
		return a.Ref
	}
	return Ref{}
}

func (e *end) stop(t machine.Timer) {
	e.timers = slices.DeleteFunc(e.timers, func(s machine.Start) bool { return s.Timer == t })
}

// expire lets the timer that is due first expire.
func (e *end) expire() {
	*e.now = max(*e.now, e.timers[0].After)
	e.step(Expired{e.timers[0].Timer})
}

func (e *end) hold(ok bool, what string, by Event) {
	if !ok {
		e.Fatalf("%s: %s: by %T %v", e.name, what, by, by)
	}
}

// verb draws something that an owner may ask for.
func (e *end) verb() Event {
	channel := Channel{Number: rapid.SampledFrom([]int{0, 1, 15, 17, 31}).Draw(e.T, "channel"), Exclusive: rapid.Bool().Draw(e.T, "exclusive")}
	complete := rapid.Bool().Draw(e.T, "complete")
	progress := rapid.SampledFrom([][]Progress{nil, tone}).Draw(e.T, "progress")
	if len(e.live) == 0 || rapid.IntRange(0, 9).Draw(e.T, "new") == 0 {
		if ref, ok := e.i.FreeRef(); ok {
			return Call{ref, Setup{Called: Number{Digits: "1"}, Channel: channel, Complete: complete}}
		}
	}
	if len(e.live) == 0 {
		return Restart{}
	}
	ref := rapid.SampledFrom(e.live).Draw(e.T, "ref")
	return rapid.SampledFrom([]Event{
		MoreDigits{ref, "2", complete},
		AskDigits{ref, channel, progress},
		Proceed{ref, channel, progress},
		Alert{ref, channel, progress},
		TellProgress{ref, telephony.CauseBusy, progress},
		Connect{Ref: ref, Channel: channel},
		Connect{Ref: ref},
		Clear{ref, telephony.CauseNormal, progress},
		Enquire{ref},
	}).Draw(e.T, "verb")
}

// A world is a user and a network with a data link between them that keeps the order and loses nothing, but may fail.
type world struct {
	*rapid.T
	now    time.Duration
	ends   [2]*end
	flying [2][][]byte // towards the user, towards the network
	linked bool
}

func newWorld(t *rapid.T) *world {
	w := &world{T: t}
	for s, name := range []string{"user", "network"} {
		w.ends[s] = newEnd(t, name, Side(s), &w.now, func(octets []byte) {
			if w.linked {
				w.flying[1-s] = append(w.flying[1-s], octets)
			}
		})
	}
	w.link(true)
	return w
}

// link makes the data link, also anew, or breaks it. What is on its way is lost.
func (w *world) link(up bool) {
	w.flying, w.linked = [2][][]byte{}, up
	for _, e := range w.ends {
		if up {
			e.step(LinkUp{})
		} else {
			e.step(LinkDown{})
		}
	}
}

// deliver brings the next message to a side.
func (w *world) deliver(s Side) bool {
	if len(w.flying[s]) == 0 {
		return false
	}
	octets := w.flying[s][0]
	w.flying[s] = w.flying[s][1:]
	w.ends[s].step(Received{octets})
	return true
}

func (w *world) deliverAll() {
	for n := 0; w.deliver(User) || w.deliver(Network); n++ {
		if n > 100000 {
			w.Fatal("the two ends never stop talking")
		}
	}
}

// expire lets the timer expire that is due first at either end.
func (w *world) expire() bool {
	var due *end
	for _, e := range w.ends {
		if len(e.timers) > 0 && (due == nil || e.timers[0].After < due.timers[0].After) {
			due = e
		}
	}
	if due != nil {
		due.expire()
	}
	return due != nil
}

// wild is a moment in which anything may happen.
func (w *world) wild() {
	s := Side(rapid.IntRange(0, 1).Draw(w.T, "side"))
	switch rapid.IntRange(0, 15).Draw(w.T, "what") {
	case 0, 1:
		w.expire()
	case 2:
		w.link(!w.linked)
	case 3:
		if w.linked {
			w.link(true)
		}
	case 4:
		w.ends[s].step(rapid.SampledFrom([]Event{Restart{}, Restart{[]int{1}}, Restart{[]int{15, 31}}}).Draw(w.T, "restart"))
	case 5, 6, 7, 8:
		w.ends[s].step(w.ends[s].verb())
	default:
		w.deliver(s)
	}
}

// rest clears every call on both ends and lets time pass until nothing is left to wait for.
func (w *world) rest() {
	if !w.linked {
		w.link(true)
	}
	for range 100 {
		for _, e := range w.ends {
			for _, ref := range slices.Clone(e.live) {
				e.step(Clear{Ref: ref, Cause: telephony.CauseNormal})
			}
		}
		w.deliverAll()
		if !w.expire() && len(w.ends[User].live)+len(w.ends[Network].live) == 0 {
			break
		}
	}
	for _, e := range w.ends {
		if len(e.live)+len(e.timers)+len(e.i.calls)+e.asked > 0 {
			w.Fatalf("%s is left with calls %v, timers %v, restarts %d", e.name, e.live, e.timers, e.asked)
		}
	}
}

// TestEndsRest: a user and a network that do anything in any order, over a data link that fails at any time: every call ends
// once on each side, and nothing is left when both have cleared.
func TestEndsRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(1, 120).Draw(t, "moments") {
			w.wild()
		}
		w.rest()
	})
}

// TestEndsAgree: over a data link that does not fail, with messages that come before any timer is due, the two ends have the
// same calls, nobody is ever told of an error, and no channel needs anybody to look after it.
func TestEndsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(1, 120).Draw(t, "moments") {
			s := Side(rapid.IntRange(0, 1).Draw(t, "side"))
			if rapid.Bool().Draw(t, "talk") {
				w.deliver(s)
			} else {
				w.ends[s].step(w.ends[s].verb())
			}
		}
		w.deliverAll()
		w.agree()
		w.rest()
	})
}

func (w *world) agree() {
	user, network := w.ends[User], w.ends[Network]
	for _, c := range user.i.calls {
		other := network.i.find(Ref{c.ref.Value, !c.ref.Theirs})
		if other == nil || other.channel.Number != c.channel.Number && c.agreed && other.agreed {
			w.Fatalf("call %v of the user in state %d on %v is %+v to the network", c.ref, c.state, c.channel, other)
		}
	}
	if len(user.live) != len(network.live) {
		w.Fatalf("the user has %v, the network %v", user.live, network.live)
	}
	for _, e := range w.ends {
		for _, what := range e.odd {
			if !crossed(what) {
				w.Fatalf("%s: %s", e.name, what)
			}
		}
	}
}

// crossed reports whether an oddity is no more than two things that happened at once: a verb that a message overtook, or a
// caller who gave up as it was refused.
func crossed(odd string) bool {
	return strings.Contains(odd, " asked for in ") || odd == "DISCONNECT cause 16 for no call" || odd == "RELEASE cause 16 for no call"
}

// TestAnyOrder throws messages of every kind, well formed and in no order, at one interface, between verbs, expiries and
// losses of the link.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var now time.Duration
		e := newEnd(t, "the interface", Side(rapid.IntRange(0, 1).Draw(t, "side")), &now, func([]byte) {})
		e.step(LinkUp{})
		for range rapid.IntRange(1, 100).Draw(t, "events") {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				e.step(rapid.SampledFrom([]Event{LinkUp{}, LinkDown{}, Restart{}, Restart{[]int{1, 31}}}).Draw(t, "event"))
			case 1, 2:
				e.step(e.verb())
			case 3:
				if len(e.timers) > 0 {
					e.expire()
				}
			default:
				m := drawMessage(t)
				e.step(Received{m.Encode()})
			}
		}
		e.clearAll()
	})
}

// clearAll is the end of every call without a far end.
func (e *end) clearAll() {
	for range 1000 {
		for _, ref := range slices.Clone(e.live) {
			e.step(Clear{Ref: ref})
		}
		if len(e.timers) == 0 {
			break
		}
		e.expire()
	}
	if len(e.live)+len(e.timers)+e.asked > 0 {
		e.Fatalf("left with calls %v, timers %v, restarts %d", e.live, e.timers, e.asked)
	}
}

// drawMessage makes a message of any type with any elements, for one of a few calls.
func drawMessage(t *rapid.T) *Message {
	m := &Message{
		Value: uint16(rapid.IntRange(0, 3).Draw(t, "value")), Flag: rapid.Bool().Draw(t, "flag"),
		Complete: rapid.Bool().Draw(t, "complete"),
	}
	types := []MessageType{TypeSetup, TypeSetup, TypeConnect, 0x00, 0x24, 0xFF}
	for known := range messageNames {
		types = append(types, known)
	}
	slices.Sort(types)
	m.Type = rapid.SampledFrom(types).Draw(t, "type")
	m.Bearer = rapid.SampledFrom([]Bearer{Speech, Speech, {}}).Draw(t, "bearer")
	m.Reason.Cause = telephony.Cause(rapid.IntRange(0, 127).Draw(t, "cause"))
	m.Channels = rapid.SampledFrom([]*Channels{nil, ch3, ch3only, ch5only, {}, {Slots: 1<<1 | 1<<31}}).Draw(t, "channels")
	m.Progress = rapid.SampledFrom([][]Progress{nil, tone}).Draw(t, "progress")
	m.Called.Digits = rapid.SampledFrom([]string{"", "61234567"}).Draw(t, "called")
	if s := CallState(rapid.IntRange(0, 31).Draw(t, "state")); s < 28 {
		m.State = &s
	}
	m.Restart = rapid.SampledFrom([]*RestartClass{nil, class(RestartChannels), class(RestartInterface)}).Draw(t, "class")
	return m
}
