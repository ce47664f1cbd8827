package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/webui"
)

// others is what tells of the queue, the agent, the callers and the calls that are of another team.
var others = regexp.MustCompile(`otherq|OTHER|7777|1390000444|"1-[2456]`)

// Calls of TestATeamIsAllThereIs: 1 and 3 are of sales, over and in progress; 2, 4, 5 and 6 of the other queue: over, in progress, waiting,
// and a message.
const (
	ownOver, ownNow     = "1-1", "1-3"
	otherOver, otherNow = "1-2", "1-4"
	otherMessage        = "1-6"
)

// TestATeamIsAllThereIs (A16.2, A8.5): a supervisor with a team goes through every row of the table that she reaches. Nothing of another
// queue is in any answer or stream, and nothing can be done to it; who has no team sees it in each, so that it was there to be seen.
func TestATeamIsAllThereIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, otherConfig())
		defer w.close()
		w.twoTeams()
		boss, limited := w.signedIn("boss"), w.signedIn("li", "sales")
		w.writeTo(boss)
		walk{
			world: w, boss: boss, limited: limited, hidden: others, over: otherOver, now: otherNow, told: ownNow,
			answered: []string{"POST /api/desk/beat", "POST /api/messages"}, // gives messages; reaches the team: TestMessagesOfTeams
			bare:     []string{"/api/spans"},                                // there is no call by an E1: TestNarrow
		}.through(w.rows(webui.Agent, webui.Supervisor))
		for _, path := range []string{"/api/calls?queue=otherq", "/api/calls.csv?agent=7777", "/api/recordings?agent=7777", "/api/reports/daily?queue=otherq", "/api/reports/agents/csv?agent=7777", "/api/stretches?agent=7777", "/api/staff?agent=7777", "/api/attendance?agent=7777", "/api/calls?scored=7777"} {
			if a := w.asks(limited, "GET", path, ""); a.Code != 403 || w.asks(boss, "GET", path, "").Code != 200 {
				t.Errorf("%s: %d", path, a.Code)
			}
		}
		for _, path := range []string{"/api/calls/" + ownOver, "/api/calls/" + ownOver + "/journal", "/api/calls/" + ownNow, "/api/agents/1001/desk", "/api/recordings/" + w.recording(ownOver), "/api/recordings/" + w.recording(ownOver) + "/audio", "/api/voicemails", "/api/reports/queues?queue=sales"} {
			if a := w.asks(limited, "GET", path, ""); a.Code != 200 {
				t.Errorf("%s, which is the team's own: %d %s", path, a.Code, a.Body)
			}
		}
		for _, by := range telephony.MailedReports {
			var whole, own bytes.Buffer
			mail := &telephony.ReportMail{Report: by}
			w.must(reports{w.box}.mailed(t.Context(), &whole, "csv", mail, time.Time{}, time.Time{}, "zh"))
			mail.Queues = []string{"sales"}
			w.must(reports{w.box}.mailed(t.Context(), &own, "csv", mail, time.Time{}, time.Time{}, "zh"))
			if others.MatchString(own.String()) || whole.String() == own.String() {
				t.Errorf("mailed %s: %s", by, own.String())
			}
		}
	})
}

// TestADeskIsAllThereIs (A16.2): an agent goes through every row of the table that agents reach. No call of anybody else is in an answer or a
// stream, and nothing can be done to it; neither for her who talks, nor for her colleague in the same queue.
func TestADeskIsAllThereIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, otherConfig())
		defer w.close()
		w.twoTeams()
		boss, own, colleague := w.signedIn("boss"), w.atDesk("1001"), w.atDesk("1002")
		w.writeTo(boss)
		walks := walk{
			world: w, boss: boss, limited: own, hidden: regexp.MustCompile(`1390000444|"1-[2456]"`), over: otherOver, now: otherNow, told: ownNow,
			answered: []string{"POST /api/desk/beat", "POST /api/calls/{id}/pickup"}, // at the own phone, and there is nothing to pick up
			bare:     []string{"/api/names", "/api/messages", "/api/spans"},          // tell of no caller
		}
		walks.through(w.rows(webui.Agent))
		walks.limited, walks.hidden, walks.over, walks.now = colleague, regexp.MustCompile(`13816402257|1390000444|"1-[1-6]"`), ownOver, ownNow
		walks.told, walks.answered = `"1001"`, walks.answered[:1]
		walks.through(w.rows(webui.Agent))
		if a := w.get(colleague, "/api/callers/13816402257"); strings.Contains(a, ownOver) {
			t.Errorf("by the number: %s", a)
		}
		for _, c := range []struct{ path, has string }{
			{"/api/live", `"id":"` + ownNow + `"`},
			{"/api/live", "OTHER"},
			{"/api/agents", `"call":"` + ownNow + `"`},
			{"/api/calls/" + ownNow + "/caller", "13816402257"},
			{"/api/desk/calls", ownOver},
			{"/api/names", "otherq"},
		} {
			if a := w.get(own, c.path); !strings.Contains(a, c.has) {
				t.Errorf("%s lacks %s, which is her own: %.400s", c.path, c.has, a)
			}
		}
	})
}

// otherConfig has a second queue, and an agent in it, whose names stand out.
func otherConfig() *telephony.Config {
	cfg := testConfig()
	cfg.Agents[3].ID, cfg.Agents[3].Name = "7777", "OTHER"
	cfg.Queues[1].ID, cfg.Queues[1].Name, cfg.Queues[1].Members[0].Agent = "otherq", "OTHER 队列", "7777"
	cfg.Menus[0].Keys[1].To = "queue:otherq"
	return cfg
}

// twoTeams makes the calls of both.
func (w *world) twoTeams() {
	w.phone("801", nil)
	w.phone("804", nil)
	w.agent("1001", telephony.AgentReady, "")
	w.agent("7777", telephony.AgentReady, "")
	own := sim.Call{Line: "fxo/1", From: "13816402257", Keys: keysAt(w, "1@6s"), For: 40 * time.Second}
	other := sim.Call{Line: "fxo/2", From: "13900004441", Keys: keysAt(w, "2@6s"), For: 40 * time.Second}
	w.ring("own", own)
	time.Sleep(time.Second)
	w.ring("other", other)
	time.Sleep(2 * time.Minute)
	own.For, other.For, other.From = time.Hour, time.Hour, "13900004442"
	w.ring("own now", own)
	time.Sleep(time.Second)
	w.ring("other now", other)
	time.Sleep(30 * time.Second)
	other.Line, other.From = "fxo/3", "13900004443"
	w.ring("other waits", other)
	time.Sleep(20 * time.Second)
	for _, f := range []telephony.Fact{
		telephony.CallArrived{Direction: telephony.Inbound, Line: "fxo/4", Caller: telephony.Caller{Number: "13900004444"}},
		telephony.Unqueued{Queue: "otherq", Reason: "full"},
		telephony.RecordingStarted{Recording: otherMessage + ".1", Purpose: "voicemail"},
		telephony.Recorded{Recording: otherMessage + ".1", Purpose: "voicemail", Length: 9 * time.Second},
		telephony.VoicemailLeft{Mailbox: "office", Recording: otherMessage + ".1"},
		telephony.CallEnded{Outcome: telephony.OutcomeVoicemail},
	} {
		w.box.Store.Append(telephony.Entry{Call: otherMessage, Fact: f})
	}
	r, err := calls{w.box}.Call(w.t.Context(), otherOver)
	w.must(err)
	w.must(calls{w.box}.ScoreCall(w.t.Context(), &r, webui.Score{Agent: "7777", Points: 50, By: "boss"}))
	w.must(w.box.Store.Sync(w.t.Context()))
}

// signedIn is the session of a supervisor with a team of some queues.
func (w *world) signedIn(name string, queues ...string) (session string) {
	return w.session(webui.User{Name: name, Role: webui.Supervisor, Queues: queues})
}

// atDesk is that of an agent.
func (w *world) atDesk(agent string) (session string) {
	return w.session(webui.User{Name: "of" + agent, Role: webui.Agent, Agent: agent})
}

func (w *world) session(u webui.User) (session string) {
	ctx, people, by := w.t.Context(), accounts{w.box.Store}, webui.By{Who: "root"}
	if !people.Claimed() {
		w.must(people.Claim(ctx, w.box.Store.ClaimCode(), "root", "quiet-river-stone", by))
	}
	w.must(people.PutUser(ctx, u, "quiet-river-stone", by))
	session, _, err := people.SignIn(ctx, u.Name, "quiet-river-stone", by)
	w.must(err)
	return session
}

// writeTo has the agent of the other queue call for help, and somebody note and keep what the walk then looks for.
func (w *world) writeTo(boss string) {
	w.asks(w.atDesk("7777"), "POST", "/api/messages", `{"to":"supervisors","kind":"help","text":"OTHER"}`)
	w.asks(boss, "POST", "/api/calls/"+otherOver+"/note", `{"text":"OTHER"}`)
	w.asks(boss, "POST", "/api/reports/own", `{"name":"OTHER","by":"daily","queue":"otherq"}`)
}

func (w *world) asks(session, method, path, body string) *httptest.ResponseRecorder {
	w.t.Helper()
	ctx, stop := context.WithTimeout(w.t.Context(), 3*time.Second)
	defer stop()
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.AddCookie(&http.Cookie{Name: "callbox", Value: session})
	a := httptest.NewRecorder()
	w.box.Web().Handler().ServeHTTP(a, r)
	return a
}

// get is what somebody is answered, unpacked.
func (w *world) get(session, path string) string {
	w.t.Helper()
	a := w.asks(session, "GET", path, "")
	text := a.Body.Bytes()
	sheet, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return a.Body.String()
	}
	var all strings.Builder
	for _, f := range sheet.File {
		part, err := f.Open()
		w.must(err)
		_, err = io.Copy(&all, part)
		w.must(err)
	}
	return all.String()
}

// A row is one of the table, as the API tells of it.
type row struct {
	method, path string
	team         bool
}

// rows are those for some roles.
func (w *world) rows(roles ...webui.Role) (list []row) {
	var doc struct {
		Paths map[string]map[string]struct {
			Role webui.Role `json:"x-role"`
			Team bool       `json:"x-team"`
		}
	}
	w.must(json.Unmarshal([]byte(w.get("", "/api/openapi.json")), &doc))
	for path, of := range doc.Paths {
		for method, op := range of {
			if slices.Contains(roles, op.Role) {
				list = append(list, row{strings.ToUpper(method), path, op.Team})
			}
		}
	}
	slices.SortFunc(list, func(a, b row) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	if len(list) < 40*len(roles) {
		w.t.Errorf("%d rows for %v", len(list), roles)
	}
	return list
}

// filled is the path about a call of another team, or its agent or recording.
func (r row) filled(call string) string {
	id := call
	switch {
	case strings.Contains(r.path, "/agents/"):
		id = "7777"
	case strings.Contains(r.path, "/recordings/"), strings.Contains(r.path, "/voicemails/"):
		id = otherMessage + ".1"
	case strings.Contains(r.path, "/rooms/"):
		id = "board"
	}
	return strings.NewReplacer("{id}", id, "{number}", "13900004441", "{form}", "csv", "{by}", "queues", "{seq}", "1").Replace(r.path)
}

// A walk goes through rows as somebody from whom something is hidden.
type walk struct {
	*world
	boss, limited string         // sessions: of who sees all, and of who does not
	hidden        *regexp.Regexp // what tells of it
	over, now     string         // calls of it, over and in progress
	told          string         // what streams tell the second of
	answered      []string       // rows that do something else than what is hidden
	bare          []string       // paths whose answers have nothing of it, for anybody
}

func (w walk) through(rows []row) {
	w.t.Helper()
	for _, r := range rows {
		switch {
		case r.method != http.MethodGet:
			w.refuses(r)
		case strings.HasSuffix(r.path, "/events"):
			w.streams(r)
		case r.team:
			w.hides(r)
		default:
			if a := w.get(w.limited, r.filled(w.now)); w.hidden.MatchString(a) {
				w.t.Errorf("%s: %.400s", r.path, a)
			}
		}
	}
}

// hides looks for it in the answers of a row.
func (w walk) hides(r row) {
	w.t.Helper()
	if strings.Contains(r.path, "{id}") {
		for _, call := range []string{w.over, w.now} {
			path := r.filled(call)
			if a := w.asks(w.limited, "GET", path, ""); a.Code != 403 && a.Code != 404 || w.hidden.MatchString(strings.ReplaceAll(a.Body.String(), call, "")) {
				w.t.Errorf("%s: %d %.400s", path, a.Code, a.Body)
			}
		}
		return
	}
	paths := []string{r.filled("")}
	if strings.Contains(r.path, "{by}") {
		paths = paths[:0]
		for _, by := range strings.Fields("hourly slots daily weekly monthly queues agents lines menus") {
			paths = append(paths, strings.ReplaceAll(r.filled(""), "queues", by))
		}
	}
	if strings.Contains(r.path, "{form}") {
		for _, p := range paths {
			paths = append(paths, strings.Replace(p, "/csv", "/xlsx", 1))
		}
	}
	seen := slices.Contains(w.bare, r.path)
	for _, path := range paths {
		a := w.get(w.limited, path)
		if found := w.hidden.FindString(strings.ReplaceAll(a, "13900004441", asked(path))); found != "" {
			w.t.Errorf("%s tells of %s: %.400s", path, found, a)
		}
		seen = seen || w.hidden.MatchString(w.get(w.boss, path))
	}
	if !seen {
		w.t.Errorf("%s: there was nothing to hide", r.path)
	}
}

// asked is a number that may stand in an answer because it was asked for; else itself.
func asked(path string) string {
	if strings.HasSuffix(path, "/13900004441") {
		return ""
	}
	return "13900004441"
}

// streams listens to a row that lasts.
func (w walk) streams(r row) {
	w.t.Helper()
	path := r.path + "?after=0"
	if r.path == "/api/live/events" {
		path = r.path
	}
	whole, own := w.get(w.boss, path), w.get(w.limited, path)
	if !w.hidden.MatchString(whole) || w.hidden.MatchString(own) || !strings.Contains(own, w.told) {
		w.t.Errorf("%s: %.400s", path, own)
	}
}

// acts are what the rows that change something are sent about another team.
var acts = map[string]string{
	"POST /api/agents/{id}/state":       `{"state":"signed_out"}`,
	"POST /api/agents/{id}/break":       `{"do":"refuse"}`,
	"POST /api/calls/{id}/recording":    `{"action":"stop"}`,
	"POST /api/calls/{id}/hangup":       ``,
	"POST /api/calls":                   `{"from":"phone:804","to":"13800138000"}`,
	"POST /api/calls/{id}/hold":         ``,
	"POST /api/calls/{id}/retrieve":     ``,
	"POST /api/calls/{id}/consult":      `{"to":"phone:801"}`,
	"POST /api/calls/{id}/back":         ``,
	"POST /api/calls/{id}/conference":   ``,
	"POST /api/calls/{id}/transfer":     `{"to":"phone:801"}`,
	"POST /api/calls/{id}/park":         ``,
	"POST /api/calls/{id}/pickup":       `{"phone":"phone:801"}`,
	"POST /api/calls/{id}/data":         `{"data":{"a":"b"}}`,
	"POST /api/calls/{id}/monitor":      `{"mode":"listen","phone":"phone:801"}`,
	"POST /api/calls/{id}/note":         `{"text":"x"}`,
	"PUT /api/calls/{id}/score":         `{"points":1}`,
	"PUT /api/calls/{id}/complaint":     `{"founded":true}`,
	"POST /api/rooms/{id}/lock":         `{"on":true}`, // nobody is in it; TestMayHost
	"POST /api/rooms/{id}/invite":       `{"to":"agent:7777"}`,
	"POST /api/messages/{seq}/help":     ``,
	"PUT /api/voicemails/{id}/heard":    `{"heard":true}`,
	"DELETE /api/voicemails/{id}":       ``,
	"POST /api/reports/own":             `{"name":"x","by":"daily","queue":"otherq"}`,
	"POST /api/desk/beat":               `{}`,
	"POST /api/messages":                `{"to":"all","text":"team"}`,
	"POST /api/calls, to call back":     `{"from":"phone:801","back":"` + otherOver + `"}`,
	"POST /api/calls, from an agent":    `{"from":"agent:7777","to":"phone:801"}`,
	"POST /api/calls/{id}/monitor, him": `{"mode":"listen","phone":"phone:804"}`,
}

// refuses tries to change it.
func (w walk) refuses(r row) {
	w.t.Helper()
	name, tried := r.method+" "+r.path, false
	for act, body := range acts {
		if act, _, _ := strings.Cut(act, ","); act != name {
			continue
		}
		tried = true
		a := w.asks(w.limited, r.method, r.filled(w.now), strings.ReplaceAll(body, otherOver, w.over))
		if refused := a.Code == 403 || a.Code == 404; refused == slices.Contains(w.answered, name) || w.hidden.MatchString(strings.ReplaceAll(a.Body.String(), w.now, "")) {
			w.t.Errorf("%s %s: %d %s", act, body, a.Code, a.Body)
		}
	}
	if tried != r.team {
		w.t.Errorf("%s: what it does to what is hidden is not tried", name)
	}
}

// recording is that of a call.
func (w *world) recording(call telephony.CallID) string {
	r, err := calls{w.box}.Call(w.t.Context(), call)
	w.must(err)
	if len(r.Recordings) != 1 {
		w.t.Fatalf("call %s has the recordings %v", call, r.Recordings)
	}
	return r.Recordings[0]
}
