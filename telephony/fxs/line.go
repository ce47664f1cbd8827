// Package fxs is the extensions whose telephones are plugged into the box: it is their exchange. The machine (machine.go and
// a file for each phase) decides; the Line does what it says to the port, to the legs and to the office; an operator listens
// on the media loop and plays the tones. A line outlives its legs.
package fxs

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/machine"
)

// Options is what a telephone's line stands on.
type Options struct {
	Port   hal.FXS
	Office telephony.Office
	// Listen has the media loop call a port once a tick, until stop. The line listens by itself from ringing to hanging up;
	// an idle telephone costs nothing.
	Listen func(telephony.Port) (stop func())
	// Whole reports whether a number that an extension dials needs no wait for more digits.
	Whole func(cfg *telephony.Config, digits string) bool
	// Messages tells whether an extension has messages to hear; it may look at a disk. Nil: there are never any.
	Messages func(extension string) bool
	// Config is the configuration at the start; Configure brings later ones.
	Config *telephony.Config
}

// A Line is one telephone: the telephony.Line of the extension whose phone names the port. The goroutine in Run owns all of
// it but the atomics and channels.
type Line struct {
	port     hal.FXS
	office   telephony.Office
	listen   func(telephony.Port) (stop func())
	whole    func(*telephony.Config, string) bool
	messages func(string) bool
	path     path

	config  atomic.Pointer[telephony.Config]
	changed chan struct{} // there is a new config
	verbs   chan verb
	ended   chan struct{} // Run has returned
	free    atomic.Bool   // Dial may take the telephone
	status  atomic.Pointer[telephony.LineStatus]
	legs    atomic.Uint64

	host    *machine.Host[event, action]
	plan    dsp.Plan
	leg     *leg // of the call in use, or nil
	ordered *leg // of the order that the machine is looking at, or nil
	deafen  func()
	lit     bool // the message lamp
	odd     telephony.Oddities
}

// A verb is what a leg's owner asks for.
type verb struct {
	leg   *leg
	event event
}

// verbBox has room for the verbs of many legs: each may be posted once.
const verbBox = 64

// New makes the line of a port. It refuses calls until Run.
func New(o Options) *Line {
	l := &Line{
		port: o.Port, office: o.Office, listen: o.Listen, whole: o.Whole, messages: o.Messages, path: path{wire: o.Port},
		changed: make(chan struct{}, 1), verbs: make(chan verb, verbBox), ended: make(chan struct{}),
	}
	l.config.Store(o.Config)
	l.status.Store(&telephony.LineStatus{})
	l.path.operator = newOperator()
	return l
}

// ID is the extension's, "phone/801", or the port's own name where nobody has it.
func (l *Line) ID() string {
	if p := l.config.Load().PhoneAt(l.port.Name()); p != nil {
		return "phone/" + p.Extension
	}
	return l.port.Name()
}

// Configure puts a new configuration in force, from the next call on.
func (l *Line) Configure(c *telephony.Config) {
	l.config.Store(c)
	select {
	case l.changed <- struct{}{}:
	default: // the line will read the newest
	}
}

// settings are what the configuration says of the telephone.
func (l *Line) settings() settings {
	config := l.config.Load()
	if l.plan = dsp.PlanOf(config.Site.Tones); l.plan == nil {
		l.plan = dsp.PlanOf("cn")
	}
	s := settings{whole: func(digits string) bool { return l.whole(config, digits) }}
	if p := config.PhoneAt(l.port.Name()); p != nil {
		s.extension = p.Extension
	}
	return s
}

// Dial rings the telephone. It refuses with Busy when it is off hook or rings already.
func (l *Line) Dial(o telephony.Order) (telephony.Leg, error) {
	if !l.free.CompareAndSwap(true, false) {
		return nil, telephony.Errorf(telephony.Busy, "分机 %s 正忙", "extension %s is busy", l.ID())
	}
	g := l.newLeg(l.ID())
	g.call = o.Call
	inside := l.config.Load().Phone(o.From.Number) != nil
	l.post(verb{g, dial{telephony.CleanCaller(o.From), inside}})
	return g, nil
}

// Run works the telephone until the context is done. A call in progress then ends.
func (l *Line) Run(ctx context.Context) {
	defer l.shut()
	for ctx.Err() == nil {
		l.work(ctx)
	}
}

// work runs the machine from on hook on, until the context is done or a fault of the program ends it.
func (l *Line) work(ctx context.Context) {
	defer l.rescue(ctx)
	p := &protocol{}
	l.host = machine.New(p.step, func(t machine.Timer) event { return expired{t} }, l.do)
	defer l.host.Close()
	l.host.Step(l.settings())
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-l.port.Events():
			l.host.Step(hook{e})
		case key := <-l.path.operator.keys:
			l.host.Step(digit{key})
		case v := <-l.verbs:
			l.take(v)
		case <-l.changed:
			l.host.Step(l.settings())
		case <-l.host.Alarm():
			l.host.Expire()
		}
	}
}

// take gives a verb to the machine, unless its call is over.
func (l *Line) take(v verb) {
	if _, order := v.event.(dial); order {
		l.ordered = v.leg
	} else if v.leg != l.leg {
		return
	}
	l.host.Step(v.event)
}

// post hands a verb to the line.
func (l *Line) post(v verb) {
	select {
	case l.verbs <- v:
	case <-l.ended:
		l.drop(v)
		return
	}
	select {
	case <-l.ended: // perhaps Run looked into the box for the last time before this verb was in it
		l.dropAll()
	default:
	}
}

// newLeg numbers a leg of the line with the id; Dial calls it from any goroutine.
func (l *Line) newLeg(id string) *leg {
	g := &leg{line: l, name: fmt.Sprintf("%s#%d", id, l.legs.Add(1)), events: make(chan telephony.Event, legBox)}
	g.port.leg, g.port.path = g, &l.path
	return g
}

// show tells the office what the telephone is doing, if that is something else than before.
func (l *Line) show(s show) {
	was := l.status.Load()
	now := telephony.LineStatus{ID: l.ID(), State: s.state, Busy: s.busy, Detail: s.detail, Since: was.Since}
	p := l.config.Load().PhoneAt(l.port.Name())
	if p == nil {
		return // whoever had it has left the configuration
	}
	if now.Name = p.Name; now != *was {
		if now.State != was.State || now.ID != was.ID {
			now.Since = time.Now()
		}
		l.status.Store(&now)
		l.office.LineChanged(now)
	}
}
