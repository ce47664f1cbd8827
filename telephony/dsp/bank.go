package dsp

import (
	"math"
	"math/cmplx"

	"callbox/telephony"
)

// A bank listens for a few frequencies at once. Goertzel's recursion (Amer. Math. Monthly 65, 1958) measures each over
// blocks of 2.5 ms; the blocks are turned to one common phase and eight of them summed under a Hann window, which makes a
// window of 20 ms that moves on by any number of blocks at the cost of eight additions. What a window sees is +/- 100 Hz
// wide, and the turn of phase from one window to the next tells how far off the nominal frequency a tone is.
const (
	blockSamples  = 20
	windowBlocks  = 8
	hopBlocks     = 2 // a measurement every 5 ms
	hopSamples    = hopBlocks * blockSamples
	hopsPerFrame  = telephony.FrameSamples / hopSamples
	windowSamples = windowBlocks * blockSamples
)

type bank struct {
	tones  []resonator
	square [windowBlocks]float64 // sum of squares of each block
	block  int                   // how many blocks were ever heard
}

// A resonator is one frequency of a bank.
type resonator struct {
	coeff     float64 // 2 cos w
	back      complex128
	turn      complex128 // of the frequency over a block, backwards
	phase     complex128
	z         [windowBlocks]complex128
	now, last complex128 // the newest measurement and the one before
}

// hann is the window, one weight a block, and its sums.
var hann, hannSum, hannSquare = func() (w [windowBlocks]float64, sum, square float64) {
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/windowBlocks)
		sum += w[i]
		square += w[i] * w[i]
	}
	return w, sum, square
}()

func newBank(freqs ...float64) *bank {
	b := &bank{tones: make([]resonator, len(freqs))}
	for i, hz := range freqs {
		w := 2 * math.Pi * hz / sampleRate
		b.tones[i] = resonator{
			coeff: 2 * math.Cos(w),
			back:  cmplx.Rect(1, -w),
			turn:  cmplx.Rect(1, -w*blockSamples),
			phase: 1,
		}
	}
	return b
}

// hear takes in the next hop of samples and measures.
func (b *bank) hear(hop *[hopSamples]int16) {
	for at := 0; at < hopSamples; at += blockSamples {
		b.hearBlock((*[blockSamples]int16)(hop[at:]))
	}
	for i := range b.tones {
		b.tones[i].measure(b.block)
	}
}

func (b *bank) hearBlock(samples *[blockSamples]int16) {
	var x [blockSamples]float64
	square := 0.0
	for i, s := range samples {
		x[i] = float64(s)
		square += x[i] * x[i]
	}
	slot := b.block % windowBlocks
	b.square[slot] = square
	for i := range b.tones {
		b.tones[i].hear(&x, slot)
	}
	b.block++
}

func (r *resonator) hear(x *[blockSamples]float64, slot int) {
	var s1, s2 float64
	for _, v := range x {
		s1, s2 = v+r.coeff*s1-s2, s1
	}
	r.z[slot] = (complex(s1, 0) - r.back*complex(s2, 0)) * r.phase
	r.phase *= r.turn
}

func (r *resonator) measure(block int) {
	r.last, r.now = r.now, 0
	for i, w := range hann {
		z := r.z[(block+i)%windowBlocks]
		r.now += complex(w*real(z), w*imag(z))
	}
}

// power returns the mean square of the tone in the window, on the 16-bit scale.
func (r *resonator) power() float64 {
	const blockSquare = blockSamples * blockSamples
	re, im := real(r.now), imag(r.now)
	return 2 * (re*re + im*im) / (blockSquare * hannSum * hannSum)
}

// moved returns by what the tone turned from the last measurement to this, in proportion to its power.
func (r *resonator) moved() complex128 { return r.now * complex(real(r.last), -imag(r.last)) }

// offset returns how far the tone is above the nominal frequency, in Hz, within +/- 100 Hz.
func (r *resonator) offset() float64 { return hzOf(r.moved()) }

// hzOf returns the frequency above the nominal one that turns so far in a hop.
func hzOf(turn complex128) float64 {
	return math.Atan2(imag(turn), real(turn)) * sampleRate / (2 * math.Pi * hopSamples)
}

// passband returns by what factor the window weakens the power of a tone that is off by so many Hz, up to 80 Hz.
func passband(off float64) float64 {
	x := off * windowSamples / sampleRate // in bins
	if math.Abs(x) < 1e-3 {
		return 1
	}
	a := math.Sin(math.Pi*x) / (math.Pi * x * (1 - x*x))
	return a * a
}

// total returns the mean square of everything in the window, on the same scale as power.
func (b *bank) total() float64 {
	sum := 0.0
	for i, w := range hann {
		sum += w * w * b.square[(b.block+i)%windowBlocks]
	}
	return sum / (blockSamples * hannSquare)
}
