package acd

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

// TestAnswerRaces is pain 1: a thousand rounds in which callers and agents do everything at once. Whatever the order, each
// agent's state equals the calls that are really there, and nobody is in two of them.
func TestAnswerRaces(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { race(t, seed, 125) })
		})
	}
}

func race(t *testing.T, seed uint64, rounds int) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	r := newRoom(t, func(q *telephony.Queue) {
		q.Strategy = []telephony.Strategy{telephony.RingAll, telephony.LongestIdle}[seed%2]
		q.WrapUpSeconds = int(seed % 3)
	})
	agents := []string{"1", "2", "3", "4"}
	for round := range rounds {
		r.want(telephony.AgentReady, agents...)
		c := r.join(fmt.Sprint(round), nil)
		talking := ""
		for _, o := range c.offers() {
			switch rnd.IntN(5) {
			case 0, 1:
				if talking == "" {
					talking = o.Agent.ID
					r.acd.Answered(o.Agent.ID, c.id, "q")
				} else {
					r.acd.OfferEnded(o.ID, telephony.OfferElsewhere)
				}
			case 2:
				r.acd.OfferEnded(o.ID, telephony.OfferNoAnswer)
			case 3:
				r.acd.OfferEnded(o.ID, telephony.OfferFailed)
			case 4: // the agent leaves in the same moment
				go r.acd.Set(t.Context(), Wish{Agent: o.Agent.ID, State: telephony.AgentBreak})
			}
		}
		synctest.Wait()
		inCall := 0
		for _, a := range r.acd.Live().Agents {
			if a.State == telephony.AgentTalking {
				inCall++
				if a.ID != talking {
					t.Fatalf("round %d: agent %s talks, but %q took the call", round, a.ID, talking)
				}
			}
		}
		if (talking != "") != (inCall == 1) {
			t.Fatalf("round %d: %d agents talk, %q took the call", round, inCall, talking)
		}
		r.acd.Gone(c.id)
		time.Sleep(time.Minute)
		synctest.Wait()
		for _, a := range r.acd.Live().Agents {
			if a.State == telephony.AgentTalking || a.State == telephony.AgentRinging || a.State == telephony.AgentWrapUp {
				t.Fatalf("round %d: agent %s is still %s after the call", round, a.ID, a.State)
			}
		}
		if n := len(r.acd.Live().Queues[0].Waiting); n != 0 {
			t.Fatalf("round %d: %d ghosts wait (pain 2)", round, n)
		}
	}
}
