package media

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal"
	"callbox/telephony"
)

func TestBridgesAreSpreadOverTheSlots(t *testing.T) {
	l := newLoop(NewMatrix(hal.SystemClock{}, 1))
	for range 3*slots - 1 {
		l.admit(newBridge())
	}
	l.slots[4] = nil
	l.admit(newBridge())
	if len(l.slots[4]) != 1 {
		t.Error("the emptiest slot was not chosen")
	}
	for i, s := range l.slots {
		if i != 4 && (len(s) < 2 || len(s) > 3) {
			t.Errorf("slot %d has %d bridges", i, len(s))
		}
	}
}

// A stopwatch notes when it is heard.
type stopwatch struct{ at []time.Time }

func (s *stopwatch) Hear(*telephony.Frame) { s.at = append(s.at, time.Now()) }
func (s *stopwatch) Say(*telephony.Frame)  {}

func TestSlotsAreTwoMillisecondsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMatrix(hal.SystemClock{}, 1)
		stop := run(t, m)
		var watches [slots]stopwatch
		for i := range watches {
			m.Open().Attach(&watches[i])
		}
		pass(time.Second)
		stop()
		for i := 1; i < slots; i++ {
			if apart := watches[i].at[0].Sub(watches[i-1].at[0]); apart != 2*time.Millisecond {
				t.Errorf("slot %d begins %v after the one before", i, apart)
			}
		}
		for i, at := range watches[3].at[1:] {
			if apart := at.Sub(watches[3].at[i]); apart != telephony.Tick {
				t.Errorf("tick %d comes %v after the one before", i+1, apart)
			}
		}
	})
}

// A countedClock tells how many tickers run.
type countedClock struct {
	hal.SystemClock
	running atomic.Int64
}

func (c *countedClock) Ticks(period time.Duration) (<-chan time.Time, func()) {
	c.running.Add(1)
	ticks, stop := c.SystemClock.Ticks(period)
	return ticks, func() { c.running.Add(-1); stop() }
}

func TestIdleMatrixSleeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &countedClock{}
		m := NewMatrix(clock, 1)
		run(t, m)
		for range 2 {
			b := m.Open()
			h := &handset{}
			b.Attach(h)
			pass(time.Second)
			if clock.running.Load() != 1 || h.ticks.Load() < 49 {
				t.Errorf("with a bridge: %d tickers, %d ticks", clock.running.Load(), h.ticks.Load())
			}
			b.Close()
			pass(time.Second)
			ticks := h.ticks.Load()
			pass(time.Hour)
			if clock.running.Load() != 0 || h.ticks.Load() != ticks || m.Stats().Bridges != 0 {
				t.Errorf("idle: %d tickers, %d ticks, %d bridges", clock.running.Load(), h.ticks.Load()-ticks, m.Stats().Bridges)
			}
		}
	})
}

// A handClock ticks when the test says so.
type handClock chan time.Time

func (c handClock) Ticks(time.Duration) (<-chan time.Time, func()) { return c, func() {} }

// A keeper is a tap that keeps time.
type keeper struct{ skipped atomic.Int64 }

func (k *keeper) Tap(_, _ *telephony.Frame) {}
func (k *keeper) Skip(ticks int)            { k.skipped.Add(int64(ticks)) }

func TestLateLoopMakesUpForMissedTicks(t *testing.T) {
	for _, row := range []struct {
		story          string
		gap            time.Duration
		ticks, skipped int64
	}{
		{"on time", 20 * time.Millisecond, 1, 0},
		{"a clock that drifts is followed", 20*time.Millisecond + 300*time.Microsecond, 1, 0},
		{"two missed", 60 * time.Millisecond, 3, 0},
		{"as many as are worth it", 220 * time.Millisecond, 11, 0},
		{"the machine slept", time.Hour, 11, 180_000 - 11},
		{"the clock went back", -time.Hour, 1, 0},
	} {
		t.Run(row.story, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := make(handClock)
				m := NewMatrix(clock, 1)
				run(t, m)
				h := &handset{}
				k := &keeper{}
				m.Open().Attach(h).Listen(k)
				start := time.Now()
				clock <- start
				synctest.Wait()
				h.ticks.Store(0)
				clock <- start.Add(row.gap)
				clock <- start.Add(row.gap + telephony.Tick) // taken when the sweep before is done
				h.ticks.Add(-1)
				pass(2 * time.Hour)
				if h.ticks.Load() != row.ticks || m.Stats().Skipped != uint64(row.skipped) {
					t.Errorf("%d ticks and %d skipped, want %d and %d", h.ticks.Load(), m.Stats().Skipped, row.ticks, row.skipped)
				}
				if k.skipped.Load() != row.skipped {
					t.Errorf("the tap was told of %d, want %d", k.skipped.Load(), row.skipped)
				}
			})
		})
	}
}

func TestLatenessIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := make(handClock)
		m := NewMatrix(clock, 1)
		run(t, m)
		m.Open().Attach(&handset{})
		due := time.Now()
		for _, late := range []time.Duration{0, 1500 * time.Microsecond, 7 * time.Millisecond, 30 * time.Millisecond} {
			due = due.Add(telephony.Tick)
			time.Sleep(time.Until(due.Add(late)))
			clock <- due
			synctest.Wait()
		}
		s := m.Stats()
		if want := [...]uint64{1, 1, 0, 1, 0, 1}; s.Late != want || s.Worst != 30*time.Millisecond {
			t.Errorf("late %v, worst %v", s.Late, s.Worst)
		}
	})
}

func TestAFullBoxMakesItsCallerWaitAndNotTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMatrix(hal.SystemClock{}, 1)
		run(t, m)
		b := m.Open()
		p := b.Attach(&handset{})
		pass(telephony.Tick)
		start := time.Now()
		var last <-chan struct{}
		for range 10 * verbs {
			last = p.Play(Silence(0))
		}
		if took := time.Since(start); took < 9*telephony.Tick || took > 12*telephony.Tick {
			t.Errorf("%d verbs took %v", 10*verbs, took)
		}
		<-last
	})
}

// Verbs race with the end of their bridge: each must take effect or be dropped, and none may wait for ever.
func TestVerbsRaceWithTheEnd(t *testing.T) {
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			m := NewMatrix(hal.SystemClock{}, 1)
			stop := run(t, m)
			b := m.Open()
			p := b.Attach(&handset{})
			for range 4 {
				go func() {
					for range verbs {
						<-p.Play(Silence(time.Hour))
					}
				}()
			}
			pass(telephony.Tick)
			go b.Close()
			go stop()
			for range verbs {
				<-m.Open().Attach(&handset{}).Play(Silence(time.Hour))
			}
		})
	}
}

// A bell rings when it was heard often enough.
type bell struct {
	left int
	rung chan struct{}
}

func (b *bell) Say(*telephony.Frame) {}

func (b *bell) Hear(*telephony.Frame) {
	if b.left--; b.left == 0 {
		close(b.rung)
	}
}

func TestRealTimeThreadTicksToo(t *testing.T) {
	m := NewMatrix(hal.SystemClock{}, 1)
	m.RealTime = true
	stop := run(t, m)
	first, second := &bell{5, make(chan struct{})}, &bell{5, make(chan struct{})}
	m.Open().Attach(first)
	m.Open().Attach(second)
	<-first.rung
	<-second.rung
	stop()
}

// A crowd comes to a loop while that makes its second tick, and is counted in the third.
type crowd struct {
	loop    *loop
	ticks   int
	counted chan int
}

func (c *crowd) Say(*telephony.Frame) {}

func (c *crowd) Hear(*telephony.Frame) {
	switch c.ticks++; c.ticks {
	case 2:
		for range newcomers {
			c.loop.take(newBridge())
		}
	case 3:
		n := 0
		for _, s := range c.loop.slots {
			n += len(s)
		}
		c.counted <- n
	}
}

func TestARealTimeThreadTakesUpAllWhoCameDuringItsTick(t *testing.T) {
	m := NewMatrix(hal.SystemClock{}, 1)
	m.RealTime = true
	stop := run(t, m)
	c := &crowd{loop: m.loops[0], counted: make(chan int, 1)}
	m.Open().Attach(c)
	if n := <-c.counted; n != 1+newcomers {
		t.Errorf("one bridge was there and %d came; the next tick was for %d", newcomers, n)
	}
	stop()
}
