package fxo

import (
	"sync/atomic"

	"callbox/hal"
	"callbox/telephony"
)

// A path is the way that sound takes over the line. The media loop alone calls it, by way of the leg's port and of the
// stand-in; the line's goroutine only changes the operator.
type path struct {
	wire     hal.FXO
	operator atomic.Pointer[operator] // never nil
	used     bool                     // the leg's port was heard since the stand-in was
}

func (p *path) hear(f *telephony.Frame) {
	p.wire.Hear((*hal.Block)(f))
	p.operator.Load().hear(f)
}

func (p *path) say(f *telephony.Frame) {
	p.wire.Say((*hal.Block)(p.operator.Load().say(f)))
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
