package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/webui"
)

// TestWhoSetAnAgent (A16.6): what a supervisor makes of an agent is in the audit; what agents make of themselves is not.
func TestWhoSetAnAgent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, testConfig())
		defer w.close()
		ctx, people := context.Background(), accounts{w.box.Store}
		by := func(who string) webui.By { return webui.By{Who: who, Source: "10.0.0.7"} }
		w.must(people.Claim(ctx, w.box.Store.ClaimCode(), "boss", "quiet-river-stone", by("boss")))
		w.must(people.PutUser(ctx, webui.User{Name: "lihua", Role: webui.Agent, Agent: "1001"}, "quiet-river-stone", by("boss")))
		w.phone("801", nil)
		desk := agents{w.box}
		w.must(desk.SetAgent(ctx, "1001", telephony.AgentReady, "", "phone:801", by("lihua")))
		w.must(desk.SetAgent(ctx, "1001", telephony.AgentBreak, "lunch", "", by("boss")))
		lines, err := w.box.Store.AuditLines(0, 1)
		w.must(err)
		if got := fmt.Sprint(lines[0].Who, " ", lines[0].Source, " ", lines[0].Action, " ", lines[0].On, " ", lines[0].Detail); got != "boss 10.0.0.7 agent.set 1001 break" {
			t.Errorf("audit: %s", got)
		}
		w.must(desk.SetAgent(ctx, "1001", telephony.AgentReady, "", "", by("lihua")))
		w.must(desk.AskBreak(ctx, "1001", true, by("lihua")))
		w.must(desk.AskBreak(ctx, "1001", false, by("lihua")))
		w.must(desk.AskBreak(ctx, "1001", true, by("lihua")))
		w.must(desk.AskBreak(ctx, "1001", false, by("boss")))
		all, err := w.box.Store.AuditLines(0, 100)
		w.must(err)
		if len(all) != 5 || all[0].Action != "agent.refused" || all[0].Who != "boss" { // the first configuration, claim, user, and these
			t.Errorf("%d lines, the last %+v", len(all), all[0])
		}
	})
}

// TestWhoDeletedARecording (A18.20): it is in the audit, with where from; one that is not there is not.
func TestWhoDeletedARecording(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, testConfig())
		defer w.close()
		w.box.Store.Append(telephony.Entry{Call: "1-1", Fact: telephony.Recorded{Recording: "1-1.1", Purpose: "call"}})
		w.must(w.box.Store.Sync(context.Background()))
		r, by := recordings{w.box.Store}, webui.By{Who: "boss", Source: "10.0.0.7"}
		if err := r.DeleteRecording(context.Background(), "9-9.1", by); err == nil {
			t.Error("one that is not there was deleted")
		}
		w.must(r.DeleteRecording(context.Background(), "1-1.1", by))
		lines, err := w.box.Store.AuditLines(0, 100)
		w.must(err)
		if len(lines) != 2 || lines[0].Action != "recording.deleted" || lines[0].On != "1-1.1" || lines[0].Source != "10.0.0.7" {
			t.Errorf("audit: %+v", lines)
		}
	})
}

// TestOwnCallsInVain (A5.10): a call out that nobody answered, dialled at the phone or at the page, is among the own calls of who dialled
// it, who tries again from there. What was dialled inside in vain, and by others, is not.
func TestOwnCallsInVain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, testConfig())
		defer w.close()
		lihua, wang := w.atDesk("1001"), w.atDesk("1002")
		for i, ext := range []string{"801", "802"} {
			w.phone(ext, func(o *sim.PhoneOptions) { o.NeverAnswer = true })
			w.agent(fmt.Sprint(1001+i), telephony.AgentReady, "")
		}
		w.must(w.phones["801"].Call("802"))
		time.Sleep(5 * time.Second)
		w.must(w.phones["801"].Hangup())
		time.Sleep(time.Second)
		w.must(w.phones["802"].Call("962345601")) // busy
		time.Sleep(time.Minute)
		w.must(w.phones["801"].Call("962345601"))
		time.Sleep(time.Minute)
		if a := w.asks(lihua, "POST", "/api/calls", `{"to":"962345601"}`); a.Code != 200 {
			t.Fatalf("%d %s", a.Code, a.Body)
		}
		time.Sleep(time.Minute)
		w.must(w.box.Store.Sync(t.Context()))
		var own struct {
			Calls []webui.OwnCall
		}
		w.must(json.Unmarshal([]byte(w.get(lihua, "/api/desk/calls")), &own))
		var list []string
		for _, c := range own.Calls {
			list = append(list, fmt.Sprint(c.Direction, " ", c.Number, " ", c.Outcome))
		}
		if got := strings.Join(list, ", "); got != "out 962345601 busy, out 962345601 busy" {
			t.Fatalf("own calls: %s", got)
		}
		again := `{"back":"` + string(own.Calls[0].ID) + `"}`
		if a := w.asks(wang, "POST", "/api/calls", again); a.Code != 403 {
			t.Errorf("a colleague calls her party: %d %s", a.Code, a.Body)
		}
		if a := w.asks(lihua, "POST", "/api/calls", again); a.Code != 200 {
			t.Errorf("she calls again: %d %s", a.Code, a.Body)
		}
	})
}
