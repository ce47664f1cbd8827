package call

import (
	"slices"
	"strings"
	"time"

	"callbox/telephony"
	"callbox/telephony/acd"
	"callbox/telephony/media"
)

// party is one leg of this call and what the call knows of it.
type party struct {
	leg      telephony.Leg
	line     string
	name     string
	media    *media.Party
	agent    string // the agent who sits there, or ""
	target   telephony.Target
	offer    acd.OfferID // while it rings for a queue
	ringFor  time.Duration
	began    time.Time
	answered bool
	talked   bool // with the caller
	gone     bool
}

// adopt takes a leg into the call: its port into the bridge, its events into the inbox.
func (c *Call) adopt(leg telephony.Leg, line string) *party {
	p := &party{leg: leg, line: line, name: leg.String(), media: c.bridge.Attach(leg.Port()), began: time.Now()}
	go func() {
		for e := range leg.Events() {
			c.post(heard{p, e})
		}
	}()
	return p
}

// reach starts a leg to a target and adopts it.
func (c *Call) reach(t telephony.Target, o telephony.Order, permit telephony.Permit) (*party, error) {
	r, err := c.house.Switch.Reach(c.Config, t, o, permit)
	if err != nil {
		return nil, err
	}
	p := c.adopt(r.Leg, r.Line)
	p.target = t
	c.others = append(c.others, p)
	c.tell(telephony.Dialed{Line: r.Line, Leg: p.name, To: o.To, Rule: r.Rule})
	return p, nil
}

// release ends a party's leg; its Released event is still to come.
func (c *Call) release(p *party, cause telephony.Cause) {
	if !p.gone {
		p.leg.Release(cause)
	}
}

// abandon ends a leg that was rung in vain. Whoever sits there has no part in this call any more.
func (c *Call) abandon(p *party, cause telephony.Cause) {
	c.cancel(ringKey{p})
	p.offer, p.agent = 0, ""
	c.release(p, cause)
}

// drop forgets a party whose leg is gone; the agent who sat there is free.
func (c *Call) drop(p *party, e telephony.Released) {
	p.media.Detach()
	c.others = slices.DeleteFunc(c.others, func(o *party) bool { return o == p })
	switch {
	case p.agent == "" || p.offer != 0:
	case vanished(e) || p.answered && !p.talked && !e.ByBox:
		c.house.Queues.Lost(p.agent, c.ID)
	default:
		c.house.Queues.Hungup(p.agent, c.ID)
	}
}

// vanished reports whether a far end was lost without a word.
func vanished(e telephony.Released) bool {
	return e.Witness == telephony.ByMediaLoss || e.Witness == telephony.ByTimer
}

// phoneOf is the phone of a line, or nil.
func (c *Call) phoneOf(line string) *telephony.Phone {
	ext, ok := strings.CutPrefix(line, "phone/")
	if !ok {
		return nil
	}
	return c.Config.Phone(ext)
}

// permit is how far this call may dial: what a phone dials itself, as configured; otherwise nowhere but where configuration
// sends the call, which counts as national (A2.18: no international forwarding).
func (c *Call) permit() telephony.Permit {
	if c.Direction != telephony.Outbound {
		return telephony.PermitNational
	}
	if p := c.phoneOf(c.Arrival.Line); p != nil {
		return p.Permit
	}
	return telephony.PermitInternal // a phone that left the configuration as it dialled
}
