package main

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/telephony/sip/siptest"
)

// The overload test: the box is licensed for so many calls, each lasts so long, and three times as many come.
const (
	licensed = 12
	holdTime = 30 * time.Second
	rushTime = time.Minute
)

// TestThreeTimesTheRatedRate: the calls that are up are untouched, each refused caller is refused cleanly, an emergency call
// goes through, and all is idle afterwards (issue 5; reliability.md figure 7).
func TestThreeTimesTheRatedRate(t *testing.T) {
	var n *night
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Site.MaxCalls = licensed
		cfg.Trunks = []telephony.Trunk{{
			ID: "ctc", Name: "电信", Way: telephony.BothWays, Host: carrierAt, Transport: "udp", DTMF: "auto", MaxCalls: 100, Numbers: []string{"62350000"},
		}}
		cfg.Routes = []telephony.Route{{ID: "all", To: "queue:sales"}}
		w := newWorldOn(t, siptest.NewNetwork(1), cfg)
		c := &carrier{w: w, conn: w.net.Listen(carrierAt), calls: map[string]*carried{}}
		go c.read()
		for i, agent := range []string{"1001", "1002", "1003"} {
			w.phone(fmt.Sprint(801+i), func(o *sim.PhoneOptions) { o.Play = chatter() })
			w.agent(agent, telephony.AgentReady, telephony.NewTarget(telephony.ToPhone, fmt.Sprint(801+i)))
		}
		for range 3 { // each to an agent, and recorded
			c.call(rushTime+2*holdTime, w.net.Listen("10.0.5.1:0"))
			time.Sleep(5 * time.Second)
		}
		c.rush(t)
		time.Sleep(3 * holdTime)
		for _, call := range c.all() {
			if !call.refused.Load() && !call.over.Load() {
				t.Errorf("call %s never ended", call.branch)
			}
		}
		d := &day{world: w, config: cfg, seed: 1, random: rand.New(rand.NewPCG(1, 1)), chance: rand.New(rand.NewPCG(1, 2)), lossy: map[string]bool{}}
		c.close()
		n = d.atNight()
		w.close()
		n.closeBooks(t)
	})
	for _, problem := range n.problems() {
		t.Error(problem)
	}
	if n.outcomes()["in congestion"] == 0 {
		t.Error("nobody was refused: there was no overload")
	}
}

// rush is the overload, with an emergency call in its midst.
func (c *carrier) rush(t *testing.T) {
	old, before := c.all(), []int64{}
	for _, call := range old {
		before = append(before, call.heard.Load())
	}
	began, most, every, helped := time.Now(), 0, holdTime/licensed/3, false
	for time.Since(began) < rushTime {
		c.call(holdTime, nil)
		time.Sleep(every)
		most = max(most, len(c.w.box.Exchange.Live().Calls))
		if !helped && time.Since(began) > rushTime/2 {
			helped = true
			c.emergency(t)
		}
	}
	if most != licensed && most != licensed+1 {
		t.Errorf("%d calls at once, licensed are %d and an emergency", most, licensed)
	}
	for i, call := range old {
		packets := call.heard.Load() - before[i]
		if want := int64(time.Since(began) / telephony.Tick); call.over.Load() || packets < want-2 || packets > want+2 {
			t.Errorf("a call from before: over %t, heard %d packets of %d", call.over.Load(), packets, want)
		}
	}
	admitted := 0
	for _, call := range c.all() {
		if call.answered.Load() {
			admitted++
		}
		if why := call.unclean(); why != "" {
			t.Errorf("call %s: %s", call.branch, why)
		}
	}
	if rated := int(rushTime/holdTime) * (licensed - len(old)); admitted-len(old) < rated*9/10 {
		t.Errorf("%d calls were admitted, rated are %d", admitted-len(old), rated)
	}
}

// emergency is a phone's call of 110 while the box is full.
func (c *carrier) emergency(t *testing.T) {
	p := c.w.phone("805", nil)
	c.w.must(p.Call("110"))
	time.Sleep(5 * time.Second)
	if p := c.w.x.Called("fxo/1"); p == nil || p.State().Number != "110" {
		t.Error("the emergency call did not go through")
	}
	c.w.must(p.Hangup())
}

// TestAnEmergencyTakesALine: the only line is in use, and becomes free for 110 (issue 5: pre-empting if need be).
func TestAnEmergencyTakesALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Lines, cfg.Groups[0].Lines, cfg.Spans = cfg.Lines[:1], cfg.Groups[0].Lines[:1], nil
		w := newWorld(t, cfg)
		defer w.close()
		talker, caller := w.phone("801", nil), w.phone("802", nil)
		w.must(talker.Call("962340000"))
		time.Sleep(20 * time.Second)
		if p := w.x.Called("fxo/1"); p == nil || p.State().Number != "62340000" {
			t.Fatal("the line is not in use")
		}
		w.must(caller.Call("110"))
		time.Sleep(15 * time.Second)
		if p := w.x.Called("fxo/1"); p.State().Number != "110" {
			t.Errorf("the line is with %s", p.State().Number)
		}
		if stage := talker.State().Stage; stage != sim.Idle {
			t.Errorf("the other phone is %s", stage)
		}
		w.must(talker.Call("119")) // the line is an emergency call's, which nothing ends
		time.Sleep(15 * time.Second)
		if p := w.x.Called("fxo/1"); p.State().Number != "110" || talker.State().Stage != sim.Idle {
			t.Errorf("the line is with %s, the other phone is %s", p.State().Number, talker.State().Stage)
		}
	})
}
