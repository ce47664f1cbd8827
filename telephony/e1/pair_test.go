package e1

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal"
	"callbox/telephony"
)

// A cable joins two boxes back to back, one of them the network's side. It loses and doubles frames as its seed has it.
type cable struct {
	ends [2]*cableEnd
}

// A cableEnd is the hal.Span of one of the two.
type cableEnd struct {
	name   string
	far    *cableEnd
	events chan hal.SpanEvent
	chance *rand.Rand
	loss   float64                         // of frames, and the same again are doubled
	held   atomic.Pointer[[]hal.SpanEvent] // frames that are kept on their way; nil: none are
	slots  [32]silentSlot
}

type silentSlot struct{}

func (silentSlot) Open() error       { return nil }
func (silentSlot) Close() error      { return nil }
func (silentSlot) Hear(b *hal.Block) { clear(b[:]) }
func (silentSlot) Say(*hal.Block)    {}

func newCable(seed uint64, loss float64) *cable {
	c := &cable{}
	for i := range c.ends {
		c.ends[i] = &cableEnd{
			name: "e1/1", events: make(chan hal.SpanEvent, hal.SpanEventBox), loss: loss, chance: rand.New(rand.NewPCG(seed, uint64(i))),
		}
	}
	c.ends[0].far, c.ends[1].far = c.ends[1], c.ends[0]
	return c
}

func (e *cableEnd) Name() string                 { return e.name }
func (e *cableEnd) Events() <-chan hal.SpanEvent { return e.events }
func (e *cableEnd) Alarm() hal.SpanAlarm         { return hal.Clear }
func (e *cableEnd) Counters() hal.SpanCounters   { return hal.SpanCounters{} }

func (e *cableEnd) Timeslot(n int) hal.Timeslot { return &e.slots[n] }

// Send takes a frame to the other end, or not.
func (e *cableEnd) Send(frame []byte) error {
	times := 1
	switch p := e.chance.Float64(); {
	case p < e.loss:
		times = 0
	case p < 2*e.loss:
		times = 2
	}
	for range times {
		e.carry(hal.FrameReceived{Octets: append([]byte(nil), frame...)})
	}
	return nil
}

func (e *cableEnd) carry(f hal.SpanEvent) {
	if held := e.held.Load(); held != nil {
		*held = append(*held, f)
		return
	}
	select {
	case e.far.events <- f:
	default: // the far end is asleep: the frame is lost
	}
}

// crossing lets what both ends do meet on the way.
func (c *cable) crossing(do func()) {
	for _, e := range c.ends {
		e.held.Store(&[]hal.SpanEvent{})
	}
	do()
	synctest.Wait()
	for _, e := range c.ends {
		for _, f := range *e.held.Swap(nil) {
			e.carry(f)
		}
	}
}

// backToBack runs a story with two boxes, the second of which is the network's side.
func backToBack(t *testing.T, seed uint64, loss float64, config telephony.SpanConfig, story func(c *cable, a, b *carrier)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := newCable(seed, loss)
		ctx, stop := context.WithCancel(t.Context())
		var ends [2]*carrier
		var stopped [2]chan struct{}
		for i, side := range []string{"user", "network"} {
			w := &carrier{
				t: t, arrivals: make(chan telephony.Arrival, 100), states: make(chan string, 10000), facts: make(chan telephony.Fact, 10000),
			}
			w.span = New(Options{Port: c.ends[i], Office: w, Config: configured(config), Side: side})
			ended := make(chan struct{})
			go func() { defer close(ended); w.span.Run(ctx) }()
			ends[i], stopped[i] = w, ended
		}
		defer func() { stop(); <-stopped[0]; <-stopped[1] }()
		time.Sleep(10 * time.Second)
		ends[0].born, ends[1].born = time.Now(), time.Now()
		story(c, ends[0], ends[1])
	})
}

// Q.931 5.7: both ends take the same bearer at the same moment. The network's call goes on; the user's ends as one that may be
// tried again.
func TestGlare(t *testing.T) {
	for _, exclusive := range []bool{true, false} {
		t.Run(fmt.Sprint("exclusive ", exclusive), func(t *testing.T) {
			backToBack(t, 1, 0, telephony.SpanConfig{Select: "ascending", Exclusive: exclusive}, func(c *cable, user, network *carrier) {
				var ours, theirs telephony.Leg
				c.crossing(func() { ours, theirs = user.dial("62345601"), network.dial("62345600") })
				time.Sleep(time.Second)
				arrived := (<-user.arrivals).Leg
				user.check("bearers", []string{"1 incoming"}, user.channels()[:1])
				arrived.Answer()
				network.check("the network's call", []string{"1.0 Answered {}"}, network.follow(theirs, time.Second))
				if exclusive {
					user.check("the user's call", []string{"2.0 Released {Cause:34 no line available ByBox:false Witness:signalling Confidence:0}"}, user.follow(ours, time.Second))
				}
				user.dial("62345601")
				time.Sleep(time.Second)
				for len(network.arrivals) > 0 {
					(<-network.arrivals).Leg.Answer()
				}
				time.Sleep(time.Second)
				user.check("bearers", true, slices.Contains(user.channels(), "2 talking"))
			})
		})
	}
}

// Whatever the cable loses and doubles, every call ends on both sides, no bearer is left behind, and the next call goes
// through.
func TestLossyCable(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			backToBack(t, seed, 0.05, telephony.SpanConfig{Select: "ascending"}, func(_ *cable, user, network *carrier) {
				r := rand.New(rand.NewPCG(seed, 9))
				var legs []telephony.Leg
				for range 60 {
					w := user
					if r.IntN(2) == 0 {
						w = network
					}
					if g, err := w.span.Dial(telephony.Order{To: "62345600"}); err == nil {
						legs = append(legs, g)
						time.AfterFunc(time.Duration(r.IntN(20000))*time.Millisecond, func() { g.Release(telephony.CauseNormal) })
					}
					time.Sleep(time.Duration(r.IntN(500)) * time.Millisecond)
					for _, w := range []*carrier{user, network} {
						for len(w.arrivals) > 0 {
							g := (<-w.arrivals).Leg
							legs = append(legs, g)
							time.AfterFunc(time.Duration(r.IntN(3000))*time.Millisecond, g.Answer)
							if r.IntN(3) == 0 {
								time.AfterFunc(time.Duration(r.IntN(20000))*time.Millisecond, func() { g.Release(telephony.CauseBusy) })
							}
						}
					}
				}
				time.Sleep(5 * time.Minute)
				for _, w := range []*carrier{user, network} {
					for len(w.arrivals) > 0 {
						g := (<-w.arrivals).Leg
						g.Release(telephony.CauseNormal)
						legs = append(legs, g)
					}
				}
				time.Sleep(3 * time.Minute)
				for _, g := range legs {
					if user.last(g) != "released" {
						t.Errorf("%v was not released", g)
					}
				}
				user.check("bearers of the user", []string(nil), user.channels())
				network.check("bearers of the network", []string(nil), network.channels())
			})
		})
	}
}
