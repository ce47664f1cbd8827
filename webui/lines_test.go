package webui

import (
	"slices"
	"strings"
	"testing"

	"callbox/telephony"
)

// TestToneIsAdoptedByConfiguration (A14.9): what a line learned goes into force, and out again, as revisions.
func TestToneIsAdoptedByConfiguration(t *testing.T) {
	box := newBox()
	h := New(box.options()).Handler()
	before := box.Config()
	for _, c := range []struct {
		method, line string
		status       int
		want         []int // frequencies of fxo/1 then
	}{
		{"GET", "fxo%2F1", 200, nil},
		{"POST", "fxo%2F1", 200, []int{620}},
		{"POST", "fxo%2F2", 404, []int{620}}, // has learned nothing
		{"DELETE", "fxo%2F9", 404, []int{620}},
		{"DELETE", "fxo%2F1", 200, nil},
	} {
		w := ask(h, c.method, "/api/lines/"+c.line+"/tone", "", "Authorization", bearer(Admin))
		if got := box.Config().Line("fxo/1").BusyTone.Hz; w.Code != c.status || !slices.Equal(got, c.want) {
			t.Errorf("%s %s: %d %s; the tone is %v", c.method, c.line, w.Code, w.Body, got)
		}
	}
	if len(before.Lines[0].BusyTone.Hz) != 0 || box.Config().Revision != before.Revision+2 {
		t.Errorf("before %v, revision %d", before.Lines[0].BusyTone, box.Config().Revision)
	}
}

// TestLineInACallIsNotTested: it is refused with a sentence.
func TestLineInACallIsNotTested(t *testing.T) {
	h := New(newBox().options()).Handler()
	if w := ask(h, "POST", "/api/lines/fxo%2F1/test", "", "Authorization", bearer(Admin)); w.Code != 200 || !strings.Contains(w.Body.String(), `"light":"green"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if e := refusalOf(t, ask(h, "POST", "/api/lines/fxo%2F2/test", "", "Authorization", bearer(Admin))); e.Code != telephony.Busy {
		t.Errorf("refused with %+v", e)
	}
}
