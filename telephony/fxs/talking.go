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

// talking joins the telephone and its party. A flash holds the party and gives dial tone, for a word with somebody else.
func (p *protocol) talking(e event) {
	switch e := e.(type) {
	case hook:
		if e.FXSEvent == hal.HookFlash && !p.held {
			p.held = true
			p.do(tell{telephony.Held{On: true}}, hold{})
			p.collect()
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

// attendHook ends the call in use: by hanging up, or by the flash that goes back to the party on hold.
func (p *protocol) attendHook(e hook) {
	if e.FXSEvent == hal.OffHook {
		p.odd(e)
		return
	}
	p.do(end{Cause: telephony.CauseNormal, Witness: telephony.BySignalling})
	switch {
	case e.FXSEvent == hal.OnHook:
		p.hungUp()
	case p.held:
		p.back()
	default: // a call that nobody has answered, given up for another
		p.collect()
	}
}

// back is the party on hold again.
func (p *protocol) back() {
	p.held = false
	p.do(play{}, unhold{}, tell{telephony.Held{On: false}})
	p.talk()
}
