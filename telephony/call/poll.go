package call

import (
	"time"

	"callbox/telephony"
)

// pollPatience is how long a caller has for a key once the question is over.
const pollPatience = 5 * time.Second

type pollKey struct{}

// polls reports whether the caller is asked for a vote when an agent hangs up: one from outside, who came to the agent by a queue that
// asks. Being put through to another agent does not change that.
func (c *Call) polls(agent string) bool {
	return agent != "" && c.served != nil && c.served.Poll && c.Direction == telephony.Inbound && !c.caller.gone
}

// poll asks the caller how satisfied they are, twice at the most, and ends the call (A5.18, A10.13). The agent has hung up: neither the
// agent nor the recording has a part in it.
func (c *Call) poll(agent string) state {
	queue, served := c.served.ID, c.outcome
	for _, p := range c.others {
		c.release(p, telephony.CauseNormal)
	}
	c.bridge.Join() // a leg that is still to go is not heard in the question
	c.stopRecording()
	c.caller.state, c.live.Agent = telephony.PartyTalking, ""
	c.show("poll", queue)
	c.tell(telephony.Polled{Queue: queue, Agent: agent})
	return func(c *Call) state {
		end := c.polling(queue, agent)
		c.outcome = served // even if the box stops: the agent was done
		return c.finish(served, end.cause, "agent")
	}
}

// polling gives how the poll ended: with the thanks, or when the caller hung up.
func (c *Call) polling(queue, agent string) hungup {
	thanks := "goodbye"
	for _, question := range [][]string{{"poll"}, {"try_again", "poll"}} {
		key, left := c.key(question...)
		if left != nil {
			return *left
		}
		if v := telephony.VoteOf(key); v != 0 {
			c.tell(telephony.Voted{Queue: queue, Agent: agent, Vote: v})
			thanks = "poll_thanks"
			break
		}
	}
	c.play(thanks)
	for {
		switch h := c.wait().(type) {
		case hungup:
			return h
		case played:
			return hungup{cause: telephony.CauseNormal}
		}
	}
}

// key plays a question and gives the key that the caller presses, 0 if none in time; or left, if the caller hung up.
func (c *Call) key(question ...string) (key byte, left *hungup) {
	c.play(question...)
	defer c.cancel(pollKey{})
	for {
		switch h := c.wait().(type) {
		case hungup:
			return 0, &h
		case played:
			c.set(pollKey{}, pollPatience)
		case expired:
			return 0, nil
		case heard:
			if d, ok := h.event.(telephony.Digit); ok && h.from == c.caller {
				return d.Key, nil
			}
		}
	}
}
