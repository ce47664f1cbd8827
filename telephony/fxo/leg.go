package fxo

import (
	"fmt"
	"sync/atomic"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// The bounds of a leg's box: digits beyond the first are dropped, and what a call has once each (Progress, Ringing,
// Answered, Identified, Released) always fits.
const (
	mostDigits = 64
	legBox     = mostDigits + 8
)

// A leg is one call on the line. It is made for the call and ends with it.
type leg struct {
	line     *Line
	name     string
	call     telephony.CallID // of an outgoing leg
	port     port
	events   chan telephony.Event
	answered atomic.Bool
	released atomic.Bool
}

// newLeg numbers a leg; Dial calls it from any goroutine.
func (l *Line) newLeg() *leg {
	return &leg{
		line: l, name: fmt.Sprintf("%s#%d", l.port.Name(), l.legs.Add(1)),
		port: port{path: &l.path}, events: make(chan telephony.Event, legBox),
	}
}

func (g *leg) String() string { return g.name }

// Alert does nothing: the exchange plays ringback tone to the caller by itself.
func (g *leg) Alert() {}

// Progress does nothing: the loop that would carry speech is the answer.
func (g *leg) Progress() {}

func (g *leg) Answer() {
	if g.answered.CompareAndSwap(false, true) {
		g.line.post(verb{g, answer{}})
	}
}

func (g *leg) Release(c telephony.Cause) {
	if g.released.CompareAndSwap(false, true) {
		g.line.post(verb{g, release{c}})
	}
}

// Press sends digits as DTMF in place of speech; "!" is the R key. Others are dropped, and so is what comes when 16 presses
// wait.
func (g *leg) Press(digits string) {
	if digits == "!" {
		g.line.post(verb{g, flash{}})
		return
	}
	if tones, err := dsp.NewDTMF(digits); err == nil && !g.port.over.Load() {
		g.line.path.operator.Load().key(keying{DTMFGenerator: tones})
	}
}

func (g *leg) Events() <-chan telephony.Event { return g.events }

func (g *leg) Port() telephony.Port { return &g.port }

// tell puts an event into the leg's box. Only the line's goroutine does.
func (g *leg) tell(e telephony.Event) {
	if _, digit := e.(telephony.Digit); !digit || len(g.events) < mostDigits {
		g.events <- e
	}
}

// end is the last event.
func (g *leg) end(r telephony.Released) {
	g.port.over.Store(true)
	g.released.Store(true)
	g.events <- r
	close(g.events)
}
