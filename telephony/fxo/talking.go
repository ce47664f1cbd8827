package fxo

import (
	"fmt"

	"callbox/hal"
	"callbox/telephony"
)

func (p *protocol) beginTalking() {
	p.enter(talking)
	p.settled, p.late, p.heard = true, false, nil
	p.listen(speech)
	p.show(telephony.LineTalking, 1, "")
}

// beginTaken is the beginning of a call that came in.
func (p *protocol) beginTaken() {
	p.beginTalking()
	p.settled, p.late = false, true
	p.start(turnSettle, turnSettleTime)
	p.start(lateAnswer, lateAnswerTime)
}

// talking waits for the end of the call. Most lines in China have busy tone only, so each witness may be the only one
// (testify).
func (p *protocol) talking(e event) {
	switch e := e.(type) {
	case digit:
		p.do(tell{telephony.Digit{Key: e.key, InBand: true}})
	case waits:
		p.do(tell{telephony.CallWaits{Caller: e.Caller}})
	case measured:
		p.show(telephony.LineTalking, 1, fmt.Sprintf("echo return loss %.0f dB", e.returnLossDB))
	case flash:
		p.do(press{})
	case tone:
		if w, confidence := toneConfidence(e, p.late); w != "" {
			p.testify(w, confidence)
		}
	case silent: // no other witness came, and nobody is there
		p.hangUp(end{Cause: telephony.CauseNormal, Witness: telephony.BySilence, Confidence: sureOfSilence})
	case wire:
		p.talkingWire(e)
	case expired:
		switch e.Timer {
		case turnSettle:
			p.settled = true
		case lateAnswer:
			p.late = false
		case doubted:
			p.heard = nil
		default:
			p.attend(e)
		}
	case answer: // a call that glare has answered already
	default:
		p.attend(e)
	}
}

// talkingWire looks for a turn of the battery.
func (p *protocol) talkingWire(e wire) {
	turned := e.FXOEvent == hal.Reversed || e.FXOEvent == hal.Normal
	switch {
	case !turned:
		p.attend(e)
	case !p.settled: // the exchange answers the answer
	case p.now.polarityAnswer:
		p.testify(telephony.ByPolarity, sureOfPolarity)
	default:
		p.testify(telephony.ByPolarity, sureOfTurn)
	}
}

// attend is what every state with a closed loop has to do.
func (p *protocol) attend(e event) {
	switch e := e.(type) {
	case wire:
		p.attendWire(e)
	case expired:
		if e.Timer == loopDrop {
			p.hangUp(end{Cause: telephony.CauseNormal, Witness: telephony.ByLoopDrop, Confidence: sureOfLoopDrop})
		}
	case release:
		p.hangUp(end{Cause: e.Cause, ByBox: true})
	case failed:
		p.odd(e)
		p.hangUp(end{Cause: telephony.CauseOutOfOrder})
	case dial:
		p.do(refuse{telephony.CauseNoChannel})
	case settings, flash, measured:
	default:
		p.odd(e)
	}
}

func (p *protocol) attendWire(e wire) {
	switch e.FXOEvent {
	case hal.BatteryLost:
		p.start(loopDrop, loopDropTime)
	case hal.BatteryBack: // a crackle
		p.stop(loopDrop)
	case hal.RingOn, hal.Pulsed: // no exchange rings a closed loop
		p.odd(e)
	case hal.RingOff, hal.Reversed, hal.Normal:
		// The end of the ring that the loop tripped; a turn on a line where that says nothing.
	}
}

// hangUp opens the loop and tells the leg's owner why.
func (p *protocol) hangUp(why end) { p.letGo(why) }

// letGo opens the loop, tells who is to know, and gives the exchange its time.
func (p *protocol) letGo(told ...action) {
	p.enter(clearing)
	p.unname()
	p.ring = false
	p.do(open{})
	p.do(told...)
	p.listen(callerID)
	p.show(p.shows, 0, "clearing")
	p.start(guard, guardTime)
}

// clearing gives the exchange time to see the open loop: a line that is seized too soon is still in the old call. A ring
// meanwhile is the next caller.
func (p *protocol) clearing(e event) {
	switch e := e.(type) {
	case expired:
		if p.ring && !p.next.disabled {
			p.beginRinging()
			return
		}
		p.rest()
	case identified: // of the next call
		p.name(e.Caller)
	case dial:
		p.do(refuse{telephony.CauseNoChannel})
	case failed:
		p.odd(e)
	case wire, settings, measured:
	default:
		p.odd(e)
	}
}
