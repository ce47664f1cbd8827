package call

import (
	"slices"
	"strings"

	"callbox/telephony"
)

// Two calls become one when somebody who is in both puts the two others through, or takes a call that rings elsewhere. The
// younger call gives its party to the older one, whose story goes on, and ends. It waits for the answer; since nobody older
// waits for anybody younger, no two wait for each other.

// A gift is a party that comes over from another call.
type gift struct {
	leg      telephony.Leg
	line     string
	caller   telephony.Caller
	agent    string
	target   telephony.Target
	answered bool
	told     []telephony.Event // by the leg, and not seen yet
	data     map[string]string
	from     telephony.CallID
	replaces string     // the leg whose place it takes; empty: it takes a call that rings or is parked
	taken    func()     // tells whoever asked for it that it is, before they are let go; nil: nobody here did
	reply    chan error // capacity 1
}

func (g gift) answer(err error) { g.reply <- err }

// A yield asks a younger call for whom somebody there talks with.
type yield struct {
	leg      string // of that somebody, in the call that is asked
	to       *Call
	replaces string // that somebody's leg in the call that asks
	tell     func(error)
}

// older reports whether a call was born before another.
func older(a, b telephony.CallID) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

// mergeAsked is an attended transfer that a party asks for at its phone: it talks with somebody here and with somebody in
// another call (RFC 5589 7).
func (c *Call) mergeAsked(p *party, e telephony.Transfer) state {
	other := c.house.Switch.CallOf(e.Leg)
	switch {
	case other == nil || other == c:
		return nil // and the next wait says no
	case older(c.ID, other.ID):
		c.asked = nil
		tell := func(err error) { e.Tell(cameOf(err)) }
		go other.post(order{kind: orderYield, yield: yield{e.Leg, c, p.name, tell}})
		return nil
	}
	return c.yieldTalking(yield{p.name, other, e.Leg, func(error) {}})
}

// yieldTalking gives up whom somebody talks with, and with that the call.
func (c *Call) yieldTalking(y yield) state {
	asked := c.asked
	c.asked = nil
	tell := func(err error) {
		y.tell(err)
		if asked != nil {
			asked(err)
		}
	}
	members := c.table.members
	at := slices.IndexFunc(members, func(p *party) bool { return p.name == y.leg })
	if len(members) != 2 || at < 0 {
		tell(errNotNow)
		return nil
	}
	stays := members[1-at]
	if err := c.give(stays, y.to, y.replaces, func() { y.tell(nil) }); err != nil {
		tell(err)
		c.seat()
		return nil
	}
	tell(nil)
	c.leaveTable()
	return c.finish(c.outcome, telephony.CauseNormal, "phone")
}

// yieldRinging is the same while the party still rings.
func (c *Call) yieldRinging(p *party, y yield) state {
	asked := c.asked
	c.asked = nil
	err := error(errNotNow)
	if c.caller.name == y.leg {
		c.cancel(ringKey{p})
		err = c.give(p, y.to, y.replaces, func() { y.tell(nil) })
	}
	y.tell(err)
	if asked != nil {
		asked(err)
	}
	if err != nil {
		return nil
	}
	return c.finish(telephony.OutcomeNoAnswer, telephony.CauseNormal, "phone")
}

// give hands a party over to another call. One that is not taken stays.
func (c *Call) give(p *party, to *Call, replaces string, taken func()) error {
	if c.tapped == p {
		c.stopRecording()
	}
	g := gift{
		leg: p.leg, line: p.line, caller: c.callerOf(p), agent: p.agent, target: p.target, answered: p.answered, told: c.unfollow(p),
		data: c.data, from: c.ID, replaces: replaces, taken: taken, reply: make(chan error, 1),
	}
	<-p.media.Detach()
	if p.agent != "" {
		c.house.Queues.Moved(p.agent, c.ID, to.ID)
	}
	err := to.receive(g)
	if err != nil {
		if p.agent != "" {
			c.house.Queues.Moved(p.agent, to.ID, c.ID)
		}
		for _, e := range g.told {
			c.backlog = append(c.backlog, heard{p, e})
		}
		p.media = c.bridge.Attach(p.leg.Port())
		c.follow(p)
		return err
	}
	p.gone = true
	c.others = slices.DeleteFunc(c.others, func(o *party) bool { return o == p })
	c.tell(telephony.LegGiven{Leg: p.name, To: to.ID})
	return nil
}

// receive waits for what a call says to a gift.
func (c *Call) receive(g gift) error {
	c.post(g)
	select {
	case err := <-g.reply:
		return err
	case <-c.over:
	}
	select {
	case err := <-g.reply: // its last word
		return err
	default:
		return errOver
	}
}

// accept makes a gift a party of this call.
func (c *Call) accept(g gift) *party {
	c.answerAsked(nil)
	if g.taken != nil {
		g.taken()
	}
	p := c.adopt(g.leg, g.line)
	p.caller, p.agent, p.target, p.answered, p.talked = g.caller, g.agent, g.target, g.answered, g.answered
	c.others = append(c.others, p)
	c.tell(telephony.LegTaken{Leg: p.name, Line: g.line, From: g.from})
	for _, e := range g.told {
		c.backlog = append(c.backlog, heard{p, e})
	}
	c.inherit(g.data, g.from)
	return p
}

// takesPlace gives a party that comes from another call the place of one that is here: an attended transfer.
func (c *Call) takesPlace(g gift) state {
	t := c.table
	at := slices.IndexFunc(t.members, func(p *party) bool { return p.name == g.replaces })
	if at < 0 || t.consult != nil && t.consult.by == t.members[at] {
		return nil // and the next wait says no
	}
	leaves := t.members[at]
	p := c.accept(g)
	if !p.answered {
		permit := c.permitOf(leaves)
		c.letGo(leaves)
		c.tell(telephony.Transferred{By: leaves.name, Agent: leaves.agent, To: p.target, How: "blind"})
		c.release(leaves, telephony.CauseNormal)
		return c.await(p, permit)
	}
	if p.agent == leaves.agent { // the same agent at another telephone, or at a page loaded anew, who is not free for that
		leaves.agent = ""
	}
	t.members = append(t.members, p)
	return c.replace(leaves, p, "attended")
}

// replace lets a member of the table go for another.
func (c *Call) replace(leaves, p *party, how string) state {
	t := c.table
	c.tell(telephony.Transferred{By: leaves.name, Agent: leaves.agent, To: p.target, How: how})
	if t.holder == leaves || t.holder == nil {
		c.bringTogether()
	}
	if leaves == c.caller {
		for _, m := range t.members {
			if m != leaves && m != p {
				c.serve(m)
				break
			}
		}
	}
	next := c.left(leaves, telephony.Released{})
	c.release(leaves, telephony.CauseNormal)
	return next
}

// replaceLeg takes the place of a leg in another call (RFC 3891).
func (c *Call) replaceLeg() state {
	other := c.house.Switch.CallOf(c.Arrival.Replaces)
	if other == nil || other == c {
		return c.refuse(telephony.OutcomeFailed, telephony.CauseTemporary)
	}
	c.answer()
	return c.hand(other, c.Arrival.Replaces)
}

// hand gives the caller to an older call, which is the end of this one.
func (c *Call) hand(to *Call, replaces string) state {
	c.caller.agent = c.agentAt(c.caller.line)
	c.hush()
	if older(c.ID, to.ID) || c.give(c.caller, to, replaces, nil) != nil {
		return c.announce("not_available")
	}
	return c.finish(telephony.OutcomeSelfService, telephony.CauseNormal, "phone")
}

// parkCode is the slot of a star code that parks.
func parkCode(dialled string) (slot int, ok bool) {
	rest, ok := strings.CutPrefix(dialled, CodePark)
	switch {
	case !ok || len(rest) > 1:
		return 0, false
	case rest == "":
		return 0, true
	}
	return int(rest[0] - '0'), rest[0] >= '1' && rest[0] <= '9'
}
