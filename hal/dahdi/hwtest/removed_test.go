package hwtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"callbox/hal"
)

// removed takes a card's port away while the box uses it: the owner is told that nothing is plugged in, the media loop hears
// silence, and the computer's clock goes on for those who have no part in it.
func removed(t *testing.T) {
	farSpans(t, 1)
	d := open(t, 1, 20)
	span := d.Spans()[0]
	slot := span.Timeslot(1)
	if err := slot.Open(); err != nil {
		t.Fatal(err)
	}
	unassign(t, hardwareID(1))
	for deadline := time.After(10 * time.Second); span.Alarm() != hal.LOS; {
		select {
		case <-span.Events():
		case <-deadline:
			t.Fatalf("the alarm is %q", span.Alarm())
		}
	}
	if span.Send(make([]byte, 10)) == nil {
		t.Error("a frame was taken")
	}
	ticks, stop := d.Clock().Ticks(20 * time.Millisecond)
	defer stop()
	for range 20 {
		<-ticks
		b := hal.Block{1}
		slot.Hear(&b)
		slot.Say(&b)
		if b != (hal.Block{}) {
			t.Fatal("the loop hears something")
		}
	}
}

// unassign takes the port of a card from whoever has it, as the kernel does when the card is pulled out.
func unassign(t *testing.T, hardwareID string) {
	t.Helper()
	ids, _ := filepath.Glob("/sys/bus/dahdi_devices/devices/*/hardware_id")
	for _, path := range ids {
		id, err := os.ReadFile(path)
		if err == nil && strings.TrimSpace(string(id)) == hardwareID {
			err = os.WriteFile(filepath.Join(filepath.Dir(path), "unassign_span"), []byte("1"), 0)
			if err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("no card %s in %v", hardwareID, ids)
}
