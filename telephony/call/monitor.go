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

// A monitor is a supervisor who hears a conversation and is no part of it.
type monitor struct {
	*party
	mode Mode
	by   string
}

// monitor rings whoever wants to hear the conversation, or changes what that one does in it.
func (c *Call) monitor(o order) error {
	t := c.table
	at := slices.IndexFunc(t.monitors, func(m *monitor) bool { return m.target == o.phone })
	switch {
	case o.mode == Leave && at >= 0:
		c.dismiss(t.monitors[at], telephony.CauseNormal)
		return nil
	case o.mode == Leave:
		return errAbsent
	case at >= 0:
		m := t.monitors[at]
		if m.mode = o.mode; m.answered {
			c.listen(m)
		}
		return nil
	case o.phone.Kind() != telephony.ToPhone || !exists(c.Config, o.phone):
		return telephony.Errorf(telephony.Invalid, "请用分机监听", "listen with a phone of the office")
	case len(t.members)+len(t.monitors) >= maxMembers:
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
func (c *Call) monitorOf(p *party) *monitor {
	for _, m := range c.table.monitors {
		if m.party == p {
			return m
		}
	}
	return nil
}

// heardMonitor takes what the leg of a monitor tells.
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
		c.dismiss(m, telephony.CauseNormal)
	}
	return nil
}

// listen puts a monitor in its place: beside the conversation, in it, or in that of the agent.
func (c *Call) listen(m *monitor) state {
	c.tell(telephony.Monitored{Leg: m.name, Mode: string(m.mode), By: m.by})
	if m.mode == Listen || m.mode == Whisper {
		m.state = telephony.PartyState(m.mode)
		c.seat()
		c.showTable()
		return nil
	}
	t := c.table
	t.monitors = slices.DeleteFunc(t.monitors, func(other *monitor) bool { return other == m })
	t.members = append(t.members, m.party)
	m.state = telephony.PartyTalking
	if leaves := c.memberOf(Hand{}); m.mode == TakeOver && leaves != nil && leaves != m.party {
		return c.replace(leaves, m.party, "take_over")
	}
	c.seat()
	c.tellConference()
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

// dismiss ends the listening of a monitor.
func (c *Call) dismiss(m *monitor, cause telephony.Cause) {
	t := c.table
	t.monitors = slices.DeleteFunc(t.monitors, func(other *monitor) bool { return other == m })
	if m.answered {
		c.tell(telephony.Monitored{Leg: m.name, By: m.by})
	}
	c.cancel(ringKey{m.party})
	c.release(m.party, cause)
	c.seat()
	c.showTable()
}
