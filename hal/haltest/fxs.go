package haltest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"callbox/hal"
)

// A Phone is the far end of the port under test: an analogue telephone and who uses it.
type Phone interface {
	// Lift takes the handset up.
	Lift()
	// HangUp puts it down.
	HangUp()
	// Flash presses the R key.
	Flash()
	// Ringing tells whether there is ringing voltage.
	Ringing() bool
	// Opened tells how often the loop was opened under the lifted handset, for 400 to 1100 ms each time.
	Opened() int
	// Reversed tells whether the battery is turned.
	Reversed() bool
	// Play says the samples into the handset now.
	Play(samples []int16)
	// Heard is what came to the telephone since the start, on hook too.
	Heard() []int16
}

// FXS is the suite of a telephone's port. Each case runs within in (RealTime or synctest.Test), where open gives a port
// whose telephone is on hook; what open started is stopped by t.Cleanup.
func FXS(t *testing.T, in func(*testing.T, func(*testing.T)), open func(*testing.T) (hal.FXS, Phone)) {
	for _, c := range []struct {
		name string
		test func(*fxsBench)
	}{
		{"the telephone rings as the owner has it", phoneRings},
		{"lifting and hanging up are told, each once", hook},
		{"a telephone that is lifted ends the ringing", ringTrip},
		{"a telephone that is off hook is not rung", noRingOffHook},
		{"a flash is told as one, and not as hanging up", hookFlash},
		{"speech passes both ways", phoneSpeech},
		{"a telephone hears on hook after a ring (caller ID)", onHookSpeech},
		{"the loop is opened for the other party's release", disconnect},
		{"a disconnection on hook does nothing", disconnectOnHook},
		{"the battery is turned for a telephone that counts", reversal},
		{"a telephone that hung up is rung again", rungAgain},
		{"an owner who does not listen is told the newest of the hook", slowExtension},
		{"Hear and Say of a telephone neither wait nor allocate", phoneLoop},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				port, phone := open(t)
				ticks := time.NewTicker(tick)
				defer ticks.Stop()
				c.test(&fxsBench{T: t, port: port, phone: phone, ticks: ticks.C})
			})
		})
	}
}

// An fxsBench is a port on the bench: the suite is its owner and its media loop.
type fxsBench struct {
	*testing.T
	port   hal.FXS
	phone  Phone
	ticks  <-chan time.Time
	deaf   bool // the owner takes in no events
	events []hal.FXSEvent
	said   []int16 // still to be said
	heard  []int16
}

// pass lets time pass as the box does.
func (b *fxsBench) pass(d time.Duration) {
	events := b.port.Events()
	if b.deaf {
		events = nil
	}
	for end := time.Now().Add(d); time.Now().Before(end); {
		select {
		case e := <-events:
			b.events = append(b.events, e)
		case <-b.ticks:
			b.block()
		}
	}
}

// block is one tick of the media loop.
func (b *fxsBench) block() {
	var heard, said hal.Block
	b.port.Hear(&heard)
	b.heard = append(b.heard, heard[:]...)
	b.said = b.said[copy(said[:], b.said):]
	b.port.Say(&said)
}

// await lets time pass until done, and fails after a limit.
func (b *fxsBench) await(what string, limit time.Duration, done func() bool) {
	b.Helper()
	for end := time.Now().Add(limit); !done(); {
		if time.Now().After(end) {
			b.Fatalf("%s: not in %v; events %v", what, limit, b.events)
		}
		b.pass(tick)
	}
}

// awaitEvents waits until the port has told as many events as are wanted, and then some time for more.
func (b *fxsBench) awaitEvents(want ...hal.FXSEvent) {
	b.Helper()
	b.await("the telephone to be heard of", hookLimit, func() bool { return len(b.events) >= len(want) })
	b.pass(time.Second)
	if !slices.Equal(b.events, want) {
		b.Fatalf("the port told %v, want %v", b.events, want)
	}
	b.events = nil
}

// hookLimit is longer than a driver takes to tell hanging up from a flash.
const hookLimit = 3 * time.Second

func (b *fxsBench) must(verb string, err error) {
	b.Helper()
	if err != nil {
		b.Fatalf("%s: %v", verb, err)
	}
}

// ring rings the telephone until its owner hears it.
func (b *fxsBench) ring() {
	b.Helper()
	b.must("Ring", b.port.Ring(true))
	b.await("the telephone to ring", time.Second, b.phone.Ringing)
}

// lift has the telephone off hook.
func (b *fxsBench) lift() {
	b.Helper()
	b.phone.Lift()
	b.awaitEvents(hal.OffHook)
}

func phoneRings(b *fxsBench) {
	b.pass(ringDebounce)
	for range 2 {
		b.ring()
		b.pass(time.Second)
		if !b.phone.Ringing() {
			b.Error("the ring ended by itself")
		}
		b.must("Ring", b.port.Ring(false))
		b.await("the telephone to be silent", time.Second, func() bool { return !b.phone.Ringing() })
		b.pass(2 * time.Second)
		if b.phone.Ringing() {
			b.Error("the telephone rings again by itself")
		}
	}
	if len(b.events) != 0 {
		b.Errorf("the port told %v", b.events)
	}
}

// ringDebounce is how long a line may be deaf to ringing after it was opened or hung up.
const ringDebounce = 2500 * time.Millisecond

func hook(b *fxsBench) {
	for range 2 {
		b.lift()
		b.phone.HangUp()
		b.awaitEvents(hal.OnHook)
	}
}

func ringTrip(b *fxsBench) {
	b.pass(ringDebounce)
	b.ring()
	b.lift()
	if b.phone.Ringing() {
		b.Error("the telephone rings on")
	}
	b.must("Ring", b.port.Ring(false)) // as an owner does who has not yet heard of it
	b.phone.HangUp()
	b.awaitEvents(hal.OnHook)
}

func noRingOffHook(b *fxsBench) {
	b.lift()
	if b.port.Ring(true) == nil {
		b.Error("the port agrees to ring a telephone that is off hook")
	}
	b.pass(time.Second)
	if b.phone.Ringing() {
		b.Error("it rings")
	}
}

func hookFlash(b *fxsBench) {
	b.lift()
	b.phone.Flash()
	b.awaitEvents(hal.HookFlash)
	b.phone.HangUp()
	b.awaitEvents(hal.OnHook)
}

func phoneSpeech(b *fxsBench) {
	b.lift()
	b.heard = nil
	b.phone.Play(utterance(1))
	b.said = utterance(2)
	b.pass(3 * time.Second)
	if r := resemblance(b.heard, utterance(1)); r < alike {
		b.Errorf("what the box heard resembles what was said into the telephone by %.3f, want %.3f", r, alike)
	}
	if r := resemblance(b.phone.Heard(), utterance(2)); r < alike {
		b.Errorf("what the telephone heard resembles what the box said by %.3f, want %.3f", r, alike)
	}
}

func onHookSpeech(b *fxsBench) {
	b.pass(ringDebounce)
	b.ring()
	b.must("Ring", b.port.Ring(false))
	b.pass(500 * time.Millisecond)
	b.said = utterance(3)
	b.pass(2 * time.Second)
	if r := resemblance(b.phone.Heard(), utterance(3)); r < alike {
		b.Errorf("what the telephone heard on hook resembles what the box said by %.3f, want %.3f", r, alike)
	}
}

func disconnect(b *fxsBench) {
	b.lift()
	b.must("Disconnect", b.port.Disconnect())
	b.await("the loop to open and close", 3*time.Second, func() bool { return b.phone.Opened() == 1 })
	b.phone.HangUp()
	b.awaitEvents(hal.OnHook)
}

func disconnectOnHook(b *fxsBench) {
	b.must("Disconnect", b.port.Disconnect())
	b.pass(2 * time.Second)
	b.lift()
	if b.phone.Opened() != 0 {
		b.Error("the loop was opened")
	}
}

func reversal(b *fxsBench) {
	b.lift()
	err := b.port.Reverse(true)
	if errors.Is(err, errors.ErrUnsupported) {
		b.Skip("the card cannot turn the battery")
	}
	b.must("Reverse", err)
	b.await("the battery to be turned", time.Second, b.phone.Reversed)
	b.must("Reverse", b.port.Reverse(false))
	b.await("the battery to be turned back", time.Second, func() bool { return !b.phone.Reversed() })
}

func rungAgain(b *fxsBench) {
	for range 2 {
		b.pass(ringDebounce)
		b.ring()
		b.lift()
		b.phone.HangUp()
		b.awaitEvents(hal.OnHook)
	}
}

func slowExtension(b *fxsBench) {
	b.deaf = true
	const times = hal.FXSEventBox // of lifting and hanging up: twice as many events
	for range times {
		b.phone.Lift()
		b.pass(700 * time.Millisecond) // longer than contacts bounce
		b.phone.HangUp()
		b.pass(time.Second) // longer than a flash
	}
	b.phone.Lift()
	b.pass(time.Second)
	b.deaf = false
	b.pass(time.Second)
	if n := len(b.events); n < hal.FXSEventBox || b.events[n-1] != hal.OffHook {
		b.Errorf("the port kept %d events, want %d at least, and OffHook the last of %v", n, hal.FXSEventBox, b.events)
	}
}

func phoneLoop(b *fxsBench) {
	b.lift()
	var heard, said hal.Block
	begin := time.Now()
	const runs = 50
	allocs := testing.AllocsPerRun(runs, func() {
		b.port.Hear(&heard)
		b.port.Say(&said)
	})
	if allocs != 0 {
		b.Errorf("a tick allocates %v times", allocs)
	}
	if took := time.Since(begin); took > runs*tick/2 {
		b.Errorf("%d ticks took %v: Hear or Say waits", runs, took)
	}
}
