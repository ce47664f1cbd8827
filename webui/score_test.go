package webui

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"callbox/telephony"
)

// TestComplaints (A11.13, A18.13): a supervisor judges what an agent noted as a complaint; the audit keeps each judgment.
func TestComplaints(t *testing.T) {
	b, lihua, _ := deskBox()
	now := time.Now()
	b.config.Site.Codes, b.config.Site.Complaints = []string{"order", "angry"}, []string{"angry"}
	b.records = []CallRecord{
		{ID: "2", Direction: telephony.Inbound, Agent: "1001", Arrived: now, Ended: now, Complaint: &Complaint{Code: "angry"}},
		{ID: "1", Direction: telephony.Inbound, Agent: "1001", Arrived: now, Ended: now},
	}
	h := New(b.options()).Handler()
	boss := []string{"Authorization", bearer(Supervisor)}
	for code, want := range map[string]bool{"order": false, "angry": true} {
		if w := ask(h, "POST", "/api/calls/1/note", `{"code":"`+code+`"}`, lihua...); w.Code != 204 {
			t.Fatalf("note: %d %s", w.Code, w.Body)
		}
		if n := b.notes[len(b.notes)-1]; n.Complaint != want || !n.Arrived.Equal(now) {
			t.Errorf("%s is noted as %+v", code, n)
		}
	}
	for _, row := range []struct {
		name, call, body string
		by               []string
		want             int
	}{
		{"an agent", "2", `{"founded":true}`, lihua, 403},
		{"no judgment", "2", `{"note":"late"}`, boss, 422},
		{"what is no complaint", "1", `{"founded":true}`, boss, 409},
		{"no call", "9", `{"founded":true}`, boss, 404},
		{"a complaint", "2", `{"founded":true,"note":" late "}`, boss, 204},
		{"the same", "2", `{"founded":false}`, boss, 204},
	} {
		if w := ask(h, "PUT", "/api/calls/"+row.call+"/complaint", row.body, row.by...); w.Code != row.want {
			t.Errorf("%s: %d %s, want %d", row.name, w.Code, w.Body, row.want)
		}
	}
	var told []string
	for _, line := range b.audit {
		if line.Action == "call.judged" {
			told = append(told, line.On+": "+line.Detail)
		}
	}
	if got, want := strings.Join(told, ", "), "2: founded late, 2: unfounded"; got != want {
		t.Errorf("audit %s, want %s", got, want)
	}
}

// TestScores (A11.11, QA points): a supervisor scores an agent for a call that is over; the last score stands, the audit keeps
// all; the agent sees the own points.
func TestScores(t *testing.T) {
	b, lihua, _ := deskBox()
	now := time.Now()
	b.records = []CallRecord{
		{ID: "3", Direction: telephony.Inbound, Agent: "1001", Agents: []string{"1002", "1001"}, Arrived: now, Ended: now, Outcome: telephony.OutcomeAnswered, Recordings: []string{}},
		{ID: "2", Direction: telephony.Inbound, Arrived: now, Ended: now, Outcome: telephony.OutcomeLostInQueue},
		{ID: "1", Direction: telephony.Inbound, Agent: "1001", Arrived: now},
	}
	b.config.Queues[0].Members = nil
	h := New(b.options()).Handler()
	boss := []string{"Authorization", bearer(Supervisor)}
	for _, row := range []struct {
		name, call, body string
		by               []string
		want             int
	}{
		{"an agent", "3", `{"points":100}`, lihua, 403},
		{"more than there are", "3", `{"points":101}`, boss, 422},
		{"less", "3", `{"points":-1}`, boss, 422},
		{"no points", "3", `{"note":"fine"}`, boss, 422},
		{"a long note", "3", `{"points":1,"note":"` + strings.Repeat("长", 301) + `"}`, boss, 422},
		{"a call that nobody took", "2", `{"points":50}`, boss, 409},
		{"a call that goes on", "1", `{"points":50}`, boss, 409},
		{"no call", "9", `{"points":50}`, boss, 404},
		{"who was not there", "3", `{"points":50,"agent":"1003"}`, boss, 422},
		{"who put the caller through", "3", `{"points":70,"agent":"1002"}`, boss, 204},
		{"a call", "3", `{"points":60,"note":" rude "}`, boss, 204},
		{"the same call", "3", `{"points":0}`, boss, 204},
	} {
		if w := ask(h, "PUT", "/api/calls/"+row.call+"/score", row.body, row.by...); w.Code != row.want {
			t.Errorf("%s: %d %s, want %d", row.name, w.Code, w.Body, row.want)
		}
	}
	var told []string
	for _, line := range b.audit {
		if line.Action == "call.scored" {
			told = append(told, line.On+": "+line.Detail)
		}
	}
	if got, want := strings.Join(told, ", "), "3: 1002 70, 3: 1001 60 rude, 3: 1001 0"; got != want {
		t.Errorf("audit %s, want %s", got, want)
	}
	var own ownCallsAnswer
	if err := json.Unmarshal(ask(h, "GET", "/api/desk/calls", "", lihua...).Body.Bytes(), &own.Body); err != nil {
		t.Fatal(err)
	}
	if c := own.Body.Calls[0]; c.Points == nil || *c.Points != 0 {
		t.Errorf("own call %+v", c)
	}
}
