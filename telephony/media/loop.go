package media

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"

	"callbox/telephony"
	"callbox/telephony/thread"
)

const (
	slots      = 10
	slotWidth  = telephony.Tick / slots
	newcomers  = 64 // bridges that may come to a loop during a tick before Open waits
	mostMadeUp = 10 // ticks that a late loop makes up for; what is beyond is skipped and counted
)

// A loop ticks its bridges. Its goroutine owns them and their parties.
type loop struct {
	matrix *Matrix
	opened chan *Bridge
	slots  [slots][]*Bridge
	last   time.Time // when the newest tick was due; zero after a pause
	stats  stats
}

func newLoop(m *Matrix) *loop { return &loop{matrix: m, opened: make(chan *Bridge, newcomers)} }

// take has the loop take a bridge up, or ends it when none will any more.
func (l *loop) take(b *Bridge) {
	l.stats.bridges.Add(1)
	select {
	case l.opened <- b:
	case <-l.matrix.ended:
		l.drop(b)
		return
	}
	if isClosed(l.matrix.ended) {
		l.refuse()
	}
}

// refuse closes bridges that no loop will take any more.
func (l *loop) refuse() {
	for {
		select {
		case b := <-l.opened:
			l.drop(b)
		default:
			return
		}
	}
}

func (l *loop) drop(b *Bridge) {
	b.end()
	l.stats.bridges.Add(-1)
}

// run ticks until the context is done.
func (l *loop) run(ctx context.Context) {
	if l.matrix.RealTime { // else the thread is as good as any, and handing a locked one on costs more than a tick
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		l.stats.thread.Store(int64(unix.Gettid()))
		defer l.stats.thread.Store(0)
		defer thread.Raise()()
	}
	for {
		select { // no bridge is open: nothing to do until one is
		case <-ctx.Done():
			return
		case b := <-l.opened:
			l.admit(b)
			l.beat(ctx)
		}
	}
}

// end closes every bridge.
func (l *loop) end() {
	for i := range l.slots {
		for _, b := range l.slots[i] {
			l.drop(b)
		}
		l.slots[i] = nil
	}
	l.refuse()
}

// beat ticks for as long as a bridge is open.
func (l *loop) beat(ctx context.Context) {
	ticks, stop := l.matrix.clock.Ticks(telephony.Tick)
	defer stop()
	l.last = time.Time{}
	for l.stats.bridges.Load() > 0 {
		if l.matrix.RealTime {
			thread.SleepUntil(l.last.Add(telephony.Tick))
		}
		select {
		case <-ctx.Done():
			return
		case b := <-l.opened:
			l.admit(b)
		case t := <-ticks:
			l.admitNewcomers()
			l.sweep(t)
		}
	}
}

// admitNewcomers takes up all who came while the thread slept: with a tick due as well, a select would leave each to chance.
func (l *loop) admitNewcomers() {
	for range len(l.opened) {
		l.admit(<-l.opened)
	}
}

// sweep makes the tick that was due at t, and those missed before it.
func (l *loop) sweep(t time.Time) {
	back, skipped := l.missed(t)
	if skipped > 0 {
		l.skip(skipped)
	}
	for ; back >= 0; back-- {
		start := t.Add(-time.Duration(back) * telephony.Tick)
		for i := range l.slots {
			if len(l.slots[i]) > 0 {
				l.await(start.Add(time.Duration(i) * slotWidth))
				l.tick(i)
			}
		}
	}
}

// missed tells how many ticks were missed before the one due at t and are worth making up: speech that came late is
// still to be said and recorded, but after a pause of the whole machine nobody wants to hear it. Those of before are skipped.
func (l *loop) missed(t time.Time) (back, skipped int) {
	gap := t.Sub(l.last)
	first := l.last.IsZero()
	l.last = t
	if first {
		return 0, 0
	}
	back = max(int((gap+telephony.Tick/2)/telephony.Tick)-1, 0)
	skipped = max(back-mostMadeUp, 0)
	l.stats.skipped.Add(uint64(skipped))
	return back - skipped, skipped
}

// skip tells all bridges of ticks that are never made.
func (l *loop) skip(ticks int) {
	tell := func(b *Bridge) { b.skip(ticks) }
	for i := range l.slots {
		for _, b := range l.slots[i] {
			l.protect(b, tell)
		}
	}
}

// await sleeps until a slot is due and notes how late it then is.
func (l *loop) await(due time.Time) {
	if l.matrix.RealTime {
		thread.SleepUntil(due)
	} else {
		time.Sleep(time.Until(due))
	}
	l.stats.note(time.Since(due))
}

// tick is one tick of one slot.
func (l *loop) tick(slot int) {
	stay := l.slots[slot][:0]
	for _, b := range l.slots[slot] {
		if l.protect(b, (*Bridge).tick); !b.over && !l.sendHome(b) {
			stay = append(stay, b)
		}
	}
	gone := l.slots[slot][len(stay):]
	l.stats.bridges.Add(-int64(len(gone)))
	clear(gone)
	l.slots[slot] = stay
}

// sendHome gives a bridge with parties of the first loop to that one, unless its box is full; the next tick tries again.
func (l *loop) sendHome(b *Bridge) bool {
	if len(b.homesick) == 0 {
		return false
	}
	home := l.matrix.loops[0]
	home.stats.bridges.Add(1)
	select {
	case home.opened <- b:
		return true
	default:
		home.stats.bridges.Add(-1)
		return false
	}
}

// protect does something with a bridge, which a panic closes.
func (l *loop) protect(b *Bridge, do func(*Bridge)) {
	defer func() {
		if what := recover(); what != nil {
			b.end()
			if l.matrix.OnPanic != nil {
				l.matrix.OnPanic(b, what, debug.Stack())
			}
		}
	}()
	do(b)
}

// admit puts a bridge into the emptiest slot.
func (l *loop) admit(b *Bridge) {
	emptiest := 0
	for i := range l.slots {
		if len(l.slots[i]) < len(l.slots[emptiest]) {
			emptiest = i
		}
	}
	l.slots[emptiest] = append(l.slots[emptiest], b)
	if l == l.matrix.loops[0] {
		b.settle()
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
