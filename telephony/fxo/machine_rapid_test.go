package fxo

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/machine"
)

// TestMachineHolds gives the machine events in any order, sense or none, and looks at what must hold in every life of a
// line: a leg has one beginning and one end, the loop is closed in a call and open elsewhere, and when everybody has hung
// up the line is free again.
func TestMachineHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &life{T: t}
		w.step(settings{})
		for range rapid.IntRange(1, 80).Draw(t, "events") {
			w.step(w.draw())
		}
		w.step(settings{})
		w.step(wire{hal.BatteryBack})
		w.step(wire{hal.RingOff})
		for range 3 {
			if w.leg {
				w.step(release{telephony.CauseNormal})
			}
			for len(w.timers) > 0 {
				w.step(expired{w.timers[0].Timer})
			}
		}
		if w.p.state != idle || w.leg || w.closed || w.p.hears != nothing {
			t.Fatalf("at rest the line is %v, leg %v, loop %v, hears %v", w.p.state, w.leg, w.closed, w.p.hears)
		}
	})
}

// A life is what the actions up to now have made of the line.
type life struct {
	*rapid.T
	p           protocol
	leg, closed bool
	now         time.Duration
	timers      []machine.Start // with After from the beginning of the life, the earliest first
}

func (w *life) stop(t machine.Timer) {
	w.timers = slices.DeleteFunc(w.timers, func(s machine.Start) bool { return s.Timer == t })
}

func (w *life) start(s machine.Start) {
	w.stop(s.Timer)
	s.After += w.now
	w.timers = append(w.timers, s)
	slices.SortStableFunc(w.timers, func(a, b machine.Start) int { return int(a.After - b.After) })
}

// draw makes an event; the timer that is due first may expire, and verbs of a leg that is over do not reach the machine.
func (w *life) draw() event {
	events := []event{
		identified{telephony.Caller{Number: "1"}},
		voice{},
		digit{'5'},
		silent{},
		sent{},
		flash{},
		waits{},
		measured{12},
		answering{dsp.AnswerFinding{Answer: dsp.AnswerNotice, Confidence: 0.9}},
		answering{dsp.AnswerFinding{Answer: dsp.AnswerVoice, Confidence: 0.9}},
		dial{"10086"},
		exam{},
		measurement{},
		failed{errUnplugged},
		settings{disabled: true},
		settings{polarityAnswer: true},
		settings{outOnly: true},
		settings{early: true, pulse: true},
		settings{},
	}
	for e := hal.RingOn; e <= hal.Pulsed; e++ {
		events = append(events, wire{e}, wire{e})
	}
	for _, s := range []dsp.Signal{dsp.Dial, dsp.Ringback, dsp.Busy, dsp.Congestion, dsp.Vacant, dsp.CallWaiting} {
		events = append(events, tone{Signal: s, periods: 2, quiet: 2}, tone{Signal: s, periods: 2, quiet: 0})
	}
	if len(w.timers) > 0 {
		next := expired{w.timers[0].Timer}
		events = append(events, next, next, next, next)
	}
	if w.leg {
		events = append(events, answer{}, answer{}, release{telephony.CauseNormal})
	}
	return rapid.SampledFrom(events).Draw(w.T, "event")
}

func (w *life) step(e event) {
	if x, ok := e.(expired); ok {
		w.now = w.timers[0].After
		w.stop(x.Timer)
	}
	answered := false
	for _, a := range w.p.step(e) {
		switch a := a.(type) {
		case machine.Start:
			w.start(a)
		case machine.Stop:
			w.stop(a.Timer)
		case seize:
			w.hold(!w.closed || answered, "the loop is closed twice", e) // or a call came into an exam, which was reported
			w.closed = true
		case open:
			w.hold(w.closed, "the loop is opened twice", e)
			w.closed = false
		case take, arrive:
			w.hold(!w.leg, "a second leg begins", e)
			w.leg = true
		case end:
			w.hold(w.leg, "no leg's end", e)
			w.leg = false
		case tell:
			w.hold(w.leg, "told to no leg", e)
		case refuse, report, decline:
			answered = true
		}
	}
	up := slices.Contains([]state{seizing, dialling, calling, talking}, w.p.state)
	tested := slices.Contains([]state{examining, breaking, measuring}, w.p.state)
	w.hold((up || tested || w.p.state == turning) == w.closed, "the loop does not fit the state", e)
	w.hold(w.leg == (up || w.p.state == offered), "the leg does not fit the state", e)
	w.hold(len(w.timers) == len(w.p.running), "the timers are not those that run", e)
	if _, order := e.(dial); order {
		w.hold(answered || w.p.state == seizing, "an order without an answer", e)
	}
	if _, order := e.(exam); order {
		w.hold(answered || tested, "an exam without an answer", e)
	}
}

func (w *life) hold(ok bool, what string, e event) {
	if !ok {
		w.Fatalf("%s: by %v, now %v", what, e, w.p.state)
	}
}
