package call

import (
	"callbox/telephony"
)

type orderKind int

const (
	orderStop orderKind = iota + 1 // the box stops
	orderHangUp
	orderRecord
	orderStopRecording
	orderPause
	orderResume
	orderBroken // the bridge is no more
	orderAttach
	orderHold
	orderRetrieve
	orderConsult
	orderBack
	orderConference
	orderTransfer
	orderMonitor
	orderPark
	orderPickUp
	orderYield // to another call: whom somebody talks with on a leg of this one
)

// order is what a person or the box asks of a call.
type order struct {
	kind  orderKind
	hand  Hand
	to    telephony.Target // of a consultation or transfer; empty: to whom is consulted
	phone telephony.Target // where whoever gives the order sits
	mode  Mode             // of a monitor
	data  map[string]string
	yield yield
	reply chan error // capacity 1; nil: nobody waits for what comes of it
}

// A Hand is who gives an order.
type Hand struct {
	By    string // a name, for the journal
	Agent string // whose part in the call it is; empty: that of the call's agent
}

// HangUp ends the call. An agent who orders it has hung up: the caller may be asked for a vote.
func (c *Call) HangUp(h Hand) { c.post(order{kind: orderHangUp, hand: h}) }

// Record starts a recording on demand (A5.13), where the rules let anybody.
func (c *Call) Record(by string) error {
	return c.request(order{kind: orderRecord, hand: Hand{By: by}})
}

// StopRecording ends a recording that was started on demand. One that the rules ask for goes on, which it says.
func (c *Call) StopRecording(by string) error {
	return c.request(order{kind: orderStopRecording, hand: Hand{By: by}})
}

// PauseRecording makes a recording silent, or lets it hear again (card numbers, idea 26).
func (c *Call) PauseRecording(on bool, by string) {
	kind := orderResume
	if on {
		kind = orderPause
	}
	c.post(order{kind: kind, hand: Hand{By: by}})
}

// The orders of a conversation. Each waits until the call has begun to carry it out, or says why it does not.

// Hold lets the others hear music; Retrieve takes them back (A2.12).
func (c *Call) Hold(h Hand) error     { return c.request(order{kind: orderHold, hand: h}) }
func (c *Call) Retrieve(h Hand) error { return c.request(order{kind: orderRetrieve, hand: h}) }

// Consult calls somebody while the others hear music (A2.12). Back ends it without them, Conference brings all together.
func (c *Call) Consult(h Hand, to telephony.Target) error {
	return c.request(order{kind: orderConsult, hand: h, to: to})
}
func (c *Call) Back(h Hand) error       { return c.request(order{kind: orderBack, hand: h}) }
func (c *Call) Conference(h Hand) error { return c.request(order{kind: orderConference, hand: h}) }

// Transfer puts the others through to a target, or to whom is consulted if it is empty (A2.10, A2.11).
func (c *Call) Transfer(h Hand, to telephony.Target) error {
	return c.request(order{kind: orderTransfer, hand: h, to: to})
}

// Park lets the other wait in a free slot until somebody fetches it.
func (c *Call) Park(h Hand) error { return c.request(order{kind: orderPark, hand: h}) }

// PickUp rings a phone for a call that rings elsewhere, waits or is parked; whoever answers there has it (A2.14).
func (c *Call) PickUp(h Hand, phone telephony.Target) error {
	return c.request(order{kind: orderPickUp, hand: h, phone: phone})
}

// Monitor rings a phone, whose party then has a part in the conversation (A6.1, A6.2), or changes what it is.
func (c *Call) Monitor(h Hand, phone telephony.Target, mode Mode) error {
	return c.request(order{kind: orderMonitor, hand: h, phone: phone, mode: mode})
}

// Attach changes the data that travel with the call (A2.22): an empty value takes a key away.
func (c *Call) Attach(h Hand, data map[string]string) error {
	return c.request(order{kind: orderAttach, hand: h, data: data})
}

var (
	errOver   = telephony.Errorf(telephony.NotFound, "通话已结束", "the call is over")
	errNotNow = telephony.Errorf(telephony.Conflict, "通话现在不能这样操作", "the call is in no state for that now")
	errAbsent = telephony.Errorf(telephony.Forbidden, "您不在该通话中", "you are in no such part of the call")
)

// request posts an order and waits for what comes of it.
func (c *Call) request(o order) error {
	o.reply = make(chan error, 1)
	c.post(o)
	select {
	case err := <-o.reply:
		return err
	case <-c.over:
		return errOver
	}
}

// obey carries out an order that no state minds. One that ends the call is for the present state to see, as if the caller
// had hung up, and so is one that not every state knows.
func (c *Call) obey(o order) (see happening) {
	switch o.kind {
	case orderStop:
		c.by, c.outcome, c.stopping = "box", telephony.OutcomeInterrupted, true
		return hungup{cause: telephony.CauseTemporary}
	case orderBroken:
		if c.by = "box"; c.outcome == "" {
			c.outcome = telephony.OutcomeFailed
		}
		return hungup{cause: telephony.CauseTemporary}
	case orderHangUp:
		c.by = o.hand.By
		return hungup{telephony.CauseNormal, o.hand.Agent}
	case orderRecord:
		c.asked = o.answer
		c.answerAsked(c.startOnDemand())
	case orderStopRecording:
		c.asked = o.answer
		c.answerAsked(c.stopOnDemand())
	case orderPause, orderResume:
		if c.recording != nil {
			c.paused = o.kind == orderPause
			c.recording.Pause(c.paused, o.hand.By)
		}
	case orderAttach:
		c.asked = o.answer
		c.answerAsked(c.attach(o.data, o.hand.By))
	default:
		c.asked = o.answer
		return o
	}
	c.picture()
	return nil
}

// answer tells whoever gave the order what came of it.
func (o order) answer(err error) {
	if o.reply != nil {
		o.reply <- err
	}
}

// answerAsked answers what was asked of the call last, if that is still to be done. What a state has no use for is refused
// when it waits again.
func (c *Call) answerAsked(err error) {
	if c.asked != nil {
		c.asked(err)
		c.asked = nil
	}
}
