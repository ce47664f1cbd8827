package haltest

import (
	"slices"
	"testing"
	"time"

	"callbox/hal"
)

// FXO is the suite of an analogue line. Each case runs within in (RealTime or synctest.Test), where open gives a line at
// rest and its far end; what open started is stopped by t.Cleanup.
func FXO(t *testing.T, in func(*testing.T, func(*testing.T)), open func(*testing.T) (hal.FXO, Exchange)) {
	for _, c := range []struct {
		name string
		test func(*fxoBench)
	}{
		{"a ring is told as it begins and as it ends", ringing},
		{"ringing stops when the caller gives up", givingUp},
		{"closing the loop answers and ends the ringing", seizing},
		{"opening the loop of a line that rings does nothing", releaseWhileRinging},
		{"speech passes both ways", speech},
		{"nothing is said into an open loop", openLoop},
		{"a hook flash is seen as one", flash},
		{"the battery's turns are told", polarity},
		{"the loop that the exchange opens is told, and its closing", battery},
		{"a line that was released takes the next call", nextCall},
		{"an owner who does not listen loses old rings and no battery event", slowOwner},
		{"Hear and Say neither wait nor allocate", mediaLoop},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				line, far := open(t)
				ticks := time.NewTicker(tick)
				defer ticks.Stop()
				c.test(&fxoBench{T: t, line: line, far: far, ticks: ticks.C})
			})
		})
	}
}

// ringing is China's cadence of 1 s and 4 s, each +/- 10 % (GB/T 3380-1982), and as much again for the driver's debounce.
func ringing(b *fxoBench) {
	b.far.Ring()
	b.pass(12 * time.Second)
	rings := []hal.FXOEvent{hal.RingOn, hal.RingOff, hal.RingOn, hal.RingOff}
	from := slices.Index(b.events, hal.RingOn)
	if from < 0 || len(b.events) < from+4 || !slices.Equal(b.events[from:from+4], rings) {
		b.Fatalf("in 12 s of ringing the line told %v, want %v", b.events, rings)
	}
	for i, want := range []time.Duration{time.Second, 4 * time.Second, time.Second} {
		got := b.times[from+i+1].Sub(b.times[from+i])
		if got < want*8/10 || got > want*12/10 {
			b.Errorf("%v after %v: want %v", rings[i+1], got, want)
		}
	}
}

func givingUp(b *fxoBench) {
	b.far.Ring()
	b.awaitEvent(hal.RingOn, answerLimit)
	b.awaitEvent(hal.RingOff, 2*time.Second)
	b.far.HangUp()
	b.pass(10 * time.Second)
	if b.saw(hal.RingOn) {
		b.Error("the line rings on")
	}
}

func seizing(b *fxoBench) {
	b.answer()
	b.pass(10 * time.Second)
	if b.saw(hal.RingOn) {
		b.Error("the line rings on after the answer")
	}
	if !b.saw(hal.RingOff) {
		b.Error("the end of the ring that the answer tripped was not told")
	}
}

func releaseWhileRinging(b *fxoBench) {
	b.far.Ring()
	b.awaitEvent(hal.RingOn, answerLimit)
	b.must("Release", b.line.Release())
	b.awaitEvent(hal.RingOn, answerLimit)
	if b.far.Talking() {
		b.Error("the exchange took it for an answer")
	}
	b.must("Seize", b.line.Seize())
	b.await("the exchange to connect the caller", answerLimit, b.far.Talking)
}

// speech: the clock of the bench and that of the line are two, and a block may slip in one conversation. It does not in each of
// three.
func speech(b *fxoBench) {
	b.answer()
	heard, told := 0.0, 0.0
	for n := uint64(1); n <= 5 && (heard < alike || told < alike); n += 2 {
		caller, box := utterance(n), utterance(n+1)
		b.heard = nil
		b.far.Play(caller)
		b.said = slices.Clone(box)
		b.pass(3 * time.Second)
		heard, told = resemblance(b.heard, caller), resemblance(b.far.Heard(), box)
	}
	if heard < alike {
		b.Errorf("what the box heard resembles what the caller said by %.3f, want %.3f", heard, alike)
	}
	if told < alike {
		b.Errorf("what the caller heard resembles what the box said by %.3f, want %.3f", told, alike)
	}
}

func openLoop(b *fxoBench) {
	b.said = utterance(3)
	b.pass(time.Second)
	b.said = nil
	b.answer()
	b.pass(2 * time.Second)
	if r := resemblance(b.far.Heard(), utterance(3)); r > unlike {
		b.Errorf("what the caller heard resembles by %.3f what was said before the loop was closed", r)
	}
}

func flash(b *fxoBench) {
	b.answer()
	b.pass(time.Second)
	b.must("Flash", b.line.Flash())
	b.await("the exchange to see the flash", 2*time.Second, b.far.Flashed)
}

func polarity(b *fxoBench) {
	if !b.far.Polarity() {
		b.Skip("the far end cannot turn the battery")
	}
	b.answer()
	b.awaitEvent(hal.Reversed, 2*time.Second)
	b.far.HangUp()
	b.awaitEvent(hal.Normal, 2*time.Second)
}

// battery is kewlstart: the loop is open for 500 to 1000 ms (signalling.md 6.7).
func battery(b *fxoBench) {
	b.answer()
	b.pass(time.Second)
	b.far.HangUp()
	b.await("the loop to open", 2*time.Second, func() bool { return b.saw(hal.BatteryLost) })
	b.await("the loop to close", 2*time.Second, func() bool { return b.saw(hal.BatteryBack) })
	lost, back := slices.Index(b.events, hal.BatteryLost), slices.Index(b.events, hal.BatteryBack)
	if open := b.times[back].Sub(b.times[lost]); open < 400*time.Millisecond || open > 1100*time.Millisecond {
		b.Errorf("the loop was open for %v", open)
	}
}

func nextCall(b *fxoBench) {
	for range 2 {
		b.answer()
		b.pass(time.Second)
		b.must("Release", b.line.Release())
		b.await("the exchange to see the release", 3*time.Second, func() bool { return !b.far.Talking() })
		b.pass(3 * time.Second)
		b.forget()
	}
}

// slowOwner lets a line ring for longer than its box of events is deep.
func slowOwner(b *fxoBench) {
	const ring = 5 * time.Second
	b.deaf = true
	b.far.Ring()
	b.pass(hal.FXOEventBox/2*ring + 2*ring)
	b.must("Seize", b.line.Seize())
	b.await("the exchange to connect the caller", answerLimit, b.far.Talking)
	b.pass(time.Second)
	b.far.HangUp()
	b.pass(3 * time.Second)
	b.deaf = false
	b.pass(time.Second)
	if len(b.events) < hal.FXOEventBox {
		b.Errorf("the line kept %d events, want %d at least", len(b.events), hal.FXOEventBox)
	}
	want := []hal.FXOEvent{hal.BatteryLost, hal.BatteryBack}
	if b.far.Polarity() {
		want = append([]hal.FXOEvent{hal.Reversed, hal.Normal}, want...)
	}
	got := slices.DeleteFunc(slices.Clone(b.events), func(e hal.FXOEvent) bool { return e == hal.RingOn || e == hal.RingOff })
	if !slices.Equal(got, want) {
		b.Errorf("of the battery the line told %v, want %v", got, want)
	}
}

// mediaLoop calls in a row what is due in 20 ms each: a driver has silence for who comes too early.
func mediaLoop(b *fxoBench) {
	b.answer()
	b.pass(time.Second)
	var heard, said hal.Block
	begin := time.Now()
	const runs = 50
	allocs := testing.AllocsPerRun(runs, func() {
		b.line.Hear(&heard)
		b.line.Say(&said)
	})
	if allocs != 0 {
		b.Errorf("a tick allocates %v times", allocs)
	}
	if took := time.Since(begin); took > runs*tick/2 {
		b.Errorf("%d ticks took %v: Hear or Say waits", runs, took)
	}
}
