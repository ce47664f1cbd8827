package call

import (
	"time"

	"callbox/telephony"
)

// talk joins the caller and the party that answered.
func (c *Call) talk(p *party) state {
	c.answer()
	c.hush()
	c.bridge.Join(c.caller.media, p.media)
	c.reached(p)
	p.talked, c.rounds = true, 0
	if c.live.Talking.IsZero() {
		c.live.Talking = time.Now()
	}
	c.tell(telephony.Bridged{A: c.caller.name, B: p.name, Agent: c.live.Agent})
	c.show("talk", p.line)
	if limit := c.longest(p); limit > 0 {
		c.set(longestKey{}, limit)
	}
	return func(c *Call) state { return c.talking(p) }
}

type longestKey struct{}

// longest is the limit of a conversation between two lines of which neither is sure to tell when its party is gone; 0: none.
func (c *Call) longest(p *party) time.Duration {
	if c.Config.Supervised(c.caller.line) || c.Config.Supervised(p.line) {
		return 0
	}
	a, b := c.Config.Line(c.caller.line).Longest(), c.Config.Line(p.line).Longest()
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// reached notes what the call has come to, and who is in it.
func (c *Call) reached(p *party) {
	c.outcome = telephony.OutcomeAnswered
	if c.Direction == telephony.Inbound && p.target.Kind() == telephony.ToOutside && p.agent == "" {
		c.outcome = telephony.OutcomeForwarded
	}
	c.live.Agent = c.agentIn(p)
	if own := c.callingAgent(); own != "" {
		c.house.Queues.Talking(own, c.ID)
	}
	if p.agent == "" {
		return
	}
	if c.waiting == nil {
		c.house.Queues.Talking(p.agent, c.ID)
	}
	if c.Direction == telephony.Inbound {
		c.house.Switch.Spoke(c.Arrival.Caller.Number, p.agent)
	}
}

// agentIn is the agent of a conversation: whoever was called, or else whoever calls.
func (c *Call) agentIn(p *party) string {
	if p.agent != "" {
		return p.agent
	}
	return c.callingAgent()
}

// callingAgent is the agent who now sits at the phone that calls, or "".
func (c *Call) callingAgent() string {
	if p := c.phoneOf(c.Arrival.Line); p != nil {
		return c.house.Queues.AgentAt(telephony.NewTarget(telephony.ToPhone, p.Extension))
	}
	return ""
}

// talking waits for one of the two to hang up.
func (c *Call) talking(p *party) state {
	for {
		switch h := c.wait().(type) {
		case hungup:
			return c.finish(c.outcome, h.cause, "caller")
		case expired:
			if h.key == (longestKey{}) {
				return c.finish(c.outcome, telephony.CauseTimerExpiry, "box")
			}
		case heard:
			if e, gone := h.event.(telephony.Released); gone && h.from == p {
				return c.partyGone(p, e)
			}
			c.passOn(h, p)
		}
	}
}

// partyGone ends the conversation. An agent who hung up ends the call; one who was lost leaves a caller that the queue
// still owes an answer.
func (c *Call) partyGone(p *party, e telephony.Released) state {
	if c.waiting != nil && vanished(e) {
		return c.backToQueue()
	}
	by := "phone"
	switch {
	case p.agent != "":
		by = "agent"
	case p.target.Kind() == telephony.ToOutside:
		by = "outside"
	}
	return c.finish(c.outcome, e.Cause, by)
}

// passOn gives what one party does to the other: digits that its audio does not carry, music while it is held.
func (c *Call) passOn(h heard, p *party) {
	var other *party
	switch h.from {
	case p:
		other = c.caller
	case c.caller:
		other = p
	default:
		return // a leg that is on its way out
	}
	switch e := h.event.(type) {
	case telephony.Digit:
		if !e.InBand {
			other.leg.Press(string(e.Key))
		}
	case telephony.Held:
		if e.On {
			c.hold(other)
		} else {
			other.media.Stop()
		}
	}
}

// record starts what the rules ask for: every call of an agent, as the queue or the box says (A8.1).
func (c *Call) record(p *party) {
	c.live.Agent = c.agentIn(p)
	rule := c.Config.Recording.Record
	if c.waiting != nil && c.waiting.queue.Record != "" {
		rule = c.waiting.queue.Record
	}
	if c.phoneToPhone(p) && !c.Config.Recording.PhonesToo {
		rule = "never"
	}
	if rule == "always" {
		c.startRecording("call")
	}
}

// phoneToPhone reports whether a phone called another by itself; what a queue brought is an agent's call (A8.1).
func (c *Call) phoneToPhone(p *party) bool {
	return c.Direction == telephony.InternalCall && c.waiting == nil && p.target.Kind() == telephony.ToPhone
}
