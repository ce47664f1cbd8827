package sim

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// A Telephone is an ordinary telephone and whoever uses it, on a pair of wires that the box feeds: the hal.FXS that the box
// sees, and the verbs of a person. Its lock is held for a few instructions only.
type Telephone struct {
	name   string
	events chan hal.FXSEvent
	person atomic.Pointer[handset] // who speaks and hears; anew with each lifting of the handset
	shown  atomic.Pointer[dsp.CallerID]
	caller *dsp.CallerIDReceiver // the media loop's

	mu       sync.Mutex
	lifted   bool
	rings    bool
	rang     time.Time // when a ring began last
	reversed bool
	lamp     bool
	opened   int // times that the box opened the loop under the lifted handset
	answers  Answering
	after    *time.Timer // until the person lifts the handset
	talk     *time.Timer // until the person hangs up
}

// Answering is a person who answers the telephone by itself.
type Answering struct {
	After   time.Duration // of ringing; 0: never
	TalkFor time.Duration // and then hangs up; 0: when the other end has, after a while of busy tone
	Play    []int16       // what the person says
}

func newTelephone(name string) *Telephone {
	t := &Telephone{name: name, events: make(chan hal.FXSEvent, hal.FXSEventBox), caller: dsp.NewCallerIDReceiver()}
	t.sit(nil)
	return t
}

// sit puts a person at the handset.
func (t *Telephone) sit(play []int16) {
	h := newHandset(NewSpeech(play), nil, 0)
	t.person.Store(&h)
}

// The box's verbs.

// Name is "fxs/1" and so on.
func (t *Telephone) Name() string { return t.name }

// Events tells what the person does.
func (t *Telephone) Events() <-chan hal.FXSEvent { return t.events }

// Ring rings the bell, or ends that.
func (t *Telephone) Ring(on bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if on && t.lifted {
		return fmt.Errorf("%s: the telephone is off hook", t.name)
	}
	if t.rings = on; !on {
		return nil
	}
	t.rang = time.Now()
	if t.answers.After > 0 && t.after == nil {
		t.after = time.AfterFunc(t.answers.After, t.pickUp)
	}
	return nil
}

// ringPause is longer than any between two rings.
const ringPause = 6 * time.Second

// pickUp lifts the handset of a telephone that rings still.
func (t *Telephone) pickUp() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.after = nil
	if time.Since(t.rang) < ringPause {
		t.lift()
		if t.answers.TalkFor > 0 {
			t.leaveIn(t.answers.TalkFor)
		}
	}
}

// Disconnect opens the loop for a moment.
func (t *Telephone) Disconnect() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lifted {
		t.opened++
		t.leaveIn(politeness)
	}
	return nil
}

// politeness is how long a person listens to busy tone.
const politeness = 3 * time.Second

// Reverse turns the battery.
func (t *Telephone) Reverse(on bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reversed = on
	return nil
}

// Lamp lights the message lamp.
func (t *Telephone) Lamp(on bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lamp = on
	return nil
}

// Hear is what the person says.
func (t *Telephone) Hear(b *hal.Block) {
	t.mu.Lock()
	lifted := t.lifted
	t.mu.Unlock()
	if !lifted {
		clear(b[:])
		return
	}
	t.person.Load().Next((*telephony.Frame)(b))
}

// Say is what the telephone hears; on hook it looks for a caller's identity.
func (t *Telephone) Say(b *hal.Block) {
	t.mu.Lock()
	lifted := t.lifted
	t.mu.Unlock()
	t.person.Load().hear(b)
	if lifted {
		return
	}
	if id, ok := t.caller.Frame((*telephony.Frame)(b)); ok {
		t.shown.Store(&id)
	}
}

// The person's verbs. Any goroutine may call them.

// Answer has the person answer from here on.
func (t *Telephone) Answer(a Answering) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answers = a
}

// Lift takes the handset up: an answer if it rings.
func (t *Telephone) Lift() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lift()
}

func (t *Telephone) lift() {
	t.stop(&t.after)
	if t.lifted {
		return
	}
	t.lifted, t.rings, t.opened = true, false, 0
	t.sit(t.answers.Play)
	t.tell(hal.OffHook)
}

// HangUp puts the handset down.
func (t *Telephone) HangUp() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stop(&t.talk)
	if t.lifted {
		t.lifted = false
		t.shown.Store(nil)
		t.tell(hal.OnHook)
	}
}

// leaveIn has a person who answers by itself hang up.
func (t *Telephone) leaveIn(d time.Duration) {
	if t.answers.After > 0 {
		t.stop(&t.talk)
		t.talk = time.AfterFunc(d, t.HangUp)
	}
}

func (t *Telephone) stop(timer **time.Timer) {
	if *timer != nil {
		(*timer).Stop()
		*timer = nil
	}
}

// Flash presses the R key.
func (t *Telephone) Flash() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lifted {
		t.tell(hal.HookFlash)
	}
}

// tell puts an event into the box; a full one loses its oldest.
func (t *Telephone) tell(e hal.FXSEvent) {
	for {
		select {
		case t.events <- e:
			return
		default:
		}
		select {
		case <-t.events:
		default:
		}
	}
}

// Press presses keys, 0-9 A-D * # and comma for a pause of two seconds.
func (t *Telephone) Press(digits string) error { return t.person.Load().Press(digits) }

// Play has the person say samples now.
func (t *Telephone) Play(samples []int16) { t.person.Load().Say(NewSpeech(samples)) }

// Heard is what came to the telephone since the handset was lifted last, 8 kHz: the first two minutes.
func (t *Telephone) Heard() []int16 { return t.person.Load().tape.heard() }

// Shown is the caller on the telephone's display; ok is false when there is none.
func (t *Telephone) Shown() (id dsp.CallerID, ok bool) {
	if shown := t.shown.Load(); shown != nil {
		return *shown, true
	}
	return id, false
}

// Ringing tells whether the bell rings.
func (t *Telephone) Ringing() bool { return t.look(&t.rings) }

// Lifted tells whether the handset is up.
func (t *Telephone) Lifted() bool { return t.look(&t.lifted) }

// Reversed tells whether the battery is turned.
func (t *Telephone) Reversed() bool { return t.look(&t.reversed) }

// Lit tells whether the message lamp is.
func (t *Telephone) Lit() bool { return t.look(&t.lamp) }

func (t *Telephone) look(what *bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return *what
}

// Opened tells how often the box opened the loop since the handset was lifted.
func (t *Telephone) Opened() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.opened
}
