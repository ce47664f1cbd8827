package call

import (
	"callbox/telephony"
	"callbox/telephony/ivr"
)

// introduce plays to the caller what must be heard before the conversation: the notice that it is recorded, if the greeting
// was cut short, and the agent's job number (A5.3). An agent who hangs up meanwhile costs the caller nothing (pain 8).
func (c *Call) introduce(p *party) state {
	q := c.waiting.queue
	var ids []string
	if !c.waiting.noticed {
		ids = compact(q.NoticePrompt)
	}
	c.waiting.noticed, c.waiting.intro = true, false
	if q.AnnounceAgent && p.agent != "" {
		ids = append(ids, ivr.Say(c.language).AgentNumber(p.agent)...)
	}
	c.hush()
	c.record(p)
	if len(ids) == 0 {
		return c.talk(p)
	}
	c.show("introduction", q.ID)
	c.play(ids...)
	return func(c *Call) state { return c.introducing(p) }
}

func (c *Call) introducing(p *party) state {
	for {
		switch h := c.wait().(type) {
		case hungup:
			return c.lost(telephony.OutcomeAnswered, h.cause) // by the agent, who is on the line
		case played:
			return c.talk(p)
		case heard:
			if _, gone := h.event.(telephony.Released); gone && h.from == p {
				return c.backToQueue()
			}
		}
	}
}

// backToQueue gives a caller whose agent was lost the place it had: the head of the queue.
func (c *Call) backToQueue() state {
	c.stopRecording()
	c.live.Agent = ""
	c.music(c.waiting.queue.Music)
	return (*Call).joinQueue
}
