package gpio

import (
	"slices"
	"strings"
	"testing"
)

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
