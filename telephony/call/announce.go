package call

import "callbox/telephony"

// announce plays a notice once and hangs up: holiday, closed (A2.16).
func (c *Call) announce(prompt string) state {
	c.show("announcement", prompt)
	return c.lastWords(prompt, telephony.OutcomeLostInMenu, telephony.OutcomeSelfService, telephony.CauseNormal)
}

// lastWords plays a prompt once and hangs up. The story ends in one outcome if the caller does not wait for its end, in the
// other if the caller does.
func (c *Call) lastWords(prompt string, cut, whole telephony.Outcome, cause telephony.Cause) state {
	c.answer()
	c.play(prompt)
	return func(c *Call) state {
		for {
			switch h := c.wait().(type) {
			case hungup:
				return c.lost(cut, h.cause)
			case played:
				c.tell(telephony.Announced{Prompt: prompt})
				return c.end(whole, cause)
			}
		}
	}
}
