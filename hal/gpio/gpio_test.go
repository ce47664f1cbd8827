package gpio

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal"
)

// A contact that bounces is one press, and one that bounces back to where it was is none.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		edges, keys, closed := make(chan struct{}, 1), make(chan hal.KeyEvent, 8), make(chan struct{})
		var level atomic.Int32
		go watch(hal.KeyOK, edges, func() (int, error) { return int(level.Load()), nil }, keys, closed)
		bounce := func(levels ...int32) {
			for _, l := range levels {
				level.Store(l)
				edges <- struct{}{}
				time.Sleep(3 * time.Millisecond)
			}
			time.Sleep(50 * time.Millisecond)
		}
		bounce(1, 0, 1, 0, 1)
		bounce(0, 1)
		bounce(0, 1, 0)
		close(closed)
		synctest.Wait()
		want := []hal.KeyEvent{{Key: hal.KeyOK, Down: true}, {Key: hal.KeyOK}}
		if len(keys) != 2 || <-keys != want[0] || <-keys != want[1] {
			t.Errorf("%d events, want %v", len(keys), want)
		}
	})
}

func TestLines(t *testing.T) {
	w := Wiring{Keys: map[string]string{"ok": "KEY_OK", "up": "KEY_UP"}, Lamps: map[string]string{"alarm": "LED_RED"}, Buzzer: "BEEP"}
	if got, want := w.Lines(), []string{"BEEP", "KEY_OK", "KEY_UP", "LED_RED"}; !slices.Equal(got, want) {
		t.Errorf("the lines are %q", got)
	}
}

// What is wrong is said with the line's name, and what was opened is given back.
func TestOpenRefuses(t *testing.T) {
	for _, row := range []struct {
		wiring Wiring
		want   string
	}{
		{Wiring{}, `the key "up" is wired to no line`},
		{Wiring{Keys: map[string]string{"up": "NO_SUCH_LINE"}}, `no chip has a line named "NO_SUCH_LINE"`},
		{Wiring{Keys: map[string]string{"up": "gpiochip0:left"}}, "a number from 0 on"},
		{Wiring{Keys: map[string]string{"up": "gpiochip999:1"}}, "gpiochip999"},
	} {
		if f, err := Open(row.wiring); err == nil || !strings.Contains(err.Error(), row.want) || f != nil {
			t.Errorf("%+v: %v", row.wiring, err)
		}
	}
}
