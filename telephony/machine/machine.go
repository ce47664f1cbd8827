// Package machine hosts pure protocol machines. A machine is a function from an event to a list of actions; it holds no
// clock, socket or device. Its timers are actions too, and their expiry is an event. A Host is the one place where such a
// machine meets package time; the goroutine that owns the Host owns the machine, and its loop is
//
//	for {
//		select {
//		case e := <-box:
//			host.Step(e)
//		case <-host.Alarm():
//			host.Expire()
//		}
//	}
package machine

import (
	"slices"
	"time"
)

// A Timer is a timer by the name that its standard gives it: "T303".
type Timer string

// Start is the action that starts a timer, anew if it runs already. After is more than zero.
type Start struct {
	Timer Timer
	After time.Duration
}

// Stop is the action that stops a timer; one that does not run stays stopped.
type Stop struct{ Timer Timer }

// A Host runs one machine of events E and actions A. All of it belongs to one goroutine.
type Host[E, A any] struct {
	step    func(E) []A
	expired func(Timer) E
	do      func(A)
	events  []E // the one that is being worked on, and those that its actions caused
	running []deadline
	alarm   *time.Timer
}

// A deadline is a running timer.
type deadline struct {
	timer Timer
	at    time.Time
}

// New makes a host for the machine step. The host itself does Start and Stop and hands every other action to do; an expiry
// becomes the machine's event by expired.
func New[E, A any](step func(E) []A, expired func(Timer) E, do func(A)) *Host[E, A] {
	h := &Host[E, A]{step: step, expired: expired, do: do, alarm: time.NewTimer(time.Hour)}
	h.alarm.Stop()
	return h
}

// Step gives the machine an event and does what it asks for. An event that do itself causes, by calling Step, waits until
// the actions before it are done.
func (h *Host[E, A]) Step(e E) {
	h.events = append(h.events, e)
	if len(h.events) > 1 {
		return
	}
	for len(h.events) > 0 {
		for _, a := range h.step(h.events[0]) {
			h.act(a)
		}
		h.events = slices.Delete(h.events, 0, 1)
	}
	h.set()
}

// Alarm tells when a timer is due: call Expire then.
func (h *Host[E, A]) Alarm() <-chan time.Time { return h.alarm.C }

// Expire gives the machine the expiries that are due, the earliest first.
func (h *Host[E, A]) Expire() {
	for now := time.Now(); len(h.running) > 0 && !h.running[0].at.After(now); {
		t := h.running[0].timer
		h.stop(t)
		h.Step(h.expired(t))
	}
	h.set()
}

// Close stops all timers.
func (h *Host[E, A]) Close() {
	h.running = nil
	h.set()
}

func (h *Host[E, A]) act(a A) {
	switch t := any(a).(type) {
	case Start:
		h.start(t)
	case Stop:
		h.stop(t.Timer)
	default:
		h.do(a)
	}
}

// start keeps the running timers in the order of their deadlines; those due at once expire in the order of their start.
func (h *Host[E, A]) start(s Start) {
	h.stop(s.Timer)
	at := time.Now().Add(s.After)
	i, _ := slices.BinarySearchFunc(h.running, at, func(d deadline, at time.Time) int {
		if d.at.After(at) {
			return 1
		}
		return -1
	})
	h.running = slices.Insert(h.running, i, deadline{s.Timer, at})
}

func (h *Host[E, A]) stop(t Timer) {
	h.running = slices.DeleteFunc(h.running, func(d deadline) bool { return d.timer == t })
}

// set winds the alarm for the timer that is due first.
func (h *Host[E, A]) set() {
	if len(h.running) == 0 {
		h.alarm.Stop()
		return
	}
	h.alarm.Reset(time.Until(h.running[0].at))
}
