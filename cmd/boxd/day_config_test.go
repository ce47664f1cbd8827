package main

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/telephony/sip/siptest"
)

var strategies = []telephony.Strategy{
	telephony.LongestIdle, telephony.RoundRobin, telephony.FewestCalls, telephony.RandomAgent, telephony.TopDown, telephony.RingAll,
}

// dayConfig is the test company with queues, phones and policies as the seed has them.
func dayConfig(t *testing.T, r *rand.Rand) *telephony.Config {
	cfg := testConfig()
	for i := range cfg.Queues {
		q := &cfg.Queues[i]
		q.Members = append(q.Members, telephony.Member{Agent: oneOf(r, "1001", "1002", "1003", "1004"), Level: 2})
		if q.Members[0].Agent == q.Members[len(q.Members)-1].Agent || len(q.Members) > 3 {
			q.Members = q.Members[:len(q.Members)-1]
		}
		q.Record = oneOf(r, "always", "always", "never", "on_demand", "")
		shapeQueue(r, q)
	}
	for i := range cfg.Phones {
		cfg.Phones[i].RingSeconds = 8 + r.IntN(20)
		cfg.Phones[i].NoAnswer = oneOf[telephony.Target](r, "", "", "voicemail:office", "prompt:goodbye")
		cfg.Phones[i].Busy = oneOf[telephony.Target](r, "", "", "voicemail:office", telephony.ToBusy)
	}
	cfg.Recording.Record = oneOf(r, "always", "always", "on_demand")
	cfg.Recording.PhonesToo = r.IntN(2) == 0
	for i := range cfg.Lines { // a third of a day's work would be cancelling echo
		if i%4 != 0 {
			cfg.Lines[i].Echo = "off"
		}
	}
	if r.IntN(2) == 0 { // A1.18: calls go out over the spans first
		spans := telephony.Group{ID: "spans", Lines: []string{"e1/1", "e1/2"}, Select: oneOf(r, "ascending", "round_robin"), Backup: "pstn"}
		cfg.Groups = append(cfg.Groups, spans)
		for i := range cfg.Outbound {
			cfg.Outbound[i].Groups = []string{"spans"}
		}
	}
	for i := range cfg.Spans {
		cfg.Spans[i].Select = oneOf(r, "ascending", "descending", "round_robin") // ascending meets the exchange's: glare
		cfg.Spans[i].Exclusive = r.IntN(2) == 0
	}
	cfg.Groups[0].Select = oneOf(r, "ascending", "descending", "round_robin")
	if err := cfg.Validate(); err != nil {
		t.Fatal(err, err.Problems)
	}
	return cfg
}

// shapeQueue gives a queue what a supervisor may change at any time. The wait is always bounded, so that the day ends.
func shapeQueue(r *rand.Rand, q *telephony.Queue) {
	q.Strategy = oneOf(r, strategies...)
	q.RingSeconds = 6 + r.IntN(15)
	q.WrapUpSeconds = oneOf(r, 0, 0, 5, 15)
	q.AnnounceAgent = r.IntN(2) == 0
	q.LastAgent = r.IntN(2) == 0
	q.SayPosition, q.SayWait, q.SayEverySeconds = r.IntN(2) == 0, r.IntN(2) == 0, oneOf(r, 0, 15, 30)
	q.MaxWaiting = oneOf(r, 0, 0, 2, 4)
	q.MaxWaitSeconds = oneOf(r, 20, 60, 120)
	q.OnFull = oneOf[telephony.Target](r, telephony.ToBusy, "voicemail:office", "phone:806", "phone:811")
	q.OnTimeout = oneOf[telephony.Target](r, telephony.ToHangup, "voicemail:office", "phone:805", "phone:812", "menu:main", "outside:13800138099")
	q.OnNobody = oneOf[telephony.Target](r, "", "voicemail:office")
	q.LeaveKey = oneOf(r, "", "0", "#")
	q.OnLeave = oneOf[telephony.Target](r, "voicemail:office", "return", "phone:806")
	q.NoticePrompt = oneOf(r, "", "recording_notice")
	q.Priority = r.IntN(3)
	q.Poll = r.IntN(2) == 0
}

// reconfigure changes something while callers wait and agents talk (pain 12).
func (d *day) reconfigure() {
	cfg := copyOf(d.t, d.box.Store.Config())
	i := d.chance.IntN(len(cfg.Queues))
	switch d.chance.IntN(8) {
	case 0, 1:
		shapeQueue(d.chance, &cfg.Queues[i])
	case 2: // an agent leaves the queue, or comes back
		if q := &cfg.Queues[i]; len(q.Members) > 1 {
			q.Members = q.Members[1:]
		} else {
			q.Members = append(q.Members, telephony.Member{Agent: "1002", Level: 1})
		}
		cfg.Queues[i].Members = slices.CompactFunc(cfg.Queues[i].Members, func(a, b telephony.Member) bool { return a.Agent == b.Agent })
	case 3: // an agent leaves the company
		gone := func(m telephony.Member) bool { return m.Agent == "1003" }
		for i := range cfg.Queues {
			cfg.Queues[i].Members = slices.DeleteFunc(cfg.Queues[i].Members, gone)
		}
		cfg.Agents = slices.DeleteFunc(cfg.Agents, func(a telephony.Agent) bool { return a.ID == "1003" })
	case 4: // a queue is closed
		cfg.Queues = slices.DeleteFunc(cfg.Queues, func(q telephony.Queue) bool { return q.ID == "service" })
		cfg.Menus[0].Keys[1].To = "queue:sales"
	case 5: // a line is taken out of service
		cfg.Lines[7].Disabled = true
	case 6: // bearers are blocked
		cfg.Spans[0].Blocked = []int{1, 2, 31}
	default:
		cfg = d.config
	}
	d.put("in the course of the day", cfg)
}

// service is a line as the seed has it: how it clears, how it tells who calls, and what is wrong with it.
func service(r *rand.Rand) sim.Service {
	s := sim.Service{CallerID: oneOf(r, sim.FSK, sim.FSK, sim.SDMF, sim.DTMF, sim.NoCallerID)}
	switch r.IntN(5) {
	case 0:
		s.Polarity = true
	case 1:
		s.LoopDrop = true
	case 2:
		s.LateClearMS = r.IntN(8000)
	}
	s.Faults = sim.Faults{
		Seed: r.Uint64(), NoiseDBm0: oneOf(r, 0, 0, -65.0, -50), HumDBm0: oneOf(r, 0, 0, 0, -50.0), LossDB: oneOf(r, 0, 3.0, 6),
		EchoDB: oneOf(r, 0, 0, 20.0, 30), LostRing: oneOf(r, 0, 0, 0, 0.3),
	}
	return s
}

// weather is the network as the seed has it. SIP over UDP lives through it by its retransmissions (RFC 3261 17).
func weather(r *rand.Rand) siptest.Faults {
	if r.IntN(3) == 0 {
		return siptest.Faults{}
	}
	return siptest.Faults{
		Latency: upTo(r, 20*time.Millisecond), Jitter: upTo(r, 15*time.Millisecond),
		Loss: 0.02 * r.Float64(), Duplicate: 0.01 * r.Float64(),
	}
}

func oneOf[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func copyOf(t *testing.T, cfg *telephony.Config) *telephony.Config {
	raw, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c := &telephony.Config{}
	if err := json.Unmarshal(raw, c); err != nil {
		t.Fatal(err)
	}
	return c
}
