package fxs

import (
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/machine"
)

// ring begins to ring the telephone.
func (p *protocol) ring(rings []time.Duration) {
	p.enter(ringing)
	p.rings, p.part = rings, 0
	p.do(listen{true}, ring{true})
	p.show(telephony.LineRinging, "")
	p.start(cadence, rings[0])
}

// ringing waits for the handset to be lifted.
func (p *protocol) ringing(e event) {
	switch e := e.(type) {
	case hook:
		if e.FXSEvent == hal.OffHook {
			p.answered()
		}
	case expired:
		p.rang(e.Timer)
	case release:
		p.do(end{Cause: e.Cause, ByBox: true, Witness: telephony.BySignalling})
		p.quiet()
	case failed:
		p.odd(e)
		p.do(end{Cause: telephony.CauseOutOfOrder})
		p.quiet()
	case digit, settings:
	default:
		p.odd(e)
	}
}

// rang moves on in the cadence, and tells the telephone who calls in the pause after the first ring.
func (p *protocol) rang(t machine.Timer) {
	switch t {
	case cadence:
		p.part++
		p.do(ring{p.part%2 == 0})
		p.start(cadence, p.rings[p.part%len(p.rings)])
		if p.part == len(p.rings)-1 {
			p.start(identity, identityAfter)
		}
	case identity:
		p.do(identify{p.caller})
	}
}

// quiet ends the ringing.
func (p *protocol) quiet() {
	p.do(ring{false})
	p.rest()
}

func (p *protocol) answered() {
	p.do(ring{false}, play{}, tell{telephony.Answered{}})
	p.talk()
}
