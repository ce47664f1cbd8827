package call

import (
	"slices"

	"callbox/telephony"
)

// A Mode is what a supervisor does in a conversation.
type Mode string

// The modes.
const (
	Listen   Mode = "listen"    // hears everybody and is heard by nobody (A6.1)
	Whisper  Mode = "whisper"   // is heard by the agent alone
	Barge    Mode = "barge"     // talks with everybody (A6.2)
	TakeOver Mode = "take_over" // has the agent's place
	Leave    Mode = "leave"     // is gone again
)

// A monitor is a supervisor who is there to hear a conversation. One who barged in is a member of the table as well, and goes
// back to listening; whoever has the place of the agent is a party like any other.
type monitor struct {
	*party
	mode Mode
	by   string
}

// monitor rings whoever wants to hear the conversation, or changes what that one does in it.
func (c *Call) monitor(o order) state {
	t := c.table
	at := slices.IndexFunc(t.monitors, func(m *monitor) bool { return m.target == o.phone })
	if at < 0 {
		c.answerAsked(c.invite(o))
		return nil
	}
	m := t.monitors[at]
	if o.mode != Leave && t.waitsFor(m.party) {
		return nil // and the next wait says no
	}
	c.answerAsked(nil)
	switch {
	case o.mode == Leave:
		return c.dismiss(m, telephony.CauseNormal)
	case o.mode == m.mode:
		return nil
	}
	if m.mode = o.mode; m.answered {
		return c.listen(m)
	}
	c.showTable()
	return nil
}

// invite rings whoever wants to hear the conversation.
func (c *Call) invite(o order) error {
	t := c.table
	switch {
	case o.mode == Leave:
		return errAbsent
	case o.phone.Kind() != telephony.ToPhone || !exists(c.Config, o.phone):
		return telephony.Errorf(telephony.Invalid, "请用分机监听", "listen with a phone of the office")
	case 1+len(c.others) >= maxMembers:
		return errCrowded
	case slices.ContainsFunc(t.members, func(p *party) bool { return p.target == o.phone }):
		return errNotNow
	}
	if err := c.house.Switch.MayMix(); err != nil {
		return err
	}
	order := c.orderFor(o.phone)
	order.AutoAnswer = true
	p, err := c.reach(o.phone, order, telephony.PermitInternal)
	if err != nil {
		return err
	}
	p.agent = c.house.Queues.AgentAt(o.phone)
	t.monitors = append(t.monitors, &monitor{p, o.mode, o.hand.By})
	c.set(ringKey{p}, c.ringTime(o.phone))
	c.showTable()
	return nil
}

// monitorOf is the monitor that a party is, or nil.
func (t *table) monitorOf(p *party) *monitor {
	if t == nil {
		return nil
	}
	for _, m := range t.monitors {
		if m.party == p {
			return m
		}
	}
	return nil
}

// heardMonitor takes what the leg of a monitor tells who is not in the conversation.
func (c *Call) heardMonitor(m *monitor, e telephony.Event) state {
	switch e.(type) {
	case telephony.Answered:
		c.cancel(ringKey{m.party})
		m.talked = true
		if m.agent != "" {
			c.house.Queues.Talking(m.agent, c.ID)
		}
		return c.listen(m)
	case telephony.Released:
		return c.dismiss(m, telephony.CauseNormal)
	}
	return nil
}

// listen puts a monitor in its place: beside the conversation, in it, or in that of the agent.
func (c *Call) listen(m *monitor) state {
	t, leaves := c.table, c.memberOf(Hand{})
	if m.mode == TakeOver && (leaves == nil || leaves == m.party) {
		m.mode = Barge // nobody is there whose place it could have
	}
	c.tell(telephony.Monitored{Leg: m.name, Mode: string(m.mode), By: m.by})
	inside := slices.Contains(t.members, m.party)
	switch m.mode {
	case Barge, TakeOver:
		m.state = telephony.PartyTalking
		if !inside {
			t.members = append(t.members, m.party)
		}
	default:
		m.state = telephony.PartyState(m.mode)
		t.members = slices.DeleteFunc(t.members, func(p *party) bool { return p == m.party })
		m.media.Stop() // it may have been on hold
	}
	if m.mode == TakeOver {
		t.forget(m)
		return c.replace(leaves, m.party, "take_over")
	}
	c.seat()
	if m.mode == Barge {
		c.tellConference()
	}
	c.showTable()
	return nil
}

// coach lets a monitor hear the conversation, and the agent hear one who whispers.
func (c *Call) coach(m *monitor) {
	switch m.state {
	case telephony.PartyListen:
		c.bridge.Coach(m.media)
	case telephony.PartyWhisper:
		if p := c.memberOf(Hand{}); p != nil {
			c.bridge.Coach(m.media, p.media)
		}
	}
}

// dismiss lets a monitor go.
func (c *Call) dismiss(m *monitor, cause telephony.Cause) (next state) {
	if slices.Contains(c.table.members, m.party) {
		next = c.left(m.party, telephony.Released{})
	} else {
		c.stopMonitoring(m.party)
		c.seat()
		c.showTable()
	}
	c.cancel(ringKey{m.party})
	c.release(m.party, cause)
	return next
}

// stopMonitoring is the end of a party's monitoring, if it did: it is gone, or has the agent's place.
func (c *Call) stopMonitoring(p *party) {
	m := c.table.monitorOf(p)
	if m == nil {
		return
	}
	c.table.forget(m)
	if m.answered {
		c.tell(telephony.Monitored{Leg: m.name, By: m.by})
	}
}

// forget makes a monitor none.
func (t *table) forget(m *monitor) {
	t.monitors = slices.DeleteFunc(t.monitors, func(other *monitor) bool { return other == m })
}

// waitsFor reports whether somebody waits until a party takes them back.
func (t *table) waitsFor(p *party) bool {
	return t.holder == p || t.consult != nil && t.consult.by == p || t.dialling != nil && t.dialling.by == p
}
