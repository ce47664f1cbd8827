package call

import (
	"slices"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// A consultant is who is called while the others hear music (A2.12). It is a member of the table once it has answered.
type consultant struct {
	by, with *party
}

// consultWith puts the others on hold and calls somebody.
func (c *Call) consultWith(p *party, t telephony.Target) error {
	tab := c.table
	if tab.consult != nil || tab.holder != nil && tab.holder != p {
		return errNotNow
	}
	if len(tab.members) >= maxMembers {
		return errCrowded
	}
	if !consultable(t) {
		return telephony.Errorf(telephony.Invalid, "只能咨询分机、坐席或外线", "consult a phone, an agent or an outside number")
	}
	to, agent, err := c.locate(t)
	if err != nil {
		return err
	}
	o := c.orderFor(to)
	o.From = c.callerOf(p)
	with, err := c.reach(to, o, c.permitOf(p))
	if err != nil {
		return err
	}
	with.agent = agent
	tab.consult = &consultant{p, with}
	if tab.holder == nil {
		c.sendAway(p)
	}
	c.seat()
	p.media.Play(c.signal(dsp.Ringback))
	c.set(ringKey{with}, c.ringTime(to))
	c.showTable()
	return nil
}

// consultable reports whether somebody answers at a target, with whom one can have a word.
func consultable(t telephony.Target) bool {
	return t.Kind() == telephony.ToPhone || t.Kind() == telephony.ToAgent || t.Kind() == telephony.ToOutside
}

// maxMembers bounds a conversation: what more people want is a room.
const maxMembers = 8

var errCrowded = telephony.Errorf(telephony.Conflict, "通话人数已满，请用会议室", "the conversation is full: use a conference room")

// heardConsulted takes what the leg of somebody tells who is called to be consulted.
func (c *Call) heardConsulted(e telephony.Event) state {
	s := c.table.consult
	switch e := e.(type) {
	case telephony.Progress:
		s.by.media.Stop()
		c.bridge.Join(s.by.media, s.with.media)
	case telephony.Released:
		c.cancel(ringKey{s.with})
		c.failedConsult(e.Cause)
	}
	return nil
}

// failedConsult lets whoever consults hear that nobody came of it. The others wait until they are taken back.
func (c *Call) failedConsult(cause telephony.Cause) {
	s := c.table.consult
	c.table.consult = nil
	signal := dsp.Congestion
	if cause.Kind() == telephony.KindBusy || cause.Kind() == telephony.KindNoAnswer {
		signal = dsp.Busy
	}
	s.by.media.Play(c.signal(signal))
	c.seat()
	c.showTable()
}

// consulted is the answer of somebody who is called to be consulted.
func (c *Call) consulted(p *party) {
	s := c.table.consult
	if s == nil || s.with != p {
		return
	}
	c.cancel(ringKey{p})
	s.by.media.Stop()
	c.table.members = append(c.table.members, p)
	p.talked = true
	if p.agent != "" {
		c.house.Queues.Talking(p.agent, c.ID)
	}
	c.seat()
	c.tell(telephony.Consulting{By: s.by.name, With: p.name, Agent: p.agent})
	c.showTable()
}

// back lets whom somebody consults go and takes the others back.
func (c *Call) back(p *party) error {
	t := c.table
	if t.holder != p && (t.consult == nil || t.consult.by != p) {
		return errNotNow
	}
	if s := t.consult; s != nil {
		t.members = slices.DeleteFunc(t.members, func(m *party) bool { return m == s.with })
		c.cancel(ringKey{s.with})
		c.release(s.with, telephony.CauseNormal)
	}
	p.media.Stop()
	c.endConsult()
	return nil
}

// endConsult takes the others back after the consultation.
func (c *Call) endConsult() {
	if h := c.table.holder; h != nil {
		c.tell(telephony.LegHeld{Leg: h.name})
	}
	c.bringTogether()
	c.seat()
	c.showTable()
}

// conference brings the others and who is consulted together (A2.12).
func (c *Call) conference(p *party) error {
	s := c.table.consult
	if s == nil || s.by != p || !slices.Contains(c.table.members, s.with) {
		return errNotNow
	}
	c.endConsult()
	c.tellConference()
	return nil
}

// tellConference writes down who hears each other.
func (c *Call) tellConference() {
	f := telephony.Conferenced{}
	for _, p := range c.table.members {
		f.Legs = append(f.Legs, p.name)
	}
	c.tell(f)
}

// expiredTalking takes a timer of the conversation.
func (c *Call) expiredTalking(key any) state {
	switch key := key.(type) {
	case ringKey:
		if s := c.table.consult; s != nil && s.with == key.p {
			c.abandon(s.with, telephony.CauseNoAnswer)
			c.failedConsult(telephony.CauseNoAnswer)
		} else if m := c.table.monitorOf(key.p); m != nil {
			return c.dismiss(m, telephony.CauseNoAnswer)
		}
	case dialKey:
		return c.callDialled()
	}
	return nil
}
