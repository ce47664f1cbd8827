package dsp

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// Digits of every level, twist and length that Q.24 allows, from libspandsp to us in noise, and from us to it.
func TestDTMFWithSpanDSP(t *testing.T) {
	program := spanDSP(t, "far")
	for _, row := range []struct{ level, twist, on, off int }{
		{-10, 0, 50, 50}, {-10, 4, 50, 50}, {-8, -8, 50, 50}, {-10, -6, 50, 50}, {-27, 2, 50, 50}, {-3, 0, 50, 50}, {-13, 2, 100, 100}, {-10, 0, 40, 40},
	} {
		t.Run(fmt.Sprint(row), func(t *testing.T) {
			args := []string{"make", "dtmf", dtmfKeys, fmt.Sprint(row.level), fmt.Sprint(row.twist), fmt.Sprint(row.on), fmt.Sprint(row.off)}
			total := float64(row.level) + 10*math.Log10(1+math.Pow(10, float64(row.twist)/10))
			if got := heard(spanDSPSends(t, program, args...).then(silence(100*ms)).noise(total-15, 1)); got != dtmfKeys {
				t.Errorf("of what libspandsp sends we hear %q", got)
			}
			g, err := NewDTMF(dtmfKeys)
			if err != nil {
				t.Fatal(err)
			}
			g.LevelDBm0, g.TwistDB = float64(row.level), float64(row.twist)
			g.On, g.Off = time.Duration(row.on)*ms, time.Duration(row.off)*ms
			if row.on < 45 || row.twist > 3 || row.twist < -7 {
				return // its blocks of 102 samples miss the shortest digits, and the twist of Q.24 is its very limit
			}
			if got := spanDSPHears(t, program, play(g, time.Minute).then(silence(100*ms)), "hear", "dtmf"); got != dtmfKeys {
				t.Errorf("of what we send libspandsp hears %q", got)
			}
		})
	}
}

// r2Letters are libspandsp's names of the codes.
const r2Letters = "1234567890BCDEF"

// Register signals of both directions and every code, both ways.
func TestR2WithSpanDSP(t *testing.T) {
	program := spanDSP(t, "far")
	for _, d := range []R2Direction{R2Forward, R2Backward} {
		letters := r2Letters[:R2Codes(d)]
		for _, level := range []int{-5, -11, -20, -34} {
			sent := spanDSPSends(t, program, "make", "r2", d.String(), letters, fmt.Sprint(level)).noise(float64(level)-20, 1)
			got := ""
			for _, code := range signalled(d, sent) {
				got += r2Letters[code-1 : code]
			}
			if got != letters {
				t.Errorf("%s at %d dBm0: of what libspandsp sends we hear %q", d, level, got)
			}
			g, err := NewR2(d, float64(level), allCodes(d)...)
			if err != nil {
				t.Fatal(err)
			}
			if got := spanDSPHears(t, program, play(g, time.Minute).then(silence(100*ms)), "hear", "r2", d.String()); got != letters {
				t.Errorf("%s at %d dBm0: of what we send libspandsp hears %q", d, level, got)
			}
		}
	}
}

// toneArgs are how libspandsp is asked for a tone.
func toneArgs(tone Tone, levelDBm0 float64, seconds int) []string {
	second := 0.0
	if len(tone.Freqs) > 1 {
		second = tone.Freqs[1]
	}
	parts := []string{"-"}
	if len(tone.Cadence) > 0 {
		parts = nil
	}
	for _, d := range tone.Cadence {
		parts = append(parts, fmt.Sprint(d.Milliseconds()))
	}
	return []string{
		"make", "tone", fmt.Sprint(tone.Freqs[0]), fmt.Sprint(second), fmt.Sprint(tone.ModulatedHz), fmt.Sprint(levelDBm0),
		strings.Join(parts, "/"), fmt.Sprint(seconds),
	}
}

// The tones of a call, of every plan: libspandsp sends them and we know them; we send the busy tone and it finds the
// frequencies and lengths of the plan.
func TestTonesWithSpanDSP(t *testing.T) {
	program := spanDSP(t, "far")
	for _, country := range Plans() {
		plan := PlanOf(country)
		for _, s := range []Signal{Dial, Ringback, Busy, Congestion} {
			tone := plan.Tone(s)
			if tone.Freqs == nil {
				continue
			}
			sent := spanDSPSends(t, program, toneArgs(tone, -16, int(2*lengthOf(tone)/time.Second)+2)...)
			got := progress(plan, silence(300*ms).then(sent).noise(-40, 1))
			if len(got) == 0 || !slices.Contains(meanings(plan, tone), got[0].Signal) {
				t.Errorf("%s: of libspandsp's %s tone we hear %v", country, s, got)
			}
		}
		hearsBusy(t, program, country)
	}
}

// hearsBusy asks libspandsp for the bursts of our busy tone.
func hearsBusy(t *testing.T, program, country string) {
	tone := PlanOf(country).Tone(Busy)
	second, want := 1000.0, "0 -1"
	if len(tone.Freqs) > 1 {
		second, want = tone.Freqs[1], "0 1"
	}
	out := spanDSPHears(t, program, play(NewCadence(tone), 5*lengthOf(tone)), "hear", "tone", fmt.Sprint(tone.Freqs[0]), fmt.Sprint(second))
	bursts := 0
	for line := range strings.Lines(out) {
		var f1, f2, length int
		if _, err := fmt.Sscan(line, &f1, &f2, &length); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if near := math.Abs(float64(length)-float64(tone.Cadence[0].Milliseconds())) <= 32; near && fmt.Sprint(f1, f2) == want {
			bursts++ // to within two of its blocks
		}
	}
	if bursts < 3 {
		t.Errorf("%s: of our busy tone %v libspandsp hears\n%s", country, tone.Cadence, out)
	}
}
