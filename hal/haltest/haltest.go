// Package haltest is the conformance suite of the hardware: what passes here can be owned by the lines and the media loop
// of the box. A driver's test opens its device and says what stands at the far end.
package haltest

import (
	"testing"
	"time"

	"callbox/hal"
)

// An Exchange is the far end of the line under test: a telephone exchange with one caller. It rings 1 s on and 4 s off, and
// opens the loop for 500 to 1000 ms when the caller hangs up (kewlstart).
type Exchange interface {
	// Ring has the caller call the line and wait for an answer.
	Ring()
	// HangUp has the caller give up, or hang up once the line has answered.
	HangUp()
	// Talking tells whether the exchange has connected the caller: it saw the loop closed.
	Talking() bool
	// Flashed tells whether the exchange saw a hook flash.
	Flashed() bool
	// Play has the caller say the samples now.
	Play(samples []int16)
	// Heard is what the caller has heard since the answer.
	Heard() []int16
	// Polarity tells whether the exchange turns the battery at the answer and turns it back at the end.
	Polarity() bool
}

// RealTime runs the suite on devices that have a clock of their own. A driver without one is tested in virtual time, with
// synctest.Test in its place.
func RealTime(t *testing.T, f func(*testing.T)) { f(t) }

// An fxoBench is a line on the bench: the suite is its owner and its media loop.
type fxoBench struct {
	*testing.T
	line   hal.FXO
	far    Exchange
	ticks  <-chan time.Time
	deaf   bool // the owner takes in no events
	events []hal.FXOEvent
	times  []time.Time
	said   []int16 // still to be said
	heard  []int16
}

// pass lets time pass as the box does: every 20 ms the media loop hears and says, and the owner, unless he is deaf, takes
// in events.
func (b *fxoBench) pass(d time.Duration) {
	b.Helper()
	events := b.line.Events()
	if b.deaf {
		events = nil
	}
	for end := time.Now().Add(d); time.Now().Before(end); {
		select {
		case e := <-events:
			b.events, b.times = append(b.events, e), append(b.times, time.Now())
		case <-b.ticks:
			b.block()
		}
	}
}

const tick = 20 * time.Millisecond

// block is one tick of the media loop.
func (b *fxoBench) block() {
	var heard, said hal.Block
	b.line.Hear(&heard)
	b.heard = append(b.heard, heard[:]...)
	n := copy(said[:], b.said)
	b.said = b.said[n:]
	b.line.Say(&said)
}

// await lets time pass until done, and fails after a limit.
func (b *fxoBench) await(what string, limit time.Duration, done func() bool) {
	b.Helper()
	for end := time.Now().Add(limit); !done(); {
		if time.Now().After(end) {
			b.Fatalf("%s: not in %v; events %v", what, limit, b.events)
		}
		b.pass(tick)
	}
}

// awaitEvent waits for an event and forgets it with those before it.
func (b *fxoBench) awaitEvent(e hal.FXOEvent, limit time.Duration) {
	b.Helper()
	b.await(e.String(), limit, func() bool { return b.saw(e) })
	b.forget()
}

func (b *fxoBench) saw(e hal.FXOEvent) bool { return b.count(e) > 0 }

func (b *fxoBench) count(e hal.FXOEvent) (n int) {
	for _, seen := range b.events {
		if seen == e {
			n++
		}
	}
	return n
}

func (b *fxoBench) forget() { b.events, b.times = nil, nil }

func (b *fxoBench) must(verb string, err error) {
	b.Helper()
	if err != nil {
		b.Fatalf("%s: %v", verb, err)
	}
}

// answer rings the line and seizes it in the first ring.
func (b *fxoBench) answer() {
	b.Helper()
	b.far.Ring()
	b.awaitEvent(hal.RingOn, answerLimit)
	b.must("Seize", b.line.Seize())
	b.await("the exchange to connect the caller", answerLimit, b.far.Talking)
}

// answerLimit is longer than an exchange takes to ring, caller identity before the ring included, or to see the loop.
const answerLimit = 6 * time.Second
