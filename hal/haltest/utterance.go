package haltest

import (
	"math"
	"math/rand/v2"

	"callbox/hal"
)

// What two sounds resemble each other by, at least or at most, to be the same or different. A companding line leaves 0.999
// of a sound, one with 20 dB of noise 0.995.
const (
	alike  = 0.98
	unlike = 0.3
)

// utterance is a second of a sound like no other seed's: noise below 3.4 kHz, which every line passes, at -16 dBm0.
func utterance(seed uint64) []int16 {
	r := rand.New(rand.NewPCG(seed, 0))
	samples := make([]int16, 8000)
	low := 0.0
	for i := range samples {
		low += 0.5 * (r.NormFloat64() - low)
		samples[i] = int16(max(-32000, min(32000, 6000*low)))
	}
	return samples
}

// resemblance is the correlation of a sound with the best stretch of a recording, 0 to 1: what a driver adds is delay and
// noise. Silence resembles nothing.
func resemblance(recording, sound []int16) float64 {
	best := 0.0
	for at := 0; at+len(sound) <= len(recording); at++ {
		stretch := recording[at : at+len(sound)]
		if r := probe(stretch, sound); r > best/2 { // a tenth of the sound tells whether the rest is worth a look
			best = max(best, correlation(stretch, sound))
		}
	}
	return best
}

func probe(a, b []int16) float64 {
	n := 5 * len(hal.Block{})
	return correlation(a[:n], b[:n])
}

func correlation(a, b []int16) float64 {
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}
