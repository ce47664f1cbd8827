package dsp

import (
	"math"
	"testing"
	"time"

	"callbox/telephony"
)

// GB/T 3380: 450 +/- 25 Hz at -10 +/- 3 dBm0, with the national cadence.
func TestToneOfChina(t *testing.T) {
	plan := PlanOf("cn")
	for _, c := range []struct {
		signal Signal
		parts  []int // milliseconds
	}{
		{SpecialDial, []int{400, 40, 400}},
		{Ringback, []int{1000, 4000, 1000}},
		{Busy, []int{350, 350, 350, 350, 350}},
		{Congestion, []int{700, 700, 700}},
		{Vacant, []int{100, 100, 100, 100, 100, 100, 400, 400, 100, 100}},
	} {
		t.Run("GB/T 3380 "+string(c.signal), func(t *testing.T) {
			s, at := play(NewCadence(plan.Tone(c.signal)), 10*time.Second), 0
			for i, length := range c.parts {
				want, part := -10.0, s[at+80:at+length*8] // after the edge of 5 ms
				if i%2 == 1 {
					want = SilenceDBm0
				}
				if got := part.level(); math.Abs(got-want) > 0.3 {
					t.Errorf("part %d measures %.1f dBm0, want %.1f", i, got, want)
				}
				at += length * 8
			}
			if got := s[:8000].frequency(); math.Abs(got-450) > 1 && c.signal == Ringback {
				t.Errorf("sounds at %.1f Hz", got)
			}
		})
	}
}

// frequency by counting upward crossings of zero.
func (s sound) frequency() float64 {
	n := 0
	for i := 1; i < len(s); i++ {
		if s[i-1] < 0 && s[i] >= 0 {
			n++
		}
	}
	return float64(n) * sampleRate / float64(len(s))
}

// A tone makes no click: no two samples differ by more than the steepest place of its sine, at any edge and between frames.
func TestToneWithoutClicks(t *testing.T) {
	for _, tone := range PlanOf("cn") {
		peak := Peak(tone.LevelDBm0)
		if tone.RiseDB > 0 {
			peak = Peak(0)
		}
		s := play(NewCadence(tone), 20*time.Second)
		steepest := peak * 2 * math.Pi * tone.Freqs[0] / sampleRate
		for i := 1; i < len(s); i++ {
			if d := math.Abs(s[i] - s[i-1]); d > 1.1*steepest+2 {
				t.Fatalf("%s: a step of %.0f at sample %d, a sine has %.0f", tone.Signal, d, i, steepest)
			}
		}
	}
}

func TestHowlerRises(t *testing.T) {
	s := play(NewCadence(PlanOf("cn").Tone(Howler)), 20*time.Second)
	for _, c := range []struct{ second, want float64 }{{0, -24}, {5, -14}, {19, 0}} {
		at := int(c.second * sampleRate)
		if got := s[at : at+8000].level(); math.Abs(got-c.want) > 1.1 {
			t.Errorf("after %.0f s: %.1f dBm0, want %.0f", c.second, got, c.want)
		}
	}
}

func TestPlanOfUnknown(t *testing.T) {
	var f telephony.Frame
	NewCadence(PlanOf("xx").Tone(Dial)).Next(&f)
	if f != (telephony.Frame{}) {
		t.Error("a tone that no plan has is not silent")
	}
}

// G.711 Table 5 and O.9: levels measured are levels sent.
func TestLevel(t *testing.T) {
	for _, level := range []float64{3, 0, -10, -30, -60} {
		if got := sine(1020, level, time.Second).level(); math.Abs(got-level) > 0.01 {
			t.Errorf("%v dBm0 measures %.3f", level, got)
		}
	}
	var f telephony.Frame
	if got := Level(&f); got != SilenceDBm0 {
		t.Errorf("digital silence measures %v", got)
	}
}

func BenchmarkCadence(b *testing.B) {
	c := NewCadence(PlanOf("cn").Tone(Busy))
	var f telephony.Frame
	b.ReportAllocs()
	for b.Loop() {
		c.Next(&f)
	}
}

func BenchmarkLevel(b *testing.B) {
	f := speech(1, telephony.Tick).frames()[0]
	b.ReportAllocs()
	for b.Loop() {
		Level(&f)
	}
}
