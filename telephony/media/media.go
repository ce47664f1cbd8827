// Package media is the matrix: it lets the parties of each call hear each other, plays sounds to them, and hands both
// directions to taps. Loops on locked threads do all of it, each in ten slots of 2 ms, so that a thousand calls are not due
// at the same instant. The matrix knows nothing about calls, and nothing it calls on the tick may wait or allocate.
package media

import (
	"context"
	"sync"
	"time"
)

// A Clock paces the loops; hal.SystemClock is one, and so is the driver of an E1.
type Clock interface {
	// Ticks tells each tick of the period by the time at which it was due. A reader that is late gets one tick, and sees
	// from the next one's time how many it missed.
	Ticks(period time.Duration) (ticks <-chan time.Time, stop func())
}

// A Matrix is the media of the whole box. Set its fields before Run. A bridge belongs to one of its loops, which owns it and
// its parties; their verbs post to it.
type Matrix struct {
	// OnPanic is told when a port, source or tap panicked. Its bridge has been closed; no other is hurt. It is called on
	// a loop and must not wait.
	OnPanic func(b *Bridge, what any, stack []byte)
	// RealTime asks for real-time threads, takes quietly what the system allows, and sleeps on those threads: the scheduler
	// of Go needs another thread to wake a sleeper, and on a loaded machine that one is late. Leave it off under virtual
	// time, where a loop never pauses.
	RealTime bool

	clock Clock
	loops []*loop       // the first is home to every port that is not telephony.Independent
	ended chan struct{} // closed when Run has returned
}

// NewMatrix makes a matrix of so many loops, one for each processor at the most. Each is paced by the clock while it has a
// bridge, and sleeps otherwise.
func NewMatrix(clock Clock, loops int) *Matrix {
	m := &Matrix{clock: clock, ended: make(chan struct{})}
	for range loops {
		m.loops = append(m.loops, newLoop(m))
	}
	return m
}

// Open makes a bridge; the loop that has the fewest takes it up. After Run has returned the bridge is closed from the
// start. Verbs wait while Run has not begun and the boxes are full.
func (m *Matrix) Open() *Bridge {
	emptiest := m.loops[0]
	for _, l := range m.loops[1:] {
		if l.stats.bridges.Load() < emptiest.stats.bridges.Load() {
			emptiest = l
		}
	}
	b := newBridge()
	emptiest.take(b)
	return b
}

// Run runs the loops. It returns when the context is done, with every bridge closed; a matrix runs once.
func (m *Matrix) Run(ctx context.Context) {
	var running sync.WaitGroup
	for _, l := range m.loops {
		running.Go(func() { l.run(ctx) })
	}
	running.Wait()
	for _, l := range m.loops {
		l.end()
	}
	close(m.ended)
	for _, l := range m.loops {
		l.refuse()
	}
}
