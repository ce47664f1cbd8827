package q931

import (
	"slices"

	"callbox/telephony"
)

// call sends SETUP (5.1.1, 5.2.1).
func (i *Interface) call(v Call) {
	if v.Ref.Theirs || v.Ref.Value == 0 || v.Ref.Value > maxReference || i.find(v.Ref) != nil {
		i.odd(v.Ref, "a call with a reference that FreeRef did not give")
		return
	}
	c := i.add(v.Ref, initiated, v.Setup.Channel)
	i.last = v.Ref.Value
	switch {
	case len(i.calls) > maxCalls:
		c.because(telephony.CauseCongestion)
		c.end(false)
	case !i.up:
		c.because(telephony.CauseOutOfOrder)
		c.end(false)
		i.do(Establish{})
	default:
		c.ask(v.Setup.message(c), t303)
	}
}

// message is the SETUP. A network must name a channel, if only any (3.1.14).
func (s Setup) message(c *call) *Message {
	m := c.message(TypeSetup)
	m.Called, m.Calling, m.Redirecting = s.Called, s.Calling, s.Redirecting
	m.Display, m.Bearer, m.Complete, m.Progress = s.Display, s.Bearer, s.Complete, s.Progress
	if m.Bearer == (Bearer{}) {
		m.Bearer = Speech
	}
	if m.Channels = s.Channel.element(s.Channel.Exclusive); m.Channels == nil && c.on.side == Network {
		m.Channels = &Channels{}
	}
	return m
}

// outgoing takes in an answer to our SETUP (5.1.2 to 5.1.8, 5.2.5 to 5.2.8).
func (c *call) outgoing(m *Message) (expected bool) {
	switch m.Type {
	case TypeSetupAcknowledge:
		return c.advance(m, overlapSending, initiated)
	case TypeCallProceeding:
		return c.advance(m, proceeding, initiated, overlapSending)
	case TypeAlerting:
		return c.advance(m, delivered, initiated, overlapSending, proceeding)
	case TypeConnect:
		return c.advance(m, active, initiated, overlapSending, proceeding, delivered)
	case TypeProgress: // 5.1.6: what is heard from here on may take as long as it likes
		if c.state == initiated {
			return false
		}
		if says(m.Progress, NotEndToEnd, InBandInformation) {
			c.stop(t310)
		}
		c.on.do(Progressing{Ref: c.ref, Cause: m.Reason.Cause, Progress: m.Progress})
		return true
	case TypeInformation: // a display
		return c.state != initiated
	}
	return false
}

// advance enters the state that an answer to our SETUP means, if the call is in one of the states from.
func (c *call) advance(m *Message, to state, from ...state) (expected bool) {
	if !slices.Contains(from, c.state) {
		return false
	}
	if !c.settle(m) {
		return true
	}
	c.enter(to)
	switch to {
	case overlapSending:
		c.start(t304)
		c.on.do(DigitsWanted{Ref: c.ref, Channel: c.channel, Progress: m.Progress})
	case proceeding:
		if !says(m.Progress, NotEndToEnd, InBandInformation) {
			c.start(t310)
		}
		c.on.do(Proceeding{Ref: c.ref, Channel: c.channel, Progress: m.Progress})
	case delivered:
		c.on.do(Alerting{Ref: c.ref, Channel: c.channel, Progress: m.Progress})
	case active: // a network must acknowledge (5.2.8), a user may (5.1.8)
		c.send(c.message(TypeConnectAcknowledge))
		c.on.do(Connected{Ref: c.ref, Channel: c.channel, Number: m.Connected, Progress: m.Progress})
	}
	return true
}

// settle takes in the channel that an answer to our SETUP names (5.1.2, 5.2.3.1). If it is not one that we left open, the call
// is released; the first answer of a network must name one.
func (c *call) settle(m *Message) (ok bool) {
	named := m.channel()
	switch {
	case named.Number == 0 && c.channel.Number == 0:
		c.report(c.on.side.reason(causeElementMissing, byte(elementChannel)))
		return false
	case c.channel.Exclusive && c.channel.Number != 0 && named.Number != 0 && named.Number != c.channel.Number:
		c.because(causeChannelUnacceptable)
		c.release(c.why)
		return false
	case named.Number != 0:
		c.channel = named
	}
	c.channel.Exclusive, c.agreed = true, true
	return true
}

// moreDigits sends INFORMATION (5.1.3, 5.2.4).
func (c *call) moreDigits(v MoreDigits) bool {
	if c.state != overlapSending {
		return false
	}
	m := c.message(TypeInformation)
	m.Called, m.Complete = Number{Digits: v.Digits}, v.Complete
	c.send(m)
	c.start(t304)
	return true
}

// giveUp ends a call of ours because a timer is over. To the far end that is cause 102; a network tells the caller what it means
// for him (5.2.4, 5.2.5.4).
func (c *call) giveUp(caller telephony.Cause) {
	c.told = c.on.side.reason(telephony.CauseTimerExpiry)
	if c.on.side == User {
		caller = telephony.CauseTimerExpiry
	}
	c.because(caller)
	if c.on.side == Network || c.state != initiated {
		c.disconnect(nil)
		return
	}
	c.on.refuse(c.ref, c.told) // 5.1.1: the network knows of no call
	c.end(false)
}
