package call

import (
	"testing"
	"time"

	"callbox/telephony"

	"github.com/google/go-cmp/cmp"
)

// asks has the queue ask for votes.
func asks(c *telephony.Config) { c.Queues[0].Poll = true }

// TestPoll (A5.18, A10.13): who is asked, by whose hang-up, and what comes of it.
func TestPoll(t *testing.T) {
	asked := func(agent string) []telephony.Polled { return []telephony.Polled{{Queue: "q", Agent: agent}} }
	voted := func(v telephony.Vote) []telephony.Voted { return []telephony.Voted{{Queue: "q", Agent: "1", Vote: v}} }
	hangup := func(w *world, line string) { w.at(line).end(telephony.CauseNormal) }
	putThrough := func(w *world, to telephony.Target) { // blind
		w.served().does(w.call.Transfer(me, to))
		hangup(w, "phone/801")
	}
	for _, c := range []struct {
		name  string
		shape func(*telephony.Config)
		do    func(*world)
		asked []telephony.Polled
		voted []telephony.Voted
		by    string
	}{
		{"a vote in the question", asks, func(w *world) {
			hangup(w.served(), "phone/801")
			w.caller.keys("1")
		}, asked("1"), voted(telephony.VerySatisfied), "agent"},
		{"a vote after the question", asks, func(w *world) {
			hangup(w.served(), "phone/801")
			w.pass(questionTime(w, "poll") + pollPatience - time.Second)
			w.caller.keys("2")
		}, asked("1"), voted(telephony.Satisfied), "agent"},
		{"a wrong key, and a vote", asks, func(w *world) {
			hangup(w.served(), "phone/801")
			w.caller.keys("#4")
		}, asked("1"), voted(telephony.Dissatisfied), "agent"},
		{"two wrong keys, and a late vote", asks, func(w *world) {
			hangup(w.served(), "phone/801")
			w.caller.keys("051")
		}, asked("1"), nil, "agent"},
		{"two votes: the first counts", asks, func(w *world) {
			hangup(w.served(), "phone/801")
			w.caller.keys("31")
		}, asked("1"), voted(telephony.Fair), "agent"},
		{"no key", asks, func(w *world) { hangup(w.served(), "phone/801") }, asked("1"), nil, "agent"},
		{"the caller hangs up in the question", asks, func(w *world) {
			hangup(w.served(), "phone/801")
			w.caller.end(telephony.CauseNormal)
		}, asked("1"), nil, "agent"},
		{"the caller hangs up first", asks, func(w *world) { w.served().caller.end(telephony.CauseNormal) }, nil, nil, "caller"},
		{"a queue that does not ask", nil, func(w *world) { hangup(w.served(), "phone/801") }, nil, nil, "agent"},
		{"an agent who was called without a queue", asks, func(w *world) {
			w.ready("1")
			w.ring("agent:1")
			w.at("phone/801").tell(telephony.Answered{})
			hangup(w, "phone/801")
		}, nil, nil, "agent"},
		{"a caller from inside", asks, func(w *world) {
			w.ready("1")
			w.begin("phone/803", telephony.InternalCall, "queue:q")
			w.at("phone/801").tell(telephony.Answered{})
			hangup(w, "phone/801")
		}, nil, nil, "agent"},
		{"the agent hangs up at the desk", asks, func(w *world) {
			w.served().call.HangUp(Hand{By: "li", Agent: "1"})
			w.pass(telephony.Tick)
			w.caller.keys("1")
		}, asked("1"), voted(telephony.VerySatisfied), "li"},
		{"the same with the caller on hold", asks, func(w *world) {
			w.served().does(w.call.Hold(me))
			w.call.HangUp(Hand{By: "li", Agent: "1"})
			w.pass(telephony.Tick)
			w.caller.keys("4")
		}, asked("1"), voted(telephony.Dissatisfied), "li"},
		{"a supervisor ends the call", asks, func(w *world) { w.served().call.HangUp(Hand{By: "boss"}) }, nil, nil, "boss"},
		{"another agent's account", asks, func(w *world) { w.served().call.HangUp(Hand{By: "li", Agent: "2"}) }, nil, nil, "li"},
		{"a supervisor ends the poll", asks, func(w *world) {
			hangup(w.served(), "phone/801")
			w.call.HangUp(Hand{By: "boss"})
		}, asked("1"), nil, "boss"},
		{"put through to another agent", asks, func(w *world) {
			w.ready("2")
			putThrough(w, "agent:2")
			w.at("phone/802").tell(telephony.Answered{})
			hangup(w, "phone/802")
		}, asked("2"), nil, "agent"},
		{"put through after asking", asks, func(w *world) {
			w.ready("2")
			w.served().does(w.call.Consult(me, "agent:2"))
			w.at("phone/802").tell(telephony.Answered{})
			w.does(w.call.Transfer(me, ""))
			hangup(w, "phone/801")
			hangup(w, "phone/802")
		}, asked("2"), nil, "agent"},
		{"put through to who is no agent", asks, func(w *world) {
			putThrough(w, "phone:803")
			w.at("phone/803").tell(telephony.Answered{})
			hangup(w, "phone/803")
		}, nil, nil, "phone"},
		{"put through to a queue that does not ask, and from there to an agent", func(c *telephony.Config) {
			asks(c)
			c.Queues = append(c.Queues, telephony.Queue{ID: "other", Strategy: telephony.RingAll, MaxWaitSeconds: 5, OnTimeout: "agent:1"})
		}, func(w *world) {
			putThrough(w, "queue:other")
			w.pass(10 * time.Second)
			w.at("phone/801").tell(telephony.Answered{})
			hangup(w, "phone/801")
		}, nil, nil, "agent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, c.shape, func(w *world) {
				c.do(w)
				w.pass(2*questionTime(w, "try_again", "poll") + 2*pollPatience + questionTime(w, "goodbye"))
				if diff := cmp.Diff(c.asked, facts[telephony.Polled](w)); diff != "" {
					t.Error("asked", diff)
				}
				if diff := cmp.Diff(c.voted, facts[telephony.Voted](w)); diff != "" {
					t.Error("voted", diff)
				}
				if e := facts[telephony.CallEnded](w); len(e) != 1 || e[0].Outcome != telephony.OutcomeAnswered || e[0].By != c.by {
					t.Errorf("told %+v, want an answered call that %s ended", e, c.by)
				}
			})
		})
	}
}

// questionTime is how long prompts last.
func questionTime(w *world, ids ...string) (d time.Duration) {
	for s := w.house.Prompts.Source("zh", ids...); s.Next(&telephony.Frame{}); {
		d += telephony.Tick
	}
	return d
}

// TestThePollIsWithoutTheAgent (A5.18): once the agent has hung up there is no recording, and the next caller is the agent's.
func TestThePollIsWithoutTheAgent(t *testing.T) {
	play(t, asks, func(w *world) {
		w.served().at("phone/801").end(telephony.CauseNormal)
		if w.state() != "poll" || w.records() || w.agent("1").State != telephony.AgentReady || w.now.Agent != "" {
			t.Errorf("state %s, recorded %v, agent %s, of %q", w.state(), w.records(), w.agent("1").State, w.now.Agent)
		}
		w.refuses(w.call.Hold(Hand{Agent: "1"}), telephony.Conflict)
	})
}

// TestAgentLostInTalkIsNoVote (pain 6): who was cut off goes back to the queue and is asked later.
func TestAgentLostInTalkIsNoVote(t *testing.T) {
	play(t, asks, func(w *world) {
		w.served().at("phone/801").over(telephony.Released{Cause: telephony.CauseNetworkFault, Witness: telephony.ByMediaLoss})
		w.pass(time.Second)
		if w.state() != "queue" || len(facts[telephony.Polled](w)) > 0 {
			t.Errorf("state %s, asked %v", w.state(), facts[telephony.Polled](w))
		}
		w.caller.end(telephony.CauseNormal)
	})
}
