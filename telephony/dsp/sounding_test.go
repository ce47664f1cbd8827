package dsp

import (
	"testing"
	"time"
)

// TestSound hears two seconds of each kind of sound and asks what most of its frames were.
func TestSound(t *testing.T) {
	for _, row := range []struct {
		name  string
		sound sound
		want  Sound
	}{
		{"silence of a line", silence(2*time.Second).noise(-60, 1), Quiet},
		{"450 Hz", sine(450, -20, 2*time.Second), Pitch},
		{"another frequency", sine(1000, -20, 2*time.Second), Other},
		{"speech", speech(1, 2*time.Second), Other},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := NewProgress(PlanOf("cn"))
			var heard [Other + 1]int
			for _, f := range row.sound.frames() {
				p.Frame(&f)
				heard[p.Sound()]++
			}
			if heard[row.want] <= 50 {
				t.Errorf("of 100 frames %d were of kind %d: %v", heard[row.want], row.want, heard)
			}
		})
	}
}
