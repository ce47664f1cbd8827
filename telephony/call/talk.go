package call

import (
	"slices"
	"time"

	"callbox/telephony"
)

// A table is those of a call who are in its conversation. They talk with each other, but for those who are away: whom
// somebody put on hold, and who hear music.
type table struct {
	members  []*party    // in the order in which they came
	pair     [2]*party   // whose conversation the journal tells of
	holder   *party      // who put the others on hold; nil: nobody
	consult  *consultant // who is consulted, or called to be; nil: nobody
	dialling *dialling   // after a hook flash; nil: nobody
	monitors []*monitor
}

// talk joins the caller and the party that answered.
func (c *Call) talk(p *party) state {
	c.cameOfReferral(telephony.CauseNormal)
	c.answer()
	c.hush()
	c.stopPickers()
	c.table = &table{members: []*party{c.caller, p}}
	c.pair(c.caller, p)
	return (*Call).talking
}

// pair is the beginning of a conversation, as journal, queues and recorder see it. A call that goes on between two others is
// told as another conversation.
func (c *Call) pair(a, b *party) {
	c.table.pair = [2]*party{a, b}
	c.stopMonitoring(b)
	c.seat()
	c.reached(b)
	b.talked, c.rounds, c.recall = true, 0, ""
	if c.waiting != nil {
		c.served = c.waiting.queue
	}
	if c.live.Talking.IsZero() {
		c.live.Talking = time.Now()
	}
	c.tell(telephony.Bridged{A: a.name, B: b.name, Agent: c.live.Agent})
	c.show("talk", b.line)
}

// seat lets those of the table who are not away hear each other, and those who listen hear them.
func (c *Call) seat() {
	var joined []*party
	for _, p := range c.table.members {
		if p.state != telephony.PartyAway {
			p.state = telephony.PartyTalking
			joined = append(joined, p)
		}
	}
	c.bridge.Join(ports(joined)...)
	for _, m := range c.table.monitors {
		c.coach(m)
	}
	c.limit()
}

type longestKey struct{}

// limit ends a conversation in time in which no line is sure to tell when its party is gone.
func (c *Call) limit() {
	c.cancel(longestKey{})
	if most := c.longest(); most > 0 {
		c.set(longestKey{}, most)
	}
}

// longest is the limit of a conversation in which no line is sure to tell when its party is gone; 0: none.
func (c *Call) longest() (least time.Duration) {
	for _, p := range c.table.members {
		if c.Config.Supervised(p.line) {
			return 0
		}
		if most := c.Config.Line(p.line).Longest(); least == 0 || most > 0 && most < least {
			least = most
		}
	}
	return least
}

// reached notes what the call has come to, and who is in it. One that was answered here is so wherever it goes on.
func (c *Call) reached(p *party) {
	forwarded := c.Direction == telephony.Inbound && p.target.Kind() == telephony.ToOutside && p.agent == ""
	switch {
	case !forwarded:
		c.outcome = telephony.OutcomeAnswered
	case c.outcome == "":
		c.outcome = telephony.OutcomeForwarded
	}
	c.caller.agent = c.callingAgent()
	c.live.Agent = c.agentIn(p)
	if own := c.caller.agent; own != "" {
		c.house.Queues.Talking(own, c.ID)
	}
	if p.agent == "" {
		return
	}
	if c.waiting == nil {
		c.house.Queues.Talking(p.agent, c.ID)
	}
	if c.Direction == telephony.Inbound {
		c.house.Switch.Spoke(c.Arrival.Caller.Number, p.agent)
	}
}

// agentIn is the agent of a conversation: whoever was called, or else whoever calls.
func (c *Call) agentIn(p *party) string {
	if p.agent != "" {
		return p.agent
	}
	return c.callingAgent()
}

// callingAgent is the agent who sits at the phone that calls, or "".
func (c *Call) callingAgent() string {
	if c.caller.agent != "" {
		return c.caller.agent
	}
	return c.agentAt(c.caller.line)
}

// agentAt is the agent who now sits at the phone of a line, or "".
func (c *Call) agentAt(line string) string {
	if p := c.phoneOf(line); p != nil {
		return c.house.Queues.AgentAt(telephony.NewTarget(telephony.ToPhone, p.Extension))
	}
	return ""
}

// talking is the conversation, until fewer than two are left in it.
func (c *Call) talking() state {
	for {
		var next state
		switch h := c.wait().(type) {
		case hungup:
			if !c.caller.gone || c.by != "" {
				next = c.endedByOrder(h)
			} else {
				next = c.callerLeft(h.cause)
			}
		case heard:
			next = c.heardTalking(h)
		case expired:
			if h.key == any(longestKey{}) {
				return c.finish(c.outcome, telephony.CauseTimerExpiry, "box")
			}
			next = c.expiredTalking(h.key)
		case order:
			next = c.orderedTalking(h)
		case gift:
			next = c.takesPlace(h)
		}
		if next != nil {
			return next
		}
	}
}

// endedByOrder ends the conversation at somebody's word. That of an agent in it is a handset put down: others go on without.
func (c *Call) endedByOrder(h hungup) state {
	p := c.memberOf(Hand{Agent: h.agent})
	switch {
	case h.agent == "" || p == nil:
	case len(c.table.members) > 2:
		c.by = ""
		return c.complete(p)
	case c.polls(h.agent):
		c.leaveTable()
		return c.poll(h.agent)
	}
	return c.finish(c.outcome, h.cause, "caller")
}

// heardTalking takes what a leg tells in the conversation.
func (c *Call) heardTalking(h heard) state {
	if m := c.table.monitorOf(h.from); m != nil && !slices.Contains(c.table.members, h.from) {
		return c.heardMonitor(m, h.event)
	}
	if s := c.table.consult; s != nil && h.from == s.with && !s.with.answered {
		return c.heardConsulted(h.event)
	}
	if !slices.Contains(c.table.members, h.from) {
		if _, ok := h.event.(telephony.Answered); ok {
			c.consulted(h.from)
		}
		return nil // else a leg that is on its way out
	}
	switch e := h.event.(type) {
	case telephony.Released:
		return c.left(h.from, e)
	case telephony.Transfer:
		return c.transferAsked(h.from, e)
	case telephony.Flashed:
		c.flash(h.from)
	case telephony.Digit:
		if c.table.dialling != nil && c.table.dialling.by == h.from {
			c.dialled(e.Key)
			return nil
		}
		c.passOn(h)
	case telephony.Held:
		c.passOn(h)
	}
	return nil
}

// partners are those whom a party hears.
func (c *Call) partners(p *party) (list []*party) {
	for _, m := range c.table.members {
		if m != p && m.state == telephony.PartyTalking && p.state == telephony.PartyTalking {
			list = append(list, m)
		}
	}
	return list
}

// passOn gives what one party does to the others: digits that its audio does not carry, music to one who is alone with a
// phone that holds.
func (c *Call) passOn(h heard) {
	others := c.partners(h.from)
	if e, ok := h.event.(telephony.Held); ok {
		h.from.holds = e.On
		c.showTable()
	}
	switch e := h.event.(type) {
	case telephony.Digit:
		for _, other := range others {
			if !e.InBand {
				other.leg.Press(string(e.Key))
			}
		}
	case telephony.Held:
		for _, other := range others {
			if e.On && len(others) == 1 {
				c.hold(other)
			} else {
				other.media.Stop()
			}
		}
	}
}

// callerLeft goes on without the caller where others talk on (A2.12), or ends the call.
func (c *Call) callerLeft(cause telephony.Cause) state {
	old := c.caller
	s, t := c.table.consult, c.table
	if len(t.members) < 3 && !t.forgets(old) && (s == nil || s.by != old || s.with.answered) {
		return c.finish(c.outcome, cause, "caller")
	}
	rest := slices.DeleteFunc(slices.Clone(c.table.members), func(p *party) bool { return p == old })
	c.serve(rest[0])
	c.drop(old, telephony.Released{Cause: cause})
	return c.left(old, telephony.Released{Cause: cause})
}

// left goes on without a party that hung up. Who hangs up while consulting has transferred.
func (c *Call) left(p *party, e telephony.Released) state {
	t := c.table
	c.stopDialling(p)
	c.stopMonitoring(p)
	if t.forgets(p) && !vanished(e) {
		return c.callBack(p)
	}
	if s := t.consult; s != nil {
		switch {
		case p == s.by && s.with.answered:
			c.bringTogether()
			c.tell(telephony.Transferred{By: p.name, Agent: p.agent, To: s.with.target, How: "attended"})
		case p == s.by && len(t.members) == 2:
			return c.ringOn(p)
		case p == s.by:
			c.abandon(s.with, telephony.CauseNormal)
		case p == s.with:
			c.endConsult()
		}
	}
	t.members = slices.DeleteFunc(t.members, func(m *party) bool { return m == p })
	if away := slices.ContainsFunc(t.members, func(m *party) bool { return m.state == telephony.PartyAway }); t.holder == p || !away {
		c.bringTogether()
	}
	if len(t.members) < 2 {
		return c.partyGone(p, e)
	}
	for _, m := range t.members {
		if m.state == telephony.PartyTalking && (t.consult == nil || t.consult.by != m) {
			m.media.Stop() // the one who left had it on hold
		}
	}
	if t.pair[0] == p || t.pair[1] == p {
		c.pairAnew()
		return nil
	}
	c.seat()
	c.showTable()
	return nil
}

// pairAnew tells of the conversation between the caller and the first of the others who are left: a supervisor only where there
// is nobody else.
func (c *Call) pairAnew() {
	if !slices.Contains(c.table.members, c.caller) {
		c.serve(c.table.members[0])
	}
	if !slices.Contains(c.table.members, c.tapped) {
		c.recordOn(c.tapped, c.outside())
	}
	others := slices.DeleteFunc(slices.Clone(c.table.members), func(p *party) bool { return p == c.caller })
	p := others[max(0, slices.IndexFunc(others, func(p *party) bool { return c.table.monitorOf(p) == nil }))]
	c.record(p)
	c.pair(c.caller, p)
	c.showTable()
}

// partyGone ends the conversation. An agent who hung up ends the call, but for the poll; one who was lost leaves a caller that the
// queue still owes an answer.
func (c *Call) partyGone(p *party, e telephony.Released) state {
	c.leaveTable()
	if c.waiting != nil && vanished(e) {
		return c.backToQueue()
	}
	if !vanished(e) && c.polls(p.agent) {
		return c.poll(p.agent)
	}
	by := "phone"
	switch {
	case p.agent != "":
		by = "agent"
	case p.target.Kind() == telephony.ToOutside:
		by = "outside"
	}
	return c.finish(c.outcome, e.Cause, by)
}

// leaveTable is the end of the conversation, for those who listen to it as well.
func (c *Call) leaveTable() {
	for _, m := range slices.Clone(c.table.monitors) {
		c.stopMonitoring(m.party)
		c.cancel(ringKey{m.party})
		c.release(m.party, telephony.CauseNormal)
	}
	c.cancel(longestKey{})
	c.table = nil
}

// showTable shows what the conversation is.
func (c *Call) showTable() {
	name, t := "talk", c.table
	switch {
	case t.consult != nil || t.dialling != nil:
		name = "consult"
	case t.holder != nil || slices.ContainsFunc(t.members, func(p *party) bool { return p.holds && p.inside() }):
		name = "hold"
	case len(t.members) > 2:
		name = "conference"
	}
	c.show(name, t.pair[1].line)
}
