package call

import (
	"time"

	"callbox/telephony"
	"callbox/telephony/acd"
)

// offer rings an agent's phone for the waiting caller.
func (c *Call) offer(o acd.Offer) {
	c.tell(telephony.Offered{Queue: c.waiting.queue.ID, Agent: o.Agent.ID, Phone: string(o.Phone), Why: o.Why})
	p, err := c.reach(o.Phone, c.orderFor(o.Phone), telephony.PermitNational)
	if err != nil {
		c.house.Queues.OfferEnded(o.ID, telephony.OfferFailed)
		c.tell(telephony.OfferEnded{Queue: c.waiting.queue.ID, Agent: o.Agent.ID, Result: telephony.OfferFailed})
		return
	}
	p.agent, p.offer, p.ringFor = o.Agent.ID, o.ID, o.RingFor
	c.set(ringKey{p}, o.RingFor+c.setupTime(o.Phone))
	c.picture()
}

// outsideSetup is how long a public exchange may take from the last digit to ringing.
const outsideSetup = 30 * time.Second

// setupTime is what a target may take before it rings; the time to ring counts from then on.
func (c *Call) setupTime(t telephony.Target) time.Duration {
	if t.Kind() == telephony.ToOutside {
		return outsideSetup
	}
	return 0
}

// orderFor is what a phone or outside number is told of the caller.
func (c *Call) orderFor(t telephony.Target) telephony.Order {
	o := telephony.Order{Call: c.ID, From: c.callerOf(c.caller)}
	switch t.Kind() {
	case telephony.ToPhone:
		if p := c.Config.Phone(t.ID()); p != nil {
			o.AutoAnswer = p.AutoAnswer
		}
	case telephony.ToOutside:
		o.To, o.Avoid = t.ID(), c.failed
	}
	return o
}

// ringing are the parties being rung for the queue.
func (c *Call) ringing() []*party {
	var list []*party
	for _, p := range c.others {
		if p.offer != 0 {
			list = append(list, p)
		}
	}
	return list
}

// offered is the party of an offer, or nil when it is over.
func (c *Call) offered(id acd.OfferID) *party {
	for _, p := range c.ringing() {
		if p.offer == id {
			return p
		}
	}
	return nil
}

// endOffer ends the ringing of one agent and frees the agent at once.
func (c *Call) endOffer(p *party, result telephony.OfferResult, cause telephony.Cause) {
	if p == nil || p.offer == 0 {
		return
	}
	c.house.Queues.OfferEnded(p.offer, result)
	c.tell(telephony.OfferEnded{
		Queue: c.waiting.queue.ID, Agent: p.agent, Result: result, Rang: time.Since(p.began),
	})
	c.abandon(p, cause)
}

// pickedUpWaiting gives a caller who waits to somebody who took the call without being offered it.
func (c *Call) pickedUpWaiting(p *party) state {
	c.cancel(ringKey{p})
	c.house.Queues.Answered(p.agent, c.ID, c.waiting.queue.ID)
	c.waiting.served = true
	c.tell(telephony.PickedUp{Leg: p.name, Agent: p.agent})
	c.unqueue("answered", telephony.OfferElsewhere)
	c.live.Agent = p.agent
	return c.introduce(p)
}

// take gives the caller to the agent who answered first; the others are told that it was answered elsewhere.
func (c *Call) take(p *party) state {
	c.house.Queues.Answered(p.agent, c.ID, c.waiting.queue.ID)
	c.cancel(ringKey{p})
	c.tell(telephony.OfferEnded{
		Queue: c.waiting.queue.ID, Agent: p.agent, Result: telephony.OfferAnswered, Rang: time.Since(p.began),
	})
	p.offer = 0
	c.waiting.served = true
	c.unqueue("answered", telephony.OfferElsewhere)
	c.live.Agent = p.agent
	return c.introduce(p)
}
