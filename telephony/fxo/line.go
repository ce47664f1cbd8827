// Package fxo is analogue lines to a telephone exchange, where the box is the telephone. The machine (machine.go and a
// file for each phase) decides; the Line does what it says to the port, to the leg and to the office; an operator listens
// on the media loop. A line outlives its legs.
package fxo

import (
	"context"
	"sync/atomic"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/machine"
)

// Options is what a line stands on.
type Options struct {
	Port   hal.FXO
	Office telephony.Office
	// Listen has the media loop call a port once a tick, until stop. The line listens by itself while it rings, dials and
	// talks; an idle line costs nothing.
	Listen func(telephony.Port) (stop func())
	// Config is the configuration at the start; Configure brings later ones.
	Config *telephony.Config
}

// A Line is one analogue line: a telephony.Line. The goroutine in Run owns all of it but the atomics and channels.
type Line struct {
	port   hal.FXO
	office telephony.Office
	listen func(telephony.Port) (stop func())
	path   path

	config  atomic.Pointer[telephony.Config]
	changed chan struct{} // there is a new config
	verbs   chan verb
	unlearn chan struct{} // what was learned is to be forgotten
	ended   chan struct{} // Run has returned
	free    atomic.Bool   // Dial may take the line
	status  atomic.Pointer[telephony.LineStatus]
	legs    atomic.Uint64
	lesson  atomic.Pointer[lesson] // nil: no call has ended with a tone

	host    *machine.Host[event, action]
	plan    dsp.Plan
	leg     *leg // of the call in progress, or nil
	ordered *leg // of the order that the machine is looking at, or nil
	deafen  func()
	closed  bool // the loop
	learner dsp.Learner
	memory  memory

	examined chan<- *telephony.LineReport // takes the report of the exam in progress; nil: there is none
	odd      telephony.Oddities
}

// A verb is what a leg's owner asks for.
type verb struct {
	leg   *leg
	event event
}

// verbBox has room for the three verbs of many legs: each may be posted once.
const verbBox = 64

// New makes the line of a port. It refuses calls until Run.
func New(o Options) *Line {
	l := &Line{
		port: o.Port, office: o.Office, listen: o.Listen, path: path{wire: o.Port},
		changed: make(chan struct{}, 1), verbs: make(chan verb, verbBox), unlearn: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	l.config.Store(o.Config)
	l.status.Store(&telephony.LineStatus{ID: l.ID()})
	l.path.operator.Store(newOperator(nothing, nil, 0))
	return l
}

// ID is the port's name, "fxo/1".
func (l *Line) ID() string { return l.port.Name() }

// Configure puts a new configuration in force, from the next call on.
func (l *Line) Configure(c *telephony.Config) {
	l.config.Store(c)
	select {
	case l.changed <- struct{}{}:
	default: // the line will read the newest
	}
}

// settings are what the configuration says of the line. A line that it does not know works all the same.
func (l *Line) settings() settings {
	config := l.config.Load()
	l.plan = planOf(config, l.ID())
	c := config.Line(l.ID())
	if c == nil {
		c = &telephony.LineConfig{}
	}
	return settings{
		disabled: c.Disabled, outOnly: c.Way == telephony.OutOnly, polarityAnswer: c.PolarityAnswer,
		early: c.EarlyCaller, pulse: c.Dial == "pulse",
		toneWait: orUsual(c.DialToneSeconds, toneWaitTime, toneWaitLeast),
		silence:  orUsual(c.SilenceSeconds, silenceTime, 0),
	}
}

// orUsual is a time that is configured in seconds: 0 stands for the usual one, -1 for never.
func orUsual(seconds int, usual, never time.Duration) time.Duration {
	switch {
	case seconds < 0:
		return never
	case seconds == 0:
		return usual
	}
	return time.Duration(seconds) * time.Second
}

// Run works the line until the context is done. A call in progress then ends.
func (l *Line) Run(ctx context.Context) {
	defer l.shut()
	for ctx.Err() == nil {
		l.work(ctx)
	}
}

// work runs the machine from an idle line on, until the context is done or a fault of the program ends it.
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
			if !l.closed { // the end of a ring that the loop tripped says nothing
				l.memory.wire(e)
			}
			l.host.Step(wire{e})
		case f := <-l.path.operator.Load().found:
			l.found(f)
		case v := <-l.verbs:
			l.take(v)
		case <-l.unlearn:
			l.learner = dsp.Learner{}
			l.lesson.Store(nil)
		case <-l.changed:
			l.host.Step(l.settings())
		case <-l.host.Alarm():
			l.host.Expire()
		}
	}
}

// found takes in what an operator heard: most of it is for the machine.
func (l *Line) found(f finding) {
	if f.what == foundTail {
		l.learn(f.tail)
		return
	}
	l.host.Step(f.event())
}

// take gives a verb to the machine, unless its call is over.
func (l *Line) take(v verb) {
	switch e := v.event.(type) {
	case dial:
		l.ordered = v.leg
	case exam:
		if l.examined != nil {
			e.reply <- nil
			return
		}
		l.examined = e.reply
	default:
		if v.leg != l.leg {
			return
		}
	}
	l.host.Step(v.event)
}

// post hands a verb to the line. Its box has room for every verb of the legs that can be alive.
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
