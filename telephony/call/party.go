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
	caller   telephony.Caller // what others are shown of it
	agent    string           // the agent who sits there, or ""
	target   telephony.Target // as which it was called; that of its line for who called
	offer    acd.OfferID      // while it rings for a queue
	picksUp  bool             // it rings to take a call that rings elsewhere
	ringFor  time.Duration
	began    time.Time
	state    telephony.PartyState
	answered bool
	talked   bool // with the caller
	gone     bool
	holds    bool // the others, at its own telephone

	halt, halted chan struct{} // of the goroutine that brings its events
}

// adopt takes a leg into the call: its port into the bridge, its events into the inbox.
func (c *Call) adopt(leg telephony.Leg, line string) *party {
	p := &party{
		leg: leg, line: line, name: leg.String(), media: c.bridge.Attach(leg.Port()), began: time.Now(),
		target: telephony.TargetOfLine(line), state: telephony.PartyCalled,
	}
	c.follow(p)
	return p
}

// follow has the leg's events brought to this call until the leg ends, or is given away.
func (c *Call) follow(p *party) {
	p.halt, p.halted = make(chan struct{}), make(chan struct{})
	go func(halt, halted chan struct{}) {
		defer close(halted)
		for {
			select {
			case <-halt:
				return
			case e, more := <-p.leg.Events():
				if !more {
					return
				}
				c.post(heard{p, e})
			}
		}
	}(p.halt, p.halted)
}

// unfollow is the end of follow. It gives what the leg told and the call has not seen.
func (c *Call) unfollow(p *party) (told []telephony.Event) {
	close(p.halt)
	for waits := true; waits; {
		select {
		case h := <-c.inbox:
			c.backlog = append(c.backlog, h)
		case <-p.halted:
			waits = false
		}
	}
	for len(c.inbox) > 0 {
		c.backlog = append(c.backlog, <-c.inbox)
	}
	c.backlog = slices.DeleteFunc(c.backlog, func(h happening) bool {
		e, of := h.(heard)
		if of = of && e.from == p; of {
			told = append(told, e.event)
		}
		return of
	})
	return told
}

// inside reports whether the party is at a phone of the office.
func (p *party) inside() bool { return strings.HasPrefix(p.line, "phone/") }

// reach starts a leg to a target and adopts it.
func (c *Call) reach(t telephony.Target, o telephony.Order, permit telephony.Permit) (*party, error) {
	r, err := c.house.Switch.Reach(c.Config, t, o, permit)
	if err != nil {
		return nil, err
	}
	p := c.adopt(r.Leg, r.Line)
	p.target, p.caller = t, c.shownAs(t)
	c.others = append(c.others, p)
	c.tell(telephony.Dialed{Line: r.Line, Leg: p.name, To: o.To, Rule: r.Rule})
	return p, nil
}

// callerOf is what others are shown of a party.
func (c *Call) callerOf(p *party) telephony.Caller {
	if p.leg == c.Arrival.Leg {
		return c.Arrival.Caller // the number may have come late
	}
	return p.caller
}

// shownAs is what others are shown of whom is called at a target.
func (c *Call) shownAs(t telephony.Target) telephony.Caller {
	if p := c.Config.Phone(t.ID()); p != nil && t.Kind() == telephony.ToPhone {
		return telephony.Caller{Number: p.Extension, Name: p.Name}
	}
	return telephony.CleanCaller(telephony.Caller{Number: t.ID()})
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
	if c.tapped == p {
		c.stopRecording()
	}
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

// serve makes another party the one whom the call is for; a queue that brought the one before owes it nothing. Who was it
// before goes on as one of the others.
func (c *Call) serve(p *party) {
	if p == c.caller {
		return
	}
	c.others = slices.DeleteFunc(c.others, func(o *party) bool { return o == p })
	if !c.caller.gone {
		c.others = append(c.others, c.caller)
	}
	c.caller, c.typed, c.playing, c.waiting, c.served = p, "", nil, nil, nil
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

// permit is how far this call may dial: what a phone dials itself, as configured; where somebody put it through, as far as
// that one may; otherwise nowhere but where configuration sends the call, which counts as national (A2.18: no international
// forwarding).
func (c *Call) permit() telephony.Permit {
	switch {
	case c.granted != "":
		return c.granted
	case c.Direction != telephony.Outbound:
		return telephony.PermitNational
	}
	return c.permitOf(c.caller)
}

// permitOf is how far a party may dial by itself: one that is not at a phone of the office, nowhere outside (rule 6).
func (c *Call) permitOf(p *party) telephony.Permit {
	if phone := c.phoneOf(p.line); phone != nil {
		return phone.Permit
	}
	return telephony.PermitInternal
}
