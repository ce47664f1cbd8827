package call

import (
	"errors"
	"strings"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// The time that a party is rung where the configuration does not say.
const (
	ringPhone   = 30 * time.Second
	ringOutside = 90 * time.Second
)

// maxRedials bounds how often another line is tried for one call.
const maxRedials = 3

// lineFaults are the causes that speak of the line and not of the party: another line may do (RFC 3263 4.3, Q.850).
var lineFaults = map[telephony.Cause]bool{
	telephony.CauseNoChannel: true, telephony.CauseNetworkFault: true, telephony.CauseTemporary: true, telephony.CauseCongestion: true,
	telephony.CauseTimerExpiry: true,
}

// ring calls a phone, an agent or an outside number for the caller.
func (c *Call) ring(t telephony.Target) state {
	if always := c.forwardsOf(t).always; always != "" {
		return c.send(always, string(t)+" always", telephony.Text{ZH: "无条件转移", EN: "every call is forwarded"},
			telephony.OutcomeNoAnswer, telephony.CauseNoAnswer)
	}
	to, agent, err := c.locate(t)
	if err != nil {
		return c.unreached(t, causeOf(err, t))
	}
	p, err := c.reach(to, c.orderFor(to), c.permit())
	if errors.Is(err, ErrMakingRoom) {
		c.show("ringing", string(t))
		return c.pause(roomWait, func(c *Call) state { return c.ring(t) })
	}
	if err != nil && c.failed != nil {
		return c.unreached(t, c.failure)
	}
	if err != nil {
		return c.unreached(t, causeOf(err, to))
	}
	p.agent = agent
	c.show("ringing", string(to))
	if c.answered {
		c.tone(dsp.Ringback)
	}
	c.set(ringKey{p}, c.ringTime(to))
	return func(c *Call) state { return c.ringingOut(p, t) }
}

// locate finds where a person is to be rung: the phone of an agent, and the agent at a phone. One who asked not to be
// disturbed is busy (A2.17).
func (c *Call) locate(t telephony.Target) (to telephony.Target, agent string, err error) {
	if to = t; t.Kind() == telephony.ToAgent {
		agent = t.ID()
		if to = c.house.Queues.PhoneOf(agent); to == "" {
			return "", "", telephony.Errorf(telephony.Unavailable, "坐席 %s 未签入", "agent %s is not signed in", agent)
		}
	}
	if to.Kind() == telephony.ToPhone && agent == "" {
		agent = c.house.Queues.AgentAt(to)
	}
	if agent != "" && c.house.Queues.Undisturbed(agent) {
		return "", "", telephony.Errorf(telephony.Busy, "坐席 %s 示忙", "agent %s is not to be disturbed", agent)
	}
	return to, agent, nil
}

// ringingOut waits for the called party; t is whom the call was sent to.
func (c *Call) ringingOut(p *party, t telephony.Target) state {
	there := false // the far end's network has taken the call
	for {
		switch h := c.wait().(type) {
		case hungup:
			return c.lost(telephony.OutcomeLostRinging, h.cause)
		case expired:
			if h.key != any(ringKey{p}) {
				c.stopPicking(h.key)
				continue
			}
			c.abandon(p, telephony.CauseNoAnswer)
			return c.unreached(t, telephony.CauseNoAnswer)
		case gift:
			if h.replaces == "" && h.answered {
				return c.pickedUp(c.accept(h))
			}
		case order:
			if next := c.orderedRinging(p, h); next != nil {
				return next
			}
		case heard:
			if _, ok := h.event.(telephony.Answered); ok && h.from.picksUp {
				return c.pickedUp(h.from)
			}
			if h.from != p {
				continue
			}
			switch e := h.event.(type) {
			case telephony.Ringing:
				there = true
				if !c.answered {
					c.caller.leg.Alert()
				}
			case telephony.Progress:
				there = true
				c.early(p)
			case telephony.Answered:
				c.cancel(ringKey{p})
				c.record(p)
				return c.talk(p)
			case telephony.Released:
				c.cancel(ringKey{p})
				if !there && c.redials < maxRedials && c.failedLine(p, e) {
					c.redials++
					return c.ring(t)
				}
				return c.unreached(t, e.Cause)
			}
		}
	}
}

// failedLine reports whether a call to the outside ended by a fault of its line, and so may go by another (A1.18). A wire or a
// span on which a call came in at the same moment (glare) has no fault.
func (c *Call) failedLine(p *party, e telephony.Released) bool {
	silent := e.Cause == telephony.CauseNoResponse && e.Witness == telephony.ByTimer
	if p.target.Kind() != telephony.ToOutside || e.ByBox || !lineFaults[e.Cause] && !silent {
		return false
	}
	if e.Cause != telephony.CauseNoChannel || strings.HasPrefix(p.line, "trunk/") {
		c.failed, c.failure = append(c.failed, p.line), e.Cause
	}
	return true
}

// orderedRinging carries out what somebody asks of a call that rings.
func (c *Call) orderedRinging(p *party, o order) state {
	switch o.kind {
	case orderPickUp:
		c.answerAsked(c.ringFor(o.phone))
	case orderYield:
		return c.yieldRinging(p, o.yield)
	}
	return nil
}

// early lets the caller hear the tones and notices of the far end before it answers.
func (c *Call) early(p *party) {
	if !c.answered {
		c.caller.leg.Progress()
	}
	c.hush()
	c.bridge.Join(c.caller.media, p.media)
}

// forwards are where calls to somebody go on (A2.15).
type forwards struct{ always, busy, noAnswer telephony.Target }

// forwardsOf are the forwards of a target: an agent's own, and else those of the phone.
func (c *Call) forwardsOf(t telephony.Target) forwards {
	if a := c.Config.Agent(t.ID()); a != nil && t.Kind() == telephony.ToAgent {
		own := forwards{a.Always, a.Busy, a.NoAnswer}
		if own != (forwards{}) {
			return own
		}
		t = c.house.Queues.PhoneOf(a.ID)
	}
	if p := c.Config.Phone(t.ID()); p != nil && t.Kind() == telephony.ToPhone {
		return forwards{p.Always, p.Busy, p.NoAnswer}
	}
	return forwards{}
}

// unreached goes on after a party that was busy, did not answer or is not there (A2.2). A caller whom somebody put through in
// vain, and whom no setting sends on, comes back to that one.
func (c *Call) unreached(t telephony.Target, cause telephony.Cause) state {
	c.hush()
	o, next, f := telephony.OutcomeNoAnswer, telephony.Target(""), c.forwardsOf(t)
	switch cause.Kind() {
	case telephony.KindBusy:
		o, next = telephony.OutcomeBusy, f.busy
	case telephony.KindVacant, telephony.KindForbidden:
		o = telephony.OutcomeRefused
	case telephony.KindFull:
		o, next = telephony.OutcomeCongestion, f.noAnswer
	case telephony.KindFault, telephony.KindNetwork:
		o, next = telephony.OutcomeFailed, f.noAnswer
	default:
		next = f.noAnswer
	}
	told := next == "" && c.cameOfReferral(cause)
	rule := string(t) + " " + cause.Text().EN
	if next == "" && c.recall != "" {
		next, rule, c.recall = c.recall, "transfer/recall "+cause.Text().EN, ""
	}
	goOn := func(c *Call) state { return c.send(next, rule, cause.Text(), o, cause) }
	if told && next != "" {
		return c.pause(recallWait, goOn)
	}
	return goOn(c)
}

type pauseKey struct{}

// pause goes on after a moment, if the caller is still there.
func (c *Call) pause(d time.Duration, goOn state) state {
	c.set(pauseKey{}, d)
	return func(c *Call) state {
		for {
			switch h := c.wait().(type) {
			case hungup:
				return c.lost(telephony.OutcomeLostRinging, h.cause)
			case expired:
				if h.key == any(pauseKey{}) {
					return goOn
				}
				c.stopPicking(h.key)
			}
		}
	}
}

// ringTime is how long a target is rung.
func (c *Call) ringTime(t telephony.Target) time.Duration {
	if t.Kind() == telephony.ToOutside {
		return ringOutside
	}
	if p := c.Config.Phone(t.ID()); p != nil && p.RingSeconds > 0 {
		return time.Duration(p.RingSeconds) * time.Second
	}
	return ringPhone
}

// causeOf is the cause that an error of the switchboard stands for. Lines to the outside stand for each other: what is wrong
// with the last that was tried is not what the caller is told.
func causeOf(err error, t telephony.Target) telephony.Cause {
	var e *telephony.Error
	if !errors.As(err, &e) {
		return telephony.CauseTemporary
	}
	outside := t.Kind() == telephony.ToOutside
	switch {
	case e.Code == telephony.NotFound:
		return telephony.CauseUnallocated
	case e.Code == telephony.Invalid:
		return telephony.CauseBadNumber
	case e.Code == telephony.Forbidden:
		return telephony.CauseForbidden
	case outside && (e.Code == telephony.Unavailable || e.Code == telephony.Busy):
		return telephony.CauseNoChannel
	case e.Code == telephony.Unavailable:
		return telephony.CauseAbsent
	case e.Code == telephony.Busy:
		return telephony.CauseBusy
	}
	return telephony.CauseTemporary
}
