package fxo

import (
	"fmt"
	"slices"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/machine"
)

// A state is one phase in the life of an analogue line.
type state uint8

const (
	idle      state = iota
	blocked         // out of service by configuration
	faulty          // no battery: the wire is cut
	ringing         // ringing voltage that may yet be a crackle
	naming          // a ring; the caller's identity is awaited
	offered         // the office has the call and may answer
	refused         // the office does not want the call; the exchange rings on
	turning         // the loop is closed to let an unwelcome caller hear busy tone
	seizing         // the loop is closed; dial tone is awaited
	dialling        // digits are being sent
	calling         // the far end is awaited
	talking         // the call is up
	clearing        // the loop is open again; the exchange is given time to notice
	examining       // the loop is closed to measure the line; dial tone is awaited
	breaking        // a digit is sent to end dial tone
	measuring       // the line is measured
)

var stateNames = [...]string{
	"idle", "blocked", "faulty", "ringing", "naming", "offered", "refused", "turning", "seizing", "dialling", "calling", "talking", "clearing",
	"examining", "breaking", "measuring",
}

func (s state) String() string { return stateNames[s] }

// A protocol is the machine of one loop-start or kewlstart line: events in, actions out. The goroutine of its Line owns it.
type protocol struct {
	state   state
	now     settings // of the call in progress
	next    settings // of the calls after it
	cut     bool     // the battery is gone
	ring    bool     // ringing voltage is on
	digits  string   // to be dialled
	caller  telephony.Caller
	named   bool // caller is known
	hears   heard
	shows   telephony.LineState
	settled bool // a turn of the battery is a release from here on
	late    bool // dial tone is a release: the answer may have come too late
	rung    bool // ringback tone was heard
	spoken  bool // a voice was heard
	heard   []testimony

	measures telephony.LineMeasures // of the test in progress

	running []machine.Timer
	actions []action
}

// step takes in an event and returns what is to be done about it, in order.
func (p *protocol) step(e event) []action {
	p.actions = nil
	switch e := e.(type) {
	case settings:
		p.next = e
	case wire:
		p.follow(e.FXOEvent)
	case expired:
		p.forget(e.Timer)
	case exam:
		p.examine()
		return p.actions
	}
	switch p.state {
	case idle:
		p.idle(e)
	case blocked:
		p.blocked(e)
	case faulty:
		p.faulty(e)
	case ringing:
		p.ringing(e)
	case naming:
		p.naming(e)
	case offered:
		p.offered(e)
	case refused:
		p.refused(e)
	case turning:
		p.turning(e)
	case seizing:
		p.seizing(e)
	case dialling:
		p.dialling(e)
	case calling:
		p.calling(e)
	case talking:
		p.talking(e)
	case clearing:
		p.clearing(e)
	case examining:
		p.examining(e)
	case breaking:
		p.breaking(e)
	case measuring:
		p.measuring(e)
	}
	return p.actions
}

// follow keeps what the wire is like, whatever the state.
func (p *protocol) follow(e hal.FXOEvent) {
	switch e {
	case hal.RingOn, hal.RingOff:
		p.ring = e == hal.RingOn
	case hal.BatteryLost, hal.BatteryBack:
		p.cut = e == hal.BatteryLost
	}
}

func (p *protocol) do(a ...action) { p.actions = append(p.actions, a...) }

// listen changes what is listened for; a caller's identity that is half heard is not interrupted.
func (p *protocol) listen(what heard) {
	if what != p.hears || what != nothing && what != callerID {
		p.do(hear{what, p.now.silence})
	}
	p.hears = what
}

func (p *protocol) show(s telephony.LineState, busy int, detail string) {
	p.shows = s
	p.do(show{s, busy, detail})
}

func (p *protocol) odd(e event) { p.do(odd(fmt.Sprintf("%v while %v", e, p.state))) }

func (p *protocol) start(t machine.Timer, d time.Duration) {
	if !slices.Contains(p.running, t) {
		p.running = append(p.running, t)
	}
	p.do(machine.Start{Timer: t, After: d})
}

func (p *protocol) stop(t machine.Timer) {
	if p.forget(t) {
		p.do(machine.Stop{Timer: t})
	}
}

func (p *protocol) forget(t machine.Timer) (ran bool) {
	n := len(p.running)
	p.running = slices.DeleteFunc(p.running, func(r machine.Timer) bool { return r == t })
	return len(p.running) < n
}

// enter changes the state. No timer outlives its state unless the next one keeps it.
func (p *protocol) enter(s state, keep ...machine.Timer) {
	for _, t := range slices.Clone(p.running) {
		if !slices.Contains(keep, t) {
			p.stop(t)
		}
	}
	p.state = s
}

// rest is where every call ends: the line is free, unless configuration or the wire says otherwise.
func (p *protocol) rest() {
	p.now = p.next
	p.unname()
	if p.now.disabled {
		p.listen(nothing)
		p.enter(blocked)
		p.show(telephony.LineBlocked, 0, "")
		return
	}
	p.listenAtRest()
	p.enter(idle)
	p.show(telephony.LineIdle, 0, "")
	if p.cut {
		p.start(wireCut, wireCutTime)
	}
}

// listenAtRest leaves an idle line alone, unless a caller's number may come at any time.
func (p *protocol) listenAtRest() {
	if p.now.early {
		p.listen(callerID)
	} else {
		p.listen(nothing)
	}
}

func (p *protocol) name(c telephony.Caller) { p.caller, p.named = c, true }

func (p *protocol) unname() { p.caller, p.named = telephony.Caller{}, false }

func (p *protocol) idle(e event) {
	switch e := e.(type) {
	case wire:
		switch e.FXOEvent {
		case hal.RingOn:
			p.beginRinging()
		case hal.BatteryLost:
			p.start(wireCut, wireCutTime)
		case hal.BatteryBack:
			p.stop(wireCut)
		case hal.Reversed: // the caller's identity may follow, and then the ring
			p.listen(callerID)
			p.start(callerKeep, callerKeepTime)
		case hal.Normal, hal.RingOff: // a ring whose beginning was lost: the next one tells
		}
	case identified:
		p.name(e.Caller)
		p.start(callerKeep, callerKeepTime)
	case expired:
		switch e.Timer {
		case callerKeep: // no ring followed
			p.unname()
			p.listenAtRest()
		case wireCut:
			p.enter(faulty)
			p.listen(nothing)
			p.show(telephony.LineFault, 0, "no battery: the wire is cut or unplugged")
		}
	case dial:
		p.beginDialling(e)
	case settings:
		p.rest()
	default:
		p.odd(e)
	}
}

func (p *protocol) blocked(e event) {
	switch e.(type) {
	case settings:
		if !p.next.disabled {
			p.rest()
		}
	case dial:
		p.do(refuse{telephony.CauseNoChannel})
	case wire: // whoever rings is not heard
	default:
		p.odd(e)
	}
}

func (p *protocol) faulty(e event) {
	switch e := e.(type) {
	case wire:
		switch e.FXOEvent {
		case hal.BatteryBack:
			p.rest()
		case hal.RingOn: // ringing voltage comes over a wire that is whole
			p.cut = false
			p.beginRinging()
		}
	case settings:
		if p.next.disabled {
			p.rest()
		}
	case dial:
		p.do(refuse{telephony.CauseOutOfOrder})
	default:
		p.odd(e)
	}
}
