package dsp

import "math"

// A sine table of 1024 steps, read with linear interpolation: its errors stay 100 dB below the tone.
const (
	sineBits = 10
	sineRest = 32 - sineBits
)

var sineTable = func() (t [1<<sineBits + 1]float64) {
	for i := range t {
		t[i] = math.Sin(2 * math.Pi * float64(i) / (1 << sineBits))
	}
	return t
}()

// An oscillator makes a sine whose phase goes on unbroken when its step changes. A whole turn is 1<<32.
type oscillator struct {
	phase uint32
	step  uint32
}

// stepOf returns the turn per sample of a frequency in Hz; it is exact to 2 microhertz.
func stepOf(hz float64) uint32 {
	return uint32(math.Round(hz / sampleRate * (1 << 32)))
}

// next returns the next sample, within -1..1.
func (o *oscillator) next() float64 {
	i := o.phase >> sineRest
	part := float64(o.phase&(1<<sineRest-1)) * (1.0 / (1 << sineRest))
	o.phase += o.step
	return sineTable[i] + part*(sineTable[i+1]-sineTable[i])
}
