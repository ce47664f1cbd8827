package sim

import (
	"sync/atomic"

	"callbox/hal"
	"callbox/telephony"
)

// A wire is the speech path of a line. The media loop alone calls Hear and Say and owns what has no atomic; the line's
// goroutine says who is at the far end.
type wire struct {
	closed atomic.Bool                // the box's loop
	far    atomic.Pointer[farEnd]     // never nil
	faults atomic.Pointer[impairment] // never nil

	said    hal.Block // what the box said last, as it reached the exchange
	through *farEnd   // the far end whose mouth has nothing more to say
}

// A farEnd is who speaks to the box and who listens to it: the exchange's tones and register, or a party.
type farEnd struct {
	mouth telephony.Source // nil: silent
	ear   ear              // nil: nobody listens
}

// An ear listens on the media loop: it neither waits nor allocates, and copies what it keeps.
type ear interface{ hear(*hal.Block) }

var nobody = &farEnd{}

// connect changes the far end, from the next tick on.
func (w *wire) connect(mouth telephony.Source, ear ear) { w.far.Store(&farEnd{mouth, ear}) }

// disconnect leaves the line silent.
func (w *wire) disconnect() { w.far.Store(nobody) }

// Hear fills the block with what arrives at the box: the far end and the faults of the line.
func (w *wire) Hear(b *hal.Block) {
	far := w.far.Load()
	switch {
	case far.mouth == nil || far == w.through:
		clear(b[:])
	case !far.mouth.Next((*telephony.Frame)(b)):
		w.through = far
	}
	w.faults.Load().spoil(b, &w.said)
}

// Say takes a block to the far end; with the loop open nothing passes.
func (w *wire) Say(b *hal.Block) {
	if !w.closed.Load() {
		clear(w.said[:])
		return
	}
	w.said = *b
	w.faults.Load().weaken(&w.said)
	if far := w.far.Load(); far.ear != nil {
		far.ear.hear(&w.said)
	}
}
