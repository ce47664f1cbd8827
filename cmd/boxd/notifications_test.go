package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/webui"
)

// TestAProgramIsTold (A15.1): what a customer system hears of a call, from its arrival to its record, and once more from the
// start for one that was away.
func TestAProgramIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Queues[0].Poll = true
		w := newWorld(t, cfg)
		defer w.close()
		w.phone("801", func(o *sim.PhoneOptions) { o.TalkFor = 10 * time.Second })
		w.agent("1001", telephony.AgentReady, "")
		after := w.box.Store.LastSeq()
		w.ring("customer", sim.Call{Line: "fxo/1", From: "13816402257", Keys: keysAt(w, "1@6s,2@22s"), For: 40 * time.Second})
		time.Sleep(2 * time.Minute)
		w.score(webui.Score{Agent: "1001", Points: 85, By: "boss"})
		first, second := w.told(after), w.told(after)
		if !slices.Equal(first, second) {
			t.Errorf("told\n%s\nand again\n%s", strings.Join(first, "\n"), strings.Join(second, "\n"))
		}
		kinds := make([]string, 0, len(first))
		for _, line := range first {
			kind, _, _ := strings.Cut(line, " ")
			if strings.HasPrefix(kind, "call.") {
				kinds = append(kinds, kind)
			}
		}
		if want := []string{"call.arrived", "call.queued", "call.offered", "call.unqueued", "call.connected", "call.ended", "call.scored"}; !slices.Equal(kinds, want) {
			t.Errorf("told\n%s", strings.Join(first, "\n"))
		}
	})
}

// score gives points for the newest call.
func (w *world) score(s webui.Score) {
	w.t.Helper()
	page, err := calls{w.box}.Calls(w.t.Context(), webui.CallQuery{Limit: 1})
	if err == nil {
		err = calls{w.box}.ScoreCall(w.t.Context(), &page.Calls[0], s)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// told are the notifications behind an entry, a line each.
func (w *world) told(after uint64) []string {
	ctx, stop := context.WithCancel(context.Background())
	lines, done := []string{}, make(chan struct{})
	go func() {
		defer close(done)
		for n := range (notifications{w.box}).Notifications(ctx, after) {
			lines = append(lines, w.line(n))
		}
	}()
	time.Sleep(time.Second)
	stop()
	<-done
	return lines
}

// line is a notification as text, which says what a program needs.
func (w *world) line(n telephony.Notification) string {
	text, err := json.Marshal(n)
	if err != nil {
		w.t.Error(err)
	}
	if n.Type == "call.offered" && n.Data.Caller.Number != "13816402257" {
		w.t.Errorf("the offer does not say who calls: %s", text)
	}
	if n.Type == "call.ended" {
		r, ok := n.Data.Record.(webui.CallRecord)
		if !ok || r.ID != n.Data.Call || r.Agent != "1001" || r.Outcome != telephony.OutcomeAnswered ||
			r.Poll == nil || *r.Poll != (webui.Poll{Queue: "sales", Agent: "1001", Vote: telephony.Satisfied}) {
			w.t.Errorf("the call's record is %+v", n.Data.Record)
		}
	}
	if n.Type == "call.scored" && (n.Data.Call == "" || !strings.Contains(string(text), `"agent":"1001","points":85,"by":"boss"`)) {
		w.t.Errorf("the score is told as %s", text)
	}
	return n.Type + " " + string(text)
}
