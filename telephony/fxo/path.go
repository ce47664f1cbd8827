package fxo

import (
	"sync/atomic"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// A path is the way that sound takes over the line. The media loop alone calls it, by way of the leg's port and of the
// stand-in; the line's goroutine only changes the operator and the canceller.
type path struct {
	wire     hal.FXO
	operator atomic.Pointer[operator]  // never nil
	echo     atomic.Pointer[canceller] // while the loop is closed; nil: the echo stays
	used     bool                      // the leg's port was heard since the stand-in was
	before   *operator                 // who sat on the line in the last tick
	own      telephony.Frame           // what went out since the line was heard last
}

// hear gives what comes from the line. Its echo is that of the tick before at the soonest, since the line is heard before it
// is spoken to: that delay and the driver's are part of the 64 ms that the canceller spans.
func (p *path) hear(f *telephony.Frame) {
	p.wire.Hear((*hal.Block)(f))
	o := p.shift()
	if o.tail != nil {
		o.tail.Frame(f)
	}
	if c := p.echo.Load(); c != nil {
		o.hearWire(f)
		c.Cancel(f, &p.own)
		if lossDB, ok := c.learned(); ok {
			o.tell(finding{what: foundEcho, lossDB: lossDB})
		}
	}
	clear(p.own[:])
	o.hear(f)
}

// shift is the operator of this tick. Who follows upon one that listened to a call hands on what it heard last: the call is
// over, and nobody adds to it.
func (p *path) shift() *operator {
	o := p.operator.Load()
	if p.before != nil && p.before != o && p.before.tail != nil {
		o.tell(finding{what: foundTail, tail: p.before.tail})
	}
	p.before = o
	return o
}

func (p *path) say(f *telephony.Frame) {
	p.own = *p.operator.Load().say(f)
	p.wire.Say((*hal.Block)(&p.own))
}

// A canceller takes out the echo of one call. The media loop owns it once it is in the path.
type canceller struct {
	*dsp.EchoCanceller
	ticks int
	told  bool
}

// The path is known when the call has lasted for so long and an echo was found.
const (
	echoKnown = int(10 * time.Second / telephony.Tick)
	noEchoDB  = 60
)

// learned gives the return loss once in a call, when it is known.
func (c *canceller) learned() (lossDB float64, ok bool) {
	if c.ticks++; c.told || c.ticks < echoKnown || c.ticks%secondTicks != 0 {
		return 0, false
	}
	lossDB = c.ReturnLossDB()
	c.told = lossDB < noEchoDB
	return lossDB, c.told
}

// A standIn is the line's own port, for the times at which nobody has the leg's: before a call is offered, and while it
// waits for a bridge. It keeps quiet as long as the leg's port is heard.
type standIn struct {
	path *path
	mine bool // in this tick
}

// Hear listens in place of the leg's port; the matrix gets silence.
func (s *standIn) Hear(f *telephony.Frame) {
	if s.mine = !s.path.used; s.mine {
		s.path.hear(f)
	}
	s.path.used = false
	clear(f[:])
}

// Say lets the operator key digits.
func (s *standIn) Say(f *telephony.Frame) {
	if s.mine {
		s.path.say(f)
	}
}

// A port is the leg's: the far end's mouth and ear until the leg is released, and silence afterwards.
type port struct {
	path *path
	over atomic.Bool
}

// Hear fills the frame with what comes from the line.
func (p *port) Hear(f *telephony.Frame) {
	if p.over.Load() {
		clear(f[:])
		return
	}
	p.path.used = true
	p.path.hear(f)
}

// Say sends the frame to the line, or digits in its place.
func (p *port) Say(f *telephony.Frame) {
	if !p.over.Load() {
		p.path.say(f)
	}
}
