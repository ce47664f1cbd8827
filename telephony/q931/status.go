package q931

import "callbox/telephony"

// report tells the far end the call's state and why (3.1.16).
func (c *call) report(why Reason) { c.send(c.ref.status(why, c.number())) }

// enquire asks the far end for the call's state, one question at a time (5.8.10).
func (c *call) enquire() bool {
	if !c.on.up || c.state.phase() == clearing || c.runs(t322) {
		return false
	}
	c.ask(c.message(TypeStatusEnquiry), t322)
	return true
}

// status takes in the far end's view of the call (5.8.11).
func (c *call) status(m *Message) {
	c.stop(t322)
	switch {
	case *m.State == 0: // the far end has no such call
		c.blame(Reason{Cause: telephony.CauseTemporary, Location: m.Reason.Location})
		c.end(false)
	case !c.fits(c.on.side.far(*m.State)):
		c.odd(m.String())
		c.because(causeWrongState)
		c.release(c.why)
	case m.Reason.Cause >= causeElementMissing: // a message of ours was in error; what it should have answered, a timer watches
		c.odd(m.String())
	}
}

// unexpected answers a message that the state does not permit, or that nobody here knows (5.8.4).
func (c *call) unexpected(m *Message) {
	c.odd(m.String())
	cause := causeUnknownMessage
	if m.Type.implemented() {
		cause = causeWrongState
	}
	c.report(c.on.side.reason(cause, byte(m.Type)))
}

// implemented reports whether the message is one that some state takes.
func (t MessageType) implemented() bool {
	switch t {
	case TypeAlerting, TypeCallProceeding, TypeProgress, TypeSetup, TypeConnect, TypeSetupAcknowledge, TypeConnectAcknowledge,
		TypeDisconnect, TypeRestart, TypeRelease, TypeRestartAcknowledge, TypeReleaseComplete, TypeSegment, TypeFacility, TypeNotify,
		TypeStatusEnquiry, TypeInformation, TypeStatus:
		return true
	}
	return false
}
