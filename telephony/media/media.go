// Package media is the matrix: it lets the parties of each call hear each other, plays sounds to them, and hands both
// directions to taps. One loop on a locked thread does all of it, in ten slots of 2 ms, so that a thousand calls are not
// due at the same instant. The matrix knows nothing about calls, and nothing it calls on the tick may wait or allocate.
package media

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"

	"callbox/telephony"
)

const (
	slots      = 10
	slotWidth  = telephony.Tick / slots
	newcomers  = 64 // bridges that may be opened during a tick before Open waits
	mostMadeUp = 10 // ticks that a late loop makes up for; what is beyond is skipped and counted
)

// A Clock paces the loop; hal.SystemClock is one, and so is the driver of an E1.
type Clock interface {
	// Ticks tells each tick of the period by the time at which it was due. A reader that is late gets one tick, and sees
	// from the next one's time how many it missed.
	Ticks(period time.Duration) (ticks <-chan time.Time, stop func())
}

// A Matrix is the media of the whole box. Set its fields before Run. Its goroutine, the one that calls Run, owns every
// bridge and party; their verbs post to it.
type Matrix struct {
	// OnPanic is told when a port, source or tap panicked. Its bridge has been closed; no other is hurt. It is called on
	// the loop and must not wait.
	OnPanic func(b *Bridge, what any, stack []byte)
	// RealTime asks for a real-time thread, takes quietly what the system allows, and sleeps on that thread: the scheduler
	// of Go needs another thread to wake a sleeper, and on a loaded machine that one is late. Leave it off under virtual
	// time, where the loop never pauses.
	RealTime bool

	clock  Clock
	opened chan *Bridge
	ended  chan struct{} // closed when Run has returned
	slots  [slots][]*Bridge
	last   time.Time // when the newest tick was due; zero after a pause
	stats  stats
}

// NewMatrix makes a matrix that is paced by the clock while a bridge is open, and sleeps otherwise.
func NewMatrix(clock Clock) *Matrix {
	return &Matrix{clock: clock, opened: make(chan *Bridge, newcomers), ended: make(chan struct{})}
}

// Open makes a bridge; the loop puts it into its emptiest slot. After Run has returned the bridge is closed from the
// start. Verbs wait while Run has not begun and the boxes are full.
func (m *Matrix) Open() *Bridge {
	b := newBridge()
	select {
	case m.opened <- b:
	case <-m.ended:
		b.end()
		return b
	}
	if isClosed(m.ended) {
		m.refuse()
	}
	return b
}

// refuse closes bridges that no loop will take any more.
func (m *Matrix) refuse() {
	for {
		select {
		case b := <-m.opened:
			b.end()
		default:
			return
		}
	}
}

// Run is the loop. It returns when the context is done, with every bridge closed; a matrix runs once.
func (m *Matrix) Run(ctx context.Context) {
	if m.RealTime { // else the thread is as good as any, and handing a locked one on costs more than a tick
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		m.stats.thread.Store(int64(unix.Gettid()))
		defer m.stats.thread.Store(0)
		defer raisePriority()()
	}
	defer m.end()
	for {
		select { // no bridge is open: nothing to do until one is
		case <-ctx.Done():
			return
		case b := <-m.opened:
			m.admit(b)
			m.beat(ctx)
		}
	}
}

func (m *Matrix) end() {
	for i := range m.slots {
		for _, b := range m.slots[i] {
			b.end()
		}
		m.slots[i] = nil
	}
	m.stats.bridges.Store(0)
	close(m.ended)
	m.refuse()
}

// beat ticks for as long as a bridge is open.
func (m *Matrix) beat(ctx context.Context) {
	ticks, stop := m.clock.Ticks(telephony.Tick)
	defer stop()
	m.last = time.Time{}
	for m.stats.bridges.Load() > 0 {
		if m.RealTime {
			sleepUntil(m.last.Add(telephony.Tick))
		}
		select {
		case <-ctx.Done():
			return
		case b := <-m.opened:
			m.admit(b)
		case t := <-ticks:
			m.sweep(t)
		}
	}
}

// sweep makes the tick that was due at t, and those missed before it.
func (m *Matrix) sweep(t time.Time) {
	for back := m.missed(t); back >= 0; back-- {
		start := t.Add(-time.Duration(back) * telephony.Tick)
		for i := range m.slots {
			if len(m.slots[i]) > 0 {
				m.await(start.Add(time.Duration(i) * slotWidth))
				m.tick(i)
			}
		}
	}
}

// missed tells how many ticks were missed before the one due at t and are worth making up: speech that came late is
// still to be said and recorded, but after a pause of the whole machine nobody wants to hear it.
func (m *Matrix) missed(t time.Time) int {
	gap := t.Sub(m.last)
	first := m.last.IsZero()
	m.last = t
	if first {
		return 0
	}
	n := max(int((gap+telephony.Tick/2)/telephony.Tick)-1, 0)
	if n > mostMadeUp {
		m.stats.skipped.Add(uint64(n - mostMadeUp))
		n = mostMadeUp
	}
	return n
}

// await sleeps until a slot is due and notes how late it then is.
func (m *Matrix) await(due time.Time) {
	if m.RealTime {
		sleepUntil(due)
	} else {
		time.Sleep(time.Until(due))
	}
	m.stats.note(time.Since(due))
}

// tick is one tick of one slot.
func (m *Matrix) tick(slot int) {
	open := m.slots[slot][:0]
	for _, b := range m.slots[slot] {
		if m.tickBridge(b); !b.over {
			open = append(open, b)
		}
	}
	closed := m.slots[slot][len(open):]
	m.stats.bridges.Add(-int64(len(closed)))
	clear(closed)
	m.slots[slot] = open
}

func (m *Matrix) tickBridge(b *Bridge) {
	defer func() {
		if what := recover(); what != nil {
			b.end()
			if m.OnPanic != nil {
				m.OnPanic(b, what, debug.Stack())
			}
		}
	}()
	b.tick()
}

// admit puts a bridge into the emptiest slot.
func (m *Matrix) admit(b *Bridge) {
	emptiest := 0
	for i := range m.slots {
		if len(m.slots[i]) < len(m.slots[emptiest]) {
			emptiest = i
		}
	}
	m.slots[emptiest] = append(m.slots[emptiest], b)
	m.stats.bridges.Add(1)
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
