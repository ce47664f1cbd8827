package acd

import (
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

// Pains 16-18: while an agent's page is gone the calls go elsewhere, and the agent is what was wished when it is back.
func TestDeskGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.want(telephony.AgentReady, "1", "2")
		r.acd.Desk("1", false)
		synctest.Wait()
		if a := r.acd.Live().Agents[0]; a.State != telephony.AgentBusy || a.Reason != DeskOffline {
			t.Errorf("while the page is gone: %+v", a)
		}
		if o := r.join("c1", nil).offers(); len(o) != 1 || o[0].Agent.ID != "2" {
			t.Errorf("offered to %+v", o)
		}
		r.acd.Desk("1", true)
		synctest.Wait()
		if a := r.acd.Live().Agents[0]; a.State != telephony.AgentReady {
			t.Errorf("when it is back: %+v", a)
		}
		r.acd.Desk("1", false)
		r.want(telephony.AgentReady, "1") // by phone: no page is needed
		if a := r.acd.Live().Agents[0]; a.State != telephony.AgentReady {
			t.Errorf("signed in by phone: %+v", a)
		}
	})
}

// A5.6: a wish for a break stands through calls until somebody decides, and what stands after the call shows.
func TestAskBreak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.want(telephony.AgentReady, "1", "2")
		first := func() telephony.LiveAgent { synctest.Wait(); return r.acd.Live().Agents[0] }
		ask := func(on, ok bool) {
			t.Helper()
			if err := r.acd.AskBreak(t.Context(), "1", on); (err == nil) != ok {
				t.Errorf("ask %v: %v", on, err)
			}
		}
		ask(false, false) // nothing to take back
		ask(true, true)
		asked := time.Now()
		time.Sleep(time.Second)
		ask(true, true)
		r.acd.Talking("1", "c1")
		if a := first(); !a.Asks.Equal(asked) || a.State != telephony.AgentTalking {
			t.Errorf("asked, and in a call: %+v", a)
		}
		r.want(telephony.AgentBreak, "1")
		if a := first(); !a.Asks.IsZero() || a.State != telephony.AgentTalking || a.After != telephony.AgentBreak {
			t.Errorf("granted, and in a call: %+v", a)
		}
		r.acd.Hungup("1", "c1")
		if a := first(); a.State != telephony.AgentBreak || a.After != "" {
			t.Errorf("after the call: %+v", a)
		}
		ask(true, false) // on a break already
		r.want(telephony.AgentReady, "1")
		ask(true, true)
		r.want(telephony.AgentBusy, "1")
		if a := first(); a.Asks.IsZero() {
			t.Error("a busy agent asks no more")
		}
		ask(false, true)
		ask(true, true)
		r.want(telephony.AgentSignedOut, "1")
		if a := first(); !a.Asks.IsZero() || a.After != "" {
			t.Errorf("signed out: %+v", a)
		}
		ask(true, false)
	})
}

// A5.6: as many agents as the site allows take a break by their own wish; a supervisor may grant one more.
func TestMostBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, nil)
		r.cfg.Site.MaxBreaks = 2
		r.acd.Configure(r.cfg)
		r.want(telephony.AgentReady, "1", "2", "3")
		r.want(telephony.AgentBreak, "1", "2")
		third := Wish{Agent: "3", State: telephony.AgentBreak, By: "page"}
		if err := r.acd.Set(t.Context(), third); err == nil {
			t.Error("a third break was let through")
		}
		r.want(telephony.AgentBreak, "1") // who is on a break stays on it
		third.Granted = true
		if err := r.acd.Set(t.Context(), third); err != nil {
			t.Errorf("a granted break: %v", err)
		}
		r.want(telephony.AgentReady, "1", "2", "3")
		time.Sleep(time.Second)
		r.want(telephony.AgentBreak, "3")
	})
}
