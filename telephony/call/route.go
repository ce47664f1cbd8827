package call

import (
	"callbox/telephony"
)

// The bounds of a call that is sent round in a ring.
const (
	maxHops   = 16  // without anything being heard or rung: targets that point at each other
	maxRounds = 200 // without a key or a word: nobody is there, on a line that cannot say so (pain 33)
)

// rung are the targets that answer or do not; any other is the box's own.
var rung = map[string]bool{telephony.ToPhone: true, telephony.ToAgent: true, telephony.ToOutside: true}

// route journals a decision and gives the state that carries it out.
func (c *Call) route(d telephony.Routed) state {
	c.tell(d)
	c.redials, c.failed = 0, nil
	c.stopPickers()
	if c.hops++; c.hops > maxHops {
		return c.end(telephony.OutcomeFailed, telephony.CauseTemporary)
	}
	if c.rounds++; c.rounds > maxRounds {
		return c.end(telephony.OutcomeNoAnswer, telephony.CauseNoAnswer)
	}
	if k := d.Target.Kind(); k != telephony.ToMenu && k != telephony.ToExtension && k != telephony.ToReturn {
		c.typed = "" // keys typed ahead are for the menu that follows, and for none after that
	}
	if !rung[d.Target.Kind()] {
		c.cameOfReferral(telephony.CauseNormal) // the box itself takes the call
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
	case telephony.ToRoom:
		return c.enterRoom(t.ID())
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

// send routes to a target that a rule of the configuration names; what somebody was permitted before counts no more. An
// empty target is the end with the given outcome, and so are busy tone and a hang-up. A visitor of a web site, who may be anybody
// and pays nothing, is sent outside by a person alone (A1.11).
func (c *Call) send(t telephony.Target, rule string, why telephony.Text, o telephony.Outcome, cause telephony.Cause) state {
	d := telephony.Routed{Target: t, Rule: rule, Why: why}
	c.granted = telephony.PermitNational
	switch t {
	case "":
		return c.refuse(o, cause)
	case telephony.ToBusy:
		c.tell(d)
		return c.refuse(o, telephony.CauseBusy)
	case telephony.ToHangup:
		c.tell(d)
		return c.end(o, cause)
	}
	if t.Kind() == telephony.ToOutside && c.Config.WebsiteAt(c.Arrival.Line) != nil {
		d.Why = telephony.Text{ZH: "网站访客不转外线", EN: "visitors of a web site are not sent outside"}
		c.tell(d)
		return c.refuse(telephony.OutcomeRefused, telephony.CauseForbidden)
	}
	return c.route(d)
}
