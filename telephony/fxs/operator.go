package fxs

import (
	"sync/atomic"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// An operator sits on the telephone's line: it hears keys, and plays tones and digits in place of speech. The media loop owns
// it; others reach it through its boxes.
type operator struct {
	keys    chan byte               // that the telephone pressed
	presses chan *dsp.DTMFGenerator // to be played to it
	playing atomic.Pointer[playing] // in place of speech; nil: nothing

	dtmf     *dsp.DTMFReceiver
	pressing *dsp.DTMFGenerator
	own      telephony.Frame
}

// A playing is a sound that is played to its end.
type playing struct{ telephony.Source }

// The bounds of an operator's boxes: a key lasts 80 ms at least, and the line's goroutine never waits.
const (
	mostKeys    = 32
	mostPresses = 16
)

func newOperator() *operator {
	return &operator{
		keys: make(chan byte, mostKeys), presses: make(chan *dsp.DTMFGenerator, mostPresses), dtmf: dsp.NewDTMFReceiver(),
	}
}

// play plays a sound from the next tick on; nil ends it.
func (o *operator) play(s telephony.Source) {
	if s == nil {
		o.playing.Store(nil)
		return
	}
	o.playing.Store(&playing{s})
}

// press queues digits; those for which there is no room are dropped.
func (o *operator) press(tones *dsp.DTMFGenerator) {
	select {
	case o.presses <- tones:
	default:
	}
}

// hear takes in 20 ms of the telephone.
func (o *operator) hear(f *telephony.Frame) {
	key, ok := o.dtmf.Frame(f)
	if !ok {
		return
	}
	select {
	case o.keys <- key:
	default: // nobody has listened for 32 keys: the line is going down
	}
}

// say gives the frame that goes out: f, or a tone or digits in its place.
func (o *operator) say(f *telephony.Frame) *telephony.Frame {
	if p := o.playing.Load(); p != nil {
		if !p.Next(&o.own) {
			o.playing.CompareAndSwap(p, nil)
		}
		return &o.own
	}
	if o.pressing == nil {
		select {
		case o.pressing = <-o.presses:
		default:
			return f
		}
	}
	if !o.pressing.Next(&o.own) {
		o.pressing = nil
	}
	return &o.own
}

// A path is the way that sound takes to the telephone. The media loop alone calls it, by way of the port of the leg in use
// and of the stand-in.
type path struct {
	wire     hal.FXS
	operator *operator
	owner    atomic.Pointer[leg] // the leg in use, or nil
	used     bool                // its port was heard since the stand-in was
}

func (p *path) hear(f *telephony.Frame) {
	p.wire.Hear((*hal.Block)(f))
	p.operator.hear(f)
}

func (p *path) say(f *telephony.Frame) { p.wire.Say((*hal.Block)(p.operator.say(f))) }

// A standIn is the line's own port, for the times at which no leg's is used: while the telephone rings or dials. It keeps
// quiet as long as one is.
type standIn struct {
	path *path
	mine bool // in this tick
}

// Hear listens in place of a leg's port; the matrix gets silence.
func (s *standIn) Hear(f *telephony.Frame) {
	if s.mine = !s.path.used; s.mine {
		s.path.hear(f)
	}
	s.path.used = false
	clear(f[:])
}

// Say lets the operator play.
func (s *standIn) Say(f *telephony.Frame) {
	if s.mine {
		s.path.say(f)
	}
}

// A port is a leg's: the telephone while the leg is the one in use, and silence otherwise.
type port struct {
	leg  *leg
	path *path
}

// Hear fills the frame with what comes from the telephone.
func (p *port) Hear(f *telephony.Frame) {
	if p.path.owner.Load() != p.leg {
		clear(f[:])
		return
	}
	p.path.used = true
	p.path.hear(f)
}

// Say lets the telephone hear the frame, unless the operator plays something.
func (p *port) Say(f *telephony.Frame) {
	if p.path.owner.Load() == p.leg {
		p.path.say(f)
	}
}
