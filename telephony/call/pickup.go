package call

import (
	"callbox/telephony"
)

// ringFor rings the phone of somebody who wants to take this call, which rings elsewhere or is parked (A2.14).
func (c *Call) ringFor(phone telephony.Target) error {
	if phone.Kind() != telephony.ToPhone || !exists(c.Config, phone) {
		return telephony.Errorf(telephony.Invalid, "请用分机代接", "pick up with a phone of the office")
	}
	o := c.orderFor(phone)
	o.AutoAnswer = true // who asked for it sits there
	p, err := c.reach(phone, o, telephony.PermitInternal)
	if err != nil {
		return err
	}
	p.agent, p.picksUp = c.house.Queues.AgentAt(phone), true
	c.set(ringKey{p}, c.ringTime(phone))
	c.picture()
	return nil
}

// stopPicking gives up ringing somebody who wanted to take the call.
func (c *Call) stopPicking(key any) {
	if k, ok := key.(ringKey); ok && k.p.picksUp {
		c.abandon(k.p, telephony.CauseNoAnswer)
	}
}

// stopPickers lets go who wanted to take the call and has not answered.
func (c *Call) stopPickers() {
	for _, p := range c.others {
		if p.picksUp && !p.answered {
			c.abandon(p, telephony.CauseElsewhere)
		}
	}
}

// pickedUp gives the caller to a party that took the call.
func (c *Call) pickedUp(p *party) state {
	c.cancel(ringKey{p})
	for _, other := range c.others {
		if other != p && !other.answered {
			c.abandon(other, telephony.CauseElsewhere)
		}
	}
	c.tell(telephony.PickedUp{Leg: p.name, Agent: p.agent})
	c.record(p)
	return c.talk(p)
}

// pickUpRinging is the star code that takes the call which rings at a phone, or that rings longest if none is named.
func (c *Call) pickUpRinging(ext string) state {
	line := ""
	if ext != "" {
		line = "phone/" + ext
	}
	other := c.house.Switch.RingingAt(line)
	if other == nil {
		return c.announce("not_available")
	}
	return c.hand(other, "")
}

// fetch is the star code that takes the call in a slot.
func (c *Call) fetch(slot string) state {
	other := (*Call)(nil)
	if len(slot) == 1 {
		other = c.house.Slots.at(int(slot[0] - '0'))
	}
	if other == nil {
		return c.announce("not_available")
	}
	return c.hand(other, "")
}
