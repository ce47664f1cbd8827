package call

import (
	"time"

	"callbox/telephony"
)

// ErrMakingRoom says that another call is being ended so that an emergency call has a line: ask again in a moment.
var ErrMakingRoom = telephony.Errorf(telephony.Busy, "正在为紧急呼叫腾出线路，请稍后再拨",
	"another call is being ended so that the emergency call has a line: dial again in a moment")

// roomWait is that moment.
const roomWait = 500 * time.Millisecond

type roomKey struct{}

// makingRoom waits for the line of a call that is being ended, and rings again.
func (c *Call) makingRoom(t telephony.Target) state {
	c.show("ringing", string(t))
	c.set(roomKey{}, roomWait)
	for {
		switch h := c.wait().(type) {
		case hungup:
			return c.lost(telephony.OutcomeLostRinging, h.cause)
		case expired:
			if h.key == any(roomKey{}) {
				return c.ring(t)
			}
			c.stopPicking(h.key)
		}
	}
}
