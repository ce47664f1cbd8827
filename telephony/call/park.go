package call

import (
	"sync"
	"time"

	"callbox/telephony"
)

// maxSlots is how many calls can be parked at once; a digit names each.
const maxSlots = 9

// parkTime is how long a parked call waits before it comes back to who parked it.
const parkTime = 2 * time.Minute

// Slots are where parked calls wait, 1 to 9. The lock is held for a few instructions only.
type Slots struct {
	mu    sync.Mutex
	calls [maxSlots + 1]*Call
}

// take puts a call into a slot, or into the first that is free for 0. It gives 0 when there is none.
func (s *Slots) take(c *Call, slot int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := 1; n <= maxSlots; n++ {
		if (slot == 0 || n == slot) && s.calls[n] == nil {
			s.calls[n] = c
			return n
		}
	}
	return 0
}

// leave empties a slot.
func (s *Slots) leave(slot int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[slot] = nil
}

// at is the call in a slot, or nil.
func (s *Slots) at(slot int) *Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slot < 1 || slot > maxSlots {
		return nil
	}
	return s.calls[slot]
}

type parkKey struct{}

// parkOrdered lets whom a party talks with wait in a slot until somebody fetches it.
func (c *Call) parkOrdered(p *party, slot int) state {
	if len(c.table.members) != 2 {
		c.answerAsked(errNotNow)
		return nil
	}
	if slot = c.house.Slots.take(c, slot); slot == 0 {
		c.answerAsked(telephony.Errorf(telephony.Busy, "停泊位已满", "no slot is free to park in"))
		return nil
	}
	c.letGo(p)
	c.recall = ""
	if p.inside() {
		c.recall = p.target
	}
	c.tell(telephony.Parked{Slot: slot, By: p.name})
	c.answerAsked(nil)
	c.release(p, telephony.CauseNormal)
	c.show("parked", string(rune('0'+slot)))
	c.music("")
	c.set(parkKey{}, parkTime)
	return func(c *Call) state {
		defer c.house.Slots.leave(slot)
		defer c.cancel(parkKey{})
		return c.parked()
	}
}

// parked waits for somebody who fetches the call.
func (c *Call) parked() state {
	for {
		switch h := c.wait().(type) {
		case hungup:
			return c.lost(telephony.OutcomeNoAnswer, h.cause)
		case gift:
			if h.replaces == "" && h.answered {
				return c.pickedUp(c.accept(h))
			}
		case order:
			if h.kind == orderPickUp {
				c.answerAsked(c.ringFor(h.phone))
			}
		case heard:
			if _, ok := h.event.(telephony.Answered); ok && h.from.picksUp {
				return c.pickedUp(h.from)
			}
		case expired:
			if _, late := h.key.(parkKey); late {
				to := c.recall
				c.recall = ""
				return c.send(to, "park/timeout", telephony.Text{ZH: "停泊超时", EN: "nobody fetched the call"},
					telephony.OutcomeNoAnswer, telephony.CauseNoAnswer)
			}
			c.stopPicking(h.key)
		}
	}
}
