package call

import (
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// transferTargets are where somebody may put a caller through to (A2.10): a person, a queue, an automatic flow, the outside.
var transferTargets = map[string]bool{
	telephony.ToPhone: true, telephony.ToAgent: true, telephony.ToQueue: true, telephony.ToMenu: true, telephony.ToOutside: true,
	telephony.ToVoicemail: true, telephony.ToRoom: true, telephony.ToPrompt: true,
}

// transferAsked is a transfer that a party asks for at its phone (RFC 3515, RFC 5589).
func (c *Call) transferAsked(p *party, e telephony.Transfer) state {
	if e.Leg != "" {
		return c.mergeAsked(p, e)
	}
	if slot, park := parkCode(e.To); park {
		return c.parkOrdered(p, slot)
	}
	t, err := c.house.Switch.Dialled(c.Config, e.To, c.permitOf(p))
	if err != nil {
		c.answerAsked(err)
		return nil
	}
	return c.transfer(p, t, e.Tell)
}

// A referrer is a party whose phone asked for a transfer and is to be told what came of it (RFC 3515 2.4.5). It has no part in
// the conversation any more; it goes when it has been told.
type referrer struct {
	*party
	tell func(telephony.Cause)
}

// recallWait is how long a phone that was told has to put down, before it is rung for the caller whom it put through in vain.
const recallWait = time.Second

// cameOfReferral tells what came of a transfer that a phone asked for, and lets the phone go. It reports false when none did.
func (c *Call) cameOfReferral(cause telephony.Cause) bool {
	r := c.referrer
	if r == nil {
		return false
	}
	c.referrer = nil
	r.tell(cause)
	c.release(r.party, telephony.CauseNormal)
	return true
}

// cameOf is what a phone is told that asked for a transfer.
func cameOf(err error) telephony.Cause {
	if err == nil {
		return telephony.CauseNormal
	}
	return causeOf(err, "")
}

// transferOrdered is a transfer that a party asks for at the page: to a target, or to whom it consults.
func (c *Call) transferOrdered(p *party, t telephony.Target) state {
	if s := c.table.consult; t == "" && s != nil && s.by == p {
		return c.complete(p)
	}
	if t == "" {
		c.answerAsked(telephony.Errorf(telephony.Invalid, "请选择转接去向", "say where to transfer the call"))
		return nil
	}
	return c.transfer(p, t, nil)
}

// transfer puts whom a party talks with through to a target, and lets the party go: at once, or when there is something to
// tell. Where the target cannot be had at all, the conversation goes on as it is.
func (c *Call) transfer(p *party, t telephony.Target, tell func(telephony.Cause)) state {
	if err := c.mayTransfer(p, t); err != nil {
		c.answerAsked(err)
		return nil
	}
	permit := c.permitOf(p)
	c.letGo(p)
	c.tell(telephony.Transferred{By: p.name, Agent: p.agent, To: t, How: "blind"})
	if tell == nil {
		c.answerAsked(nil)
		c.release(p, telephony.CauseNormal)
	} else {
		c.asked, c.referrer = nil, &referrer{p, tell}
		p.state = telephony.PartyAway
	}
	if c.recall = ""; p.inside() {
		c.recall = p.target
	}
	c.granted = permit
	return c.route(telephony.Routed{Target: t, Rule: "transfer", Why: telephony.Text{ZH: "转接", EN: "transferred"}})
}

// mayTransfer says what speaks against a transfer.
func (c *Call) mayTransfer(p *party, t telephony.Target) error {
	if len(c.table.members) != 2 {
		return telephony.Errorf(telephony.Conflict, "多方通话不能直接转接，请先退出", "a conference cannot be put through: leave it instead")
	}
	if t.Kind() == telephony.ToOutside {
		return c.house.Switch.Permitted(c.Config, t.ID(), c.permitOf(p))
	}
	return Sendable(c.Config, t)
}

// Sendable says what speaks against sending a call to a target on somebody's word, or nil. It leaves open whether an outside
// number is permitted.
func Sendable(cfg *telephony.Config, t telephony.Target) error {
	switch {
	case !transferTargets[t.Kind()]:
		return telephony.Errorf(telephony.Invalid, "不能把通话送到 %s", "a call cannot be sent to %s", string(t))
	case !exists(cfg, t):
		return telephony.Errorf(telephony.NotFound, "没有 %s", "there is no %s", string(t))
	}
	return nil
}

// exists reports whether a target is one of the configuration's, or needs not be.
func exists(cfg *telephony.Config, t telephony.Target) bool {
	id := t.ID()
	switch t.Kind() {
	case telephony.ToPhone:
		return cfg.Phone(id) != nil
	case telephony.ToAgent:
		return cfg.Agent(id) != nil
	case telephony.ToQueue:
		return cfg.Queue(id) != nil
	case telephony.ToMenu:
		return cfg.Menu(id) != nil
	case telephony.ToVoicemail:
		return cfg.Mailbox(id) != nil
	case telephony.ToRoom:
		return cfg.Room(id) != nil
	}
	return true
}

// letGo ends the conversation for the one who stays: it is served alone from here on.
func (c *Call) letGo(p *party) {
	for _, m := range c.table.members {
		if m != p && c.table.monitorOf(m) == nil {
			c.serve(m)
		}
	}
	c.recordOn(p, c.caller)
	if s := c.table.consult; s != nil {
		c.abandon(s.with, telephony.CauseNormal)
	}
	c.leaveTable()
	c.bridge.Join()
	c.hush()
	c.waiting, c.live.Agent = nil, ""
	c.caller.state = telephony.PartyTalking
}

// complete leaves the conversation to the others. While consulting that is an attended transfer (RFC 5589 7): who was consulted
// takes the place of who consulted.
func (c *Call) complete(p *party) state {
	c.answerAsked(nil)
	if p == c.caller {
		c.serve(c.table.members[1]) // whom it called
	}
	next := c.left(p, telephony.Released{})
	c.release(p, telephony.CauseNormal)
	return next
}

// ringOn lets the caller wait for somebody who was called to be consulted and has not answered, when who called hangs up.
func (c *Call) ringOn(p *party) state {
	with := c.table.consult.with
	permit := c.permitOf(p)
	c.table.consult = nil
	c.letGo(p)
	c.tell(telephony.Transferred{By: p.name, Agent: p.agent, To: with.target, How: "blind"})
	return c.await(with, permit)
}

// await waits for a party that rings already.
func (c *Call) await(with *party, permit telephony.Permit) state {
	c.granted = permit
	c.show("ringing", string(with.target))
	c.tone(dsp.Ringback)
	c.set(ringKey{with}, c.ringTime(with.target))
	return func(c *Call) state { return c.ringingOut(with, with.target) }
}
