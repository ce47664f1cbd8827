package call

import (
	"callbox/telephony"
)

// maxHops bounds how often a call may be sent on without anything being heard or rung, so that targets that point at each
// other end in a release.
const maxHops = 16

// route journals a decision and gives the state that carries it out.
func (c *Call) route(d telephony.Routed) state {
	c.tell(d)
	if c.hops++; c.hops > maxHops {
		return c.end(telephony.OutcomeFailed, telephony.CauseTemporary)
	}
	switch t := d.Target; t.Kind() {
	case telephony.ToMenu:
		return c.enterMenu(t.ID())
	case telephony.ToExtension:
		return c.enterExtension()
	case telephony.ToReturn:
		return c.returnToMenu()
	case telephony.ToQueue:
		return c.enterQueue(t.ID())
	case telephony.ToPhone, telephony.ToAgent, telephony.ToOutside:
		return c.ring(t)
	case telephony.ToVoicemail:
		return c.enterVoicemail(t.ID())
	case telephony.ToPrompt:
		return c.announce(t.ID())
	case telephony.ToFeature:
		return c.feature(t.ID())
	case telephony.ToBusy:
		return c.refuse(telephony.OutcomeRefused, telephony.CauseBusy)
	case telephony.ToHangup:
		return c.end(telephony.OutcomeRefused, telephony.CauseNormal)
	}
	return c.refuse(telephony.OutcomeRefused, telephony.CauseUnallocated)
}

// send routes to a target that a rule of the configuration names; an empty target is the end with the given outcome.
func (c *Call) send(t telephony.Target, rule string, why telephony.Text, o telephony.Outcome, cause telephony.Cause) state {
	if t == "" {
		return c.refuse(o, cause)
	}
	if t == telephony.ToHangup {
		return c.end(o, cause)
	}
	return c.route(telephony.Routed{Target: t, Rule: rule, Why: why})
}
