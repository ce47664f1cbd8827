package webui

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// Who signed in knows before an upload whether there is anything to update.
func TestStatusTellsOfTheImage(t *testing.T) {
	for _, image := range []bool{false, true} {
		o := newBox().options()
		if !image {
			o.Updates = nil
		}
		w := ask(New(o).Handler(), "GET", "/api/status", "", "Authorization", bearer(Admin))
		if strings.Contains(w.Body.String(), `"image":true`) != image {
			t.Errorf("image %v: %s", image, w.Body)
		}
	}
}

// A box that is not an image's refuses an update, once it has all come: who sends one reads nothing before that.
func TestNoUpdateWithoutAnImage(t *testing.T) {
	o := newBox().options()
	o.Updates = nil
	bundle := strings.NewReader(strings.Repeat("a bundle", 1<<17))
	r := httptest.NewRequest("POST", "/api/update", bundle)
	r.Header.Set("Authorization", bearer(Admin))
	r.Header.Set("Content-Type", "application/octet-stream")
	w := httptest.NewRecorder()
	New(o).Handler().ServeHTTP(w, r)
	if w.Code != 503 || !strings.Contains(w.Body.String(), "does not run from an image") {
		t.Fatalf("update: %d %s", w.Code, w.Body)
	}
	if bundle.Len() > 0 {
		t.Errorf("%d octets were not read", bundle.Len())
	}
}

// What waits for a restart is told, and the restart is planned anew; another time than those that there are is refused.
func TestRestartIsPlanned(t *testing.T) {
	b := newBox()
	h := New(b.options()).Handler()
	if w := ask(h, "GET", "/api/update", "", "Authorization", bearer(Admin)); !strings.Contains(w.Body.String(), `"at":"2026-11-27T19:00:00Z"`) ||
		!strings.Contains(w.Body.String(), `"quiet_hour":"03:00"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for when, want := range map[string]int{"now": 204, "quiet": 204, "later": 204, "soon": 422} {
		if w := ask(h, "POST", "/api/update/restart", `{"when":"`+when+`"}`, "Authorization", bearer(Admin)); w.Code != want {
			t.Errorf("%s: %d %s", when, w.Code, w.Body)
		}
	}
	if w := ask(h, "GET", "/api/update", "", "Authorization", bearer(Supervisor)); w.Code != 403 {
		t.Errorf("a supervisor: %d", w.Code)
	}
}

// The backup from before the update is told of, given out and gone back to.
func TestSavedBeforeTheUpdate(t *testing.T) {
	b := newBox()
	h := New(b.options()).Handler()
	admin := []string{"Authorization", bearer(Admin)}
	if w := ask(h, "GET", "/api/saved", "", admin...); !strings.Contains(w.Body.String(), `"version":"1.5.0"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w := ask(h, "GET", "/api/saved/file", "", admin...)
	if name := w.Header().Get("Content-Disposition"); w.Body.String() != "the box of before" || !strings.Contains(name, "callbox-before-update-20261127-1011.backup") {
		t.Errorf("%s: %s", name, w.Body)
	}
	if w := ask(h, "GET", "/api/saved/file", "", append(admin, "Passphrase", "%E5%9B%9B%E5%8F%AA%20kites")...); w.Body.String() != "[the box of before]" {
		t.Errorf("sealed: %s", w.Body)
	}
	if w := ask(h, "POST", "/api/saved/restore", "", admin...); w.Code != 204 || b.asked[len(b.asked)-1] != "restore token:admin the box of before" {
		t.Errorf("%d %s, asked %q", w.Code, w.Body, b.asked)
	}
	for _, row := range []string{"GET /api/saved", "GET /api/saved/file", "POST /api/saved/restore"} {
		method, path, _ := strings.Cut(row, " ")
		if w := ask(h, method, path, "", "Authorization", bearer(Supervisor)); w.Code != 403 {
			t.Errorf("%s of a supervisor: %d", row, w.Code)
		}
	}
}
