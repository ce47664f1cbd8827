package acd

import (
	"time"

	"callbox/telephony"
)

// A Ticket is a caller's claim to be served by a queue.
type Ticket struct {
	Call      telephony.CallID
	Queue     string
	Caller    telephony.Caller
	Priority  int       // added to the queue's
	Since     time.Time // when the caller began to wait; kept when a caller comes back (head of the queue)
	LastAgent string    // the agent this caller last spoke with, if the queue asks for it (A2.6)
	Back      bool      // the caller lost its agent and comes back: a full queue lets it in
	// Box takes the messages of acd. It must have room for BoxSize messages: acd never waits for a call; one that does not
	// read its box is as good as gone.
	Box chan<- Message
}

// BoxSize is the room that a ticket's box needs.
const BoxSize = 64

// A Message is what acd tells a waiting call. The set is closed; switch on its type.
type Message interface{ message() }

// OfferID names one ringing of one agent for one caller.
type OfferID uint64

type (
	// Placed: the caller waits, at this position.
	Placed struct {
		Position int
		Priority int
		Wait     time.Duration // estimate
	}
	// Refused: the queue cannot take the caller, or no longer: "full", "no_agents", "closed". The caller is out.
	Refused struct{ Reason string }
	// Offer: ring this agent for the caller.
	Offer struct {
		ID      OfferID
		Agent   telephony.Agent
		Phone   telephony.Target
		RingFor time.Duration
		Why     string
	}
	// Withdraw: stop ringing; the agent's state changed while it rang.
	Withdraw struct{ ID OfferID }
)

func (Placed) message()   {}
func (Refused) message()  {}
func (Offer) message()    {}
func (Withdraw) message() {}

// headStart is what one level of priority is worth: a caller with priority 1 stands as if it had come a minute earlier. So a
// higher priority is served first, and yet nobody starves behind it (pain 10).
const headStart = time.Minute

// ticket is a waiting caller and whom we ring for it.
type ticket struct {
	Ticket
	queue  *queue
	offers map[OfferID]*offer
	placed Placed // what the call was last told
}

// before orders waiting callers: who is served first.
func (t *ticket) before(u *ticket) bool {
	ts, us := t.standing(), u.standing()
	if ts.Equal(us) {
		return t.Call < u.Call
	}
	return ts.Before(us)
}

func (t *ticket) standing() time.Time {
	return t.Since.Add(-time.Duration(t.priority()) * headStart)
}

func (t *ticket) priority() int { return t.queue.cfg.Priority + t.Priority }

// tell posts to the call and never waits.
func (t *ticket) tell(m Message) bool {
	select {
	case t.Box <- m:
		return true
	default:
		return false
	}
}

// mayTell posts what can be told later as well. It leaves half of the box free for Withdraw and Refused, which cannot: ring-all
// over a large room would fill it.
func (t *ticket) mayTell(m Message) bool { return len(t.Box) < cap(t.Box)/2 && t.tell(m) }

// offer is one agent being rung for one caller.
type offer struct {
	id     OfferID
	ticket *ticket
	agent  *agent
}
