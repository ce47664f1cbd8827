package dahdi

import (
	"errors"
	"fmt"
	"sync/atomic"

	"callbox/hal"
)

// An fxo is a line to an exchange. The kernel tells no ring for 2 s after it was released.
type fxo struct {
	*analogue
	canceller bool        // of the kernel's
	cancels   atomic.Bool // in the calls from now on
	seized    atomic.Bool
	turned    atomic.Bool // the battery, since the line was seized last

	events  *box[hal.FXOEvent] // from here on the loop's
	ringing bool
	battery bool
}

const (
	flashMS  = 90  // China's R key
	echoTaps = 128 // 16 ms, longer than any loop's echo
)

func openFXO(a *analogue, o PortOptions) (*fxo, error) {
	f := &fxo{
		analogue: a, canceller: o.EchoCanceller != "", battery: true,
		events: newBox(hal.FXOEventBox, func(e hal.FXOEvent) bool { return e == hal.RingOn || e == hal.RingOff }),
	}
	if err := f.times(flashMS, 0); err != nil {
		return nil, fmt.Errorf("%s: %w", a.name, err)
	}
	return f, set(f.fd, ioFlush, flushAll)
}

// Events tells what the exchange does.
func (f *fxo) Events() <-chan hal.FXOEvent { return f.events.out }

// CancelEcho wants the kernel's canceller in the calls from now on, or none.
func (f *fxo) CancelEcho(on bool) bool {
	f.cancels.Store(on && f.canceller)
	return on && f.canceller
}

// Seize closes the loop.
func (f *fxo) Seize() error {
	if err := f.order(hookOff); err != nil {
		return err
	}
	f.turned.Store(false)
	taps := 0
	if f.cancels.Load() {
		taps = echoTaps
	}
	f.setCanceller(taps)
	f.seized.Store(true)
	return nil
}

// Release opens the loop.
func (f *fxo) Release() error {
	if !f.seized.Swap(false) {
		return nil
	}
	f.setCanceller(0)
	return f.order(hookOn)
}

// setCanceller starts the kernel's canceller anew, or ends it.
func (f *fxo) setCanceller(taps int) {
	if f.canceller {
		_ = set(f.fd, ioEchoCancel, taps)
	}
}

// Flash is the R key. The kernel takes it from 600 ms after Seize on.
func (f *fxo) Flash() error { return f.order(hookFlash) }

// Pulse is not what these ports do: the kernel's dial stops with the next block of speech.
func (f *fxo) Pulse(string) error { return fmt.Errorf("%s: pulses: %w", f.name, errors.ErrUnsupported) }

// Say sends a block.
func (f *fxo) Say(b *hal.Block) {
	if f.seized.Load() {
		f.speech.say(b)
	}
}

// ready takes in the events of the wires.
func (f *fxo) ready(uint32) {
	for {
		switch nextEvent(f.fd) {
		case 0:
			_ = f.look() // which tells what no event does
			return
		case eventRingBegin:
			f.ring(true)
		case eventRingOffHook:
			f.ring(false)
		case eventPolarity:
			f.turn()
		}
	}
}

func (f *fxo) ring(on bool) {
	if on == f.ringing {
		return
	}
	f.ringing = on
	if on {
		f.events.tell(hal.RingOn)
	} else {
		f.events.tell(hal.RingOff)
	}
}

// turn is told by the kernel as a change alone.
func (f *fxo) turn() {
	turned := !f.turned.Load()
	f.turned.Store(turned)
	if turned {
		f.events.tell(hal.Reversed)
	} else {
		f.events.tell(hal.Normal)
	}
}

// look finds out whether the exchange feeds the line. Of a card that is gone nothing comes.
func (f *fxo) look() error {
	state, err := f.state()
	if battery := err == nil && state.hook != noLoop; battery != f.battery {
		f.battery = battery
		if battery {
			f.events.tell(hal.BatteryBack)
		} else {
			f.events.tell(hal.BatteryLost)
		}
	}
	return err
}

// tell hands over what the owner has room for now. That the battery comes back is no event, so it is looked for.
func (f *fxo) tell() bool {
	if !f.battery {
		_ = f.look()
	}
	return f.events.flush() && f.battery
}
