package acd

import (
	"fmt"
	"math"
	"slices"
	"time"

	"callbox/telephony"
)

// firstTalk is what a conversation is thought to last before the queue has seen any.
const firstTalk = 3 * time.Minute

// queue is one queue.
type queue struct {
	cfg   telephony.Queue
	turn  int                            // round robin: the member after the last one rung
	talk  time.Duration                  // running mean of a conversation, for the estimate
	began map[telephony.CallID]time.Time // conversations that this queue brought
	gone  bool                           // no longer configured
}

// ended takes one more conversation into the running mean: the newest counts an eighth. One that this queue did not bring,
// or that is over already, counts nothing.
func (q *queue) ended(call telephony.CallID, now time.Time) {
	if began, ok := q.began[call]; ok {
		q.talk += (now.Sub(began) - q.talk) / 8
		delete(q.began, call)
	}
}

// estimate is how long the caller at a position will wait: those before it share the agents that work.
func (q *queue) estimate(position, working int) time.Duration {
	handle := q.talk + time.Duration(q.cfg.WrapUpSeconds)*time.Second
	return handle * time.Duration(position) / time.Duration(max(1, working))
}

// pick says whom to ring, best first: only members of the best level that has somebody, in the order of the strategy
// (A4.2). For ring-all all of them are rung, and those of the next level only when nobody of this one rings any more.
func (q *queue) pick(f *floor, t *ticket, now time.Time) (chosen []*agent, why string) {
	var best []*agent
	level := math.MaxInt
	for _, m := range q.cfg.Members {
		a := f.agents[m.Agent]
		if a == nil {
			continue
		}
		rings, free := a.offer != nil && a.offer.ticket == t, a.available(now, f.lines)
		switch {
		case t.LastAgent == m.Agent && rings:
			return nil, ""
		case t.LastAgent == m.Agent && free:
			return []*agent{a}, "last_agent"
		}
		if (rings || free) && m.Level < level {
			best, level = nil, m.Level
		}
		if free && m.Level == level {
			best = append(best, a)
		}
	}
	if len(best) == 0 {
		return nil, ""
	}
	switch q.cfg.Strategy {
	case telephony.RingAll:
		return best, fmt.Sprintf("ring_all: %d agents, level %d", len(best), level)
	case telephony.RoundRobin:
		a := q.inTurn(best)
		return []*agent{a}, fmt.Sprintf("round_robin: next in turn, level %d", level)
	case telephony.FewestCalls:
		slices.SortStableFunc(best, func(a, b *agent) int {
			if a.answered != b.answered {
				return a.answered - b.answered
			}
			return a.idle.Compare(b.idle)
		})
		return best[:1], fmt.Sprintf("fewest_calls: %d calls, level %d", best[0].answered, level)
	case telephony.RandomAgent:
		return []*agent{best[f.random.IntN(len(best))]}, fmt.Sprintf("random: of %d, level %d", len(best), level)
	case telephony.TopDown:
		return best[:1], fmt.Sprintf("top_down: level %d", level)
	}
	slices.SortStableFunc(best, func(a, b *agent) int { return a.idle.Compare(b.idle) })
	idle := now.Sub(best[0].idle).Truncate(time.Second)
	return best[:1], fmt.Sprintf("longest_idle: idle %s, level %d", idle, level)
}

// inTurn is the first of the free agents at or after the queue's turn, in the order of the members.
func (q *queue) inTurn(free []*agent) *agent {
	n := len(q.cfg.Members)
	for i := range n {
		at := (q.turn + i) % n
		for _, a := range free {
			if a.cfg.ID == q.cfg.Members[at].Agent {
				q.turn = (at + 1) % n
				return a
			}
		}
	}
	return free[0]
}
