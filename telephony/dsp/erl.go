package dsp

import (
	"math"
	"slices"
	"time"

	"callbox/telephony"
)

// The probe is a maximum length sequence (a shift register's longest cycle): it sounds like noise and correlates with
// nothing but itself, so that the line's response to it is that to a single pulse, whatever else is heard.
const (
	probeOrder  = 11
	probeLength = 1<<probeOrder - 1 // 256 ms: no echo comes later
	probeTaps   = 1<<10 | 1<<8      // x^11 + x^9 + 1
	probeCycles = 5                 // the first fills the line and is not listened to
)

// An EchoProbe measures what comes back of what the box says: it is a Source of a test signal, and hears in the same ticks.
// It belongs to the goroutine of the media tick; Result is for when it has ended.
type EchoProbe struct {
	sequence [probeLength]int8
	peak     float64
	said     int // samples
	heard    int
	sum      [probeLength]float64 // of what was heard at each place of the sequence
}

// An EchoReturn is what came back.
type EchoReturn struct {
	LossDB float64       // echo return loss over the whole band; where none was found, it is at least so much
	Delay  time.Duration // of the strongest echo
	Found  bool          // one stood out of the noise
}

// NewEchoProbe returns a probe that takes 1.3 s, at a level in dBm0.
func NewEchoProbe(dBm0 float64) *EchoProbe {
	p := &EchoProbe{peak: Peak(dBm0) / math.Sqrt2} // of a square wave, the peak is the mean
	register := uint(1)
	for i := range p.sequence {
		p.sequence[i] = int8(register&1)*2 - 1
		if bit := register & 1; bit != 0 {
			register = register>>1 ^ probeTaps
		} else {
			register >>= 1
		}
	}
	return p
}

// Next fills the frame with the test signal, and reports whether there is more to come.
func (p *EchoProbe) Next(f *telephony.Frame) (more bool) {
	for i := range f {
		f[i] = saturate(float64(p.sequence[p.said%probeLength]) * p.peak)
		p.said++
	}
	return p.said < probeCycles*probeLength
}

// Frame takes in what was heard in the tick in which Next filled as many samples.
func (p *EchoProbe) Frame(f *telephony.Frame) {
	for _, s := range f {
		if p.heard >= probeLength && p.heard < probeCycles*probeLength {
			p.sum[p.heard%probeLength] += float64(s)
		}
		p.heard++
	}
}

// echoWidth is how long an echo is: the ringing of a hybrid and its band.
const echoWidth = 8 * time.Millisecond

// Result returns what came back.
func (p *EchoProbe) Result() EchoReturn {
	response := p.response()
	energy := make([]float64, probeLength)
	strongest := 0
	for i, h := range response {
		energy[i] = h * h
		if energy[i] > energy[strongest] {
			strongest = i
		}
	}
	sorted := slices.Sorted(slices.Values(energy))
	noise := sorted[probeLength/2] * 2.2 // the mean of squares of noise, of which this is the median
	echo, width := 0.0, samplesIn(echoWidth)
	for i := -width; i <= width; i++ {
		echo += energy[(strongest+i+probeLength)%probeLength] - noise
	}
	r := EchoReturn{
		Found: energy[strongest] > 25*noise, // of 2,047 values of noise the largest is about 12 times the mean
		Delay: time.Duration(strongest) * time.Second / time.Duration(sampleRate),
	}
	if !r.Found {
		echo, r.Delay = 25*noise, 0
	}
	r.LossDB = -10 * math.Log10(max(echo, 1e-9))
	return r
}

// response is that of the line to a pulse of one, by correlation.
func (p *EchoProbe) response() []float64 {
	const cycles = probeCycles - 1
	h := make([]float64, probeLength)
	for delay := range h {
		sum := 0.0
		for i, s := range p.sequence {
			sum += float64(s) * p.sum[(i+delay)%probeLength]
		}
		h[delay] = sum / ((probeLength + 1) * cycles * p.peak)
	}
	return h
}
