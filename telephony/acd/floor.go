package acd

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"callbox/telephony"
)

// floor is the state that ACD.Run owns: the room with all queues and agents.
type floor struct {
	journal telephony.Journal
	random  *rand.Rand
	cfg     *telephony.Config
	queues  map[string]*queue
	agents  map[string]*agent
	order   []string // agents as configured
	tickets map[telephony.CallID]*ticket
	lines   map[string]telephony.LineState
	member  map[string][]string // the queues of each agent
	offers  OfferID             // the last one given
}

// configure takes a new configuration over what is there.
func (f *floor) configure(cfg *telephony.Config) {
	f.cfg = cfg
	for _, a := range f.agents {
		a.removed = true
	}
	f.order, f.member = f.order[:0], map[string][]string{}
	for _, c := range cfg.Agents {
		f.order = append(f.order, c.ID)
		a := f.agents[c.ID]
		if a == nil {
			a = &agent{wish: telephony.AgentSignedOut, calls: map[telephony.CallID]string{}}
			a.told = telephony.AgentChanged{Agent: c.ID, State: telephony.AgentSignedOut}
			a.since = time.Now()
			f.agents[c.ID] = a
		}
		a.cfg, a.removed = c, false
	}
	for id, a := range f.agents {
		if a.removed {
			f.remove(id, a)
		}
	}
	for _, q := range f.queues {
		q.gone = true
	}
	for _, c := range cfg.Queues {
		q := f.queues[c.ID]
		if q == nil {
			q = &queue{talk: firstTalk, began: map[telephony.CallID]time.Time{}}
			f.queues[c.ID] = q
		}
		q.cfg, q.gone = c, false
		for _, m := range c.Members {
			f.member[m.Agent] = append(f.member[m.Agent], c.ID)
		}
	}
	for id, q := range f.queues {
		if q.gone {
			f.close(q)
			delete(f.queues, id)
		}
	}
}

// remove signs out an agent that is no longer configured; a conversation goes on without the agent's name.
func (f *floor) remove(id string, a *agent) {
	if a.offer != nil {
		f.withdraw(a.offer)
	}
	if a.told.State != telephony.AgentSignedOut {
		f.journal.Append(telephony.Entry{Fact: telephony.AgentChanged{
			Agent: id, State: telephony.AgentSignedOut, By: "config",
		}})
	}
	delete(f.agents, id)
}

// close sends the waiting callers of a removed queue on.
func (f *floor) close(q *queue) {
	for _, t := range f.waiting() {
		if t.queue == q {
			f.refuse(t, "closed")
		}
	}
}

// join puts a caller into a queue.
func (f *floor) join(t Ticket) {
	q := f.queues[t.Queue]
	tk := &ticket{Ticket: t, queue: q, offers: map[OfferID]*offer{}}
	switch {
	case q == nil:
		tk.tell(Refused{"closed"})
	case f.count(q) >= q.cfg.MaxWaiting && q.cfg.MaxWaiting > 0 && !t.Back:
		tk.tell(Refused{"full"})
	case q.cfg.OnNobody != "" && f.signedIn(q) == 0:
		tk.tell(Refused{"no_agents"})
	default:
		f.leave(t.Call) // a call waits in one queue at a time
		f.tickets[t.Call] = tk
	}
}

// leave takes a caller out; agents that ring for it are free at once, the call ends their legs.
func (f *floor) leave(call telephony.CallID) {
	t := f.tickets[call]
	if t == nil {
		return
	}
	for _, o := range t.offers {
		f.drop(o)
	}
	delete(f.tickets, call)
}

// refuse takes a caller out and tells why.
func (f *floor) refuse(t *ticket, reason string) {
	f.leave(t.Call)
	t.tell(Refused{reason})
}

// drop forgets an offer on both sides.
func (f *floor) drop(o *offer) {
	delete(o.ticket.offers, o.id)
	if o.agent.offer == o {
		o.agent.offer = nil
	}
}

// withdraw ends an offer from the agent's side and tells the call to stop ringing.
func (f *floor) withdraw(o *offer) {
	o.ticket.tell(Withdraw{o.id})
	f.drop(o)
}

// find gives the offer with the id, or nil when it is over.
func (f *floor) find(id OfferID) *offer {
	for _, t := range f.tickets {
		if o := t.offers[id]; o != nil {
			return o
		}
	}
	return nil
}

// offerEnded frees the agent of an offer. One who let it ring is set busy, so that the next caller does not wait for an
// empty chair (A4.7); one whose phone failed is left alone for a while.
func (f *floor) offerEnded(id OfferID, result telephony.OfferResult) {
	o := f.find(id)
	if o == nil {
		return
	}
	f.drop(o)
	switch result {
	case telephony.OfferNoAnswer, telephony.OfferRejected:
		o.agent.wish, o.agent.reason, o.agent.by = telephony.AgentBusy, string(result), "queue"
	case telephony.OfferFailed:
		f.leaveAlone(o.agent.cfg.ID)
	}
}

// answered makes a conversation of an offer, and frees the other agents that rang.
func (f *floor) answered(agent string, call telephony.CallID, queue string) {
	f.leave(call)
	if q := f.queues[queue]; q != nil {
		q.began[call] = time.Now()
	}
	f.talking(agent, call, queue)
}

// gone lets go of a call that is over.
func (f *floor) gone(call telephony.CallID) {
	f.leave(call)
	for id, a := range f.agents {
		if _, ok := a.calls[call]; ok {
			f.hungup(id, call)
		}
	}
	for _, q := range f.queues {
		q.ended(call, time.Now()) // its agent was taken out of the configuration meanwhile
	}
}

// settle offers waiting callers to free agents, tells positions and the journal what changed, and says when something will
// become due by itself.
func (f *floor) settle() time.Duration {
	now := time.Now()
	f.tellJournal(now)
	f.sendOn()
	waiting := f.waiting()
	f.tellPlaces(waiting)
	f.offerAll(waiting, now)
	f.tellJournal(now)
	return f.due(now)
}

// sendOn refuses the callers of queues from which everybody has gone, where they are not to wait for somebody to come.
func (f *floor) sendOn() {
	for _, q := range f.queues {
		if q.cfg.OnNobody == "" || f.signedIn(q) > 0 {
			continue
		}
		for _, t := range f.tickets {
			if t.queue == q && len(t.offers) == 0 {
				f.refuse(t, "no_agents")
			}
		}
	}
}

// offerAll rings agents for those who wait, best first. Where one caller found nobody free, the next need not look.
func (f *floor) offerAll(waiting []*ticket, now time.Time) {
	busy := map[*queue]bool{}
	for _, t := range waiting {
		if !busy[t.queue] && !f.offer(t, now) && len(t.offers) == 0 {
			busy[t.queue] = true
		}
	}
}

// offer rings whom the strategy picks and reports whether it picked anybody. A caller for whom somebody rings already waits
// for that, save in ring-all, where each agent who becomes free is rung too.
func (f *floor) offer(t *ticket, now time.Time) (found bool) {
	if len(t.offers) > 0 && t.queue.cfg.Strategy != telephony.RingAll {
		return false
	}
	chosen, why := t.queue.pick(f, t, now)
	for _, a := range chosen {
		f.offers++
		o := &offer{id: f.offers, ticket: t, agent: a}
		sent := t.mayTell(Offer{
			ID: o.id, Agent: a.cfg, Phone: a.phone, Why: why,
			RingFor: time.Duration(t.queue.cfg.RingSeconds) * time.Second,
		})
		if sent {
			t.offers[o.id], a.offer = o, o
		}
	}
	return len(chosen) > 0
}

// tellPlaces tells each caller a position that changed.
func (f *floor) tellPlaces(waiting []*ticket) {
	at := map[*queue]int{}
	working := map[*queue]int{}
	for _, t := range waiting {
		at[t.queue]++
		if _, counted := working[t.queue]; !counted {
			working[t.queue] = f.signedIn(t.queue)
		}
		p := Placed{Position: at[t.queue], Priority: t.priority()}
		if p.Position == t.placed.Position {
			continue
		}
		p.Wait = t.queue.estimate(p.Position, working[t.queue])
		if t.mayTell(p) {
			t.placed = p
		}
	}
}

// due is the time until a wrap-up or a hold-off ends.
func (f *floor) due(now time.Time) time.Duration {
	next := now.Add(time.Hour)
	for _, a := range f.agents {
		for _, t := range []time.Time{a.wrapUp, a.holdOff} {
			if t.After(now) && t.Before(next) {
				next = t
			}
		}
	}
	return next.Sub(now)
}

// waiting are all callers, the one to be served first in front.
func (f *floor) waiting() []*ticket {
	list := slices.Collect(maps.Values(f.tickets))
	slices.SortFunc(list, func(a, b *ticket) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	return list
}

func (f *floor) count(q *queue) (n int) {
	for _, t := range f.tickets {
		if t.queue == q {
			n++
		}
	}
	return n
}

// signedIn counts the agents of a queue who are here, whatever they do.
func (f *floor) signedIn(q *queue) (n int) {
	for _, m := range q.cfg.Members {
		if a := f.agents[m.Agent]; a != nil && a.wish != telephony.AgentSignedOut {
			n++
		}
	}
	return n
}
