// Package acd knows who waits and who works: every queue and every agent of the box is owned by one goroutine, ACD.Run.
// Calls post what happened to them and are told on their own boxes whom to ring; the page and the phones post what agents
// wish. An agent's state is never stored: it follows from the sign-in, the wish and the calls (agent.go), so it cannot
// disagree with them (pains 1, 2, 6, 11).
package acd

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"callbox/telephony"
)

// boxSize bounds what calls, lines and pages may have posted and acd has not yet seen. A post beyond it waits on the
// poster's side: a call can wait a moment, the media loop never posts here.
const boxSize = 1024

// Options are what acd needs.
type Options struct {
	Journal telephony.Journal
	// Seed makes the random strategy replay the same in tests.
	Seed uint64
	// Changed is called after each change of what Live shows; it must not wait.
	Changed func()
}

// ACD is the one owner of queues and agents.
type ACD struct {
	opt  Options
	box  chan func(*floor)
	done chan struct{}
	live atomic.Pointer[Snapshot]
}

// A Snapshot is the state of all queues and agents at one moment.
type Snapshot struct {
	Queues []telephony.LiveQueue
	Agents []telephony.LiveAgent
}

// New makes an ACD with nobody in it; Configure brings queues and agents.
func New(opt Options) *ACD {
	a := &ACD{opt: opt, box: make(chan func(*floor), boxSize), done: make(chan struct{})}
	a.live.Store(&Snapshot{})
	return a
}

// Run owns all state until ctx ends.
func (a *ACD) Run(ctx context.Context) {
	defer close(a.done)
	f := &floor{
		journal: a.opt.Journal,
		random:  rand.New(rand.NewPCG(a.opt.Seed, 0xca11b0c5)),
		cfg:     &telephony.Config{},
		queues:  map[string]*queue{},
		agents:  map[string]*agent{},
		tickets: map[telephony.CallID]*ticket{},
		lines:   map[string]telephony.LineState{},
	}
	wake := time.NewTimer(time.Hour)
	defer wake.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case act := <-a.box:
			act(f)
			for range len(a.box) { // what came meanwhile is settled together: a rush costs no more than a moment
				(<-a.box)(f)
			}
		case <-wake.C:
		}
		wake.Reset(f.settle())
		a.live.Store(f.snapshot())
		if a.opt.Changed != nil {
			a.opt.Changed()
		}
	}
}

// post hands an act to the owner; after the end of Run it is dropped.
func (a *ACD) post(act func(*floor)) {
	select {
	case a.box <- act:
	case <-a.done:
	}
}

// Live is the newest snapshot; its slices are shared and read-only.
func (a *ACD) Live() Snapshot { return *a.live.Load() }

// Configure brings a new configuration. Waiting callers keep their places, agents their states (pain 12); a queue or agent
// that is gone finishes the calls it has.
func (a *ACD) Configure(cfg *telephony.Config) { a.post(func(f *floor) { f.configure(cfg) }) }

// LineChanged tells the state of a line: a phone that is busy or gone is not rung.
func (a *ACD) LineChanged(s telephony.LineStatus) {
	a.post(func(f *floor) { f.lineChanged(s.ID, s.State) })
}

// Join puts a caller into a queue. The first answer on the ticket's box is Placed or Refused.
func (a *ACD) Join(t Ticket) { a.post(func(f *floor) { f.join(t) }) }

// Leave takes a caller out of its queue: left by key, overflowed, timed out.
func (a *ACD) Leave(call telephony.CallID) { a.post(func(f *floor) { f.leave(call) }) }

// OfferEnded tells that an offer did not become a conversation.
func (a *ACD) OfferEnded(id OfferID, result telephony.OfferResult) {
	a.post(func(f *floor) { f.offerEnded(id, result) })
}

// Answered tells that the agent of an offer took the call: the caller waits no longer. An answer that crossed a withdrawal
// stands, because the leg is what is true.
func (a *ACD) Answered(agent string, call telephony.CallID, queue string) {
	a.post(func(f *floor) { f.answered(agent, call, queue) })
}

// Talking tells that an agent is in a call that no queue brought: a direct call to the agent, or one of the agent's own.
func (a *ACD) Talking(agent string, call telephony.CallID) {
	a.post(func(f *floor) { f.talking(agent, call, "") })
}

// Moved tells that a conversation of an agent goes on in another call: a transfer made one call of two. The queue that
// brought it stays the one that asks for wrap-up (pain 9).
func (a *ACD) Moved(agent string, from, to telephony.CallID) {
	a.post(func(f *floor) { f.moved(agent, from, to) })
}

// Hungup tells that an agent's leg of a call is gone; wrap-up begins if the queue asks for it.
func (a *ACD) Hungup(agent string, call telephony.CallID) {
	a.post(func(f *floor) { f.hungup(agent, call) })
}

// Lost is Hungup of a leg that failed, or that ended before a word was spoken: its phone is left alone for a while, so that
// one which answers and drops every call cannot hold a caller in a circle (pain 3).
func (a *ACD) Lost(agent string, call telephony.CallID) {
	a.post(func(f *floor) {
		f.hungup(agent, call)
		f.leaveAlone(agent)
	})
}

// Gone tells that a call is over, however it ended. Whatever acd still holds of it is let go.
func (a *ACD) Gone(call telephony.CallID) { a.post(func(f *floor) { f.gone(call) }) }

// A Wish is what an agent, or somebody with the right, wants the agent to be.
type Wish struct {
	Agent  string
	State  telephony.AgentState // SignedOut, Ready, Busy or Break
	Reason string               // of busy and break
	Phone  telephony.Target     // where the agent sits; empty: as configured or as signed in
	By     string               // "page", "phone"
	// Granted: somebody with the right asked, and the most breaks at once do not count.
	Granted bool
}

// Set carries out a wish. While a call is being offered the offer is withdrawn once and goes to another agent (pain 4);
// during a conversation the wish stands for afterwards; it ends a wrap-up.
func (a *ACD) Set(ctx context.Context, w Wish) error {
	return a.request(ctx, func(f *floor) *telephony.Error { return f.wish(w) })
}

// AskBreak notes that an agent asks for a break which needs somebody's word (A5.6), or that the wish is over: taken back, or
// refused. A break that begins and a sign-out end it, too.
func (a *ACD) AskBreak(ctx context.Context, agent string, on bool) error {
	return a.request(ctx, func(f *floor) *telephony.Error { return f.ask(agent, on) })
}

// request posts an act and waits for what comes of it.
func (a *ACD) request(ctx context.Context, act func(*floor) *telephony.Error) error {
	reply := make(chan *telephony.Error, 1)
	a.post(func(f *floor) { reply <- act(f) })
	select {
	case err := <-reply:
		if err != nil {
			return err
		}
		return nil
	case <-a.done:
		return telephony.Errorf(telephony.Unavailable, "设备正在停止", "the box is stopping")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Desk tells whether the page that an agent works at is there. An agent whose page went away without a sign-out takes no
// calls until it is back, or until the agent wishes something by phone (pains 16-18).
func (a *ACD) Desk(agent string, there bool) { a.post(func(f *floor) { f.desk(agent, there) }) }

// AgentAt is the agent who sits at a phone, or "".
func (a *ACD) AgentAt(phone telephony.Target) string {
	for _, l := range a.Live().Agents {
		if l.Phone == string(phone) && l.State != telephony.AgentSignedOut {
			return l.ID
		}
	}
	return ""
}

// PhoneOf is where an agent sits, or "" when signed out.
func (a *ACD) PhoneOf(agent string) telephony.Target {
	for _, l := range a.Live().Agents {
		if l.ID == agent {
			return telephony.Target(l.Phone)
		}
	}
	return ""
}

// Undisturbed reports whether an agent asked not to be rung (A2.17): busy or on a break by the agent's own wish. Who was
// set busy by a call that was not answered can still be called directly.
func (a *ACD) Undisturbed(agent string) bool {
	for _, l := range a.Live().Agents {
		if l.ID != agent {
			continue
		}
		switch l.Reason {
		case string(telephony.OfferNoAnswer), string(telephony.OfferRejected), PhoneOffline, DeskOffline:
			return false
		}
		return l.State == telephony.AgentBusy || l.State == telephony.AgentBreak
	}
	return false
}
