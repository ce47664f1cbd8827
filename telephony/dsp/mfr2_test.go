package dsp

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// signalled returns the codes that a receiver finds, each once from its beginning to its end.
func signalled(d R2Direction, s sound) (codes []int) {
	r := NewR2Receiver(d)
	for _, f := range s.frames() {
		if code, changed := r.Frame(&f); changed && code != 0 {
			codes = append(codes, code)
		}
	}
	return codes
}

// allCodes of a direction.
func allCodes(d R2Direction) (codes []int) {
	for code := range R2Codes(d) {
		codes = append(codes, code+1)
	}
	return codes
}

// register sends every code of a direction, its frequencies off by some Hz and one of them weaker.
func register(d R2Direction, dBm0, off, twist float64, on, gap time.Duration) (s sound) {
	s = silence(33 * ms)
	for _, code := range allCodes(d) {
		f := R2Tone(d, code).Freqs
		s = s.then(sine(f[0]+off, dBm0, on).plus(sine(f[1]-off, dBm0-twist, on)), silence(gap), make(sound, 7*code))
	}
	return s.then(silence(100 * ms))
}

func TestR2(t *testing.T) {
	for _, row := range []struct {
		clause                string
		dBm0, off, twist, snr float64
		heard                 bool
	}{
		{"Q.454 3.1 as it is sent", -8, 0, 0, 40, true},
		{"Q.455 -5 dBm0", -5, 0, 0, 40, true},
		{"Q.455 -35 dBm0", -35, 0, 0, 40, true},
		{"Q.455 +10 Hz and -10 Hz", -20, 10, 0, 40, true},
		{"Q.455 -10 Hz and +10 Hz", -20, -10, 0, 40, true},
		{"Q.455 twist 5 dB", -20, 0, 5, 40, true},
		{"Q.455 twist -5 dB", -25, 0, -5, 40, true},
		{"15 dB of noise at every limit", -30, 10, 5, 15, true},
		{"-45 dBm0 is none", -45, 0, 0, 40, false},
		{"25 Hz off is none", -20, 25, 0, 40, false},
		{"twist 14 dB is none", -10, 0, 14, 40, false},
	} {
		for _, d := range []R2Direction{R2Forward, R2Backward} {
			t.Run(fmt.Sprint(row.clause, " ", d), func(t *testing.T) {
				want := allCodes(d)
				if !row.heard {
					want = nil
				}
				s := register(d, row.dBm0, row.off, row.twist, 60*ms, 50*ms).noise(row.dBm0-row.snr, 1)
				if got := signalled(d, s); !slices.Equal(got, want) {
					t.Errorf("heard %v, want %v", got, want)
				}
			})
		}
	}
}

// Q.455 4.4: what is sent the other way, which comes back as an echo, and an interruption of 7 ms say nothing.
func TestR2Refuses(t *testing.T) {
	if got := signalled(R2Forward, register(R2Backward, -8, 0, 0, 100*ms, 100*ms)); got != nil {
		t.Errorf("of backward signals a forward receiver hears %v", got)
	}
	f := R2Tone(R2Forward, 5).Freqs
	part := sine(f[0], -8, 60*ms).plus(sine(f[1], -8, 60*ms))
	if got := signalled(R2Forward, part.then(silence(7*ms), part)); !slices.Equal(got, []int{5}) {
		t.Errorf("of an interrupted signal: %v", got)
	}
	s := silence(20*ms).then(play(NewCadence(R2Tone(R2Forward, 1)), 100*ms), play(NewCadence(R2Tone(R2Forward, 2)), 100*ms))
	if got := signalled(R2Forward, s); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("of one signal after the other without a gap: %v", got)
	}
	for seed := range uint64(3) {
		for _, s := range []sound{speech(seed, time.Minute), music(seed, time.Minute)} {
			if got := signalled(R2Forward, s); got != nil {
				t.Errorf("%d: %v", seed, got)
			}
		}
	}
}

func TestR2Generator(t *testing.T) {
	g, err := NewR2(R2Forward, -8, 1, 2, 15)
	if err != nil {
		t.Fatal(err)
	}
	s := play(g, time.Minute)
	if got := signalled(R2Forward, s); !slices.Equal(got, []int{1, 2, 15}) || len(s) != samplesIn(600*ms) {
		t.Errorf("heard %v in %d samples", got, len(s))
	}
	if got := s[:400].level(); got < -5.6 || got > -5 {
		t.Errorf("two frequencies of -8 dBm0 measure %.2f", got)
	}
	if _, err := NewR2(R2Backward, -8, 7); err == nil || err.Error() != "7 is no backward R2 signal: use 1 to 6" {
		t.Errorf("a backward 7: %v", err)
	}
}

func BenchmarkR2Receiver(b *testing.B) {
	frames, r := register(R2Forward, -8, 0, 0, 60*ms, 60*ms).frames(), NewR2Receiver(R2Forward)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.Frame(&frames[i%len(frames)])
	}
}
