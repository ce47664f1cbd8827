package main

import (
	"context"
	"maps"
	"slices"

	"callbox/telephony"
	"callbox/telephony/acd"
)

// recallEntries is how far back the box looks at its start: some days of a busy center, read in a moment.
const recallEntries = 100_000

// recollection is what the end of the journal says about agents and callers.
type recollection struct {
	agents  map[string]telephony.AgentChanged
	callers map[telephony.CallID]string
}

// recall gives the agents the states they had when the box stopped (pain 49), and tells who last spoke with whom (A2.6). A
// state that came of a call or a phone is not a wish: such an agent is ready.
func (b *Box) recall(ctx context.Context) {
	last := b.Store.LastSeq()
	r := recollection{agents: map[string]telephony.AgentChanged{}, callers: map[telephony.CallID]string{}}
	for e := range b.Store.Entries(last-min(last, recallEntries), last) {
		r.take(e, b.Exchange.Spoke)
	}
	for _, id := range slices.Sorted(maps.Keys(r.agents)) {
		was := r.agents[id]
		w := acd.Wish{Agent: id, State: was.State, Reason: was.Reason, Phone: telephony.Target(was.Phone), By: "start"}
		switch {
		case was.State == telephony.AgentSignedOut:
			continue
		case was.State != telephony.AgentBreak && was.State != telephony.AgentBusy, was.Reason == acd.PhoneOffline:
			w.State, w.Reason = telephony.AgentReady, ""
		}
		if err := b.Exchange.Agents().Set(ctx, w); err != nil {
			b.opt.Log.Info("agent not signed in again", "agent", id, "error", err)
		}
	}
}

// take reads one entry of the journal.
func (r *recollection) take(e telephony.Entry, spoke func(number, agent string)) {
	switch f := e.Fact.(type) {
	case telephony.AgentChanged:
		r.agents[f.Agent] = f
	case telephony.CallArrived:
		if f.Direction == telephony.Inbound {
			r.callers[e.Call] = f.Caller.Number
		}
	case telephony.CallerIdentified:
		r.callers[e.Call] = f.Caller.Number
	case telephony.Bridged:
		if f.Agent != "" {
			spoke(r.callers[e.Call], f.Agent)
		}
	case telephony.CallEnded:
		delete(r.callers, e.Call)
	}
}
