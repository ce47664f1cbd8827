package webui

import (
	"strings"
	"testing"
)

func TestNoUpdateWithoutAnImage(t *testing.T) {
	o := newBox().options()
	o.Updates = nil
	w := ask(New(o).Handler(), "POST", "/api/update", "a bundle", "Authorization", bearer(Admin), "Content-Type", "application/octet-stream")
	if w.Code != 503 || !strings.Contains(w.Body.String(), "does not run from an image") {
		t.Fatalf("update: %d %s", w.Code, w.Body)
	}
}
