package q931

import "callbox/telephony"

// clear is the owner's wish to end the call.
func (c *call) clear(v Clear) {
	if v.Cause == 0 {
		v.Cause = telephony.CauseNormal
	}
	switch {
	case c.state == present: // 5.3.2: nothing was answered yet
		c.because(v.Cause)
		c.on.refuse(c.ref, c.why)
		c.end(false)
	case !c.on.up: // 5.8.9: T309 goes on; RELEASE goes out when the link is back
		c.because(v.Cause)
		c.state = releaseRequest
	case c.state == disconnectReceived: // 5.3.3, 5.3.4
		c.release(c.on.side.reason(v.Cause))
	case c.runs(t306): // 5.4.1: the tone or announcement is over
		c.release(c.why)
	case c.state.phase() != clearing:
		c.because(v.Cause)
		c.disconnect(v.Progress)
	}
}

// disconnect sends DISCONNECT for the reason that the call has (5.3.3, 5.3.4). With a tone of the network's it is T306 that
// runs (5.4.1).
func (c *call) disconnect(progress []Progress) {
	m := c.message(TypeDisconnect)
	m.Reason, m.Progress = c.tells(c.why), progress
	c.enter(disconnectSent)
	c.send(m)
	if c.on.side == Network && InBand(progress) {
		c.start(t306)
	} else {
		c.start(t305)
	}
}

// release sends RELEASE (5.3.3, 5.3.4).
func (c *call) release(why Reason) {
	m := c.message(TypeRelease)
	m.Reason = c.tells(why)
	c.enter(releaseRequest)
	c.ask(m, t308)
}

// tells is what a clearing message of ours says.
func (c *call) tells(why Reason) Reason {
	if c.told.Cause != 0 {
		return c.told
	}
	return why
}

// disconnected takes in DISCONNECT.
func (c *call) disconnected(m *Message, complaint Reason) {
	switch {
	case c.state == disconnectSent: // both ends clear (5.3.5)
		c.told = complaint
		c.release(c.why)
	case c.state.phase() != clearing:
		c.told = complaint
		c.blame(m.Reason)
		c.enter(disconnectReceived)
		c.on.do(Disconnecting{Ref: c.ref, Cause: c.why.Cause, Progress: m.Progress})
	}
}

// released takes in RELEASE, which ends a call in every state (5.3.3, 5.3.4, 5.8.4).
func (c *call) released(m *Message, complaint Reason) {
	c.blame(m.Reason)
	if c.state != releaseRequest { // else both ends release, and both know it (5.3.5)
		c.on.refuse(c.ref, complaint)
	}
	c.end(false)
}

// clearing takes in what was on its way when the call began to be cleared. The far end has our DISCONNECT or sent its own: a
// STATUS would tell it nothing.
func (c *call) clearing(m *Message) (expected bool) { return m.Type.implemented() }
