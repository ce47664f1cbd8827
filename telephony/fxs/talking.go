package fxs

import (
	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

func (p *protocol) talk() {
	p.enter(talking)
	p.show(telephony.LineTalking, "")
}

// talking joins the telephone and its party. What a flash does is the call's to say (call/flash.go).
func (p *protocol) talking(e event) {
	switch e := e.(type) {
	case hook:
		if e.FXSEvent == hal.HookFlash {
			p.do(tell{telephony.Flashed{}})
			return
		}
		p.attend(e)
	case answer, alert, progress: // of a call that is up: the office answers late
	default:
		p.attend(e)
	}
}

// attend is what waiting and talking have in common.
func (p *protocol) attend(e event) {
	switch e := e.(type) {
	case digit:
		p.do(tell{telephony.Digit{Key: e.key, InBand: true}})
	case hook:
		p.attendHook(e)
	case release:
		p.do(end{Cause: e.Cause, ByBox: true, Witness: telephony.BySignalling})
		if p.state == talking {
			p.do(open{})
			p.leave(dsp.Busy)
			return
		}
		p.leave(refusalTone(e.Cause))
	case failed:
		p.odd(e)
	case settings:
	default:
		p.odd(e)
	}
}

// attendHook ends the call. The telephone is free before its call hears of that: it may be rung for whom it left on hold.
func (p *protocol) attendHook(e hook) {
	over := end{Cause: telephony.CauseNormal, Witness: telephony.BySignalling}
	switch e.FXSEvent {
	case hal.OnHook:
		p.rest()
		p.do(over)
	case hal.HookFlash: // a call that nobody has answered, given up for another
		p.do(over)
		p.collect()
	default:
		p.odd(e)
	}
}
