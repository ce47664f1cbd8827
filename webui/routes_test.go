package webui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"callbox/telephony"
)

// ask sends one request to a server and gives the answer.
func ask(h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func bearer(r Role) string { return "Bearer token-" + string(r) }

// refusalOf reads an answer that must be an error, and holds it to the one form (A16: one form of error).
func refusalOf(t *testing.T, w *httptest.ResponseRecorder) telephony.Error {
	t.Helper()
	var e telephony.Error
	d := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		t.Fatalf("status %d: %q is not in the form of errors: %v", w.Code, w.Body, err)
	}
	if e.Code == "" || e.Message.ZH == "" || e.Message.EN == "" {
		t.Fatalf("status %d: %+v lacks a code or a language", w.Code, e)
	}
	return e
}

// sample fills in the path parameters.
var sample = strings.NewReplacer("{id}", "3-42", "{revision}", "7", "{language}", "zh", "{name}", "nobody", "{by}", "daily", "{form}", "csv", "{sound}", "heard-1", "{secret}", "801_wrong", "{file}", "yealink.cfg", "{span}", "e1%2F1", "{number}", "5", "{seq}", "1", "{extension}", "801",
	"{address}", "2001:db8::%2F64")

// TestEveryRouteHasItsRole walks the table without rights and with each role (A16.2): below the role that the row names
// nobody passes, and from it on nobody is stopped by the gate.
func TestEveryRouteHasItsRole(t *testing.T) {
	h := New(newBox().options())
	for _, row := range h.routes() {
		if strings.HasSuffix(row.op.Path, "/events") {
			continue // lasts for ever; TestEventsNeedARole, TestProgramsFollow
		}
		for _, role := range ranks {
			var headers []string
			if role != Anyone {
				headers = []string{"Authorization", bearer(role)}
			}
			w := ask(h.Handler(), row.op.Method, sample.Replace(row.op.Path), "", headers...)
			stopped := w.Code == http.StatusUnauthorized || w.Code == http.StatusForbidden
			own := row.need == Agent && row.op.Method == http.MethodPost // stops agents by itself, for what is not their own
			name := row.op.Method + " " + row.op.Path + " as " + string(role)
			switch {
			case !role.Reaches(row.need) && !stopped:
				t.Errorf("%s passes the gate: %d", name, w.Code)
			case role.Reaches(row.need) && stopped && !own && row.op.Path != "/api/session" && row.op.Path != "/api/handouts/{secret}/{file}": // a wrong link is a wrong secret
				t.Errorf("%s is stopped: %s", name, w.Body)
			case stopped:
				refusalOf(t, w)
			}
		}
	}
}

// TestEveryRouteKnowsOfTeams (A16.2): each row that a supervisor reaches by that role says whether it is narrowed to a team; what is for
// everybody tells of no queue, and an administrator has none.
func TestEveryRouteKnowsOfTeams(t *testing.T) {
	for _, row := range New(newBox().options()).routes() {
		_, says := row.op.Extensions[teamKey]
		if says != (row.need == Agent || row.need == Supervisor) {
			t.Errorf("%s %s, for %s: says %v", row.op.Method, row.op.Path, row.need, says)
		}
	}
}

// TestLocalSocketHasFullRights: boxctl on the box itself may do everything and is named in the audit.
func TestLocalSocketHasFullRights(t *testing.T) {
	box := newBox()
	h := New(box.options()).LocalHandler()
	if w := ask(h, "GET", "/api/claim", ""); w.Code != 200 || !strings.Contains(w.Body.String(), testCode) {
		t.Fatalf("claim code: %d %s", w.Code, w.Body)
	}
	ask(h, "GET", "/api/backup", "")
	if len(box.audit) != 1 || box.audit[0].Who != "local:root" {
		t.Fatalf("audit: %+v", box.audit)
	}
}

// TestRolesAreAnOrder: each role reaches itself and those before it, and a role from nowhere reaches nothing.
func TestRolesAreAnOrder(t *testing.T) {
	for i, have := range ranks {
		for j, need := range ranks {
			if have.Reaches(need) != (i >= j) {
				t.Errorf("%s reaches %s: %v", have, need, !(i >= j))
			}
		}
	}
	if Role("root").Reaches(Agent) || Role("").Reaches(Agent) || Admin.Reaches("root") {
		t.Error("a role that the box does not know reaches something")
	}
}

// TestErrorsHaveOneForm: whoever refuses (mux, gate, schema, verb) answers in telephony.Error's form.
func TestErrorsHaveOneForm(t *testing.T) {
	h := New(newBox().options()).Handler()
	admin := []string{"Authorization", bearer(Admin)}
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		code                     telephony.Code
		problem                  string
	}{
		{"no such address", "GET", "/api/nowhere", "", 404, telephony.NotFound, ""},
		{"no such method", "PATCH", "/api/config", "", 404, telephony.NotFound, ""},
		{"no such call", "GET", "/api/calls/9-9", "", 404, telephony.NotFound, ""},
		{"schema: missing field", "POST", "/api/session", `{"user":"a"}`, 422, telephony.Invalid, "password"},
		{"schema: unknown field", "POST", "/api/sim/ring", `{"line":"fxo/1","colour":"red"}`, 422, telephony.Invalid, "colour"},
		{"schema: enum", "POST", "/api/calls/3-42/recording", `{"action":"burn"}`, 422, telephony.Invalid, "action"},
		{"not JSON", "POST", "/api/session", `{`, 422, telephony.Invalid, ""},
		{"no body", "POST", "/api/session", ``, 422, telephony.Invalid, ""},
		{"query: unknown", "GET", "/api/calls?colour=red", "", 422, telephony.Invalid, "query.colour"},
		{"query: not a number", "GET", "/api/calls?limit=many", "", 422, telephony.Invalid, "query.limit"},
		{"query: not a time", "GET", "/api/calls?from=yesterday", "", 422, telephony.Invalid, ""},
		{"config: unknown field", "PUT", "/api/config", `{"sight":{}}`, 422, telephony.Invalid, ""},
		{"config: wrong type", "PUT", "/api/config", `{"site":{"name":7}}`, 422, telephony.Invalid, "site.name"},
		{"config: Validate", "PUT", "/api/config", `{"revision":7}`, 422, telephony.Invalid, "site.name"},
		{"config: stale", "PUT", "/api/config", `{"revision":6,"site":{"name":"x"}}`, 409, telephony.Conflict, ""},
		{"body too large", "POST", "/api/session", `{"user":"` + strings.Repeat("a", maxBody) + `"}`, 413, telephony.TooLarge, ""},
		{"wrong password", "POST", "/api/session", `{"user":"a","password":"b"}`, 401, telephony.Unsigned, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ask(h, c.method, c.path, c.body, admin...)
			e := refusalOf(t, w)
			if w.Code != c.status || e.Code != c.code {
				t.Fatalf("got %d %s: %s", w.Code, e.Code, w.Body)
			}
			if c.problem != "" && (len(e.Problems) == 0 || e.Problems[0].Path != c.problem) {
				t.Fatalf("want a problem at %q: %+v", c.problem, e.Problems)
			}
		})
	}
}

// TestFaultsStayWithTheirRequest: a verb that panics costs its request an answer in the one form, and a line in the log.
func TestFaultsStayWithTheirRequest(t *testing.T) {
	var log bytes.Buffer
	o := newBox().options()
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	o.Reports = nil
	w := ask(New(o).Handler(), "GET", "/api/reports/daily", "", "Authorization", bearer(Admin))
	if e := refusalOf(t, w); w.Code != 500 || e.Code != telephony.Internal || !strings.Contains(log.String(), "a request panicked") {
		t.Fatalf("%d %+v, log %q", w.Code, e, log.String())
	}
	log.Reset()
	o.Calls = brokenCalls{}
	w = ask(New(o).Handler(), "GET", "/api/calls", "", "Authorization", bearer(Admin))
	if e := refusalOf(t, w); w.Code != 500 || strings.Contains(e.Message.EN, "disk") || !strings.Contains(log.String(), "the disk is on fire") {
		t.Fatalf("%d %+v, log %q", w.Code, e, log.String())
	}
}

type brokenCalls struct{ *memoryBox }

func (brokenCalls) Calls(context.Context, CallQuery) (CallPage, error) {
	return CallPage{}, errors.New("the disk is on fire")
}

// FuzzAnswers: whatever a stranger sends, the answer is a refusal in the one form or a success, never a panic.
func FuzzAnswers(f *testing.F) {
	o := newBox().options()
	var log bytes.Buffer
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	server := New(o)
	for _, row := range server.routes() {
		f.Add(row.op.Method, sample.Replace(row.op.Path), `{"line":"fxo/1","site":{"name":"x"},"revision":7}`)
	}
	f.Add("PUT", "/api/config", `{"site":{"name":"x"},"queues":[{"ring_seconds":1e400}]}`)
	f.Add("GET", "/api/calls?from=2026-11-23&limit=%00", "")
	h := server.Handler()
	f.Fuzz(func(t *testing.T, method, path, body string) {
		r, err := http.NewRequest(method, "http://box"+path, strings.NewReader(body))
		if err != nil || !strings.HasPrefix(r.URL.Path, "/api/") || strings.Contains(r.URL.Path, "events") {
			return // not a request for the API, or one that lasts for ever
		}
		r.Header.Set("Authorization", bearer(Admin))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if strings.Contains(log.String(), "panicked") {
			t.Fatal(log.String())
		}
		if w.Code >= 400 && !strings.HasPrefix(w.Header().Get("Content-Type"), typeXML) { // SOAP has a form of its own: TestSOAP
			refusalOf(t, w)
		}
	})
}

// TestFaultsTellNothing: an error that is not meant for people does not reach them.
func TestFaultsTellNothing(t *testing.T) {
	e := newError(500, "unexpected error occurred", io.ErrUnexpectedEOF).(*Error)
	if e.Code != telephony.Internal || strings.Contains(e.Message.EN, "EOF") || e.Problems != nil {
		t.Fatalf("%+v", e)
	}
}
