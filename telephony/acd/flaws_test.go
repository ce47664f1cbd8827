package acd

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

// Each test here is a sequence of events that once left acd in a wrong state.

// told is the next message to the caller, or nil.
func (c *caller) told() Message {
	synctest.Wait()
	select {
	case m := <-c.box:
		return m
	default:
		return nil
	}
}

func TestRingAllKeepsToItsLevel(t *testing.T) { // A4.1: level 2 rings only when nobody of level 1 rings any more
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, func(q *telephony.Queue) {
			q.Strategy = telephony.RingAll
			q.Members[2].Level = 2
		})
		r.want(telephony.AgentReady, "1", "2", "3")
		c := r.join("c", nil)
		first := c.offers()
		r.line("801", telephony.LineRinging) // anything that makes acd look again
		if more := c.offers(); len(first) != 2 || len(more) != 0 {
			t.Fatalf("%d ring at first, then %d more; want 2 and none", len(first), len(more))
		}
		for _, o := range first {
			r.acd.OfferEnded(o.ID, telephony.OfferNoAnswer)
		}
		if o := c.rung(); o.Agent.ID != "3" {
			t.Errorf("rings %s after level 1, want 3", o.Agent.ID)
		}
	})
}

func TestLastAgentIsAskedAloneInRingAll(t *testing.T) { // A2.6
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, func(q *telephony.Queue) { q.Strategy = telephony.RingAll })
		r.want(telephony.AgentReady, "1", "2", "3")
		c := r.join("c", func(t *Ticket) { t.LastAgent = "2" })
		o := c.rung()
		r.line("802", telephony.LineRinging)
		if more := c.offers(); o.Agent.ID != "2" || len(more) != 0 {
			t.Fatalf("rings %s and then %d more, want agent 2 alone", o.Agent.ID, len(more))
		}
		r.acd.OfferEnded(o.ID, telephony.OfferNoAnswer)
		if n := len(c.offers()); n != 2 {
			t.Errorf("%d ring afterwards, want the other 2", n)
		}
	})
}

func TestALargeRoomIsToldThePlaceFirst(t *testing.T) { // pain 5: 100 offers do not fit the box; place and refusal do
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		cfg := &telephony.Config{}
		q := telephony.Queue{ID: "q", Strategy: telephony.RingAll, RingSeconds: 15}
		for i := range 100 {
			id := fmt.Sprint(100 + i)
			cfg.Agents = append(cfg.Agents, telephony.Agent{ID: id, Phone: telephony.Target("outside:" + id)})
			q.Members = append(q.Members, telephony.Member{Agent: id, Level: 1})
		}
		cfg.Queues = []telephony.Queue{q}
		r.acd.Configure(cfg)
		for _, a := range cfg.Agents {
			if err := r.acd.Set(t.Context(), Wish{Agent: a.ID, State: telephony.AgentReady}); err != nil {
				t.Fatal(err)
			}
		}
		c := r.join("c", nil)
		if _, ok := c.told().(Placed); !ok {
			t.Error("the first message is not the place")
		}
		r.acd.Configure(&telephony.Config{}) // the queue goes while the call has read nothing
		synctest.Wait()
		var last Message
		for len(c.box) > 0 {
			last = <-c.box
		}
		if last != (Refused{"closed"}) {
			t.Errorf("the last message is %#v, want Refused{closed}", last)
		}
	})
}

func TestAnAnswerStopsWhatElseRingsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.want(telephony.AgentReady, "1")
		a := r.join("a", nil)
		o := a.rung()
		r.want(telephony.AgentBreak, "1") // withdrawn, but the answer is under way
		a.offers()
		b := r.join("b", nil)
		r.acd.Leave(a.id)
		r.want(telephony.AgentReady, "1")
		other := b.rung()
		r.acd.Answered(o.Agent.ID, a.id, "q")
		if m := b.told(); m != (Withdraw{other.ID}) {
			t.Errorf("the other caller is told %#v, want Withdraw", m)
		}
		r.acd.OfferEnded(other.ID, telephony.OfferNoAnswer) // crossed
		r.acd.Hungup("1", a.id)
		if s := r.state("1"); s.State != telephony.AgentRinging {
			t.Errorf("agent 1 is %s, want ringing for the other caller", s.State)
		}
	})
}

func TestAnAgentRemovedInMidCallLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.want(telephony.AgentReady, "1")
		c := r.join("c", nil)
		r.acd.Answered(c.rung().Agent.ID, c.id, "q")
		next := *r.cfg
		next.Agents = slices.Clone(r.cfg.Agents[1:])
		r.acd.Configure(&next)
		r.acd.Hungup("1", c.id)
		r.acd.Gone(c.id)
		synctest.Wait()
		if n := r.acd.Live().Queues[0].Talking; n != 0 {
			t.Errorf("%d conversations are still counted", n)
		}
	})
}

func TestAQueueMadeAnewInMidCallKeepsItsEstimate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.want(telephony.AgentReady, "1")
		c := r.join("c", nil)
		r.acd.Answered(c.rung().Agent.ID, c.id, "q")
		gone := *r.cfg
		gone.Queues = nil
		r.acd.Configure(&gone)
		r.acd.Configure(r.cfg)
		r.acd.Hungup("1", c.id) // the new queue knows nothing of this conversation
		r.want(telephony.AgentBusy, "1")
		if p, _ := r.join("d", nil).told().(Placed); p.Wait != firstTalk {
			t.Errorf("the wait is thought to be %v, want %v", p.Wait, firstTalk)
		}
	})
}

func TestAFullQueueLetsBackIn(t *testing.T) { // pain 8: who lost the agent keeps the head of the queue
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, func(q *telephony.Queue) { q.MaxWaiting = 1 })
		r.want(telephony.AgentReady, "1")
		c := r.join("c", nil)
		r.acd.Answered(c.rung().Agent.ID, c.id, "q")
		r.join("next", nil)
		r.acd.Lost("1", c.id)
		back := r.join("c", func(t *Ticket) { t.Back, t.Since = true, t.Since.Add(-time.Minute) })
		if p, ok := back.told().(Placed); !ok || p.Position != 1 {
			t.Errorf("told %#v, want position 1", p)
		}
	})
}

func TestALostPhoneIsLeftAlone(t *testing.T) { // pain 3: one that answers and drops every call
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.want(telephony.AgentReady, "1")
		c := r.join("c", nil)
		r.acd.Answered(c.rung().Agent.ID, c.id, "q")
		r.acd.Lost("1", c.id)
		back := r.join("c", nil)
		if n := len(back.offers()); n != 0 {
			t.Fatal("the phone is rung again at once")
		}
		time.Sleep(failedHoldOff)
		back.rung()
	})
}

func TestAPhoneThatHungUpIsLeftAlone(t *testing.T) { // a call that overtakes the BYE is answered 486, which is no refusal
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.want(telephony.AgentReady, "1")
		for _, in := range []telephony.LineState{telephony.LineRinging, telephony.LineDialing, telephony.LineTalking} {
			r.line("801", in)
			c := r.join("c", nil)
			r.line("801", telephony.LineIdle)
			if n := len(c.offers()); n != 0 {
				t.Fatalf("%s: the phone is rung at once", in)
			}
			time.Sleep(hungUpHoldOff)
			c.rung()
			r.acd.Gone(c.id)
		}
	})
}

func TestWhoMadeTheChange(t *testing.T) { // telephony.AgentChanged.By
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, func(q *telephony.Queue) { q.WrapUpSeconds = 5 })
		r.want(telephony.AgentReady, "1")
		c := r.join("c", nil)
		r.acd.Answered(c.rung().Agent.ID, c.id, "q")
		r.want(telephony.AgentBreak, "1") // for afterwards
		r.acd.Gone(c.id)
		time.Sleep(6 * time.Second)
		synctest.Wait()
		var got []string
		for _, f := range r.log {
			if a, ok := f.(telephony.AgentChanged); ok {
				got = append(got, string(a.State)+" "+a.By)
			}
		}
		want := []string{"ready page", "ringing call", "talking call", "wrap_up call", "break page"}
		if !slices.Equal(got, want) {
			t.Errorf("the journal was told %v, want %v", got, want)
		}
	})
}

func TestSeats(t *testing.T) { // A4.11
	for _, c := range []struct {
		phone telephony.Target
		code  telephony.Code
	}{
		{"phone:801", ""},
		{"outside:13800138000", ""},
		{"phone:899", telephony.NotFound},
		{"queue:q", telephony.Invalid},
		{"nonsense", telephony.Invalid},
	} {
		t.Run(string(c.phone), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRoom(t, nil)
				err := r.acd.Set(t.Context(), Wish{Agent: "1", State: telephony.AgentReady, Phone: c.phone})
				if c.code == "" && err != nil {
					t.Fatal(err)
				}
				if e, _ := err.(*telephony.Error); c.code != "" && (e == nil || e.Code != c.code) {
					t.Errorf("got %v, want %s", err, c.code)
				}
			})
		})
	}
}

func TestReadyEndsAWrapUpForLongestIdleToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, func(q *telephony.Queue) { q.WrapUpSeconds = 600 })
		r.want(telephony.AgentReady, "1")
		c := r.join("c", nil)
		r.acd.Answered(c.rung().Agent.ID, c.id, "q")
		r.acd.Gone(c.id)
		r.want(telephony.AgentReady, "1") // back early
		time.Sleep(time.Minute)
		r.want(telephony.AgentReady, "2") // came a minute later
		if o := r.join("d", nil).rung(); o.Agent.ID != "1" {
			t.Errorf("rings %s (%s), want 1, who has been idle for longer", o.Agent.ID, o.Why)
		}
	})
}

func TestNobodyTalksHereAndSitsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.want(telephony.AgentReady, "1")
		c := r.join("c", nil)
		r.acd.Answered(c.rung().Agent.ID, c.id, "q")
		at := func(phone telephony.Target) error {
			return r.acd.Set(t.Context(), Wish{Agent: "1", State: telephony.AgentReady, Phone: phone})
		}
		if err := at("phone:802"); err == nil {
			t.Error("signed in at another phone in mid-call")
		}
		r.want(telephony.AgentSignedOut, "1")
		if err := at("phone:802"); err == nil {
			t.Error("signed out and in at another phone in mid-call")
		}
		if err := at(""); err != nil || r.state("1").Phone != "phone:801" {
			t.Errorf("back at the phone of the call: %v, at %s", err, r.state("1").Phone)
		}
		r.acd.Gone(c.id)
		if err := at("phone:802"); err != nil {
			t.Error(err)
		}
	})
}
