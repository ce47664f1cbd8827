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
