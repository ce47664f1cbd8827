package fxs

import (
	"fmt"
	"slices"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/machine"
)

// A state is one phase in the life of a telephone.
type state uint8

const (
	onHook     state = iota
	ringing          // the telephone rings
	collecting       // it is off hook and dials
	waiting          // the office has its call, and nobody has answered
	talking          // the call is up
	left             // the call is over or refused; the handset is still off
)

var stateNames = [...]string{"on hook", "ringing", "collecting", "waiting", "talking", "left"}

func (s state) String() string { return stateNames[s] }

// A protocol is the machine of one telephone: events in, actions out. The goroutine of its Line owns it.
type protocol struct {
	state  state
	now    settings // of the call in progress
	next   settings // of the calls after it
	digits string   // dialled so far
	rings  []time.Duration
	part   int // of rings
	caller telephony.Caller

	running []machine.Timer
	actions []action
}

// step takes in an event and returns what is to be done about it, in order.
func (p *protocol) step(e event) []action {
	p.actions = nil
	switch e := e.(type) {
	case settings:
		p.next = e
	case expired:
		p.forget(e.Timer)
	case dial:
		if p.state != onHook {
			p.do(refuse{telephony.CauseBusy})
			return p.actions
		}
	}
	switch p.state {
	case onHook:
		p.onHook(e)
	case ringing:
		p.ringing(e)
	case collecting:
		p.collecting(e)
	case waiting:
		p.waiting(e)
	case talking:
		p.talking(e)
	case left:
		p.left(e)
	}
	return p.actions
}

func (p *protocol) do(a ...action) { p.actions = append(p.actions, a...) }

func (p *protocol) show(s telephony.LineState, detail string) {
	busy := 1
	if s == telephony.LineIdle || s == telephony.LineOffline {
		busy = 0
	}
	p.do(show{s, busy, detail})
}

func (p *protocol) odd(e event) { p.do(odd(fmt.Sprintf("%v while %v", e, p.state))) }

func (p *protocol) start(t machine.Timer, d time.Duration) {
	if !slices.Contains(p.running, t) {
		p.running = append(p.running, t)
	}
	p.do(machine.Start{Timer: t, After: d})
}

func (p *protocol) forget(t machine.Timer) {
	p.running = slices.DeleteFunc(p.running, func(r machine.Timer) bool { return r == t })
}

// enter changes the state. No timer outlives its state.
func (p *protocol) enter(s state) {
	for _, t := range p.running {
		p.do(machine.Stop{Timer: t})
	}
	p.running = nil
	p.state = s
}

// rest is where every call ends: the handset is on its hook.
func (p *protocol) rest() {
	p.now = p.next
	p.enter(onHook)
	p.do(play{}, listen{false})
	if p.now.extension == "" {
		p.show(telephony.LineOffline, "")
		return
	}
	p.show(telephony.LineIdle, "")
	p.do(look{})
	p.start(lamp, lampTime)
}

func (p *protocol) onHook(e event) {
	switch e := e.(type) {
	case hook:
		if e.FXSEvent == hal.OffHook {
			p.lift()
		}
	case dial:
		if p.now.extension == "" { // taken from it at this moment
			p.do(refuse{telephony.CauseAbsent})
			return
		}
		p.do(take{})
		p.caller = e.caller
		p.ring(cadenceOf(e))
		p.do(tell{telephony.Ringing{}})
	case expired: // lamp
		p.do(look{})
		p.start(lamp, lampTime)
	case settings:
		p.rest()
	case digit: // of the call before
	default:
		p.odd(e)
	}
}

func cadenceOf(d dial) []time.Duration {
	if d.inside {
		return ringInside
	}
	return ringOutside
}

// lift begins a call of the telephone's.
func (p *protocol) lift() {
	p.now = p.next
	p.do(listen{true})
	if p.now.extension == "" { // no number: nobody answers for what it dials
		p.leave(dsp.Congestion)
		return
	}
	p.collect()
}

// leave plays a tone until the handset is on its hook.
func (p *protocol) leave(signal dsp.Signal) {
	p.enter(left)
	p.do(play{signal})
	p.show(telephony.LineDialing, "off hook")
	p.start(refused, refusedTime)
}

// left waits for the handset to be put down, and says so ever louder.
func (p *protocol) left(e event) {
	switch e := e.(type) {
	case hook:
		switch e.FXSEvent {
		case hal.OnHook:
			p.rest()
		case hal.HookFlash:
			p.lift()
		}
	case expired:
		switch e.Timer {
		case refused:
			p.do(play{dsp.Howler})
			p.start(howling, howlerTime)
		case howling:
			p.do(play{})
		}
	case digit, settings:
	default:
		p.odd(e)
	}
}
