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
		for _, path := range []string{"desk", "desk/lately"} {
			if w := ask(h, "GET", "/api/agents/1001/"+path, "", wang...); w.Code != 403 {
				t.Errorf("%s, another agent: %d", path, w.Code)
			}
			if w := ask(h, "GET", "/api/agents/9/"+path, "", boss...); w.Code != 404 {
				t.Errorf("%s, nobody's desk: %d", path, w.Code)
			}
		}
	})
}

// TestLookAtWhatADeskLists (A6.5): a supervisor sees an agent's calls and what agent and supervisors wrote, not what agents wrote
// to one another, nor whom the agent's address book knows.
func TestLookAtWhatADeskLists(t *testing.T) {
	b, lihua, wang := deskBox()
	b.records = []CallRecord{{ID: "1", Direction: telephony.Inbound, Agent: "1001", Caller: telephony.Caller{Number: "02162345678"}, Arrived: time.Now(), Outcome: telephony.OutcomeAnswered}}
	h := New(b.options()).Handler()
	boss := []string{"Authorization", bearer(Supervisor)}
	must := func(path, body string, by []string) {
		t.Helper()
		if w := ask(h, "POST", path, body, by...); w.Code >= 300 {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	must("/api/contacts", `{"number":"02162345678","name":"private"}`, lihua)
	must("/api/messages", `{"to":"supervisors","text":"to you"}`, lihua)
	must("/api/messages", `{"to":"supervisors","text":"another's"}`, wang)
	must("/api/messages", `{"to":"1002","text":"among us"}`, lihua)
	must("/api/messages", `{"to":"1001","text":"among us, too"}`, wang)
	must("/api/messages", `{"to":"1001","text":"to her"}`, boss)
	must("/api/messages", `{"to":"all","text":"to all"}`, boss)
	var seen struct {
		Calls    []OwnCall
		Messages []Message
	}
	w := ask(h, "GET", "/api/agents/1001/desk/lately", "", boss...)
	if err := json.Unmarshal(w.Body.Bytes(), &seen); w.Code != 200 || err != nil {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if len(seen.Calls) != 1 || seen.Calls[0].Number != "02162345678" || seen.Calls[0].Name != "" {
		t.Errorf("the calls are %+v", seen.Calls)
	}
	var texts []string
	for _, m := range seen.Messages {
		texts = append(texts, m.Text)
	}
	if diff := cmp.Diff([]string{"to you", "to her", "to all"}, texts); diff != "" {
		t.Error(diff)
	}
	if n := len(b.audit); n == 0 || b.audit[n-1].Action != "desk.looked" {
		t.Errorf("the audit is %+v", b.audit)
	}
}
