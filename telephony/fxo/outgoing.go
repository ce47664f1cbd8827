package fxo

import (
	"fmt"
	"slices"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// beginDialling takes the line for a call of the office's.
func (p *protocol) beginDialling(d dial) {
	switch {
	case p.cut: // not yet told as a fault
		p.do(refuse{telephony.CauseOutOfOrder})
		return
	case slices.Contains(p.running, callerKeep): // glare: the battery was turned, so a caller's number is coming and then the ring
		p.do(refuse{telephony.CauseNoChannel})
		return
	}
	p.now, p.digits = p.next, d.digits
	p.unname()
	p.enter(seizing)
	p.do(take{}, seize{})
	p.listen(tones)
	p.show(telephony.LineDialing, 1, "")
	p.start(toneWait, p.now.toneWait)
}

// seizing waits for dial tone.
func (p *protocol) seizing(e event) {
	switch e := e.(type) {
	case tone:
		switch e.Signal {
		case dsp.Dial, dsp.SpecialDial:
			p.sendDigits()
		case dsp.Busy, dsp.Congestion: // the exchange has no register free
			p.hangUp(refusal(telephony.CauseCongestion))
		}
	case expired:
		switch e.Timer {
		case toneWait: // some exchanges give none, and a noisy line hides it
			if p.now.toneWait > toneWaitLeast {
				p.do(odd(fmt.Sprintf("no dial tone in %v: dialled without", p.now.toneWait)))
			}
			p.sendDigits()
		default:
			p.attend(e)
		}
	case wire:
		if e.FXOEvent == hal.RingOn {
			p.glare()
			return
		}
		p.attend(e)
	default:
		p.attend(e)
	}
}

// glare is a ring that the seizure tripped: the caller is already connected to the box, and the outgoing call must go
// another way.
func (p *protocol) glare() {
	p.do(odd("glare: the line rang as it was seized"), end{Cause: telephony.CauseNoChannel})
	p.beginTaken()
	p.do(arrive{})
}

func (p *protocol) sendDigits() {
	p.enter(dialling)
	p.sendAs(p.digits)
}

// sendAs sends digits in the way of the line.
func (p *protocol) sendAs(digits string) {
	if p.now.pulse {
		p.do(pulse{digits})
		return
	}
	p.do(send{digits})
}

// dialling waits until the digits are out.
func (p *protocol) dialling(e event) {
	switch e := e.(type) {
	case sent:
		p.dialled()
	case wire:
		if e.FXOEvent == hal.Pulsed {
			p.dialled()
			return
		}
		p.attend(e)
	case tone: // the end of dial tone, our own digits
	default:
		p.attend(e)
	}
}

func (p *protocol) dialled() {
	p.enter(calling)
	p.rung, p.spoken = false, false
	p.listen(answers)
	p.do(tell{telephony.Progress{}})
	p.start(answerWait, answerAfterDialling)
}

// calling waits for the far end. Where the exchange turns the battery at the answer, nothing else is one. Elsewhere an
// answer is a guess, and an early one harms less than none: the two parties can hear each other in any case. It is taken
// as answered when
//   - a person, a machine, a fax or a modem is recognised (dsp.AnswerDetector),
//   - ringback tone was heard and then another sound,
//   - ringback tone was heard and has been away for 6 s, which is longer than its pause,
//   - no ringback tone but a voice was heard within 10 s of dialling (music in place of ringback tone, an announcement).
//
// A far end that makes no sound at all is left to the caller's patience. An announcement of the network that is recognised
// ends the call; the caller has heard it.
func (p *protocol) calling(e event) {
	switch e := e.(type) {
	case tone:
		p.progress(e.Signal)
	case voice:
		p.spoken = true
		if p.rung {
			p.guess()
		}
	case answering:
		p.judge(e.AnswerFinding)
	case expired:
		switch {
		case e.Timer != answerWait:
			p.attend(e)
		case p.rung || p.spoken:
			p.guess()
		default:
			p.start(answerWait, answerAfterDialling)
		}
	case wire:
		if e.FXOEvent == hal.Reversed && p.now.polarityAnswer {
			p.answered()
			return
		}
		p.attend(e)
	default:
		p.attend(e)
	}
}

// judge acts on what seems to be at the other end, where that is sure enough to act on.
func (p *protocol) judge(f dsp.AnswerFinding) {
	if f.Confidence < sureOfNotice {
		return
	}
	switch f.Answer {
	case dsp.AnswerNotice:
		p.hangUp(end{Cause: telephony.CauseNoResponse, Witness: telephony.ByNotice, Confidence: f.Confidence})
	case dsp.AnswerVoice, dsp.AnswerMachine, dsp.AnswerFax, dsp.AnswerModem:
		p.guess()
	}
}

// progress is what the exchange says of the call by a tone (GB/T 3380-1982).
func (p *protocol) progress(s dsp.Signal) {
	switch s {
	case dsp.Ringback:
		if !p.rung {
			p.do(tell{telephony.Ringing{}})
		}
		p.rung = true
		p.start(answerWait, answerAfterRingback)
	case dsp.Busy:
		p.hangUp(refusal(telephony.CauseBusy))
	case dsp.Congestion:
		p.hangUp(refusal(telephony.CauseCongestion))
	case dsp.Vacant:
		p.hangUp(refusal(telephony.CauseUnallocated))
	}
}

// refusal is the end of a call that the exchange refuses by a tone.
func refusal(c telephony.Cause) end {
	return end{Cause: c, Witness: telephony.ByBusyTone, Confidence: sureOfTone}
}

// guess takes the call as answered, where the line has no better way to say so.
func (p *protocol) guess() {
	if !p.now.polarityAnswer {
		p.answered()
	}
}

func (p *protocol) answered() {
	p.do(tell{telephony.Answered{}})
	p.beginTalking()
}
