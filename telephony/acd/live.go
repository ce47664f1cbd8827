package acd

import (
	"slices"
	"time"

	"callbox/telephony"
)

// snapshot is the room as pages show it.
func (f *floor) snapshot() *Snapshot {
	now := time.Now()
	s := &Snapshot{}
	waiting := f.waiting()
	for _, c := range f.cfg.Queues {
		q := f.queues[c.ID]
		lq := telephony.LiveQueue{
			ID: c.ID, Name: c.Name, Waiting: []telephony.LiveWaiter{}, SignedIn: f.signedIn(q), AnswerSeconds: c.AnswerSeconds,
		}
		lq.Talking = len(q.began)
		for _, m := range c.Members {
			if a := f.agents[m.Agent]; a != nil && a.available(now, f.lines) {
				lq.Ready++
			}
		}
		for _, t := range waiting {
			if t.queue == q {
				lq.Waiting = append(lq.Waiting, t.live())
			}
		}
		s.Queues = append(s.Queues, lq)
	}
	for _, id := range f.order {
		if a := f.agents[id]; a != nil {
			s.Agents = append(s.Agents, a.live(now, f))
		}
	}
	return s
}

func (t *ticket) live() telephony.LiveWaiter {
	w := telephony.LiveWaiter{Call: t.Call, Caller: t.Caller, Since: t.Since, Priority: t.priority()}
	for _, o := range t.offers {
		w.Offered = append(w.Offered, o.agent.cfg.ID)
	}
	slices.Sort(w.Offered)
	return w
}

func (a *agent) live(now time.Time, f *floor) telephony.LiveAgent {
	l := telephony.LiveAgent{
		ID: a.cfg.ID, Name: a.cfg.Name, Phone: string(a.phone), Since: a.since, Queues: f.member[a.cfg.ID], Asks: a.asks,
	}
	if l.Queues == nil {
		l.Queues = []string{} // a list, even an empty one, is a list in JSON
	}
	l.State, l.Reason = a.state(now, f.lines)
	switch l.State {
	case telephony.AgentWrapUp:
		l.Until = a.wrapUp
	case telephony.AgentRinging:
		l.Call = a.offer.ticket.Call
	case telephony.AgentTalking:
		for call := range a.calls {
			l.Call = max(l.Call, call)
		}
	}
	if l.State != a.wish && a.wish != telephony.AgentReady && (a.phone != "" || len(a.calls) > 0) {
		l.After = a.wish
	}
	return l
}
