package call

import (
	"errors"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// The time that a party is rung where the configuration does not say.
const (
	ringPhone   = 30 * time.Second
	ringOutside = 90 * time.Second
)

// maxRedials bounds how often another line is tried after one on which a call came in at the same moment (glare).
const maxRedials = 3

// ring calls a phone, an agent or an outside number for the caller.
func (c *Call) ring(t telephony.Target) state {
	to, agent := t, ""
	if t.Kind() == telephony.ToAgent {
		agent = t.ID()
		if to = c.house.Queues.PhoneOf(agent); to == "" {
			return c.unreached(t, telephony.CauseAbsent)
		}
	}
	if to.Kind() == telephony.ToPhone && agent == "" {
		agent = c.house.Queues.AgentAt(to)
	}
	if agent != "" && c.house.Queues.Undisturbed(agent) {
		return c.unreached(to, telephony.CauseBusy)
	}
	p, err := c.reach(to, c.orderFor(to), c.permit())
	if err != nil {
		return c.unreached(to, causeOf(err, to))
	}
	p.agent = agent
	c.show("ringing", string(to))
	if c.answered {
		c.tone(dsp.Ringback)
	}
	c.set(ringKey{p}, c.ringTime(to))
	return func(c *Call) state { return c.ringingOut(p, t) }
}

// ringingOut waits for the called party; t is whom the call was sent to.
func (c *Call) ringingOut(p *party, t telephony.Target) state {
	for {
		switch h := c.wait().(type) {
		case hungup:
			return c.lost(telephony.OutcomeLostRinging, h.cause)
		case expired:
			c.abandon(p, telephony.CauseNoAnswer)
			return c.unreached(p.target, telephony.CauseNoAnswer)
		case heard:
			if h.from != p {
				continue
			}
			switch e := h.event.(type) {
			case telephony.Ringing:
				if !c.answered {
					c.caller.leg.Alert()
				}
			case telephony.Progress:
				c.early(p)
			case telephony.Answered:
				c.cancel(ringKey{p})
				c.record(p)
				return c.talk(p)
			case telephony.Released:
				c.cancel(ringKey{p})
				if e.Cause == telephony.CauseNoChannel && p.target.Kind() == telephony.ToOutside && c.redials < maxRedials {
					c.redials++
					return c.ring(t)
				}
				return c.unreached(p.target, e.Cause)
			}
		}
	}
}

// early lets the caller hear the tones and notices of the far end before it answers.
func (c *Call) early(p *party) {
	if !c.answered {
		c.caller.leg.Progress()
	}
	c.hush()
	c.bridge.Join(c.caller.media, p.media)
}

// unreached goes on after a party that was busy, did not answer or is not there (A2.2).
func (c *Call) unreached(t telephony.Target, cause telephony.Cause) state {
	c.hush()
	o, next := telephony.OutcomeNoAnswer, telephony.Target("")
	p := c.Config.Phone(t.ID())
	if t.Kind() != telephony.ToPhone {
		p = nil
	}
	why := cause.Text()
	switch cause.Kind() {
	case telephony.KindBusy:
		o = telephony.OutcomeBusy
		if p != nil {
			next = p.Busy
		}
	case telephony.KindVacant, telephony.KindForbidden:
		o = telephony.OutcomeRefused
	case telephony.KindFull:
		o = telephony.OutcomeCongestion
	case telephony.KindFault, telephony.KindNetwork:
		o = telephony.OutcomeFailed
	}
	if p != nil && (o == telephony.OutcomeNoAnswer || o == telephony.OutcomeCongestion || o == telephony.OutcomeFailed) {
		next = p.NoAnswer
	}
	return c.send(next, string(t)+" "+cause.Text().EN, why, o, cause)
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
