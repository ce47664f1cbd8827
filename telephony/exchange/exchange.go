// Package exchange is where calls are born and where they end. One goroutine (Run) owns the list of calls and the states of
// the lines; it decides where each new call goes first (route.go), and reaches parties for calls by the dial plan (reach.go).
package exchange

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"callbox/telephony"
	"callbox/telephony/acd"
	"callbox/telephony/call"
	"callbox/telephony/ivr"
	"callbox/telephony/media"
	"callbox/telephony/record"
)

const (
	// boxSize bounds what lines and calls have told and the exchange has not yet seen.
	boxSize = 4096
	// MostCalls bounds the calls of the box; one more is refused with congestion.
	MostCalls = 1000
	// stopTime is how long calls may take to end when the box stops.
	stopTime = 5 * time.Second
)

// Lines finds lines by id: the analogue lines, the SIP trunks and phones.
type Lines interface {
	Line(id string) (telephony.Line, bool)
}

// Options are what the exchange needs.
type Options struct {
	Boot     uint32 // the number of this start, for call ids
	Journal  telephony.Journal
	Matrix   *media.Matrix
	Prompts  *ivr.Library
	Recorder *record.Recorder
	Mailroom call.Mailroom
	Alarms   func() []telephony.LiveAlarm // those that stand
	Seed     uint64                       // of acd's random strategy
	Load     func() Load                  // measures; nil: nobody does, and the load refuses no call
}

// Exchange is the one owner of the calls. It is the telephony.Office of every line and the call.Switchboard of every call.
type Exchange struct {
	opt       Options
	acd       *acd.ACD
	house     *call.House
	cfg       atomic.Pointer[telephony.Config]
	lines     atomic.Pointer[[]Lines]
	turns     turns
	spoke     memory
	admission admission
	load      atomic.Pointer[Load] // the newest; nil: nobody measures, or not yet
	box       chan func(*desk)
	done      chan struct{}
}

// New makes an exchange; Configure and Connect come before Run.
func New(opt Options) *Exchange {
	x := &Exchange{opt: opt, box: make(chan func(*desk), boxSize), done: make(chan struct{})}
	x.acd = acd.New(acd.Options{Journal: opt.Journal, Seed: opt.Seed, Changed: x.changed})
	x.house = &call.House{
		Journal: opt.Journal, Matrix: opt.Matrix, Prompts: opt.Prompts, Recorder: opt.Recorder,
		Queues: x.acd, Mailroom: opt.Mailroom, Switch: x, Rooms: call.NewRooms(opt.Matrix), Slots: &call.Slots{}, Show: x.show,
	}
	x.cfg.Store(&telephony.Config{})
	x.lines.Store(&[]Lines{})
	return x
}

// Connect tells the exchange where its lines are found.
func (x *Exchange) Connect(lines ...Lines) { x.lines.Store(&lines) }

// Configure brings a new configuration: calls in progress keep theirs, the next one follows the new.
func (x *Exchange) Configure(cfg *telephony.Config) {
	x.cfg.Store(cfg)
	x.acd.Configure(cfg)
	x.post(func(d *desk) { x.prune(d, cfg) })
}

// Agents is the owner of queues and agents.
func (x *Exchange) Agents() *acd.ACD { return x.acd }

// LockRoom lets nobody into a conference room any more, or opens it again; false: nobody is in it.
func (x *Exchange) LockRoom(id string, on bool) bool {
	defer x.changed()
	return x.house.Rooms.Lock(id, on)
}

// Run owns the calls until ctx ends, then ends them and returns.
func (x *Exchange) Run(ctx context.Context) {
	defer close(x.done)
	queues, stopQueues := context.WithCancel(context.WithoutCancel(ctx))
	defer stopQueues()
	go x.acd.Run(queues)
	calls, stopCalls := context.WithCancel(context.WithoutCancel(ctx))
	defer stopCalls()
	d := &desk{
		calls: map[telephony.CallID]*entry{}, lines: map[string]telephony.LineStatus{},
		watchers: map[chan struct{}]bool{}, strained: x.Strained,
	}
	stopping, late, measure := ctx.Done(), (<-chan time.Time)(nil), (<-chan time.Time)(nil)
	if x.opt.Load != nil {
		ticker := time.NewTicker(measureEvery)
		defer ticker.Stop()
		measure = ticker.C
	}
	for {
		select {
		case <-measure:
			x.measure(d)
			d.hours(x.cfg.Load())
		case act := <-x.box:
			act(d)
		case <-stopping:
			stopping, late = nil, time.After(stopTime)
			d.closed = true
			stopCalls()
		case <-late:
			return
		}
		d.run(calls, x)
		if d.closed && len(d.calls) == 0 {
			return
		}
	}
}

// post hands an act to the owner; after the end of Run it is dropped.
func (x *Exchange) post(act func(*desk)) bool {
	select {
	case x.box <- act:
		return true
	case <-x.done:
		return false
	}
}

// Arrive is a new call: it is decided where it goes, and its story begins.
func (x *Exchange) Arrive(a telephony.Arrival) {
	if !x.post(func(d *desk) { d.born = append(d.born, a) }) {
		a.Leg.Release(telephony.CauseTemporary)
	}
}

// Append writes to the journal what a line has to tell.
func (x *Exchange) Append(e telephony.Entry) { x.opt.Journal.Append(e) }

// run starts the calls that were born.
func (d *desk) run(ctx context.Context, x *Exchange) {
	for _, a := range d.born {
		d.count++
		b := x.birth(telephony.NewCallID(x.opt.Boot, d.count), a)
		if d.closed || !x.admission.admits(b.Config, b.Direction, b.Arrival.Called, len(d.calls)) {
			x.turnAway(b)
			continue
		}
		d.begin(ctx, x, b)
	}
	for _, b := range d.begun {
		d.begin(ctx, x, b)
	}
	clear(d.born)
	clear(d.begun)
	d.born, d.begun = d.born[:0], d.begun[:0]
}

// begin starts a call's story.
func (d *desk) begin(ctx context.Context, x *Exchange, b call.Birth) {
	c := call.New(b, x.house)
	d.calls[b.ID] = &entry{call: c}
	go x.tell(ctx, b.ID, c)
}

// turnAway refuses a call that the box has no room for. It counts among the calls offered all the same (A11.3).
func (x *Exchange) turnAway(b call.Birth) {
	a := b.Arrival
	a.Leg.Release(telephony.CauseCongestion)
	x.Append(telephony.Entry{Call: b.ID, Fact: telephony.CallArrived{
		Direction: b.Direction, Line: a.Line, Leg: a.Leg.String(), Caller: a.Caller, Called: a.Called,
		Agent: x.acd.AgentAt(telephony.TargetOfLine(a.Line)), Redirecting: a.Redirecting,
	}})
	go x.seeOff(b)
}

// seeOff reads a refused leg's events to their end, which is the call's.
func (x *Exchange) seeOff(b call.Birth) {
	for e := range b.Arrival.Leg.Events() {
		if r, ok := e.(telephony.Released); ok {
			x.Append(telephony.Entry{Call: b.ID, Fact: telephony.LegReleased{
				Leg: b.Arrival.Leg.String(), Cause: r.Cause, ByBox: r.ByBox, Witness: r.Witness, Confidence: r.Confidence,
			}})
		}
	}
	x.Append(telephony.Entry{Call: b.ID, Fact: telephony.CallEnded{
		Outcome: telephony.OutcomeCongestion, Cause: telephony.CauseCongestion, By: "box",
	}})
}

// tell runs a call's story. A fault in it ends this call and hurts nobody else.
func (x *Exchange) tell(ctx context.Context, id telephony.CallID, c *call.Call) {
	defer x.post(func(d *desk) { delete(d.calls, id); d.notify() })
	defer func() {
		if fault := recover(); fault != nil {
			x.opt.Journal.Append(telephony.Entry{Call: id, Fact: telephony.Panicked{
				Where: "call", What: fmt.Sprint(fault), Stack: string(debug.Stack()),
			}})
		}
	}()
	c.Run(ctx)
}
