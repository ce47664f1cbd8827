package call

import (
	"callbox/telephony"
	"callbox/telephony/media"
)

// memberOf is the party at the table whose part an order speaks for.
func (c *Call) memberOf(h Hand) *party {
	agent := h.Agent
	if agent == "" {
		agent = c.live.Agent
	}
	for _, p := range c.table.members {
		if agent != "" && p.agent == agent {
			return p
		}
	}
	if h.Agent != "" {
		return nil
	}
	for _, p := range c.table.members { // nobody here is an agent: whoever is at a phone of the office
		if p.inside() {
			return p
		}
	}
	return nil
}

// orderedTalking carries out what somebody asks of the conversation.
func (c *Call) orderedTalking(o order) state {
	switch o.kind {
	case orderMonitor:
		return c.monitor(o)
	case orderYield:
		return c.yieldTalking(o.yield)
	case orderPickUp:
		return nil // nothing rings, and the next wait says so
	}
	p := c.memberOf(o.hand)
	if p == nil {
		c.answerAsked(errAbsent)
		return nil
	}
	switch o.kind {
	case orderHold:
		c.answerAsked(c.holdOthers(p))
	case orderRetrieve:
		c.answerAsked(c.retrieve(p))
	case orderConsult:
		c.answerAsked(c.consultWith(p, o.to))
	case orderBack:
		c.answerAsked(c.back(p))
	case orderConference:
		c.answerAsked(c.conference(p))
	case orderTransfer:
		return c.transferOrdered(p, o.to)
	case orderPark:
		return c.parkOrdered(p, 0)
	}
	return nil
}

// holdOthers lets the others hear music, and their holder nobody (A2.12).
func (c *Call) holdOthers(p *party) error {
	t := c.table
	if t.holder != nil || t.consult != nil {
		return errNotNow
	}
	c.sendAway(p)
	c.seat()
	c.showTable()
	return nil
}

// sendAway puts everybody but the holder on hold.
func (c *Call) sendAway(p *party) {
	c.table.holder = p
	for _, other := range c.table.members {
		if other != p {
			other.state = telephony.PartyAway
			c.hold(other)
		}
	}
	c.tell(telephony.LegHeld{Leg: p.name, On: true})
}

// errHeldThere: a telephone that holds sends and plays nothing, whatever it is offered (RFC 3264 8.4).
var errHeldThere = telephony.Errorf(telephony.Conflict,
	"保持是在话机上按下的，请在话机上取回。", "The telephone itself holds the call. Take it back at the telephone.")

// retrieve takes the others back.
func (c *Call) retrieve(p *party) error {
	if p.holds {
		return errHeldThere
	}
	if c.table.holder != p || c.table.consult != nil {
		return errNotNow
	}
	c.tell(telephony.LegHeld{Leg: p.name})
	c.bringTogether()
	c.seat()
	c.showTable()
	return nil
}

// bringTogether has nobody away any more, and nobody to be consulted.
func (c *Call) bringTogether() {
	t := c.table
	t.holder, t.consult = nil, nil
	for _, p := range t.members {
		if p.state == telephony.PartyAway {
			p.state = telephony.PartyTalking
			p.media.Stop()
		}
	}
}

// forgets reports whether a party at a phone that hangs up leaves one on hold, to whom nobody else would ever talk.
func (t *table) forgets(p *party) bool {
	return p.inside() && t.holder == p && t.consult == nil && len(t.members) == 2
}

// callBack rings the phone of a party that hung up with another on hold: nobody is forgotten there (A2.12).
func (c *Call) callBack(p *party) state {
	c.letGo(p)
	c.recall = ""
	return c.route(telephony.Routed{
		Target: p.target, Rule: "hold/forgotten", Why: telephony.Text{ZH: "挂机时仍有一方在保持", EN: "the phone was hung up with somebody on hold"},
	})
}

func ports(parties []*party) (list []*media.Party) {
	for _, p := range parties {
		list = append(list, p.media)
	}
	return list
}
