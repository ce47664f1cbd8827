package sim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"callbox/hal"
	"callbox/telephony/dsp"
)

// ErrLineInUse refuses a call to a line that has one, or that the box has seized.
var ErrLineInUse = errors.New("the line is in use")

var errClosed = errors.New("the exchange is closed")

// inboxSize is how many events wait for a line; its goroutine never waits for anybody, so they are few.
const inboxSize = 64

// A line is one pair of wires between the exchange and the box, and the hal.FXO that the box sees. Its goroutine (run)
// owns every field that is neither a channel nor an atomic.
type line struct {
	wire
	name string
	plan dsp.Plan

	inbox   chan event
	toBox   chan hal.FXOEvent
	stop    <-chan struct{}
	called  atomic.Pointer[Party] // whom the box dialled last
	current atomic.Pointer[Party] // nil when there is no call

	service  Service // of the line
	serves   Service // of the call in progress: the line's, with the call's own faults
	chance   *rand.Rand
	pending  []hal.FXOEvent // not yet read by the box
	came     event          // the event that await returned last
	party    *Party         // who is at the far end
	reversed bool           // the battery
}

// An event is something that the box or a party did.
type event struct {
	kind    kind
	digit   byte
	party   *Party
	service Service
	reply   chan<- error
}

type kind uint8

const (
	elapsed  kind = iota // nothing happened for the time given
	stopped              // the exchange closes
	seized               // the box closed its loop
	released             // the box opened it
	flashed              // the box pressed R
	dialled              // the box sent a digit
	pulsed               // the box sent the last of its pulses
	offered              // somebody calls this line
	hungUp               // the party hung up, or gave up
	served               // the line's service changes
)

// A state is one phase of a line's life and returns the next; nil ends the line.
type state func() state

func newLine(name string, s Service, plan dsp.Plan, stop <-chan struct{}) *line {
	l := &line{
		name: name, plan: plan, service: s, stop: stop,
		inbox:  make(chan event, inboxSize),
		toBox:  make(chan hal.FXOEvent),
		chance: rand.New(rand.NewPCG(s.Faults.Seed, 1)),
	}
	l.disconnect()
	l.begin(nil)
	return l
}

func (l *line) run() {
	for s := state(l.idle); s != nil; {
		s = s()
	}
	l.end(Released)
}

// Name is "fxo/1" and so on.
func (l *line) Name() string { return l.name }

// Events tells what the exchange does on the wire.
func (l *line) Events() <-chan hal.FXOEvent { return l.toBox }

// CancelEcho leaves the echo to the owner.
func (l *line) CancelEcho(bool) bool { return false }

// Seize closes the loop: it answers a ringing line and asks an idle one for dial tone.
func (l *line) Seize() error {
	l.closed.Store(true)
	return l.post(event{kind: seized})
}

// Release opens the loop.
func (l *line) Release() error {
	l.closed.Store(false)
	return l.post(event{kind: released})
}

// Flash is the R key: it parks the other party, and brings it back.
func (l *line) Flash() error { return l.post(event{kind: flashed}) }

// Pulse dials as a dial does: 100 ms a pulse and 800 ms after each digit.
func (l *line) Pulse(digits string) error {
	if strings.Trim(digits, "0123456789") != "" {
		return fmt.Errorf("%s: pulses cannot dial %q", l.name, digits)
	}
	after := time.Duration(0)
	for _, d := range []byte(digits) {
		after += time.Duration((int(d-'0')+9)%10+1) * pulse
		time.AfterFunc(after, func() { _ = l.post(event{kind: dialled, digit: d}) })
		after += betweenPulses
	}
	time.AfterFunc(after, func() { _ = l.post(event{kind: pulsed}) })
	return nil
}

const (
	pulse         = 100 * time.Millisecond
	betweenPulses = 800 * time.Millisecond
)

func (l *line) hangUp(p *Party) { _ = l.post(event{kind: hungUp, party: p}) }

// post hands an event to the line's goroutine.
func (l *line) post(e event) error {
	select {
	case l.inbox <- e:
		return nil
	case <-l.stop:
		return errClosed
	}
}

// offer asks the line to take a call.
func (l *line) offer(p *Party) error {
	reply := make(chan error, 1)
	if err := l.post(event{kind: offered, party: p, reply: reply}); err != nil {
		return err
	}
	select {
	case err := <-reply:
		return err
	case <-l.stop:
		return errClosed
	}
}

// await lets time pass, d at most, until something happens that the state cares for, and says what; l.came has the rest.
// Meanwhile it hands the box its events and refuses calls.
func (l *line) await(d time.Duration, cares ...kind) kind {
	var timeout <-chan time.Time
	if d != forever {
		timer := time.NewTimer(d)
		defer timer.Stop()
		timeout = timer.C
	}
	for {
		var toBox chan<- hal.FXOEvent
		var next hal.FXOEvent
		if len(l.pending) > 0 {
			toBox, next = l.toBox, l.pending[0]
		}
		select {
		case toBox <- next:
			l.pending = l.pending[1:]
		case <-timeout:
			return elapsed
		case <-l.stop:
			return stopped
		case e := <-l.inbox:
			if e.kind == hungUp && e.party != l.party {
				continue // a party of a call that is over
			}
			if slices.Contains(cares, e.kind) {
				l.came = e
				return e.kind
			}
			l.passing(e)
		}
	}
}

// forever makes await wait for an event alone.
const forever = time.Duration(-1)

// passing answers an event that the state does not wait for.
func (l *line) passing(e event) {
	switch e.kind {
	case pulsed:
		l.tell(hal.Pulsed)
	case offered:
		e.reply <- ErrLineInUse
	case served:
		l.service = e.service
		l.chance = rand.New(rand.NewPCG(e.service.Faults.Seed, 1))
	}
}

// tell puts an event on the wire. When the box does not read, ringing is forgotten first and battery never.
func (l *line) tell(e hal.FXOEvent) {
	if len(l.pending) >= hal.FXOEventBox {
		if i := slices.IndexFunc(l.pending, isRing); i >= 0 {
			l.pending = slices.Delete(l.pending, i, i+1)
		}
	}
	l.pending = append(l.pending, e)
}

func isRing(e hal.FXOEvent) bool { return e == hal.RingOn || e == hal.RingOff }

// turn sets the battery's polarity and tells a change.
func (l *line) turn(reversed bool) {
	if l.reversed == reversed {
		return
	}
	l.reversed = reversed
	if reversed {
		l.tell(hal.Reversed)
	} else {
		l.tell(hal.Normal)
	}
}

// begin starts a call as the line is served now; a call may bring faults of its own.
func (l *line) begin(own *Faults) {
	l.serves = l.service
	if own != nil {
		l.serves.Faults = *own
		l.chance = rand.New(rand.NewPCG(own.Seed, 1))
	}
	l.faults.Store(newImpairment(l.serves.Faults))
}

// join puts a party at the far end.
func (l *line) join(p *Party) {
	l.party = p
	l.current.Store(p)
	p.tell(Calling)
}

// end is the party's last news.
func (l *line) end(s Stage) {
	if l.party != nil {
		l.party.end(s)
	}
	l.party = nil
	l.current.Store(nil)
}

// tone plays a tone of the national plan to the box; the register hears what it dials meanwhile, if one is given.
func (l *line) tone(s dsp.Signal, register ear) {
	l.connect(dsp.NewCadence(l.serves.tone(l.plan, s)), register)
}

// idle waits for a call from either side.
func (l *line) idle() state {
	l.end(Released)
	l.disconnect()
	l.turn(false)
	switch l.await(forever, seized, offered) {
	case seized:
		l.begin(nil)
		return l.dialTone
	case offered:
		l.came.reply <- l.accept(l.came.party)
		if l.party == nil {
			return l.idle
		}
		return l.ringing
	}
	return nil
}

// accept takes a call from outside, unless the box reads its events no more: then the battery's would pile up for ever.
func (l *line) accept(p *Party) error {
	if len(l.pending) >= hal.FXOEventBox {
		return ErrLineInUse
	}
	l.begin(p.call.Faults)
	p.ring(l)
	l.join(p)
	return nil
}
