package call

import (
	"callbox/telephony"
)

// begin is the first state: a call that came in goes where it was decided; one that the box was asked for rings who asked
// first (A5.8).
func (c *Call) begin() state {
	if c.First == "" {
		if c.Arrival.Replaces != "" {
			return c.replaceLeg()
		}
		return c.route(c.Decision)
	}
	c.caller.target = c.First
	c.tell(telephony.Originated{By: c.By, To: c.First})
	c.caller.agent = c.agentAt(c.caller.line)
	c.show("calling", c.caller.line)
	c.set(ringKey{c.caller}, max(c.ringTime(c.caller.target), ringPhone))
	return (*Call).originating
}

// originating waits until who asked for the call has answered, and then places it.
func (c *Call) originating() state {
	for {
		switch h := c.wait().(type) {
		case hungup:
			return c.lost(telephony.OutcomeNoAnswer, h.cause)
		case expired:
			return c.end(telephony.OutcomeNoAnswer, telephony.CauseNoAnswer)
		case heard:
			if _, ok := h.event.(telephony.Answered); ok && h.from == c.caller {
				c.cancel(ringKey{c.caller})
				c.answered = true
				c.tell(telephony.CallAnswered{})
				return c.route(c.Decision)
			}
		}
	}
}
