package q931

import (
	"fmt"
	"slices"

	"callbox/telephony"
)

// setup takes in a new call (5.1.1, 5.2.1, 5.8.6.1). One that cannot be taken is refused, never left without an answer.
func (i *Interface) setup(ref Ref, m *Message) {
	complaint, grave := m.fault(i.side, true)
	switch {
	case grave:
		i.odd(ref, fmt.Sprintf("%v: %v", m, complaint))
		i.refuse(ref, complaint)
		return
	case len(i.calls) >= maxCalls:
		i.refuse(ref, i.side.reason(telephony.CauseCongestion))
		return
	}
	c := i.add(ref, present, m.channel())
	i.do(Incoming{Ref: ref, Setup: Setup{
		Called: m.Called, Calling: m.Calling, Redirecting: m.Redirecting, Display: m.Display, Bearer: m.Bearer,
		Channel: c.channel, Complete: m.Complete, Progress: m.Progress,
	}})
	if complaint.Cause != 0 {
		c.odd(fmt.Sprintf("%v: %v", m, complaint))
		c.report(complaint)
	}
}

// answers are what our answers to a SETUP lead to, and from where (5.1.2 to 5.1.8, 5.2.3 to 5.2.7).
var answers = map[MessageType]struct {
	to   state
	from []state
}{
	TypeSetupAcknowledge: {overlapReceiving, []state{present}},
	TypeCallProceeding:   {incomingProceeding, []state{present, overlapReceiving}},
	TypeAlerting:         {received, []state{present, overlapReceiving, incomingProceeding}},
	TypeConnect:          {connectRequest, []state{present, overlapReceiving, incomingProceeding, received}},
}

// answer sends one of the answers, with the elements of m; the first one names the channel.
func (c *call) answer(t MessageType, m Message, named Channel) bool {
	way := answers[t]
	if !slices.Contains(way.from, c.state) {
		return false
	}
	if !c.agreed {
		if !c.agree(named) {
			return true
		}
		m.Channels = c.channel.element(true)
	}
	m.Value, m.Flag, m.Type = c.ref.Value, c.ref.Theirs, t
	c.enter(way.to)
	c.send(&m)
	switch {
	case t == TypeSetupAcknowledge:
		c.start(t302)
	case t == TypeConnect && c.on.side == Network: // 5.1.8: the network does not wait for the acknowledgement
		c.enter(active)
		c.on.do(Active{c.ref})
	case t == TypeConnect:
		c.start(t313)
	}
	return true
}

// agree takes the channel that our first answer names; 0 is the one that SETUP asked for. An exclusive channel that the owner
// does not want is not available, and without a channel there is no call (5.1.2, 5.2.3.1).
func (c *call) agree(named Channel) bool {
	asked := c.channel
	if named.slot() == 0 {
		named = asked
	}
	switch {
	case named.slot() == 0:
		c.clear(Clear{Cause: telephony.CauseNoChannel})
		return false
	case asked.Number != 0 && asked.Exclusive && named.Number != asked.Number:
		c.clear(Clear{Cause: causeChannelUnavailable})
		return false
	}
	c.channel = named
	c.channel.Exclusive, c.agreed = true, true
	return true
}

// tellProgress sends PROGRESS (5.1.6, 5.2.5.2 note), which is never the first answer.
func (c *call) tellProgress(v TellProgress) bool {
	if len(v.Progress) == 0 || !slices.Contains([]state{overlapReceiving, incomingProceeding, received}, c.state) {
		return false
	}
	m := c.message(TypeProgress)
	m.Progress = v.Progress
	if v.Cause != 0 {
		m.Reason = c.on.side.reason(v.Cause)
	}
	c.send(m)
	return true
}

// incoming takes in what a caller says after SETUP.
func (c *call) incoming(m *Message) (expected bool) {
	switch {
	case m.Type == TypeInformation && c.state == overlapReceiving: // 5.1.3, 5.2.4
		c.stop(t302)
		if !m.Complete {
			c.start(t302)
		}
		if m.Called.Digits != "" || m.Complete {
			c.on.do(Digits{Ref: c.ref, Digits: m.Called.Digits, Complete: m.Complete})
		}
		return true
	case m.Type == TypeInformation: // more digits than were needed, or a display
		return true
	case m.Type == TypeConnectAcknowledge && c.state == connectRequest: // 5.2.8
		c.enter(active)
		c.on.do(Active{c.ref})
		return true
	}
	return false
}
