package fxs

import (
	"sync/atomic"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// The bounds of a leg's box: digits and flashes beyond the first are dropped, and what a call has once each (Ringing, Answered,
// Released) always fits.
const (
	mostNews = 64
	legBox   = mostNews + 4
)

// A leg is one call of the telephone. It is made for the call and ends with it.
type leg struct {
	line     *Line
	name     string
	call     telephony.CallID // of one that the office dialled
	port     port
	events   chan telephony.Event
	alerted  atomic.Bool
	opened   atomic.Bool
	answered atomic.Bool
	released atomic.Bool
}

func (g *leg) String() string { return g.name }

// Alert has the telephone hear ringback tone.
func (g *leg) Alert() { g.once(&g.alerted, alert{}) }

// Progress has it hear the far end.
func (g *leg) Progress() { g.once(&g.opened, progress{}) }

// Answer connects it.
func (g *leg) Answer() { g.once(&g.answered, answer{}) }

// Release ends the call; the telephone hears a tone until it is hung up.
func (g *leg) Release(c telephony.Cause) { g.once(&g.released, release{Cause: c}) }

func (g *leg) once(asked *atomic.Bool, e event) {
	if asked.CompareAndSwap(false, true) {
		g.line.post(verb{g, e})
	}
}

// Press plays digits as DTMF to the telephone, in place of speech. Others are dropped, and so is what comes when 16 presses
// wait.
func (g *leg) Press(digits string) {
	if tones, err := dsp.NewDTMF(digits); err == nil && !g.released.Load() {
		g.line.path.operator.press(tones)
	}
}

func (g *leg) Events() <-chan telephony.Event { return g.events }

func (g *leg) Port() telephony.Port { return &g.port }

// tell puts an event into the leg's box. Only the line's goroutine does.
func (g *leg) tell(e telephony.Event) {
	switch e.(type) {
	case telephony.Digit, telephony.Flashed:
		if len(g.events) >= mostNews {
			return
		}
	}
	g.events <- e
}

// end is the last event.
func (g *leg) end(r telephony.Released) {
	g.released.Store(true)
	g.events <- r
	close(g.events)
}
