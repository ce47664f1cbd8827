// Package e1 is E1 spans with ISDN PRI (A1.1, A1.2): a line of thirty bearers and a D-channel. Layer 2 (q921) and call control
// (q931) are pure machines; a Span hosts both, owns its bearers, and does what they say to the driver, to the legs and to the
// office. No caller of a Leg knows that it is one of these. A span outlives its legs.
package e1

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/machine"
	"callbox/telephony/q921"
	"callbox/telephony/q931"
)

// Options is what a span stands on.
type Options struct {
	Port   hal.Span
	Office telephony.Office
	// Tracer keeps the messages of call control; nil: nobody does.
	Tracer telephony.Tracer
	// Config is the configuration at the start; Configure brings later ones.
	Config *telephony.Config
	// Side is the end of the interface that the box is, "user" or "network", whatever the configuration says; empty: as it
	// says.
	Side string
}

// A Span is one E1: a telephony.Line. The goroutine in Run owns all of it but the atomics and channels.
type Span struct {
	port   hal.Span
	office telephony.Office
	tracer telephony.Tracer
	side   string

	config  atomic.Pointer[telephony.Config]
	changed chan struct{} // there is a new config
	verbs   chan verb
	heard   chan key
	ended   chan struct{} // Run has returned
	vacant  atomic.Int32  // bearers that an outgoing call can have, less those that Dial promised
	born    atomic.Uint64 // legs
	live    atomic.Pointer[telephony.LiveSpan]

	settings telephony.SpanConfig
	area     string // code of the site's
	link     *machine.Host[q921.Event, q921.Action]
	calls    *machine.Host[q931.Event, q931.Action]
	control  *q931.Interface
	circuits [32]circuit // by timeslot; 0 and 16 are no bearers
	legs     map[q931.Ref]*leg
	setup    []byte // a message that came for no leg yet: the SETUP of the next one
	counted  int32  // bearers in vacant, promises aside
	last     int    // bearer that was taken last, for round robin
	up       bool   // the D-channel
	tried    bool   // to establish it: what was never up is no fault before it could not be
	greeted  bool   // the interface was restarted since the start
	retry    *time.Timer
	repair   *time.Timer
	status   telephony.LineStatus
	since    time.Time // of alarm and D-channel
	odd      telephony.Oddities
	odds     uint64 // oddities since the start
}

// A verb is what a leg's owner asks for.
type verb struct {
	leg   *leg
	kind  verbKind
	cause telephony.Cause // of a release
}

type verbKind uint8

const (
	dial verbKind = iota
	alert
	progress
	answer
	release
)

// A key is a digit that a far end pressed.
type key struct {
	leg   *leg
	digit byte
}

// The bounds of a span's boxes: a leg posts each verb once, and a digit lasts 40 ms at least.
const (
	verbBox  = 256
	heardBox = 256
)

// New makes the span of a port. It refuses calls until Run.
func New(o Options) *Span {
	s := &Span{
		port: o.Port, office: o.Office, tracer: o.Tracer, side: o.Side,
		changed: make(chan struct{}, 1), verbs: make(chan verb, verbBox), heard: make(chan key, heardBox), ended: make(chan struct{}),
	}
	s.config.Store(o.Config)
	s.live.Store(&telephony.LiveSpan{Span: s.ID()})
	return s
}

// ID is the port's name, "e1/1".
func (s *Span) ID() string { return s.port.Name() }

// Live is a snapshot of the span. Any goroutine may ask.
func (s *Span) Live() telephony.LiveSpan {
	live := *s.live.Load()
	live.Counters = countersOf(s.port.Counters(), live.Counters.Odd)
	return live
}

// Configure puts a new configuration in force: a change of sides ends the calls, everything else is from the next call on.
func (s *Span) Configure(c *telephony.Config) {
	s.config.Store(c)
	select {
	case s.changed <- struct{}{}:
	default: // the span will read the newest
	}
}

// Run works the span until the context is done. Calls in progress then end.
func (s *Span) Run(ctx context.Context) {
	defer s.shut()
	for ctx.Err() == nil {
		s.work(ctx)
	}
}

// work runs the machines from a dark span on, until the context is done, the box changes sides, or a fault of the program
// ends it.
func (s *Span) work(ctx context.Context) {
	defer s.rescue(ctx)
	s.configure()
	s.begin()
	defer s.link.Close()
	defer s.calls.Close()
	for side := s.sideNow(); side == s.sideNow(); s.show() {
		select {
		case <-ctx.Done():
			s.abandon(telephony.CauseTemporary)
			return
		case e := <-s.port.Events():
			s.signal(e)
		case v := <-s.verbs:
			s.do(v)
		case k := <-s.heard:
			k.leg.tell(telephony.Digit{Key: k.digit, InBand: true})
		case <-s.changed:
			s.configure()
		case <-s.link.Alarm():
			s.link.Expire()
		case <-s.calls.Alarm():
			s.calls.Expire()
		case <-s.retry.C:
			s.establish()
		case <-s.repair.C:
			s.restart()
		}
	}
	s.abandon(telephony.CauseTemporary)
}

// begin makes new machines.
func (s *Span) begin() {
	linkSide, callSide := q921.User, q931.User
	if s.sideNow() == network {
		linkSide, callSide = q921.Network, q931.Network
	}
	link := q921.New(linkSide)
	s.link = machine.New(link.Step, func(t machine.Timer) q921.Event { return q921.Expired{Timer: t} }, s.linked)
	s.control = q931.New(q931.Options{Side: callSide})
	s.calls = machine.New(s.control.Step, func(t machine.Timer) q931.Event { return q931.Expired{Timer: t} }, s.told)
	s.legs = map[q931.Ref]*leg{}
	s.retry, s.repair = time.NewTimer(establishPause), time.NewTimer(repairPause)
	s.up, s.tried, s.greeted, s.since = false, false, false, time.Now()
	if physical(s.port.Alarm()) {
		s.link.Step(q921.PhysicalUp{})
		s.establish()
	}
	s.show()
}

// network is the side of a box that a PBX hangs on.
const network = "network"

func (s *Span) sideNow() string {
	if s.side != "" {
		return s.side
	}
	return s.settings.Side
}

// configure reads what the configuration says of the span. A span that it does not know works all the same.
func (s *Span) configure() {
	config := s.config.Load()
	s.area = config.Site.AreaCode
	s.settings = telephony.SpanConfig{ID: s.ID(), Way: telephony.BothWays, Side: "user", Select: "descending"}
	if c := config.Span(s.ID()); c != nil {
		s.settings = *c
	}
	for n := range s.circuits {
		s.circuits[n].blocked = slices.Contains(s.settings.Blocked, n)
	}
}

// do what a leg's owner asks for, unless its call is over.
func (s *Span) do(v verb) {
	g := v.leg
	if v.kind == dial {
		s.place(g)
		return
	}
	if g.over {
		return
	}
	switch v.kind {
	case alert:
		s.calls.Step(q931.Alert{Ref: g.ref, Channel: g.channel()})
	case progress:
		s.calls.Step(q931.TellProgress{Ref: g.ref, Progress: s.inBand()})
	case answer:
		s.calls.Step(q931.Connect{Ref: g.ref, Channel: g.channel()})
		s.circuits[g.slot].state = telephony.ChannelTalking
	case release:
		s.clear(g, v.cause)
	}
}

// post hands a verb to the span, whose box has room for those of the legs that can be alive.
func (s *Span) post(v verb) {
	select {
	case s.verbs <- v:
	case <-s.ended:
		s.drop(v)
		return
	}
	select {
	case <-s.ended: // perhaps Run looked into the box for the last time before this verb was in it
		s.dropAll()
	default:
	}
}

// Spans are the E1 ports of a box.
type Spans []*Span

// Line is the span with the id.
func (list Spans) Line(id string) (telephony.Line, bool) {
	i := slices.IndexFunc(list, func(s *Span) bool { return s.ID() == id })
	if i < 0 {
		return nil, false
	}
	return list[i], true
}

// Live are snapshots of all.
func (list Spans) Live() []telephony.LiveSpan {
	live := make([]telephony.LiveSpan, len(list))
	for i, s := range list {
		live[i] = s.Live()
	}
	return live
}

// Configure puts a new configuration in force.
func (list Spans) Configure(c *telephony.Config) {
	for _, s := range list {
		s.Configure(c)
	}
}

// Run works the spans until the context is done, and returns when the last call has ended.
func (list Spans) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, s := range list {
		all.Go(func() { s.Run(ctx) })
	}
	all.Wait()
}

// name of the nth leg on the span.
func (s *Span) name(n uint64) string { return fmt.Sprintf("%s#%d", s.ID(), n) }
