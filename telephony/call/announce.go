package call

import "callbox/telephony"

// announce plays a notice once and hangs up: holiday, closed (A2.16).
func (c *Call) announce(prompt string) state {
	c.answer()
	c.show("announcement", prompt)
	c.play(prompt)
	return func(c *Call) state {
		for {
			switch h := c.wait().(type) {
			case hungup:
				return c.lost(telephony.OutcomeLostInMenu, h.cause)
			case played:
				c.tell(telephony.Announced{Prompt: prompt})
				return c.end(telephony.OutcomeSelfService, telephony.CauseNormal)
			}
		}
	}
}
