package machine

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// script is a machine whose answer to each event is written down beforehand.
type script map[string][]any

func (s script) step(e string) []any { return s[e] }

// play runs a script in a bubble for so long, from the event "go" on, and tells what was done when.
func play(t *testing.T, s script, d time.Duration) (done []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var h *Host[string, any]
		h = New(s.step, func(t Timer) string { return string(t) }, func(a any) {
			done = append(done, fmt.Sprintf("%v %v", time.Since(begin), a))
			if text := a.(string); text[0] == '!' {
				h.Step(text)
			}
		})
		h.Step("go")
		for end := time.After(d); ; {
			select {
			case <-h.Alarm():
				h.Expire()
			case <-end:
				h.Close()
				return
			}
		}
	})
	return done
}

func TestHost(t *testing.T) {
	for _, row := range []struct {
		name   string
		script script
		want   []string
	}{
		{
			"expiry is an event",
			script{"go": {Start{"T1", time.Second}, "sent"}, "T1": {"again", Start{"T1", 2 * time.Second}}},
			[]string{"0s sent", "1s again", "3s again", "5s again"},
		},
		{
			"a timer that is started anew expires once, by its last start",
			script{"go": {Start{"T1", time.Second}, Start{"T1", 3 * time.Second}}, "T1": {"expired"}},
			[]string{"3s expired"},
		},
		{
			"timers expire in the order of their deadlines",
			script{"go": {Start{"T2", 2 * time.Second}, Start{"T1", time.Second}}, "T1": {"first"}, "T2": {"second"}},
			[]string{"1s first", "2s second"},
		},
		{
			"timers due at once expire in the order of their start",
			script{"go": {Start{"B", time.Second}, Start{"A", time.Second}}, "A": {"A"}, "B": {"B"}},
			[]string{"1s B", "1s A"},
		},
		{
			"a timer stopped by another that is due at once stays silent",
			script{"go": {Start{"B", time.Second}, Start{"A", time.Second}}, "A": {"A"}, "B": {"B", Stop{"A"}}},
			[]string{"1s B"},
		},
		{
			"an event that an action causes waits for the rest of the list",
			script{"go": {"!inner", "outer"}, "!inner": {"answer"}},
			[]string{"0s !inner", "0s outer", "0s answer"},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			if diff := cmp.Diff(row.want, play(t, row.script, 6*time.Second)); diff != "" {
				t.Errorf("done (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCloseStopsTheTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(script{"go": {Start{"T1", time.Second}}}.step, func(t Timer) string { return string(t) }, func(any) {})
		h.Step("go")
		h.Close()
		select {
		case <-h.Alarm():
			t.Error("a timer was due after Close")
		case <-time.After(time.Minute):
		}
	})
}
