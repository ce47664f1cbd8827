package acd

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

// room is an ACD under test: agents 1-4 at phones 801-804, all registered, in one queue that tests shape.
type room struct {
	t   *testing.T
	acd *ACD
	cfg *telephony.Config
	log []telephony.Fact // what the journal was told of agents
}

func (r *room) Append(e telephony.Entry) { r.log = append(r.log, e.Fact) }

func newRoom(t *testing.T, shape func(*telephony.Queue)) *room {
	t.Helper()
	q := telephony.Queue{ID: "q", Name: "Q", Strategy: telephony.LongestIdle, RingSeconds: 15, WrapUpSeconds: 0}
	cfg := &telephony.Config{}
	for i := 1; i <= 4; i++ {
		id, ext := fmt.Sprint(i), fmt.Sprint(800+i)
		cfg.Phones = append(cfg.Phones, telephony.Phone{Extension: ext})
		cfg.Agents = append(cfg.Agents, telephony.Agent{ID: id, Phone: telephony.NewTarget(telephony.ToPhone, ext)})
		q.Members = append(q.Members, telephony.Member{Agent: id, Level: 1})
	}
	if shape != nil {
		shape(&q)
	}
	cfg.Queues = []telephony.Queue{q}
	r := &room{t: t, cfg: cfg}
	r.acd = New(Options{Journal: r, Seed: 1})
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(func() { stop(); synctest.Wait() })
	go r.acd.Run(ctx)
	r.acd.Configure(cfg)
	for _, p := range cfg.Phones {
		r.line(p.Extension, telephony.LineIdle)
	}
	return r
}

func (r *room) line(ext string, s telephony.LineState) {
	r.acd.LineChanged(telephony.LineStatus{ID: "phone/" + ext, State: s})
	synctest.Wait()
}

// want sets agents, one after the other, a second apart so that idle times differ.
func (r *room) want(s telephony.AgentState, agents ...string) {
	r.t.Helper()
	for _, a := range agents {
		if err := r.acd.Set(r.t.Context(), Wish{Agent: a, State: s, By: "page"}); err != nil {
			r.t.Fatal(err)
		}
		time.Sleep(time.Second)
	}
	synctest.Wait()
}

// caller is a waiting call.
type caller struct {
	id  telephony.CallID
	box chan Message
	r   *room
}

func (r *room) join(id string, shape func(*Ticket)) *caller {
	c := &caller{telephony.CallID(id), make(chan Message, BoxSize), r}
	t := Ticket{Call: c.id, Queue: "q", Since: time.Now(), Box: c.box}
	if shape != nil {
		shape(&t)
	}
	r.acd.Join(t)
	synctest.Wait()
	return c
}

// offers reads what the caller was told and gives the offers among it.
func (c *caller) offers() (list []Offer) {
	synctest.Wait()
	for {
		select {
		case m := <-c.box:
			if o, ok := m.(Offer); ok {
				list = append(list, o)
			}
		default:
			return list
		}
	}
}

// rung is the one agent that rings for the caller.
func (c *caller) rung() Offer {
	c.r.t.Helper()
	list := c.offers()
	if len(list) != 1 {
		c.r.t.Fatalf("%d offers for %s, want 1", len(list), c.id)
	}
	return list[0]
}

func (r *room) state(agent string) telephony.LiveAgent {
	synctest.Wait()
	for _, a := range r.acd.Live().Agents {
		if a.ID == agent {
			return a
		}
	}
	return telephony.LiveAgent{}
}

func (r *room) states() string {
	synctest.Wait()
	s := ""
	for _, a := range r.acd.Live().Agents {
		s += a.ID + " " + string(a.State) + "; "
	}
	return s
}

func TestStrategies(t *testing.T) {
	level := func(agent string, level int) func(*telephony.Queue) {
		return func(q *telephony.Queue) {
			for i := range q.Members {
				if q.Members[i].Agent == agent {
					q.Members[i].Level = level
				}
			}
		}
	}
	strategy := func(s telephony.Strategy) func(*telephony.Queue) {
		return func(q *telephony.Queue) { q.Strategy = s }
	}
	for _, c := range []struct {
		name  string
		shape func(*telephony.Queue)
		ready []string
		want  []string // whom three callers in a row ring, each served for a second
	}{
		{"A4.2 longest idle: who waited longest", strategy(telephony.LongestIdle), []string{"3", "1", "2"}, []string{"3", "1", "2"}},
		{"A4.2 round robin: in the order of members", strategy(telephony.RoundRobin), []string{"3", "1", "2"}, []string{"1", "2", "3"}},
		{"A4.2 fewest calls: equal share", strategy(telephony.FewestCalls), []string{"2", "1"}, []string{"2", "1", "2"}},
		{"A4.2 top down: always the first", strategy(telephony.TopDown), []string{"3", "2", "1"}, []string{"1", "1", "1"}},
		{"A4.1 level 1 before level 2", level("1", 2), []string{"1", "2"}, []string{"2", "2", "2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRoom(t, c.shape)
				r.want(telephony.AgentReady, c.ready...)
				for i, want := range c.want {
					call := r.join(fmt.Sprint("c", i), nil)
					o := call.rung()
					if o.Agent.ID != want {
						t.Fatalf("caller %d rings %s (%s), want %s", i, o.Agent.ID, o.Why, want)
					}
					r.acd.Answered(o.Agent.ID, call.id, "q")
					time.Sleep(time.Second)
					r.acd.Hungup(o.Agent.ID, call.id)
					r.acd.Gone(call.id)
				}
			})
		})
	}
}

func TestRandomIsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, func(q *telephony.Queue) { q.Strategy = telephony.RandomAgent })
		r.want(telephony.AgentReady, "1", "2", "3", "4")
		seen := map[string]int{}
		for i := range 200 {
			c := r.join(fmt.Sprint(i), nil)
			seen[c.rung().Agent.ID]++
			r.acd.Gone(c.id)
		}
		for _, a := range []string{"1", "2", "3", "4"} {
			if seen[a] < 20 {
				t.Errorf("agent %s was rung %d times of 200", a, seen[a])
			}
		}
	})
}

func TestRingAllFreesTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, func(q *telephony.Queue) { q.Strategy = telephony.RingAll })
		r.want(telephony.AgentReady, "1", "2")
		c := r.join("c", nil)
		offers := c.offers()
		if len(offers) != 2 {
			t.Fatalf("%d agents ring, want 2", len(offers))
		}
		r.want(telephony.AgentReady, "3")
		c.rung() // one who becomes free later is rung too
		r.acd.Answered("3", c.id, "q")
		if got := r.states(); got != "1 ready; 2 ready; 3 talking; 4 signed_out; " {
			t.Error(got)
		}
	})
}

func TestNoAnswerA47(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.want(telephony.AgentReady, "1", "2")
		c := r.join("c", nil)
		first := c.rung()
		if first.RingFor != 15*time.Second {
			t.Errorf("rings for %v, want the queue's 15 s", first.RingFor)
		}
		r.acd.OfferEnded(first.ID, telephony.OfferNoAnswer)
		if second := c.rung(); second.Agent.ID != "2" {
			t.Errorf("goes to %s, want the other idle agent", second.Agent.ID)
		}
		if a := r.state("1"); a.State != telephony.AgentBusy || a.Reason != "no_answer" {
			t.Errorf("agent 1 is %s (%s), want busy (no_answer)", a.State, a.Reason)
		}
		want := telephony.AgentChanged{Agent: "1", State: telephony.AgentBusy, Reason: "no_answer", Phone: "phone:801", By: "queue"}
		if !slices.Contains(r.log, telephony.Fact(want)) {
			t.Error("the journal was not told that agent 1 is busy")
		}
	})
}

func TestStateChangeDuringOfferGoesElsewhereOnce(t *testing.T) { // pain 4
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.want(telephony.AgentReady, "1", "2")
		c := r.join("c", nil)
		o := c.rung()
		began := time.Now()
		if err := r.acd.Set(t.Context(), Wish{Agent: o.Agent.ID, State: telephony.AgentBreak, By: "page"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		var told []string
		for len(c.box) > 0 {
			told = append(told, fmt.Sprintf("%T", <-c.box))
		}
		if want := []string{"acd.Withdraw", "acd.Offer"}; !slices.Equal(told, want) {
			t.Errorf("the call was told %v, want %v", told, want)
		}
		if d := time.Since(began); d > 200*time.Millisecond {
			t.Errorf("offered elsewhere after %v", d)
		}
	})
}

func TestAnswerThatCrossedAWithdrawalStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.want(telephony.AgentReady, "1")
		c := r.join("c", nil)
		o := c.rung()
		r.want(telephony.AgentBreak, "1")
		r.acd.Answered(o.Agent.ID, c.id, "q") // the leg answered all the same
		if a := r.state("1"); a.State != telephony.AgentTalking {
			t.Errorf("agent 1 is %s, want talking: the leg is the truth", a.State)
		}
		r.acd.Gone(c.id)
		if a := r.state("1"); a.State != telephony.AgentBreak {
			t.Errorf("agent 1 is %s afterwards, want break", a.State)
		}
	})
}

func TestOneBadPhoneDoesNotStopTheQueue(t *testing.T) { // pain 3
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, func(q *telephony.Queue) { q.Strategy = telephony.TopDown })
		r.want(telephony.AgentReady, "1", "2")
		c := r.join("c", nil)
		r.acd.OfferEnded(c.rung().ID, telephony.OfferFailed)
		if o := c.rung(); o.Agent.ID != "2" {
			t.Fatalf("rings %s after agent 1's phone failed", o.Agent.ID)
		}
		if a := r.state("1"); a.State != telephony.AgentReady {
			t.Errorf("agent 1 is %s, want ready: a failed phone is not the agent's wish", a.State)
		}
	})
}

func TestPhoneStates(t *testing.T) { // pains 16, 18: the desk does not lie
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.want(telephony.AgentReady, "1")
		for _, c := range []struct {
			line telephony.LineState
			want telephony.AgentState
		}{
			{telephony.LineOffline, telephony.AgentBusy},
			{telephony.LineIdle, telephony.AgentReady},
			{telephony.LineTalking, telephony.AgentTalking},
		} {
			r.line("801", c.line)
			if a := r.state("1"); a.State != c.want {
				t.Errorf("phone %s: agent is %s, want %s", c.line, a.State, c.want)
			}
		}
		if offers := r.join("c", nil).offers(); len(offers) != 0 {
			t.Error("an agent whose phone is in a call was rung")
		}
	})
}

func TestPriorityIsAHeadStart(t *testing.T) { // A4.10, pain 10
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		early := r.join("early", nil)
		time.Sleep(30 * time.Second)
		vip := r.join("vip", func(t *Ticket) { t.Priority = 1 })
		r.want(telephony.AgentReady, "1")
		if len(early.offers()) != 0 || len(vip.offers()) != 1 {
			t.Error("priority 1 after 30 s is not served first")
		}
		r.acd.Gone(vip.id)
		if len(early.offers()) != 1 {
			t.Error("the earlier caller is not next")
		}
	})
}

func TestLowerPriorityDoesNotStarve(t *testing.T) { // pain 10
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		old := r.join("old", nil)
		for i := 0; ; i++ {
			if i > 60 {
				t.Fatal("an hour of callers with priority 3 all went first")
			}
			vip := r.join(fmt.Sprint("vip", i), func(t *Ticket) { t.Priority = 3 })
			r.want(telephony.AgentReady, "1")
			if len(old.offers()) > 0 {
				return
			}
			r.acd.Answered(vip.rung().Agent.ID, vip.id, "q")
			time.Sleep(time.Minute)
			r.acd.Gone(vip.id)
			r.want(telephony.AgentBusy, "1")
		}
	})
}

func TestWrapUp(t *testing.T) {
	serve := func(r *room, id string) {
		c := r.join(id, nil)
		o := c.rung()
		r.acd.Answered(o.Agent.ID, c.id, "q")
		time.Sleep(time.Minute)
		r.acd.Hungup(o.Agent.ID, c.id)
		r.acd.Gone(c.id)
	}
	synctest.Test(t, func(t *testing.T) { // pain 7: each agent's wrap-up is the agent's own
		r := newRoom(t, func(q *telephony.Queue) { q.WrapUpSeconds = 20 })
		r.want(telephony.AgentReady, "1", "2")
		serve(r, "a")
		time.Sleep(10 * time.Second)
		serve(r, "b")
		if got := r.states(); got != "1 ready; 2 wrap_up; 3 signed_out; 4 signed_out; " {
			t.Error(got)
		}
		time.Sleep(21 * time.Second)
		if got := r.states(); got != "1 ready; 2 ready; 3 signed_out; 4 signed_out; " {
			t.Error(got)
		}
		serve(r, "c")
		r.want(telephony.AgentReady, "1") // ready ends it
		if a := r.state("1"); a.State != telephony.AgentReady {
			t.Error(a.State)
		}
	})
	synctest.Test(t, func(t *testing.T) { // a break that was granted in the call waits for the wrap-up, or ends it
		r := newRoom(t, func(q *telephony.Queue) { q.WrapUpSeconds = 20 })
		r.want(telephony.AgentReady, "1")
		c := r.join("a", nil)
		r.acd.Answered(c.rung().Agent.ID, c.id, "q")
		r.want(telephony.AgentBreak, "1")
		r.acd.Hungup("1", c.id)
		r.acd.Gone(c.id)
		if a := r.state("1"); a.State != telephony.AgentWrapUp || a.After != telephony.AgentBreak {
			t.Errorf("%+v", a)
		}
		r.want(telephony.AgentBreak, "1")
		if a := r.state("1"); a.State != telephony.AgentBreak {
			t.Error(a.State)
		}
	})
}

func TestJoinRefusals(t *testing.T) {
	for _, c := range []struct {
		name, want string
		shape      func(*telephony.Queue)
		queue      string
	}{
		{"A4.5 full", "full", func(q *telephony.Queue) { q.MaxWaiting = 1 }, "q"},
		{"A4.5 nobody signed in", "no_agents", func(q *telephony.Queue) { q.OnNobody = "hangup" }, "q"},
		{"no such queue", "closed", nil, "gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRoom(t, c.shape)
				r.join("first", nil)
				second := r.join("second", func(t *Ticket) { t.Queue = c.queue })
				if m := <-second.box; m != (Refused{c.want}) {
					t.Errorf("told %#v, want Refused{%s}", m, c.want)
				}
			})
		})
	}
}

func TestLastSignOutSendsCallersOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, func(q *telephony.Queue) { q.OnNobody = "hangup" })
		r.want(telephony.AgentBusy, "1")
		c := r.join("c", nil)
		r.want(telephony.AgentSignedOut, "1")
		var last Message
		for len(c.box) > 0 {
			last = <-c.box
		}
		if last != (Refused{"no_agents"}) {
			t.Errorf("told %#v, want Refused{no_agents}", last)
		}
	})
}

func TestLastAgentFirst(t *testing.T) { // A2.6
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.want(telephony.AgentReady, "1", "2", "3")
		if o := r.join("c", func(t *Ticket) { t.LastAgent = "3" }).rung(); o.Agent.ID != "3" || o.Why != "last_agent" {
			t.Errorf("rings %s (%s), want 3 (last_agent)", o.Agent.ID, o.Why)
		}
	})
}

func TestConfigurationKeepsCallersAndAgents(t *testing.T) { // pain 12, A4.13
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.want(telephony.AgentBusy, "1", "2")
		a, b := r.join("a", nil), r.join("b", nil)
		next := *r.cfg
		next.Agents = slices.Clone(r.cfg.Agents[:1]) // agent 2 is removed while signed in
		next.Agents = append(next.Agents, telephony.Agent{ID: "9", Phone: "phone:804"})
		q := r.cfg.Queues[0]
		q.Members = append(slices.Clone(q.Members), telephony.Member{Agent: "9", Level: 1})
		next.Queues = []telephony.Queue{q}
		r.acd.Configure(&next)
		synctest.Wait()
		if got := r.states(); got != "1 busy; 9 signed_out; " {
			t.Error(got)
		}
		r.want(telephony.AgentReady, "9")
		if len(a.offers()) != 1 || len(b.offers()) != 0 {
			t.Error("callers did not keep their places")
		}
	})
}

func TestTwoAgentsCannotSitAtOnePhone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.want(telephony.AgentReady, "1")
		if err := r.acd.Set(t.Context(), Wish{Agent: "2", State: telephony.AgentReady, Phone: "phone:801"}); err != nil {
			t.Fatal(err)
		}
		if got := r.states(); got != "1 signed_out; 2 ready; 3 signed_out; 4 signed_out; " {
			t.Error(got)
		}
	})
}

func TestPositionsAndWait(t *testing.T) { // A4.3, A4.4
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.want(telephony.AgentBusy, "1", "2")
		a, b := r.join("a", nil), r.join("b", nil)
		if p := (<-b.box).(Placed); p.Position != 2 || p.Wait != 3*time.Minute {
			t.Errorf("second caller is told %+v, want position 2 and 3 minutes", p)
		}
		r.acd.Gone(a.id)
		synctest.Wait()
		if p := (<-b.box).(Placed); p.Position != 1 {
			t.Errorf("told %+v, want position 1", p)
		}
	})
}
