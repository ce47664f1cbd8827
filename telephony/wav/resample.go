package wav

import (
	"math"

	"callbox/telephony"
)

// A resampler changes the rate of a sound by a ratio of whole numbers, with one set of filter taps for each place that an
// output sample can have between two input samples (Crochiere and Rabiner, Multirate Digital Signal Processing, 1983,
// 3.4; J. O. Smith, Digital Audio Resampling, CCRMA). The filter is a sinc under a Kaiser window (Oppenheim and Schafer,
// Discrete-Time Signal Processing, 7.6): flat to 3.4 kHz, which is all that a telephone passes, and 75 dB down from 4 kHz
// on, so nothing folds back into speech.
type resampler struct {
	up, down int         // out/in
	taps     [][]float32 // [phase][tap]
	in       []float32   // input not yet used up; the next output begins at its first sample
	phase    int         // of the next output, 0..up-1
	skip     int         // input samples to drop before the next output
	fed      int
	out      []int16
}

const (
	crossings = 32    // of the sinc, each side
	kaiser    = 7.4   // 75 dB of stop band over crossings of this many
	passEdge  = 0.425 // of the lower rate: 3.4 kHz of 8
)

// maxTaps is how many taps a ratio may need, for 16 MB; only a rate that has little in common with 8 kHz needs more.
const maxTaps = 4 << 20

// tapCount returns how many taps it takes to bring a rate to 8 kHz.
func tapCount(from int) int {
	const to = telephony.SampleRate
	return to / gcd(from, to) * 2 * halfWidth(from, to)
}

// halfWidth returns how many input samples each side of the filter spans.
func halfWidth(from, to int) int { return crossings * from / min(from, to) }

func newResampler(from, to int) *resampler {
	g := gcd(from, to)
	r := &resampler{up: to / g, down: from / g}
	if r.up == r.down {
		return r
	}
	lower := min(from, to)
	half := halfWidth(from, to)
	cutoff := (passEdge + 0.5) / 2 * float64(lower) / float64(from) // of the input rate, in the middle of the slope
	r.taps = make([][]float32, r.up)
	for p := range r.taps {
		r.taps[p] = sincTaps(half, cutoff, float64(p)/float64(r.up))
	}
	r.in = make([]float32, half-1, 4*half) // silence before the beginning
	return r
}

// sincTaps returns the 2*half taps for an output that lies part of a sample after the input sample in the middle.
func sincTaps(half int, cutoff, part float64) []float32 {
	taps, sum := make([]float64, 2*half), 0.0
	for i := range taps {
		t := float64(i-half+1) - part
		x := t / float64(half)
		taps[i] = sinc(2*cutoff*t) * bessel(kaiser*math.Sqrt(max(0, 1-x*x)))
		sum += taps[i]
	}
	out := make([]float32, len(taps))
	for i, v := range taps {
		out[i] = float32(v / sum)
	}
	return out
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// bessel is the modified Bessel function of the first kind, order 0, by its power series.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-9*sum; k++ {
		term *= (x / (2 * k)) * (x / (2 * k))
		sum += term
	}
	return sum
}

// write takes in the next sample and appends to out what it completes.
func (r *resampler) write(v float32) {
	r.fed++
	if r.taps == nil {
		r.out = append(r.out, toInt16(v))
		return
	}
	r.push(v)
}

func (r *resampler) push(v float32) {
	r.in = append(r.in, v)
	for width := len(r.taps[0]); len(r.in)-r.skip >= width; {
		window, sum := r.in[r.skip:][:width], float32(0)
		for i, tap := range r.taps[r.phase] {
			sum += tap * window[i]
		}
		r.out = append(r.out, toInt16(sum))
		r.phase += r.down
		r.skip += r.phase / r.up
		r.phase %= r.up
	}
	if len(r.in) == cap(r.in) {
		drop := min(r.skip, len(r.in))
		r.in = r.in[:copy(r.in, r.in[drop:])]
		r.skip -= drop
	}
}

// finish returns all of the output, which lasts as long as the input did.
func (r *resampler) finish() []int16 {
	if r.taps == nil {
		return r.out
	}
	want := (r.fed*r.up + r.down - 1) / r.down
	for len(r.out) < want {
		r.push(0)
	}
	return r.out[:want]
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
