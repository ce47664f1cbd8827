package webui

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"callbox/telephony"
)

// TestWhyACallWouldGoThere (idea 9): the rule that decides, the rules before it with what spoke against each, in both languages.
func TestWhyACallWouldGoThere(t *testing.T) {
	h := New(newBox().options()).Handler()
	admin := []string{"Authorization", bearer(Admin)}
	w := ask(h, "POST", "/api/routes/try", `{"line":"fxo/1","caller":"13800138000"}`, admin...)
	var got struct {
		Target  string
		To      telephony.Text
		Against []Against
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
	if got.Target != "menu:main" || got.To.ZH != "菜单 总机" || len(got.Against) != 3 {
		t.Fatalf("%+v", got)
	}
	for i, want := range []string{"it is working time then", "the caller's number 13800138000 does not fit", "it is disabled"} {
		if a := got.Against[i]; a.Why.EN != want || a.Why.ZH == a.Why.EN || !strings.HasPrefix(a.Rule, "route/") {
			t.Errorf("%+v, want %q", a, want)
		}
	}
	w = ask(h, "POST", "/api/routes/try", `{"line":"fxo/1","config":{"nonsense":1}}`, admin...)
	if e := refusalOf(t, w); e.Code != telephony.Invalid {
		t.Fatalf("a configuration that cannot be read: %+v", e)
	}
	if w := ask(h, "POST", "/api/outbound/try", `{"phone":"801","number":"62345678"}`, admin...); w.Code != 200 || !strings.Contains(w.Body.String(), `"lines":["fxo/1"]`) {
		t.Fatal(w.Code, w.Body)
	}
}

// TestWhatAChangeDoesNow: the page warns of what a change would do to calls, callers and people who are there.
func TestWhatAChangeDoesNow(t *testing.T) {
	live := telephony.Live{
		Calls:  []telephony.LiveCall{{ID: "1-1", Line: "fxo/1", Recording: true, State: "voicemail"}},
		Queues: []telephony.LiveQueue{{ID: "sales", Waiting: make([]telephony.LiveWaiter, 2)}},
		Agents: []telephony.LiveAgent{{ID: "1001", State: telephony.AgentTalking}, {ID: "1002", State: telephony.AgentSignedOut}, {ID: "1003", State: telephony.AgentReady, Phone: "outside:13800138000"}},
		Rooms:  []telephony.LiveRoom{{ID: "board", Calls: []telephony.CallID{"1-2", "1-3"}}},
		Lines:  []telephony.LineStatus{{ID: "phone/801", State: telephony.LineIdle}},
	}
	before := func() *telephony.Config {
		c := testConfig()
		c.Rooms = []telephony.Room{{ID: "board", Name: "董事会"}}
		c.Queues[1].Members = []telephony.Member{{Agent: "1001", Level: 1}}
		return c
	}
	for _, c := range []struct {
		name   string
		change func(*telephony.Config)
		want   string
	}{
		{"a line goes", func(c *telephony.Config) { c.Lines = c.Lines[1:] }, "Calls on 外线 1: 1. They go on"},
		{"a line is disabled", func(c *telephony.Config) { c.Lines[0].Disabled = true }, "Calls on 外线 1: 1. They go on"},
		{"a queue goes", func(c *telephony.Config) { c.Queues = c.Queues[1:] }, "Without the queue they go"},
		{"a queue has nobody", func(c *telephony.Config) { c.Site.Name = "x" }, "After the change it has no agent"},
		{"a queue changes", func(c *telephony.Config) { c.Queues[0].Members = []telephony.Member{{Agent: "1001", Level: 1}} }, "They keep their places"},
		{"an agent goes", func(c *telephony.Config) { c.Agents = c.Agents[1:] }, "Agent 李华 1001 is at work"},
		{"an agent leaves a queue", func(c *telephony.Config) { c.Queues[1].Members = nil }, "gets no more calls of"},
		{"a trunk's password", func(c *telephony.Config) { c.Trunks[0].Password = "another one" }, "connects anew"},
		{"a room goes", func(c *telephony.Config) { c.Rooms = nil }, "Parties in 董事会: 2. They may stay"},
		{"a phone goes", func(c *telephony.Config) { c.Phones = nil }, "Phone 801 can no longer register"},
		{"a phone's password", func(c *telephony.Config) { c.Phones[0].Password = "another one" }, "password of phone 801 changes"},
		{"no rooms", func(c *telephony.Config) { c.Off = []telephony.Function{telephony.FunctionRooms} }, "rooms: 2. They may stay"},
		{"no mailboxes", func(c *telephony.Config) { c.Off = []telephony.Function{telephony.FunctionMailboxes} }, "a message: 1. They may finish"},
		{"no recording", func(c *telephony.Config) { c.Off = []telephony.Function{telephony.FunctionRecording} }, "recorded: 1. They are recorded to their end"},
		{"no forwarding", func(c *telephony.Config) { c.Off = []telephony.Function{telephony.FunctionForwarding} }, "outside numbers: 1. They are called there"},
		{"no browser phones", func(c *telephony.Config) { c.Off = []telephony.Function{telephony.FunctionBrowserPhones} }, "ring no more"},
		{"no programs", func(c *telephony.Config) { c.Off = []telephony.Function{telephony.FunctionPrograms} }, "refused at once"},
		{"anything", func(c *telephony.Config) {}, "Calls in progress: 1. They go on"},
	} {
		next := before()
		c.change(next)
		var said strings.Builder
		for _, text := range effects(before(), next, live) {
			said.WriteString(text.EN + "\n")
			if text.ZH == text.EN {
				t.Errorf("%q has one language", text.EN)
			}
		}
		if !strings.Contains(said.String(), c.want) {
			t.Errorf("%s: %s", c.name, said.String())
		}
	}
	if quiet := effects(testConfig(), testConfig(), telephony.Live{}); quiet != nil {
		t.Errorf("an idle box: %v", quiet)
	}
}

// TestUndoIsSeenBefore: an undo takes later changes back as well, so what it changes and does now is told before, and nothing happens.
func TestUndoIsSeenBefore(t *testing.T) {
	b, admin := newBox(), []string{"Authorization", bearer(Admin)}
	b.setLive(telephony.Live{Calls: []telephony.LiveCall{{ID: "1-1", Line: "fxo/1"}}})
	h, inForce := New(b.options()).Handler(), b.Config().Revision
	path := fmt.Sprintf("/api/config/revisions/%d/undo", inForce)
	w := ask(h, "GET", path, "", admin...)
	for _, want := range []string{`"path":"site.name"`, "海棠", "Calls in progress: 1"} {
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("without %s: %d %s", want, w.Code, w.Body)
		}
	}
	if b.Config().Revision != inForce {
		t.Error("it was undone")
	}
	if w := ask(h, "POST", fmt.Sprint(path, "?base=", inForce-1), "", admin...); w.Code != 409 {
		t.Errorf("somebody was first: %d", w.Code)
	}
	if w := ask(h, "GET", "/api/config/revisions/99/undo", "", admin...); w.Code != 404 {
		t.Errorf("one that is not kept: %d", w.Code)
	}
}
