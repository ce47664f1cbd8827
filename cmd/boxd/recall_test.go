package main

import (
	"context"
	"testing"
	"testing/synctest"

	"callbox/telephony"
	"callbox/telephony/acd"
)

// TestRecall (pain 49): agents are after a start what they were before it, as far as that was their own wish.
func TestRecall(t *testing.T) {
	for _, c := range []struct {
		name  string
		was   telephony.AgentChanged
		state telephony.AgentState
		wish  string // the reason that is shown
		at    string
	}{
		{name: "ready", was: telephony.AgentChanged{State: telephony.AgentReady, Phone: "phone:803"}, state: telephony.AgentReady, at: "phone:803"},
		{name: "talking when the box stopped", was: telephony.AgentChanged{State: telephony.AgentTalking, Phone: "phone:803"}, state: telephony.AgentReady, at: "phone:803"},
		{name: "in wrap-up", was: telephony.AgentChanged{State: telephony.AgentWrapUp, Phone: "phone:803"}, state: telephony.AgentReady, at: "phone:803"},
		{name: "on a break", was: telephony.AgentChanged{State: telephony.AgentBreak, Reason: "lunch", Phone: "phone:803"}, state: telephony.AgentBreak, wish: "lunch", at: "phone:803"},
		{name: "busy by choice", was: telephony.AgentChanged{State: telephony.AgentBusy, Reason: "paper", Phone: "phone:803"}, state: telephony.AgentBusy, wish: "paper", at: "phone:803"},
		{name: "busy because the phone was gone", was: telephony.AgentChanged{State: telephony.AgentBusy, Reason: acd.PhoneOffline, Phone: "phone:803"}, state: telephony.AgentReady, at: "phone:803"},
		{name: "signed out", was: telephony.AgentChanged{State: telephony.AgentSignedOut}, state: telephony.AgentSignedOut},
		{name: "at a phone that is no more", was: telephony.AgentChanged{State: telephony.AgentReady, Phone: "phone:899"}, state: telephony.AgentSignedOut},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, testConfig())
				defer w.close()
				w.phone("803", nil)
				c.was.Agent = "1001"
				w.box.Store.Append(telephony.Entry{Fact: telephony.AgentChanged{Agent: "1001", State: telephony.AgentReady, Phone: "phone:801"}})
				w.box.Store.Append(telephony.Entry{Fact: c.was})
				w.box.Store.Append(telephony.Entry{Fact: telephony.AgentChanged{Agent: "9999", State: telephony.AgentReady, Phone: "phone:801"}})
				if err := w.box.Store.Sync(context.Background()); err != nil {
					t.Fatal(err)
				}
				w.box.recall(context.Background())
				synctest.Wait()
				a := w.agentNow("1001")
				if a.State != c.state || a.Reason != c.wish || a.Phone != c.at {
					t.Errorf("%+v", a)
				}
			})
		})
	}
}

// agentNow is an agent as the page shows it.
func (w *world) agentNow(id string) telephony.LiveAgent {
	for _, a := range w.box.Exchange.Live().Agents {
		if a.ID == id {
			return a
		}
	}
	w.t.Fatalf("there is no agent %s", id)
	return telephony.LiveAgent{}
}

// TestRecallWhoSpokeWithWhom (A2.6): the last agent of a caller is known after a start, also where the number came late.
func TestRecallWhoSpokeWithWhom(t *testing.T) {
	r := recollection{agents: map[string]telephony.AgentChanged{}, callers: map[telephony.CallID]string{}}
	spoken := map[string]string{}
	for _, e := range []telephony.Entry{
		{Call: "1-1", Fact: telephony.CallArrived{Direction: telephony.Inbound, Caller: telephony.Caller{Number: "138"}}},
		{Call: "1-2", Fact: telephony.CallArrived{Direction: telephony.Inbound}},
		{Call: "1-3", Fact: telephony.CallArrived{Direction: telephony.Outbound, Caller: telephony.Caller{Number: "801"}}},
		{Call: "1-2", Fact: telephony.CallerIdentified{Caller: telephony.Caller{Number: "139"}}},
		{Call: "1-1", Fact: telephony.Bridged{Agent: "1001"}},
		{Call: "1-2", Fact: telephony.Bridged{Agent: "1002"}},
		{Call: "1-3", Fact: telephony.Bridged{Agent: "1003"}},
		{Call: "1-1", Fact: telephony.CallEnded{}},
	} {
		r.take(e, func(number, agent string) { spoken[number] = agent })
	}
	if spoken["138"] != "1001" || spoken["139"] != "1002" || spoken["801"] != "" || len(r.callers) != 1 {
		t.Errorf("%v, calls still open %v", spoken, r.callers)
	}
}
