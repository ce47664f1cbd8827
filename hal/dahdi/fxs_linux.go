package dahdi

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"callbox/hal"
)

// An fxs is a port for a telephone.
type fxs struct {
	*analogue

	events  *box[hal.FXSEvent] // the loop's
	differs time.Time          // the loop's: since when the wires are not as the events told

	mu     sync.Mutex // an order to the wires, and what it follows from
	lifted bool
	fed    bool // the kernel knows that the telephone is served
}

const (
	longFlashMS    = 700   // of telephones and private exchanges; what is longer is on hook
	longRingMS     = 60000 // the kernel's own cadence: one ring, which the owner ends
	onHookSpeechMS = 6000  // after a ring, for caller identity
	lampHighAC     = 1 << 2
)

func openFXS(a *analogue) (*fxs, error) {
	f := &fxs{analogue: a, events: newBox(hal.FXSEventBox, func(hal.FXSEvent) bool { return true })}
	err := f.times(0, longFlashMS)
	if err == nil {
		err = ioctl(f.fd, ioSetCadence, &ringCadence{longRingMS, 1})
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.name, err)
	}
	return f, set(f.fd, ioFlush, flushAll)
}

// Events tells what the telephone does.
func (f *fxs) Events() <-chan hal.FXSEvent { return f.events.out }

// Ring rings the telephone, or ends that.
func (f *fxs) Ring(on bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case on && f.lifted:
		return fmt.Errorf("%s: the telephone is off hook", f.name)
	case on:
		return f.order(hookRing)
	case f.lifted:
		return nil
	}
	err := f.order(hookRingOff)
	_ = set(f.fd, ioOnHookTransfer, onHookSpeechMS) // a card that knows no such order speaks on hook anyway
	return err
}

// Disconnect opens the loop for a while.
func (f *fxs) Disconnect() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.lifted {
		return nil
	}
	return f.order(hookOn)
}

// Reverse turns the battery.
func (f *fxs) Reverse(on bool) error {
	value := 0
	if on {
		value = 1
	}
	return f.ask(ioPolarity, value)
}

// Lamp lights a neon lamp, which has 90 V across the line; a telephone that wants to be told in FSK is the owner's.
func (f *fxs) Lamp(on bool) error {
	messages := 0
	if on {
		messages = 1
	}
	return errors.Join(f.ask(ioLampKind, lampHighAC), f.ask(ioMessages, messages))
}

// ask gives an order that not every card knows.
func (f *fxs) ask(request uint, value int) error {
	err := set(f.fd, request, value)
	if err == unix.ENOTTY || err == unix.ENOSYS {
		err = errors.ErrUnsupported
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	return nil
}

// Say sends a block.
func (f *fxs) Say(b *hal.Block) { f.speech.say(b) }

// ready takes in the events of the wires.
func (f *fxs) ready(uint32) {
	for {
		switch nextEvent(f.fd) {
		case 0:
			return
		case eventRingOffHook:
			f.lift(true)
		case eventOnHook:
			f.lift(false)
		case eventFlash, eventPulseDigit | '1': // a flash as short as China's is one pulse of a dial
			f.flash()
		}
	}
}

// flash is a short time on hook. The kernel takes it for one too when a telephone is lifted soon after it was hung up.
func (f *fxs) flash() {
	f.mu.Lock()
	lifted := f.lifted
	f.mu.Unlock()
	if !lifted {
		f.lift(true)
		return
	}
	f.events.tell(hal.HookFlash)
}

// lift follows the telephone: the kernel rings on until it is told that the telephone is served.
func (f *fxs) lift(lifted bool) {
	f.mu.Lock()
	changed := lifted != f.lifted
	f.lifted = lifted
	f.serve()
	f.mu.Unlock()
	switch {
	case changed && lifted:
		f.events.tell(hal.OffHook)
	case changed:
		f.events.tell(hal.OnHook)
	}
}

// serve tells the kernel. It takes no order for 800 ms after a disconnection, so look tries again.
func (f *fxs) serve() {
	hook := hookOn
	if f.lifted {
		hook = hookOff
	}
	if f.order(hook) == nil {
		f.fed = f.lifted
	}
}

// look finds what no event told. The kernel misses a telephone that is hung up within 300 ms of a disconnection.
func (f *fxs) look() error {
	state, err := f.state()
	if err != nil {
		return err
	}
	f.mu.Lock()
	lifted := f.lifted
	if lifted && !f.fed {
		f.serve()
	}
	f.mu.Unlock()
	switch {
	case lifted == (state.hook != noLoop):
		f.differs = time.Time{}
	case f.differs.IsZero():
		f.differs = time.Now()
	case time.Since(f.differs) > longFlashMS*time.Millisecond:
		f.lift(!lifted)
	}
	return nil
}

// tell hands over what the owner has room for now.
func (f *fxs) tell() bool { return f.events.flush() }
