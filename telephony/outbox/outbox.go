// Package outbox sends what people and programs ask to be sent, one after the other, and remembers what became of each. What was taken is on
// a shelf of the disk before the asker is answered; one that was sent when the power went may be sent again, with the same id.
package outbox

import (
	"context"
	"log/slog"
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

// A Shelf keeps messages for an outbox, which alone changes what is on it.
type Shelf interface {
	Kept() ([]telephony.KeptMessage, error) // oldest first; those that can be read where others cannot
	Keep(context.Context, telephony.KeptMessage) error
	Forget(ctx context.Context, id string) error
}

// An Outbox is a queue with its one way out.
type Outbox struct {
	send  Send
	shelf Shelf
	log   *slog.Logger
	wake  chan struct{}

	mu      sync.Mutex // guards what follows, and is not held while the disk is waited for
	taken   int        // that wait, with those that are being put onto the shelf
	waiting []*item
	over    []telephony.Sending // oldest first
}

type item struct {
	message telephony.Outgoing
	told    telephony.Sending
}

// New makes an outbox with what can be read of its shelf. It sends nothing before Run.
func New(send Send, shelf Shelf, log *slog.Logger) *Outbox {
	o := &Outbox{send: send, shelf: shelf, log: log, wake: make(chan struct{}, 1)}
	list, err := shelf.Kept()
	if err != nil {
		log.Error("messages that wait to be sent cannot be read", "error", err)
	}
	for _, k := range list {
		if k.Told.State == "queued" {
			o.waiting = append(o.waiting, &item{k.Message, k.Told})
		} else {
			o.over = append(o.over, k.Told)
		}
	}
	o.taken = len(o.waiting)
	return o
}

// Post takes a message, which is on the disk when Post returns. Busy when too many wait.
func (o *Outbox) Post(ctx context.Context, m telephony.Outgoing) (telephony.Sending, error) {
	if !o.reserve() {
		return telephony.Sending{}, errFull
	}
	told := telephony.Sending{ID: m.ID, By: m.By, Time: m.Time, To: len(m.To), State: "queued"}
	err := o.shelf.Keep(ctx, telephony.KeptMessage{Message: m, Told: told})
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil {
		o.taken--
		return telephony.Sending{}, err
	}
	o.waiting = append(o.waiting, &item{m, told})
	select {
	case o.wake <- struct{}{}:
	default:
	}
	return told, nil
}

var errFull = telephony.Errorf(telephony.Busy,
	"待发的消息已有 %d 条，请稍候再发，并检查服务器或网关。", "%d messages wait already: try later, and look at the server or the gateway.", maxWaiting)

// Room is Busy while too many wait.
func (o *Outbox) Room() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.taken >= maxWaiting {
		return errFull
	}
	return nil
}

// reserve reports whether there was room for one more.
func (o *Outbox) reserve() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.taken >= maxWaiting {
		return false
	}
	o.taken++
	return true
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
		if ctx.Err() != nil && p.Problem != (telephony.Text{}) {
			return // broken off, which is no try
		}
		kept, forgotten := o.note(next, p)
		if err := o.keep(context.WithoutCancel(ctx), kept, forgotten); err != nil {
			o.log.Error("what became of a message is not kept, and it is sent again after a start", "id", kept.Told.ID, "error", err)
		}
	}
}

// keep has the shelf be as the outbox is.
func (o *Outbox) keep(ctx context.Context, k telephony.KeptMessage, forgotten []string) error {
	if err := o.shelf.Keep(ctx, k); err != nil {
		return err
	}
	for _, id := range forgotten {
		if err := o.shelf.Forget(ctx, id); err != nil {
			return err
		}
	}
	return nil
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

// note has a message be over, or wait for its next try. It gives how that is kept, and what is over for too long to be remembered.
func (o *Outbox) note(i *item, p telephony.Posting) (k telephony.KeptMessage, forgotten []string) {
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
		return telephony.KeptMessage{Message: i.message, Told: i.told}, nil
	}
	o.taken--
	o.waiting = slices.DeleteFunc(o.waiting, func(w *item) bool { return w == i })
	o.over = append(o.over, i.told)
	for len(o.over) > kept {
		forgotten = append(forgotten, o.over[0].ID)
		o.over = slices.Clone(o.over[1:])
	}
	return telephony.KeptMessage{Told: i.told}, forgotten
}
