package call

import (
	"slices"
	"time"

	"callbox/telephony"
	"callbox/telephony/acd"
	"callbox/telephony/ivr"
)

// waiting is a call's stay in a queue. It begins once; an agent who is lost before or in mid-conversation sends the caller
// back to it with the place it had.
type waiting struct {
	queue   *telephony.Queue
	since   time.Time // what counts for the place
	joined  time.Time // since then, this time
	place   acd.Placed
	placed  bool // the journal knows
	served  bool // an agent answered, and was lost
	noticed bool // the recording notice was heard to its end
	intro   bool // greeting and notice are playing
}

type (
	maxWaitKey struct{}
	sayKey     struct{}
	ringKey    struct{ p *party }
)

// enterQueue answers and joins a queue. Greeting and announcements never hold up the distribution (pain 13).
func (c *Call) enterQueue(id string) state {
	q := c.Config.Queue(id)
	if q == nil {
		return c.refuse(telephony.OutcomeFailed, telephony.CauseTemporary)
	}
	c.answer()
	c.waiting, c.served = &waiting{queue: q, since: time.Now(), intro: true}, nil
	c.play(compact(q.NoticePrompt, q.Greeting)...)
	return (*Call).joinQueue
}

// joinQueue takes or retakes a place.
func (c *Call) joinQueue() state {
	w := c.waiting
	c.show("queue", w.queue.ID)
	box := make(chan acd.Message, acd.BoxSize)
	c.queued, w.joined = box, time.Now()
	t := acd.Ticket{
		Call: c.ID, Queue: w.queue.ID, Caller: c.Arrival.Caller, Priority: c.Priority, Since: w.since, Back: w.served,
		Box: box,
	}
	if w.queue.LastAgent {
		t.LastAgent = c.house.Switch.LastAgent(c.Arrival.Caller.Number)
	}
	c.house.Queues.Join(t)
	if w.queue.MaxWaitSeconds > 0 {
		c.set(maxWaitKey{}, time.Duration(w.queue.MaxWaitSeconds)*time.Second)
	}
	if w.queue.SayEverySeconds > 0 {
		c.set(sayKey{}, time.Duration(w.queue.SayEverySeconds)*time.Second)
	}
	return (*Call).queueing
}

// queueing waits for an agent.
func (c *Call) queueing() state {
	w := c.waiting
	for {
		switch h := c.wait().(type) {
		case hungup:
			c.unqueue("left", telephony.OfferCallerLeft)
			return c.lost(telephony.OutcomeLostInQueue, h.cause)
		case gift:
			if h.replaces == "" && h.answered {
				return c.pickedUpWaiting(c.accept(h))
			}
		case order:
			if h.kind == orderPickUp {
				c.answerAsked(c.ringFor(h.phone))
			}
		case acd.Placed:
			c.placed(h)
		case acd.Refused:
			return c.overflow(h.Reason)
		case acd.Offer:
			c.offer(h)
		case acd.Withdraw:
			c.endOffer(c.offered(h.ID), telephony.OfferWithdrawn, telephony.CauseNormal)
		case played:
			first := w.intro
			w.noticed, w.intro = true, false
			if !first || !c.sayPlace() {
				c.music(w.queue.Music)
			}
		case expired:
			switch key := h.key.(type) {
			case maxWaitKey:
				return c.overflow("timeout")
			case sayKey:
				c.set(sayKey{}, time.Duration(w.queue.SayEverySeconds)*time.Second)
				c.sayPlace()
			case ringKey:
				c.endOffer(key.p, telephony.OfferNoAnswer, telephony.CauseNoAnswer)
				c.stopPicking(key)
			}
		case heard:
			if next := c.whileQueued(h); next != nil {
				return next
			}
		}
	}
}

// whileQueued takes what legs tell: an agent's answer, a phone that failed, the caller's key to leave (A4.6).
func (c *Call) whileQueued(h heard) state {
	switch e := h.event.(type) {
	case telephony.Answered:
		if h.from.offer != 0 {
			return c.take(h.from)
		}
		if h.from.picksUp {
			return c.pickedUpWaiting(h.from)
		}
	case telephony.Ringing:
		if h.from.offer != 0 {
			c.set(ringKey{h.from}, h.from.ringFor)
		}
	case telephony.Released:
		c.endOffer(h.from, failedOffer(e.Cause), e.Cause)
	case telephony.Digit:
		if h.from == c.caller && c.waiting.queue.LeaveKey == string(e.Key) {
			return c.overflow("key")
		}
	}
	return nil
}

// failedOffer is what a leg that ended before its answer means for the agent: pressed away, or out of reach.
func failedOffer(cause telephony.Cause) telephony.OfferResult {
	switch cause {
	case telephony.CauseRejected, telephony.CauseBusy:
		return telephony.OfferRejected
	case telephony.CauseNoAnswer, telephony.CauseNoResponse:
		return telephony.OfferNoAnswer
	}
	return telephony.OfferFailed
}

// placed takes a new position; the first is the moment the caller is queued.
func (c *Call) placed(p acd.Placed) {
	w := c.waiting
	w.place = p
	if !w.placed {
		w.placed = true
		c.tell(telephony.Queued{Queue: w.queue.ID, Position: p.Position, Priority: p.Priority})
		c.cameTo(w.queue.ID)
		c.picture()
	}
}

// cameTo notes a queue, for those who see only some of them (A16.2).
func (c *Call) cameTo(queue string) {
	if !slices.Contains(c.live.Queues, queue) {
		c.live.Queues = append(slices.Clip(c.live.Queues), queue) // pictures that were given keep theirs
	}
}

// sayPlace announces position and estimated wait, as far as the queue wants it: after the greeting and then from time to
// time between pieces of music (A4.3, A4.4). It reports whether there is anything to say.
func (c *Call) sayPlace() bool {
	w := c.waiting
	if w.intro || w.place.Position == 0 {
		return false
	}
	say := ivr.Say(c.language)
	var ids []string
	if w.queue.SayPosition {
		ids = append(ids, say.Position(w.place.Position)...)
	}
	if w.queue.SayWait {
		ids = append(ids, say.Wait(w.place.Wait)...)
	}
	if len(ids) > 0 && w.queue.LeaveKey != "" {
		ids = append(ids, say.LeaveKey(w.queue.LeaveKey)...)
	}
	if len(ids) > 0 {
		c.play(ids...)
	}
	return len(ids) > 0
}

// overflow sends a caller on whom the queue could not serve or who chose to leave (A4.5, A4.6).
func (c *Call) overflow(reason string) state {
	q := c.waiting.queue
	c.unqueue(reason, telephony.OfferCallerLeft)
	c.waiting = nil
	c.hush()
	rule := "queue/" + q.ID
	switch reason {
	case "full":
		return c.send(q.OnFull, rule+" full", telephony.Text{ZH: "排队已满", EN: "the queue is full"},
			telephony.OutcomeBusy, telephony.CauseBusy)
	case "timeout":
		return c.send(q.OnTimeout, rule+" timeout", telephony.Text{ZH: "等待超时", EN: "waited too long"},
			telephony.OutcomeNoAnswer, telephony.CauseNoAnswer)
	case "key":
		return c.send(q.OnLeave, rule+" key", telephony.Text{ZH: "来电人按键离开队列", EN: "the caller chose to leave"},
			telephony.OutcomeLostInQueue, telephony.CauseNormal)
	case "closed":
		return c.send(q.OnNobody, rule+" closed", telephony.Text{ZH: "队列已删除", EN: "the queue is no more"},
			telephony.OutcomeNoAnswer, telephony.CauseNoAnswer)
	}
	return c.send(q.OnNobody, rule+" nobody", telephony.Text{ZH: "没有坐席签入", EN: "nobody is signed in"},
		telephony.OutcomeNoAnswer, telephony.CauseNoAnswer)
}

// unqueue ends the stay: acd lets go, phones that ring stop.
func (c *Call) unqueue(reason string, offers telephony.OfferResult) {
	w := c.waiting
	c.house.Queues.Leave(c.ID)
	for _, p := range c.ringing() {
		c.endOffer(p, offers, telephony.CauseElsewhere)
	}
	c.stopPickers()
	c.queued = nil
	c.cancel(maxWaitKey{})
	c.cancel(sayKey{})
	if w.placed || reason == "full" || reason == "no_agents" || reason == "closed" {
		c.tell(telephony.Unqueued{Queue: w.queue.ID, Reason: reason, Waited: time.Since(w.joined)})
		c.cameTo(w.queue.ID)
	}
	w.placed = false
}

// compact drops empty ids.
func compact(ids ...string) []string {
	var out []string
	for _, id := range ids {
		if id != "" {
			out = append(out, id)
		}
	}
	return out
}
