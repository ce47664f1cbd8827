package webui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"

	"github.com/google/go-cmp/cmp"
)

// TestCallsBySearch (A11.1): filters, days in the site's zone, pages.
func TestCallsBySearch(t *testing.T) {
	box := newBox()
	at := func(s string) time.Time { v, _ := time.Parse(time.RFC3339, s); return v }
	box.records = []CallRecord{
		{ID: "3-4", Caller: telephony.Caller{Number: "13800138000"}, Arrived: at("2026-11-23T16:30:00Z"), Outcome: "answered", Direction: "in"}, // the 24th in Shanghai
		{ID: "3-3", Caller: telephony.Caller{Number: "02162345678"}, Arrived: at("2026-11-23T15:30:00Z"), Outcome: "lost_in_queue", Direction: "in", Closed: "off"},
		{ID: "3-2", Caller: telephony.Caller{Number: "801"}, Called: "13800138000", Arrived: at("2026-11-22T16:30:00Z"), Outcome: "answered", Direction: "out"},
		{ID: "3-1", Caller: telephony.Caller{Number: "02162345678"}, Arrived: at("2026-11-22T01:00:00Z"), Outcome: "answered", Direction: "in", Closed: "holiday"},
	}
	h := New(box.options()).Handler()
	for query, want := range map[string]string{
		"":                                 "3-4 3-3 3-2 3-1",
		"?from=2026-11-23&to=2026-11-23":   "3-3 3-2",
		"?from=2026-11-23T15:00:00Z":       "3-4 3-3",
		"?number=138001":                   "3-4 3-2",
		"?outcome=lost_in_queue":           "3-3",
		"?direction=out":                   "3-2",
		"?closed=*":                        "3-3 3-1",
		"?closed=off":                      "3-3",
		"?closed=holiday":                  "3-1",
		"?limit=2":                         "3-4 3-3 next 3-3",
		"?limit=2&before=3-3":              "3-2 3-1",
		"?number=13800138000&direction=in": "3-4",
	} {
		w := ask(h, "GET", "/api/calls"+query, "", "Authorization", bearer(Supervisor))
		var page CallPage
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		var got []string
		for _, r := range page.Calls {
			got = append(got, string(r.ID))
		}
		if page.Next != "" {
			got = append(got, "next", string(page.Next))
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
}

// TestExportIsAFileAndNoted (A18.2): who took call records away is in the audit.
func TestExportIsAFileAndNoted(t *testing.T) {
	box := newBox()
	box.records = []CallRecord{{ID: "3-1", Outcome: "answered"}}
	w := ask(New(box.options()).Handler(), "GET", "/api/calls.csv?number=", "", "Authorization", bearer(Supervisor))
	if w.Body.String() != "3-1,,answered\n" || !strings.Contains(w.Header().Get("Content-Disposition"), ".csv") {
		t.Fatalf("%v %s", w.Header(), w.Body)
	}
	if len(box.audit) != 1 || box.audit[0].Action != "calls.exported" {
		t.Fatalf("%+v", box.audit)
	}
}

// A15.2: calls for a database of the customer's go on where the last ones ended, and who took them is in the audit.
func TestCallsForADatabase(t *testing.T) {
	box := newBox()
	box.records = []CallRecord{{ID: "3-1"}, {ID: "3-2"}, {ID: "3-3"}}
	h := New(box.options()).Handler()
	get := func(path string) string {
		return ask(h, "GET", path, "", "Authorization", bearer(Supervisor)).Body.String()
	}
	for path, want := range map[string]string{
		"/api/calls/ended?after=1&limit=1":             `"next":2}`,
		"/api/calls/ended?after=3":                     `{"calls":[],"next":3}`,
		"/api/calls.sql":                               "--  postgresql 0 500\n",
		"/api/calls.sql?dialect=mysql&after=7&limit=9": "--  mysql 7 9\n",
		"/api/calls.sql?dialect=oracle":                `"path":"query.dialect"`,
	} {
		if got := get(path); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if len(box.audit) != 2 || box.audit[0].Action != "calls.exported" || box.audit[0].On != "sql" {
		t.Errorf("audit %+v", box.audit)
	}
}

// TestFilesBearTheDayOfTheBox: early in a morning of Shanghai it is another day in UTC, which is the zone of the image.
func TestFilesBearTheDayOfTheBox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(20 * time.Hour) // 4 o'clock of 2 January 2000
		h := New(newBox().options()).Handler()
		for path, want := range map[string]string{
			"/api/calls.csv": "calls-2000-01-02.csv", "/api/reports/daily/csv": "daily-2000-01-02.csv", "/api/backup": "callbox-20000102-0400.backup",
		} {
			w := ask(h, "GET", path, "", "Authorization", bearer(Admin))
			if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="`+want+`"` {
				t.Errorf("%s: %s", path, got)
			}
		}
	})
}

// TestHearingIsNoted (A8.3, A18.20): each hearing and each download once, seeking within it not again; ranges are served.
func TestHearingIsNoted(t *testing.T) {
	box := newBox()
	box.recorded = []Recording{{ID: "r1", Call: "3-1", Purpose: "call", LengthMS: 2000}}
	h := New(box.options()).Handler()
	hear := func(path string, headers ...string) (int, int) {
		w := ask(h, "GET", path, "", append(headers, "Authorization", bearer(Supervisor))...)
		return w.Code, w.Body.Len()
	}
	if code, n := hear("/api/recordings/r1/audio"); code != 200 || n != 44+2*2*8000 {
		t.Fatalf("whole: %d, %d octets", code, n)
	}
	if code, n := hear("/api/recordings/r1/audio", "Range", "bytes=1000-1999"); code != 206 || n != 1000 {
		t.Fatalf("range: %d, %d octets", code, n)
	}
	if code, _ := hear("/api/recordings/r1/audio?download=true"); code != 200 {
		t.Fatalf("download: %d", code)
	}
	if code, _ := hear("/api/recordings/r2/audio"); code != 404 {
		t.Fatalf("no such recording: %d", code)
	}
	var got []string
	for _, line := range box.audit {
		got = append(got, fmt.Sprint(line.Who, " ", line.Action, " ", line.On))
	}
	want := []string{"token:supervisor recording.heard r1", "token:supervisor recording.downloaded r1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
}

// TestAgentsHearTheirOwn (A5.14): where the policy lets them, agents hear the own calls, and keep none; it is noted like any hearing.
func TestAgentsHearTheirOwn(t *testing.T) {
	box, lihua, wang := deskBox()
	box.recorded = []Recording{{ID: "r1", Call: "3-1", Purpose: "call", Agent: "1001", LengthMS: 2000}, {ID: "r2", Call: "3-2", Purpose: "call", LengthMS: 2000}}
	h := New(box.options()).Handler()
	hear := func(want int, path string, who []string) {
		t.Helper()
		if w := ask(h, "GET", "/api/recordings/"+path, "", who...); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
	hear(403, "r1/audio", lihua)
	box.config.Recording.AgentsHear = true
	hear(200, "r1/audio", lihua)
	hear(403, "r1/audio?download=true", lihua)
	hear(403, "r2/audio", lihua)
	hear(403, "r1/audio", wang)
	hear(403, "r2/audio", []string{"Authorization", bearer(Agent)}) // who is nobody's agent has no own
	hear(403, "r1", lihua)
	if len(box.audit) == 0 || box.audit[0].Who != "lihua" || box.audit[0].Action != "recording.heard" || box.audit[0].On != "r1" {
		t.Errorf("audit %+v", box.audit)
	}
}

// TestUploads: a prompt and a backup arrive whole at their verbs, under the name of who sent them.
func TestUploads(t *testing.T) {
	box := newBox()
	h := New(box.options()).Handler()
	admin := []string{"Authorization", bearer(Admin), "Content-Type", "audio/wav"}
	if w := ask(h, "PUT", "/api/prompts/welcome/zh", "RIFF....", admin...); w.Code != 204 {
		t.Fatalf("prompt: %d %s", w.Code, w.Body)
	}
	if w := ask(h, "PUT", "/api/prompts/..%2Fetc/zh", "RIFF", admin...); w.Code != 422 {
		t.Fatalf("a path as a prompt's id: %d %s", w.Code, w.Body)
	}
	admin[3] = "application/octet-stream"
	if w := ask(h, "POST", "/api/restore", "the whole box", admin...); w.Code != 204 {
		t.Fatalf("restore: %d %s", w.Code, w.Body)
	}
	sealed := append(admin, "Passphrase", "%E5%9B%9B%E5%8F%AA%20kites")
	if w := ask(h, "POST", "/api/restore?other=true", "the box", sealed...); w.Code != 204 {
		t.Fatalf("sealed: %d %s", w.Code, w.Body)
	}
	if w := ask(h, "POST", "/api/update?older=true", "a bundle", admin...); w.Code != 204 {
		t.Fatalf("update: %d %s", w.Code, w.Body)
	}
	want := "prompt token:admin welcome zh 8|restore token:admin the whole box|restore token:admin the box of another四只 kites|update token:admin true now a bundle"
	if got := strings.Join(box.asked, "|"); got != want {
		t.Fatalf("asked %s", got)
	}
}

// A16.5: a backup is encrypted where a passphrase comes with the request. The audit says so, and neither it nor the log says by what.
func TestSealedBackup(t *testing.T) {
	box := newBox()
	var log bytes.Buffer
	o := box.options()
	o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h := New(o).Handler()
	for _, c := range []struct {
		passphrase, answer string
		code               int
	}{
		{"", "the whole box", 200},
		{"%E5%9B%9B%E5%8F%AA%20kites", "[the whole box]", 200},
		{"short", `"path":"passphrase"`, 422},
		{"100%", `"path":"passphrase"`, 422},
		{strings.Repeat("x", 769), `"code":"invalid"`, 422},
	} {
		w := ask(h, "GET", "/api/backup", "", "Authorization", bearer(Admin), "Passphrase", c.passphrase)
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.answer) {
			t.Errorf("%.20q: %d %s", c.passphrase, w.Code, w.Body)
		}
	}
	told := fmt.Sprintf("%+v", box.audit)
	if strings.Count(told, "backup.made") != 2 || strings.Count(told, "encrypted") != 1 || strings.Contains(told+log.String(), "kites") {
		t.Errorf("noted %s, logged %s", told, &log)
	}
}

// TestConfigRoundTrip: secrets never leave, and come back unharmed where their mask is sent back.
func TestConfigRoundTrip(t *testing.T) {
	box := newBox()
	h := New(box.options()).Handler()
	admin := []string{"Authorization", bearer(Admin)}
	got := ask(h, "GET", "/api/config", "", admin...).Body.String()
	for _, secret := range []string{"trunk secret", "phone secret", "4321"} {
		if strings.Contains(got, secret) {
			t.Errorf("the secret %q leaves the box", secret)
		}
	}
	changed := strings.Replace(got, "海棠家电服务", "海棠", 1)
	if w := ask(h, "PUT", "/api/config?dry_run=true", changed, admin...); w.Code != 200 || box.Config().Revision != 7 ||
		!strings.Contains(w.Body.String(), `"path":"site.name"`) {
		t.Fatalf("dry run: %d %s", w.Code, w.Body)
	}
	if w := ask(h, "PUT", "/api/config", changed, admin...); w.Code != 200 || !strings.Contains(w.Body.String(), `"revision":8`) {
		t.Fatalf("put: %d %s", w.Code, w.Body)
	}
	if c := box.Config(); c.Trunks[0].Password != "trunk secret" || c.Agents[0].PIN != "4321" || c.Site.Name != "海棠" {
		t.Fatalf("kept %+v", c)
	}
}

// TestRealBoardHasNoWorld: the simulated world's rows refuse with a sentence.
func TestRealBoardHasNoWorld(t *testing.T) {
	o := newBox().options()
	o.World = nil
	h := New(o).Handler()
	if w := ask(h, "GET", "/api/sim", "", "Authorization", bearer(Admin)); w.Code != 404 || refusalOf(t, w).Message != errReal.Message {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := ask(h, "GET", "/api/status", ""); !strings.Contains(w.Body.String(), `"simulated":false`) {
		t.Fatal(w.Body)
	}
}
