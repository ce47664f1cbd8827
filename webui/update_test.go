package webui

import (
	"net/http/httptest"
	"strings"
	"testing"
)

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
