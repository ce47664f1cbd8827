package call

import (
	"time"

	"callbox/telephony"
)

// How long the legs of an ended call may take to say so; a far end that never answers a release is let go.
const (
	clearTime = 40 * time.Second
	stopTime  = 2 * time.Second // when the box stops, which does not wait for long
)

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
	c.cameOfReferral(telephony.CauseUnspecified) // nothing: the call is over
	if c.table != nil {
		c.leaveTable()
	}
	c.show("ended", "")
	c.timers, c.playing = nil, nil
	c.stopRecording()
	c.release(c.caller, cause)
	for _, p := range c.others {
		c.release(p, cause)
	}
	return func(c *Call) state {
		c.awaitLegs()
		c.ended = true
		c.tell(telephony.CallEnded{Outcome: o, Cause: cause, By: by})
		return nil
	}
}

type clearKey struct{}

// awaitLegs waits for the last event of every leg.
func (c *Call) awaitLegs() {
	c.set(clearKey{}, clearTime)
	for !c.caller.gone || len(c.others) > 0 {
		if c.stopping {
			c.set(clearKey{}, stopTime)
		}
		if _, late := c.wait().(expired); late {
			return
		}
	}
}
