// Package outbox sends what people and programs ask to be sent, one after the other, and remembers what became of each. It waits in
// memory: who asks is given an id, and asks again what became of it; after a start of the box nothing is known of it.
package outbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"callbox/telephony"
)

const (
	maxWaiting  = 100
	kept        = 500 // that are over
	firstRest   = 5 * time.Second
	longestRest = 10 * time.Minute
	keptFor     = 24 * time.Hour // what could not be sent for so long is given up
)

// Send tries once.
type Send func(context.Context, telephony.Outgoing) telephony.Posting

// An Outbox is a queue with its one way out.
type Outbox struct {
	send Send
	wake chan struct{}

	mu      sync.Mutex // guards what follows
	waiting []*item
	over    []telephony.Sending // oldest first
}

type item struct {
	message telephony.Outgoing
	told    telephony.Sending
}

// New makes an outbox, which sends nothing before Run.
func New(send Send) *Outbox { return &Outbox{send: send, wake: make(chan struct{}, 1)} }

// Post takes a message. Busy when too many wait.
func (o *Outbox) Post(m telephony.Outgoing) (telephony.Sending, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) >= maxWaiting {
		return telephony.Sending{}, telephony.Errorf(telephony.Busy,
			"待发的消息已有 %d 条，请稍候再发，并检查服务器或网关。", "%d messages wait already: try later, and look at the server or the gateway.", maxWaiting)
	}
	i := &item{m, telephony.Sending{ID: m.ID, By: m.By, Time: m.Time, To: len(m.To), State: "queued"}}
	o.waiting = append(o.waiting, i)
	select {
	case o.wake <- struct{}{}:
	default:
	}
	return i.told, nil
}

// Sending is what became of a message. NotFound when nothing is known of it, or no longer.
func (o *Outbox) Sending(id string) (telephony.Sending, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, i := range o.waiting {
		if i.told.ID == id {
			return i.told, nil
		}
	}
	for _, s := range slices.Backward(o.over) {
		if s.ID == id {
			return s, nil
		}
	}
	return telephony.Sending{}, telephony.Errorf(telephony.NotFound,
		"没有这条消息，或已不再保存。", "There is no such message, or nothing is known of it any more.")
}

// Run sends until ctx ends.
func (o *Outbox) Run(ctx context.Context) {
	for {
		next, rest := o.due()
		if next == nil {
			timer := time.NewTimer(rest)
			select {
			case <-o.wake:
			case <-timer.C:
			case <-ctx.Done():
				return
			}
			timer.Stop()
			continue
		}
		p := o.send(ctx, next.message)
		if ctx.Err() != nil {
			return
		}
		o.note(next, p)
	}
}

// due is the first message whose time has come, or how long it is until one's has.
func (o *Outbox) due() (*item, time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	rest := keptFor
	for _, i := range o.waiting {
		wait := time.Until(i.told.Next)
		if wait <= 0 {
			return i, 0
		}
		rest = min(rest, wait)
	}
	return nil, rest
}

// note has a message be over, or wait for its next try.
func (o *Outbox) note(i *item, p telephony.Posting) {
	o.mu.Lock()
	defer o.mu.Unlock()
	i.told.Tries++
	i.told.Problem, i.told.Refused, i.told.Next = p.Problem, p.Refused, time.Time{}
	switch {
	case p.Problem == telephony.Text{}:
		i.told.State = "sent"
	case p.Final || time.Since(i.told.Time) > keptFor:
		i.told.State = "failed"
	default:
		i.told.Next = time.Now().Add(min(firstRest<<min(i.told.Tries-1, 16), longestRest)).UTC()
		return
	}
	o.waiting = slices.DeleteFunc(o.waiting, func(w *item) bool { return w == i })
	o.over = append(o.over, i.told)
	o.over = slices.Clone(o.over[max(0, len(o.over)-kept):])
}
