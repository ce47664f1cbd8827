package dahdi

import (
	"strings"
	"testing"
	"time"

	"callbox/hal"
)

func TestAlarmOf(t *testing.T) {
	for bits, want := range map[int32]hal.SpanAlarm{
		0: hal.Clear, 1 << 1: hal.Clear, // in loopback
		alarmYellow: hal.Yellow, alarmRed: hal.Red, alarmRed | alarmYellow: hal.Red, alarmRecovering: hal.Red,
		alarmRed | alarmLOS: hal.LOS, alarmBlue | alarmRed: hal.AIS, alarmBlue | alarmLOS: hal.LOS, alarmLFA: hal.Red, alarmLMFA: hal.Red,
	} {
		if got := alarmOf(bits); got != want {
			t.Errorf("alarms %#x are %q, want %q", bits, got, want)
		}
	}
}

// A clock that counts the line's ticks is due no later than it was told, and follows a line that is slower.
func TestSteer(t *testing.T) {
	start := time.Unix(1000, 0)
	const period = 20 * time.Millisecond
	for _, c := range []struct {
		name    string
		periods time.Duration
		came    time.Duration
		want    time.Duration
	}{
		{"in time", 1, period, period},
		{"a line that is faster", 1, period - time.Microsecond, period - time.Microsecond},
		{"a line that is slower", 1, period + 5*time.Microsecond, period + 5*time.Microsecond},
		{"a goroutine that is late", 1, period + 3*time.Millisecond, period + period/1000},
		{"three at once", 3, 3*period + time.Millisecond, 3*period + 3*period/1000},
	} {
		if got := steer(start, start.Add(c.came), c.periods*period).Sub(start); got != c.want {
			t.Errorf("%s: due after %v, want %v", c.name, got, c.want)
		}
	}
}

func TestNewest(t *testing.T) {
	ticks := make(chan time.Time, 1)
	newest(ticks, time.Unix(1, 0))
	newest(ticks, time.Unix(2, 0))
	if got := <-ticks; got != time.Unix(2, 0) {
		t.Errorf("a late reader gets %v", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	if _, err := Open(Options{BlockMS: 15}); err == nil || !strings.Contains(err.Error(), "20 or 10") {
		t.Errorf("blocks of 15 ms: %v", err)
	}
	if _, err := Open(Options{}); err != nil && !strings.Contains(err.Error(), "modprobe") { // a machine with a card opens
		t.Errorf("without DAHDI: %v", err)
	}
}
