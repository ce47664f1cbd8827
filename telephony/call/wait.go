package call

import (
	"slices"
	"time"

	"callbox/telephony"
)

// A happening is what a state waits for.
type happening interface{}

type (
	// hungup: the caller is gone, or the call is to end as if the caller were; agent is who ordered that, if one in the call did.
	hungup struct {
		cause telephony.Cause
		agent string
	}
	// heard: another party's leg tells something, or the caller pressed a key.
	heard struct {
		from  *party
		event telephony.Event
	}
	// played: what the caller was to hear is over.
	played struct{}
	// expired: a timer ran out.
	expired struct{ key any }
)

// timer is a time at which something is due; keys are of each state's own choosing.
type timer struct {
	key any
	at  time.Time
}

// set starts a timer, or starts it again.
func (c *Call) set(key any, d time.Duration) {
	c.cancel(key)
	c.timers = append(c.timers, timer{key, time.Now().Add(d)})
}

func (c *Call) cancel(key any) {
	c.timers = slices.DeleteFunc(c.timers, func(t timer) bool { return t.key == key })
}

// post puts something into the call's inbox; after the end it is dropped.
func (c *Call) post(h happening) {
	select {
	case c.inbox <- h:
	case <-c.over:
	}
}

// wait gives the next thing that the present state has to know. What every state treats alike is done here.
func (c *Call) wait() happening {
	c.answerAsked(errNotNow)
	for {
		h := c.next()
		switch h := h.(type) {
		case heard:
			if again := c.note(h); again != nil {
				return again
			}
		case order:
			if see := c.obey(h); see != nil {
				return see
			}
		case gift:
			c.asked = h.answer
			return h
		default:
			return h
		}
	}
}

// next is the next thing that happens, of any kind.
func (c *Call) next() happening {
	if len(c.backlog) > 0 {
		h := c.backlog[0]
		c.backlog = c.backlog[1:]
		return h
	}
	var due <-chan time.Time
	first := c.firstTimer()
	if first >= 0 {
		t := time.NewTimer(time.Until(c.timers[first].at))
		defer t.Stop()
		due = t.C
	}
	select {
	case h := <-c.inbox:
		return h
	case m := <-c.queued:
		return m
	case <-c.broken:
		c.broken = nil
		return order{kind: orderBroken}
	case <-c.playing:
		c.playing, c.hops = nil, 0
		return played{}
	case <-due:
		key := c.timers[first].key
		c.timers = slices.Delete(c.timers, first, first+1)
		c.hops = 0
		return expired{key}
	}
}

func (c *Call) firstTimer() int {
	first := -1
	for i, t := range c.timers {
		if first < 0 || t.at.Before(c.timers[first].at) {
			first = i
		}
	}
	return first
}

// note keeps the call's own account of its legs up to date and gives what the state must see, or nil.
func (c *Call) note(h heard) happening {
	switch e := h.event.(type) {
	case telephony.Released:
		h.from.gone = true
		c.tell(telephony.LegReleased{Leg: h.from.name, Cause: e.Cause, ByBox: e.ByBox, Witness: e.Witness, Confidence: e.Confidence})
		if h.from == c.caller {
			return hungup{cause: e.Cause}
		}
		c.drop(h.from, e)
		c.picture()
	case telephony.Transfer:
		c.asked = func(err error) { e.Tell(cameOf(err)) }
	case telephony.Digit:
		if h.from == c.caller {
			c.rounds = 0
		}
	case telephony.Identified:
		if h.from != c.caller {
			return nil
		}
		c.Arrival.Caller = telephony.CleanCaller(e.Caller)
		c.tell(telephony.CallerIdentified{Caller: c.Arrival.Caller})
		c.picture()
		return nil
	case telephony.CallWaits:
		c.tell(telephony.CallWaited{Leg: h.from.name, Caller: telephony.CleanCaller(e.Caller)})
		return nil
	case telephony.Ringing:
		c.tell(telephony.LegRinging{Leg: h.from.name})
	case telephony.Answered:
		h.from.answered = true
		c.tell(telephony.LegAnswered{Leg: h.from.name, Agent: h.from.agent})
	case telephony.Speech:
		c.tell(telephony.LegSpeech{Leg: h.from.name, Fault: e.Fault})
		c.live.Fault = e.Fault
		c.picture()
		return nil
	case telephony.Quality:
		c.tell(telephony.LegQuality{Leg: h.from.name, Quality: e})
		return nil
	case telephony.Held:
		c.tell(telephony.LegHeld{Leg: h.from.name, On: e.On})
	}
	return h
}
