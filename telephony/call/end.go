package call

import (
	"time"

	"callbox/telephony"
)

// clearTime is how long the legs of an ended call may take to say so; a far end that never answers a release is let go.
const clearTime = 40 * time.Second

// end releases every leg and closes the story. What was reached earlier outranks the given outcome: a caller whom an agent
// served is answered, whatever came later.
func (c *Call) end(o telephony.Outcome, cause telephony.Cause) state {
	return c.finish(o, cause, "box")
}

// lost closes the story of a caller who hung up.
func (c *Call) lost(o telephony.Outcome, cause telephony.Cause) state {
	return c.finish(o, cause, "caller")
}

func (c *Call) finish(o telephony.Outcome, cause telephony.Cause, by string) state {
	if c.outcome != "" {
		o = c.outcome
	}
	if c.by != "" {
		by = c.by
	}
	c.show("ended", "")
	c.timers, c.playing = nil, nil
	c.stopRecording()
	c.release(c.caller, cause)
	for _, p := range c.others {
		c.release(p, cause)
	}
	c.set(clearTimer, clearTime)
	return func(c *Call) state {
		for !c.caller.gone || len(c.others) > 0 {
			if _, late := c.wait().(expired); late {
				break
			}
		}
		c.ended = true
		c.tell(telephony.CallEnded{Outcome: o, Cause: cause, By: by})
		return nil
	}
}

type clearKey struct{}

var clearTimer = clearKey{}
