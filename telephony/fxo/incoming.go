package fxo

import (
	"callbox/hal"
	"callbox/telephony"
)

// beginRinging is the first sign of a call. The line is not free from here on.
func (p *protocol) beginRinging() {
	p.now = p.next
	p.enter(ringing)
	p.listen(callerID)
	p.show(telephony.LineRinging, 1, "")
	p.start(ringBelief, ringBeliefTime)
	p.start(ringStop, ringStopDuringRing)
}

// watchRing winds the timer that sees ringing end. Either edge of a ring may have been lost.
func (p *protocol) watchRing(e wire) {
	switch e.FXOEvent {
	case hal.RingOn:
		p.start(ringStop, ringStopDuringRing)
	case hal.RingOff:
		p.start(ringStop, ringStopAfterRing)
	}
}

// ringing waits until the voltage has been there for long enough to be a ring.
func (p *protocol) ringing(e event) {
	switch e := e.(type) {
	case wire:
		if e.FXOEvent == hal.RingOff {
			p.odd(e)
			p.rest()
		}
	case identified:
		p.name(e.Caller)
	case expired:
		if e.Timer == ringBelief {
			p.believe()
		}
	case dial: // glare: whoever rings was first
		p.do(refuse{telephony.CauseNoChannel})
	case settings:
	default:
		p.odd(e)
	}
}

// believe decides what becomes of a ring that is one.
func (p *protocol) believe() {
	switch {
	case p.now.outOnly: // A1.17: nobody answers here
		p.refuse()
	case p.named:
		p.offer()
	default:
		p.enter(naming, ringStop)
		p.start(callerWait, callerWaitFromRing)
	}
}

// naming gives the exchange until the second ring to say who calls. An answer before that would lose the number (pain 35).
func (p *protocol) naming(e event) {
	switch e := e.(type) {
	case wire:
		p.watchRing(e)
		switch e.FXOEvent {
		case hal.RingOn: // the second ring: nothing will come any more
			p.offer()
		case hal.RingOff:
			p.start(callerWait, callerWaitAfterRing)
		}
	case identified:
		p.name(e.Caller)
		p.offer()
	case expired:
		if e.Timer == callerWait { // the second ring was lost
			p.offer()
		}
	case dial:
		p.do(refuse{telephony.CauseNoChannel})
	case settings:
	default:
		p.odd(e)
	}
}

// offer hands the call to the office.
func (p *protocol) offer() {
	p.enter(offered, ringStop)
	p.do(arrive{p.caller})
}

// offered waits for the office, for as long as the exchange rings.
func (p *protocol) offered(e event) {
	switch e := e.(type) {
	case wire:
		p.watchRing(e)
	case identified: // late, or the first ring was lost and the number came after what was the second
		if !p.named {
			p.name(e.Caller)
			p.do(tell{telephony.Identified{Caller: e.Caller}})
		}
	case expired:
		if e.Timer == ringStop { // the only sign that a caller gave up
			p.do(end{Cause: telephony.CauseNormal, Witness: telephony.ByRingStop})
			p.rest()
		}
	case answer:
		p.do(seize{})
		p.beginTaken()
	case release:
		p.do(end{Cause: e.Cause, ByBox: true})
		if e.Cause == telephony.CauseBusy {
			p.turnAway()
			return
		}
		p.refuse()
	case dial:
		p.do(refuse{telephony.CauseNoChannel})
	case settings:
	default:
		p.odd(e)
	}
}

func (p *protocol) refuse() {
	p.enter(refused, ringStop)
	p.listen(nothing)
}

// refused waits for the end of ringing that nobody will answer: a loop-start line cannot tell its exchange to stop.
func (p *protocol) refused(e event) {
	switch e := e.(type) {
	case wire:
		p.watchRing(e)
	case expired:
		if e.Timer == ringStop {
			p.rest()
		}
	case dial:
		p.do(refuse{telephony.CauseNoChannel})
	case settings:
	default:
		p.odd(e)
	}
}

// turnAway lets a caller whom the office called busy hear it (A2.7). A loop-start line has no other way to say so than to
// take the call and play the tone.
func (p *protocol) turnAway() {
	p.do(seize{})
	p.enter(turning)
	p.listen(busyTone)
	p.start(turnedAway, turnAwayTime)
}

// turning plays busy tone for a while, whatever the caller does.
func (p *protocol) turning(e event) {
	switch e := e.(type) {
	case expired:
		p.letGo()
	case dial:
		p.do(refuse{telephony.CauseNoChannel})
	case failed:
		p.odd(e)
		p.letGo()
	case wire, settings:
	default:
		p.odd(e)
	}
}
