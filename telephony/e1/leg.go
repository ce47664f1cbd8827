package e1

import (
	"sync/atomic"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/q931"
)

// The bounds of a leg's box: digits beyond the first are dropped, and what a call has once each (Ringing, Progress, Answered,
// Released) always fits.
const (
	mostDigits = 64
	legBox     = mostDigits + 8
)

// A leg is one call on the span. The span's goroutine owns what is neither constant nor atomic.
type leg struct {
	span   *Span
	name   string
	order  telephony.Order // of an outgoing leg
	ours   bool            // outgoing
	port   port
	events chan telephony.Event
	posted [4]atomic.Bool // alert, progress, answer, release: each is posted once

	ref     q931.Ref
	slot    int        // the bearer; 0: it was given up
	settled bool       // an answer to an outgoing leg's SETUP has confirmed the bearer
	setup   q931.Setup // of an incoming leg
	digits  string     // called, as far as they are known; those still to be sent of an outgoing leg
	asked   bool       // for more digits
	arrived bool       // the office has it
	heard   bool       // Progress was told
	rung    bool       // Ringing was told
	over    bool       // Released was told
}

// party is the number at the far end.
func (g *leg) party() string {
	if g.ours {
		return g.order.To
	}
	return g.setup.Calling.Digits
}

// newLeg numbers a leg; Dial calls it from any goroutine.
func (s *Span) newLeg() *leg {
	g := &leg{span: s, name: s.name(s.born.Add(1)), events: make(chan telephony.Event, legBox)}
	g.port.init(g)
	return g
}

// String is the span's id and the leg's number on it.
func (g *leg) String() string { return g.name }

// Alert sends ALERTING.
func (g *leg) Alert() { g.ask(alert, 0) }

// Progress sends PROGRESS: there is something to hear.
func (g *leg) Progress() { g.ask(progress, 0) }

// Answer sends CONNECT.
func (g *leg) Answer() { g.ask(answer, 0) }

// Release clears the call with the cause.
func (g *leg) Release(c telephony.Cause) { g.ask(release, c) }

func (g *leg) ask(kind verbKind, c telephony.Cause) {
	if !g.posted[kind-alert].Swap(true) {
		g.span.post(verb{g, kind, c})
	}
}

// Press sends digits as DTMF in place of speech. Others are dropped, and so is what comes when 16 presses wait.
func (g *leg) Press(digits string) {
	if tones, err := dsp.NewDTMF(digits); err == nil {
		select {
		case g.port.keys <- tones:
		default:
		}
	}
}

// Events tells what the far end does.
func (g *leg) Events() <-chan telephony.Event { return g.events }

// Port is the bearer's speech.
func (g *leg) Port() telephony.Port { return &g.port }

// channel is the leg's bearer, as a message names it: there is no other choice.
func (g *leg) channel() q931.Channel { return q931.Channel{Number: g.slot, Exclusive: true} }

// tell puts an event into the leg's box.
func (g *leg) tell(e telephony.Event) {
	switch e.(type) {
	case telephony.Digit:
		if g.over || len(g.events) >= mostDigits {
			return
		}
	case telephony.Ringing:
		if g.rung {
			return
		}
		g.rung = true
	}
	if !g.over {
		g.events <- e
	}
}

// early tells that there is something to hear before the answer, once.
func (g *leg) early(p []q931.Progress) {
	if !g.heard && q931.InBand(p) {
		g.heard = true
		g.tell(telephony.Progress{})
	}
}

// end is the last event.
func (g *leg) end(r telephony.Released) {
	if g.over {
		return
	}
	g.over = true
	g.port.over.Store(true)
	g.events <- r
	close(g.events)
}

// A port is the leg's end of a bearer. The media loop owns all of it but the atomics and the channel.
type port struct {
	leg   *leg
	slot  atomic.Pointer[hal.Timeslot] // nil: no bearer yet, or no more
	over  atomic.Bool
	keys  chan *dsp.DTMFGenerator
	press *dsp.DTMFGenerator // what is being sent
	echo  int                // ticks for which what is heard may be what we pressed
	dtmf  *dsp.DTMFReceiver
	own   hal.Block
}

// keysWaiting is how many presses wait for those before them; echoTicks is how long the far end's echo of one goes on.
const (
	keysWaiting = 16
	echoTicks   = 5
)

func (p *port) init(g *leg) {
	p.leg, p.keys, p.dtmf = g, make(chan *dsp.DTMFGenerator, keysWaiting), dsp.NewDTMFReceiver()
}

// Hear fills the frame with what comes over the bearer, and tells the digits in it.
func (p *port) Hear(f *telephony.Frame) {
	slot := p.slot.Load()
	if slot == nil || p.over.Load() {
		clear(f[:])
		return
	}
	(*slot).Hear((*hal.Block)(f))
	digit, ok := p.dtmf.Frame(f)
	if ok && p.echo == 0 {
		select {
		case p.leg.span.heard <- key{p.leg, digit}:
		default: // the span has not listened for seconds
		}
	}
	p.echo = max(p.echo-1, 0)
}

// Say sends the frame, or digits in its place.
func (p *port) Say(f *telephony.Frame) {
	slot := p.slot.Load()
	if slot == nil || p.over.Load() {
		return
	}
	if p.press == nil {
		select {
		case p.press = <-p.keys:
		default:
		}
	}
	if p.press == nil {
		(*slot).Say((*hal.Block)(f))
		return
	}
	if !p.press.Next((*telephony.Frame)(&p.own)) {
		p.press = nil
	}
	p.echo = echoTicks
	(*slot).Say(&p.own)
}
