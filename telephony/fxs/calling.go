package fxs

import (
	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// collect gives dial tone and waits for a number.
func (p *protocol) collect() {
	p.enter(collecting)
	p.digits = ""
	p.do(play{dsp.Dial})
	p.show(telephony.LineDialing, "")
	p.start(firstDigit, firstDigitTime)
}

// collecting takes digits until the number is whole, # ends it, or no more come.
func (p *protocol) collecting(e event) {
	switch e := e.(type) {
	case digit:
		p.dialled(e.key)
	case expired:
		if e.Timer == firstDigit {
			p.leave(dsp.Busy)
			return
		}
		p.place()
	case hook:
		switch e.FXSEvent {
		case hal.OnHook:
			p.rest()
		case hal.HookFlash:
			p.collect()
		}
	case settings:
	default:
		p.odd(e)
	}
}

func (p *protocol) dialled(key byte) {
	if p.digits == "" {
		p.do(play{})
	}
	if key == '#' && p.digits != "" {
		p.place()
		return
	}
	p.digits += string(key)
	if len(p.digits) == telephony.MaxNumberLen || p.now.whole(p.digits) {
		p.place()
		return
	}
	p.enter(collecting)
	p.start(nextDigit, nextDigitTime)
}

// place hands the call to the office.
func (p *protocol) place() {
	p.enter(waiting)
	p.do(arrive{p.digits})
}

// waiting waits for the office to connect the call, or to refuse it.
func (p *protocol) waiting(e event) {
	switch e := e.(type) {
	case alert:
		p.do(play{dsp.Ringback})
	case progress:
		p.do(play{})
	case answer:
		p.do(play{})
		p.talk()
	default:
		p.attend(e)
	}
}

// refusalTone is what a telephone hears of a call that was not to be.
func refusalTone(c telephony.Cause) dsp.Signal {
	switch c.Kind() {
	case telephony.KindBusy, telephony.KindNoAnswer:
		return dsp.Busy
	case telephony.KindVacant:
		return dsp.Vacant
	}
	return dsp.Congestion
}
