package webui

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestLog (A14.1): administrators read the log by level, text and place, and take it along; openings and files are in the audit.
func TestLog(t *testing.T) {
	b := newBox()
	h := New(b.options()).Handler()
	admin := []string{"Authorization", bearer(Admin)}
	for query, want := range map[string]string{
		"": "3 2 1 false", "?level=warn": "3 2 false", "?level=error": "3 false", "?text=BOX": "1 false", "?text=disk": "3 false",
		"?after=2": "3 false", "?before=3": "2 1 false", "?limit=1": "3 true", "?before=3&limit=1": "2 true", "?text=nothing": "false",
	} {
		var got struct {
			Lines []LogLine
			Older bool
		}
		w := ask(h, "GET", "/api/log"+query, "", admin...)
		if err := json.Unmarshal(w.Body.Bytes(), &got); w.Code != 200 || err != nil {
			t.Fatalf("%s: %d %s", query, w.Code, w.Body)
		}
		ids := ""
		for _, l := range got.Lines {
			ids += fmt.Sprint(l.ID, " ")
		}
		if ids += fmt.Sprint(got.Older); ids != want {
			t.Errorf("%s gives %s, want %s", query, ids, want)
		}
	}
	w := ask(h, "GET", "/api/log.txt?level=warn", "", admin...)
	const want = "2026-11-23T09:01:00+08:00 ERROR a request failed err=Disk\n2026-11-23T09:01:00+08:00 WARN  alarm name=line_fault/fxo/1\n"
	if w.Body.String() != want || !strings.Contains(w.Header().Get("Content-Disposition"), "log-") {
		t.Errorf("the file is %q by %q", w.Body, w.Header().Get("Content-Disposition"))
	}
	if len(b.audit) != 2 || b.audit[0].Action != "log.read" || b.audit[1].Action != "log.exported" {
		t.Errorf("the audit has %+v", b.audit)
	}
	for _, role := range []Role{Agent, Supervisor} {
		for _, path := range []string{"/api/log", "/api/log.txt"} {
			if w := ask(h, "GET", path, "", "Authorization", bearer(role)); w.Code != 403 {
				t.Errorf("%s of %s: %d", path, role, w.Code)
			}
		}
	}
}
