package webui

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

// deskBox is a box with two agents who are signed in, and their headers.
func deskBox() (b *memoryBox, lihua, wang []string) {
	b = newBox()
	b.config.Site.Codes = []string{"repair"}
	b.config.Queues[0].Members = []telephony.Member{{Agent: "1001"}, {Agent: "1002"}}
	b.secrets["lihua"] = Person{Name: "lihua", Role: Agent, Agent: "1001"}
	b.secrets["wang"] = Person{Name: "wang", Role: Agent, Agent: "1002"}
	return b, []string{"Authorization", "Bearer lihua"}, []string{"Authorization", "Bearer wang"}
}

// TestDeskIsThere (A5.19, pains 16-18): a page that beats is there; one that is closed, asleep or cut off is gone within ten
// seconds, and comes back with its next beat. One that signs out is awaited no more.
func TestDeskIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, lihua, _ := deskBox()
		h := New(b.options()).Handler()
		beat := func(body string) (gone time.Time) {
			t.Helper()
			w := ask(h, "POST", "/api/desk/beat", body, lihua...)
			var answer struct {
				GoneSince time.Time `json:"gone_since"`
			}
			if err := json.Unmarshal(w.Body.Bytes(), &answer); w.Code != 200 || err != nil {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			return answer.GoneSince
		}
		told := func(want ...string) {
			t.Helper()
			synctest.Wait()
			if !slices.Equal(b.asked, want) {
				t.Fatalf("told %q, want %q", b.asked, want)
			}
		}
		for range 20 {
			if gone := beat(`{}`); !gone.IsZero() {
				t.Fatalf("gone since %v, and was always there", gone)
			}
			time.Sleep(2 * time.Second)
		}
		told("present 1001 true")
		time.Sleep(6 * time.Second)
		told("present 1001 true", "present 1001 false")
		went := time.Now()
		time.Sleep(time.Hour)
		if gone := beat(`{}`); !gone.Equal(went) {
			t.Errorf("gone since %v, want %v", gone, went)
		}
		told("present 1001 true", "present 1001 false", "present 1001 true")
		beat(`{"leave":true}`)
		time.Sleep(time.Minute)
		told("present 1001 true", "present 1001 false", "present 1001 true")
	})
}

// TestMissedCalls (A5.11): who was not taken is to be called back, once a caller, until somebody spoke with that caller.
func TestMissedCalls(t *testing.T) {
	record := func(id, number, queue string, o telephony.Outcome) CallRecord {
		return CallRecord{
			ID: telephony.CallID(id), Direction: telephony.Inbound, Caller: telephony.Caller{Number: number}, Queue: queue, Outcome: o,
		}
	}
	back := CallRecord{ID: "9", Direction: telephony.Outbound, Called: "13", Outcome: telephony.OutcomeAnswered}
	calls := []CallRecord{ // newest first
		record("8", "10", "sales", telephony.OutcomeLostInQueue),
		back,
		record("7", "10", "sales", telephony.OutcomeLostInQueue),
		record("6", "11", "sales", telephony.OutcomeAnswered),
		record("5", "11", "sales", telephony.OutcomeLostInQueue),
		record("4", "12", "support", telephony.OutcomeLostInQueue),
		record("3", "13", "sales", telephony.OutcomeLostInQueue),
		record("2", "", "sales", telephony.OutcomeLostInQueue),
		record("1", "14", "sales", telephony.OutcomeVoicemail),
	}
	var got []string
	for _, r := range missed(calls, func(queue string) bool { return queue == "sales" }) {
		got = append(got, string(r.ID))
	}
	if want := "8 1"; strings.Join(got, " ") != want {
		t.Errorf("missed %v, want %s", got, want)
	}
}

// TestOwnCalls (A5.10): an agent reads the own calls of a week, with the names of the own address book, and nobody else's.
func TestOwnCalls(t *testing.T) {
	b, lihua, _ := deskBox()
	today := time.Now()
	record := func(id, agent string, at time.Time, c telephony.Caller) CallRecord {
		return CallRecord{ID: telephony.CallID(id), Direction: telephony.Inbound, Caller: c, Agent: agent, Arrived: at, Outcome: telephony.OutcomeAnswered}
	}
	b.records = []CallRecord{
		record("5", "1002", today, telephony.Caller{Number: "10"}),
		record("4", "1001", today, telephony.Caller{Number: "13800138000", Name: "CHEN"}),
		{ID: "3", Direction: telephony.Outbound, Called: "02162345678", Agent: "1001", Arrived: today, TalkMS: 7000, Outcome: telephony.OutcomeAnswered},
		record("2", "1001", today.AddDate(0, 0, -6), telephony.Caller{Number: "11", Withheld: true}),
		record("1", "1001", today.AddDate(0, 0, -8), telephony.Caller{Number: "12"}),
	}
	b.books["lihua"] = []Contact{{Number: "02162345678", Name: "海棠物流"}}
	h := New(b.options()).Handler()
	var got ownCallsAnswer
	w := ask(h, "GET", "/api/desk/calls", "", lihua...)
	if err := json.Unmarshal(w.Body.Bytes(), &got.Body); err != nil {
		t.Fatal(err, w.Body)
	}
	var list []string
	for _, c := range got.Body.Calls {
		list = append(list, strings.TrimSpace(string(c.ID)+" "+c.Number+" "+c.Name))
	}
	if want := "4 13800138000 CHEN, 3 02162345678 海棠物流, 2 11"; strings.Join(list, ", ") != want {
		t.Errorf("own calls %v, want %s", list, want)
	}
	if w := ask(h, "GET", "/api/desk/calls", "", "Authorization", bearer(Supervisor)); w.Code != 404 {
		t.Errorf("who is no agent: %d", w.Code)
	}
}

// TestNotes (A5.7): an agent writes about the own calls only, a supervisor about all; the next agent whom the
// caller reaches reads it, and nobody by the number alone (A16.2).
func TestNotes(t *testing.T) {
	b, lihua, wang := deskBox()
	b.records = []CallRecord{{ID: "3-42", Direction: telephony.Inbound, Caller: telephony.Caller{Number: "02162345678"}, Agent: "1001"}}
	h := New(b.options()).Handler()
	note := `{"code":"repair","text":" the machine leaks "}`
	if w := ask(h, "POST", "/api/calls/3-42/note", note, wang...); w.Code != 403 {
		t.Errorf("another agent writes: %d", w.Code)
	}
	if w := ask(h, "POST", "/api/calls/3-42/note", `{"code":"gossip"}`, lihua...); w.Code != 422 {
		t.Errorf("an unknown code: %d", w.Code)
	}
	for _, who := range [][]string{lihua, {"Authorization", bearer(Supervisor)}} {
		if w := ask(h, "POST", "/api/calls/3-42/note", note, who...); w.Code != 204 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	b.setLive(telephony.Live{Calls: []telephony.LiveCall{{
		ID: "3-50", Direction: telephony.Inbound, Caller: telephony.Caller{Number: "02162345678"},
		Parties: []telephony.LiveParty{{Agent: "1002", State: telephony.PartyCalled}},
	}}})
	for path, known := range map[string]int{"/api/calls/3-50/caller": 1, "/api/callers/02162345678": 0} {
		var view CallerView
		w := ask(h, "GET", path, "", wang...)
		if err := json.Unmarshal(w.Body.Bytes(), &view); err != nil || view.Region.EN != "Shanghai" || len(view.Calls) != known ||
			len(view.Notes) != 2*known || known > 0 && view.Notes[1].Text != "the machine leaks" {
			t.Errorf("%s: %v: %s", path, err, w.Body)
		}
	}
}

// TestMessages (A5.17, A5.22): each reads what is for that person, and only supervisors write to all.
func TestMessages(t *testing.T) {
	b, lihua, wang := deskBox()
	h := New(b.options()).Handler()
	boss := []string{"Authorization", bearer(Supervisor)}
	say := func(want int, body string, who []string) {
		t.Helper()
		if w := ask(h, "POST", "/api/messages", body, who...); w.Code != want {
			t.Fatalf("%s: %d %s", body, w.Code, w.Body)
		}
	}
	say(204, `{"to":"1002","text":"lunch?"}`, lihua)
	say(204, `{"to":"supervisors","kind":"help","text":"help"}`, lihua)
	say(403, `{"to":"all","text":"party"}`, lihua)
	say(204, `{"to":"all","text":"system test at six"}`, boss)
	say(404, `{"to":"9999","text":"anybody?"}`, lihua)
	for _, c := range []struct {
		name, path, want string
		who              []string
	}{
		{"to her and all", "/api/messages", "lunch? system test at six", wang},
		{"her own and all", "/api/messages", "lunch? help system test at six", lihua},
		{"to supervisors and all", "/api/messages", "help system test at six", boss},
		{"only what is new", "/api/messages?after=2", "system test at six", boss},
		{"a number of an earlier start", "/api/messages?after=77", "help system test at six", boss},
	} {
		var answer struct{ Messages []Message }
		w := ask(h, "GET", c.path, "", c.who...)
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, m := range answer.Messages {
			texts = append(texts, m.Text)
		}
		if got := strings.Join(texts, " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestWhoHelps (A5.22): the first supervisor who sees to a call for help has it, which the agent and the other supervisors hear, and no
// other agent; who comes second is told who was first.
func TestWhoHelps(t *testing.T) {
	b, lihua, wang := deskBox()
	b.secrets["boss"] = Person{Name: "boss", Role: Supervisor}
	h := New(b.options()).Handler()
	boss, chief := []string{"Authorization", "Bearer boss"}, []string{"Authorization", bearer(Admin)}
	for _, body := range []string{`{"to":"1002","text":"lunch?"}`, `{"to":"supervisors","kind":"help"}`} {
		if w := ask(h, "POST", "/api/messages", body, lihua...); w.Code != 204 {
			t.Fatalf("%s: %d %s", body, w.Code, w.Body)
		}
	}
	for _, row := range []struct {
		name, path string
		who        []string
		want       int
	}{
		{"what is no call for help", "/api/messages/1/help", boss, 404},
		{"what was never said", "/api/messages/77/help", boss, 404},
		{"an agent", "/api/messages/2/help", wang, 403},
		{"the first", "/api/messages/2/help", boss, 204},
		{"the first, by another page", "/api/messages/2/help", boss, 204},
		{"the second", "/api/messages/2/help", chief, 409},
	} {
		w := ask(h, "POST", row.path, "", row.who...)
		if w.Code != row.want || row.want == 409 && !strings.HasPrefix(refusalOf(t, w).Message.EN, "boss ") {
			t.Errorf("%s: %d %s", row.name, w.Code, w.Body)
		}
	}
	for _, row := range []struct {
		name, want string
		who        []string
	}{{"the agent", "boss 2 1001", lihua}, {"she", "boss 2 1001", boss}, {"another supervisor", "boss 2 1001", chief}, {"another agent", "", wang}} {
		var answer struct{ Messages []Message }
		w := ask(h, "GET", "/api/messages", "", row.who...)
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		var heard []string
		for _, m := range answer.Messages {
			if m.Kind == "helping" {
				heard = append(heard, fmt.Sprint(m.From, " ", m.About, " ", m.To))
			}
		}
		if got := strings.Join(heard, ","); got != row.want {
			t.Errorf("%s heard %q, want %q", row.name, got, row.want)
		}
	}
}

// TestBreakOnRequest (A5.6): the agent asks, a supervisor decides, each hears of it; nobody decides for himself, and what was
// decided or taken back is not decided again.
func TestBreakOnRequest(t *testing.T) {
	b, lihua, wang := deskBox()
	h := New(b.options()).Handler()
	boss := []string{"Authorization", bearer(Supervisor)}
	do := func(want int, what string, who []string) {
		t.Helper()
		if w := ask(h, "POST", "/api/agents/1001/break", `{"do":"`+what+`"}`, who...); w.Code != want {
			t.Fatalf("%s: %d %s", what, w.Code, w.Body)
		}
		a, _ := b.wish("1001")
		b.setLive(telephony.Live{Agents: []telephony.LiveAgent{{ID: "1001", State: a.State, Asks: a.Asks}}})
	}
	kinds := func(want string, who []string) {
		t.Helper()
		var answer struct{ Messages []Message }
		w := ask(h, "GET", "/api/messages", "", who...)
		var list []string
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		for _, m := range answer.Messages {
			list = append(list, m.Kind)
		}
		if got := strings.Join(list, " "); got != want {
			t.Errorf("%s heard %q, want %q", who[1], got, want)
		}
	}
	do(403, "ask", wang)
	do(409, "grant", boss)
	do(204, "ask", lihua)
	do(403, "grant", lihua)
	do(403, "refuse", wang)
	do(204, "refuse", boss)
	do(204, "ask", lihua)
	do(204, "grant", boss)
	do(409, "grant", boss)
	do(204, "ask", lihua)
	do(204, "withdraw", lihua)
	do(409, "grant", boss)
	kinds("break refused break granted break", lihua)
	kinds("break refused break granted break", boss)
	kinds("", wang)
	if w := ask(h, "POST", "/api/messages", `{"to":"supervisors","kind":"granted"}`, lihua...); w.Code != 422 {
		t.Errorf("an agent says that a break is granted: %d", w.Code)
	}
}
