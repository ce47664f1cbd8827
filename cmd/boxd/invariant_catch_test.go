package main

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"callbox/hal/sim"
	"callbox/storage"
	"callbox/telephony"
)

// TestInvariantsCatch breaks a good night in every way that an invariant is there for, and asks whether it says so.
func TestInvariantsCatch(t *testing.T) {
	if list := goodNight().problems(); len(list) > 0 {
		t.Fatal("a good night has problems:", list)
	}
	for name, invariant := range invariants {
		rows := breakages[name]
		if len(rows) == 0 {
			t.Errorf("nothing tries to break %q", name)
		}
		for what, spoil := range rows {
			n := goodNight()
			spoil(n)
			if len(invariant(n)) == 0 {
				t.Errorf("%s: nobody saw that %s", name, what)
			}
		}
	}
}

// goodNight is after a day of one call: menu, queue, agent 1001, a talk of ten seconds that was recorded.
func goodNight() *night {
	n := &night{config: testConfig(), unheard: map[string]string{}}
	began := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	tell := func(second int, call telephony.CallID, f telephony.Fact) {
		at := time.Duration(second) * time.Second
		n.entries = append(n.entries, telephony.Entry{
			Seq: uint64(len(n.entries) + 1), Time: began.Add(at), Mono: at, Boot: 1, Call: call, Fact: f,
		})
	}
	tell(0, "", telephony.AgentChanged{Agent: "1001", State: telephony.AgentReady, Phone: "phone:801"})
	tell(5, "1-1", telephony.CallArrived{Direction: telephony.Inbound, Line: "fxo/1"})
	tell(5, "1-1", telephony.Routed{Target: "queue:sales"})
	tell(5, "1-1", telephony.Queued{Queue: "sales", Position: 1})
	tell(5, "1-1", telephony.Offered{Queue: "sales", Agent: "1001"})
	tell(5, "1-1", telephony.Dialed{Line: "phone/801"})
	tell(8, "1-1", telephony.LegAnswered{Leg: "phone/801#1", Agent: "1001"})
	tell(8, "1-1", telephony.OfferEnded{Queue: "sales", Agent: "1001", Result: telephony.OfferAnswered})
	tell(8, "1-1", telephony.Unqueued{Queue: "sales", Reason: "answered"})
	tell(8, "1-1", telephony.RecordingStarted{Recording: "1-1.1", Purpose: "call"})
	tell(8, "1-1", telephony.Bridged{A: "fxo/1#1", B: "phone/801#1", Agent: "1001"})
	tell(18, "1-1", telephony.LegReleased{Leg: "phone/801#1"})
	tell(18, "1-1", telephony.LegReleased{Leg: "fxo/1#1"})
	tell(18, "1-1", telephony.CallEnded{Outcome: telephony.OutcomeAnswered})
	tell(18, "1-1", telephony.Recorded{Recording: "1-1.1", Purpose: "call", Length: 10 * time.Second})
	fold := storage.NewFold()
	for _, e := range n.entries {
		if r, ok := fold.Step(e); ok {
			n.records = []storage.Record{r}
		}
	}
	n.report = []storage.Row{{Outcomes: map[string]int{"answered": 1}}}
	n.rings = []rung{{line: "fxo/1", at: began, over: began.Add(18 * time.Second), answered: true, stage: sim.Released}}
	n.wished = map[string]telephony.AgentState{"1001": telephony.AgentReady}
	n.agents = []telephony.LiveAgent{{ID: "1001", State: telephony.AgentReady}}
	n.live = telephony.Live{
		Agents: slices.Clone(n.agents), Queues: []telephony.LiveQueue{{ID: "sales"}},
		Lines: []telephony.LineStatus{{ID: "fxo/1", State: telephony.LineIdle}, {ID: "phone/802", State: telephony.LineOffline}},
	}
	n.phones = []sim.PhoneState{{Extension: "801", Stage: sim.Idle}}
	n.sockets = []netip.AddrPort{netip.MustParseAddrPort("10.0.0.1:5060")}
	return n
}

// without takes the facts of a kind out of the journal.
func without(kind string) func(*night) {
	return func(n *night) {
		n.entries = slices.DeleteFunc(n.entries, func(e telephony.Entry) bool { return e.Fact.Kind() == kind })
	}
}

// twice tells the facts of a kind twice.
func twice(kind string) func(*night) {
	return func(n *night) {
		var entries []telephony.Entry
		for _, e := range n.entries {
			entries = append(entries, e)
			if e.Fact.Kind() == kind {
				entries = append(entries, e)
			}
		}
		n.entries = entries
	}
}

// also tells another fact, of another call, at the end or while agent 1001 talks.
func also(whileTalking bool, f telephony.Fact) func(*night) {
	return func(n *night) {
		at := len(n.entries)
		if whileTalking {
			at = slices.IndexFunc(n.entries, func(e telephony.Entry) bool { return e.Fact.Kind() == "leg_released" })
		}
		n.entries = slices.Insert(n.entries, at, telephony.Entry{Call: "1-2", Fact: f})
	}
}

// breakages are, for each invariant, what may go wrong.
var breakages = map[string]map[string]func(*night){
	"every call arrives once and ends once": {
		"a call never ended":          without("call_ended"),
		"a call ended twice":          twice("call_ended"),
		"a call arrived twice":        twice("call_arrived"),
		"a call spoke after its end":  func(n *night) { n.entries = append(n.entries, telephony.Entry{Call: "1-1", Fact: telephony.Queued{}}) },
		"a call spoke before its own": also(false, telephony.CallAnswered{}),
	},
	"the outcomes of inbound calls sum to the offered": {
		"a call has no outcome":   without("call_ended"),
		"the report counts twice": func(n *night) { n.report[0].Outcomes["busy"] = 1 },
	},
	"every caller is accounted for": {
		"a caller is in no call":      func(n *night) { n.rings = append(n.rings, rung{line: "fxo/2", over: time.Time{}.Add(time.Minute)}) },
		"a call has no caller":        func(n *night) { n.rings = nil },
		"a caller is in two calls":    twice("call_arrived"),
		"an answered caller has none": func(n *night) { n.rings[0].line = "fxo/3" },
	},
	"every offer ends once": {
		"an offer never ended": without("offer_ended"), "an offer ended twice": twice("offer_ended"), "an offer was made twice": twice("offered"),
	},
	"every stay in a queue ends once": {"a stay never ended": without("unqueued"), "a stay ended twice": twice("unqueued")},
	"every leg is released once":      {"a leg stayed": without("leg_released"), "a leg went twice": twice("leg_released")},
	"every talk that is to be recorded is": {
		"nothing was recorded": without("recorded"),
		"the recording is short": func(n *night) {
			n.entries[14].Fact = telephony.Recorded{Recording: "1-1.1", Purpose: "call", Length: 8 * time.Second}
		},
	},
	"every recording is on disk": {
		"a recording was not closed": without("recorded"),
		"a file is short":            func(n *night) { n.unheard["1-1.1"] = "plays 1s" },
		"the disk was full": func(n *night) {
			n.entries[14].Fact = telephony.Recorded{Recording: "1-1.1", Problem: "disk_full"}
		},
	},
	"no agent is in two calls": {
		"an agent who talks is rung": also(true, telephony.Offered{Agent: "1001"}),
		"an agent talks to two": func(n *night) {
			also(true, telephony.OfferEnded{Agent: "1001", Result: telephony.OfferAnswered})(n)
			also(true, telephony.LegAnswered{Leg: "phone/801#2", Agent: "1001"})(n)
			also(true, telephony.Bridged{A: "fxo/2#1", B: "phone/801#2", Agent: "1001"})(n)
		},
		"an agent is rung for two":    func(n *night) { also(true, telephony.Offered{Agent: "1002"})(n); twice("offered")(n) },
		"an agent's leg never is let": func(n *night) { without("leg_released")(n); also(false, telephony.Offered{Agent: "1001"})(n) },
	},
	"agents are what they wish": {
		"an agent still rings":       func(n *night) { n.live.Agents[0].State = telephony.AgentRinging },
		"an agent is kept in a call": func(n *night) { n.live.Agents[0].Call = "1-1" },
		"a wish was not heard":       func(n *night) { n.agents[0].State = telephony.AgentBreak },
		"the journal knows other":    also(false, telephony.AgentChanged{Agent: "1001", State: telephony.AgentBusy}),
	},
	"nobody waits": {
		"a ghost waits": func(n *night) { n.live.Queues[0].Waiting = []telephony.LiveWaiter{{Call: "1-1"}} },
		"a ghost talks": func(n *night) { n.live.Queues[0].Talking = 1 },
	},
	"every caller over an E1 is in one call": {
		"a caller was answered and is in no call": func(n *night) {
			n.over = append(n.over, rung{line: "e1/1", number: "0215", answered: true})
		},
		"a caller is in two": func(n *night) {
			n.over = append(n.over, rung{line: "e1/1", number: "0215"})
			for range 2 {
				n.entries = append(n.entries, telephony.Entry{Call: "1-2", Fact: telephony.CallArrived{
					Line: "e1/1", Caller: telephony.Caller{Number: "0215"},
				}})
			}
		},
		"a call has no caller": func(n *night) {
			n.entries = append(n.entries, telephony.Entry{Call: "1-2", Fact: telephony.CallArrived{Line: "e1/1"}})
		},
	},
	"every bearer is idle": {
		"a D-channel is down": func(n *night) { n.spans = []telephony.LiveSpan{{Span: "e1/1", DChannel: "down"}} },
		"a bearer was left behind": func(n *night) {
			n.spans = []telephony.LiveSpan{{Span: "e1/1", DChannel: "up", Channels: []telephony.LiveChannel{{Number: 1, State: telephony.ChannelClearing}}}}
		},
	},
	"every line is idle": {
		"a line talks":            func(n *night) { n.live.Lines[0].State = telephony.LineTalking },
		"a line counts a call":    func(n *night) { n.live.Lines[0].Busy = 1 },
		"a line is out of order":  func(n *night) { n.live.Lines[0].State = telephony.LineOffline },
		"the exchange has a call": func(n *night) { n.onLines = []sim.PartyState{{Line: "fxo/1"}} },
		"a call goes on":          func(n *night) { n.live.Calls = []telephony.LiveCall{{ID: "1-1"}} },
	},
	"every phone is idle": {"a phone talks": func(n *night) { n.phones[0].Stage = sim.Talking }},
	"no port is open": {
		"a port of speech is open": func(n *night) { n.sockets = append(n.sockets, netip.MustParseAddrPort("10.0.0.1:20000")) },
	},
	"nothing panicked or was lost": {
		"a call panicked":   also(false, telephony.Panicked{}),
		"the journal lost":  also(false, telephony.JournalGap{Lost: 1}),
		"a number is amiss": without("queued"),
	},
	"the journal alone rebuilds the call records": {
		"a record is false":   func(n *night) { n.records[0].Talked++ },
		"a record is missing": func(n *night) { n.records = nil },
	},
	"the databases are whole": {"a page is damaged": func(n *night) { n.damage = []string{"config.db: page 3"} }},
}
