package webui

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"

	"github.com/google/go-cmp/cmp"
)

// TestLookAtADesk (A6.5): a supervisor sees what the agent's own desk shows, and each opening is in the audit once, however long it lasts.
func TestLookAtADesk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, lihua, wang := deskBox()
		b.records = []CallRecord{
			{ID: "2", Direction: telephony.Inbound, Queue: "sales", Caller: telephony.Caller{Number: "10"}, Arrived: time.Now(), Outcome: telephony.OutcomeLostInQueue},
			{ID: "1", Direction: telephony.Inbound, Agent: "1001", Arrived: time.Now(), Outcome: telephony.OutcomeAnswered},
		}
		h := New(b.options()).Handler()
		boss := []string{"Authorization", bearer(Supervisor)}
		view := func(path string, by []string) (v DeskView) {
			t.Helper()
			w := ask(h, "GET", path, "", by...)
			if err := json.Unmarshal(w.Body.Bytes(), &v); w.Code != 200 || err != nil {
				t.Fatalf("%s: %d %s", path, w.Code, w.Body)
			}
			return v
		}
		noted := func(want int) {
			t.Helper()
			n := 0
			for _, line := range b.audit {
				if line.Action == "desk.looked" && line.On == "1001" {
					n++
				}
			}
			if n != want {
				t.Errorf("%d openings are noted, want %d", n, want)
			}
		}
		if diff := cmp.Diff(view("/api/desk", lihua), view("/api/agents/1001/desk", boss)); diff != "" {
			t.Errorf("the desk and the look at it (-own +look):\n%s", diff)
		}
		for range 20 {
			time.Sleep(15 * time.Second)
			view("/api/agents/1001/desk", boss)
		}
		noted(1)
		time.Sleep(6 * time.Minute)
		view("/api/agents/1001/desk", boss)
		noted(2)
		if w := ask(h, "GET", "/api/agents/1001/desk", "", wang...); w.Code != 403 {
			t.Errorf("another agent: %d", w.Code)
		}
		if w := ask(h, "GET", "/api/agents/9/desk", "", boss...); w.Code != 404 {
			t.Errorf("nobody's desk: %d", w.Code)
		}
	})
}
