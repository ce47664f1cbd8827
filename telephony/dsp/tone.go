package dsp

import (
	"math"
	"time"

	"callbox/telephony"
)

// A Tone is a sound of an exchange: its frequencies, how loud, and when it is on (ITU-T E.180).
type Tone struct {
	Signal      Signal
	Freqs       []float64       // Hz, sent together
	InTurn      bool            // they are sent one a burst, in turn
	ModulatedHz float64         // so often a second the tone swells and fades altogether; 0: it is steady
	LevelDBm0   float64         // of each frequency, its modulation included
	Cadence     []time.Duration // on, off, on, off, ... and again, no burst empty; nil: without a break
	RiseDB      float64         // added to the level each second, up to 0 dBm0: only the howler rises
}

// edge is how long a tone takes to swell and to fade. A bare edge of a tone is heard as a click, and it spreads over all
// frequencies, which disturbs the detectors of the far end.
const edge = 5 * time.Millisecond

// edgeGain is the rising half of a Hann window, one gain for each sample of an edge.
var edgeGain = func() (g [edge * telephony.SampleRate / time.Second]float64) {
	for i := range g {
		g[i] = 0.5 - 0.5*math.Cos(math.Pi*(float64(i)+0.5)/float64(len(g)))
	}
	return g
}()

// modulationGain brings a tone that is modulated in full, which has half again the power of its carrier, to its level.
var modulationGain = math.Sqrt(1 / 1.5)

// A Cadence is a Source that plays a tone for ever, beginning with its first burst. The phase of each frequency runs on
// through the pauses, so a tone heard after a pause is the same tone.
type Cadence struct {
	oscillators []oscillator
	modulation  oscillator // it stands still if the tone is steady
	inTurn      []uint32   // the step of each burst's frequency; nil: all sound together
	burst       int
	peak        float64
	peakLimit   float64
	rise        float64 // factor each frame
	parts       []int   // samples of each part of the cadence
	part        int     // which part sounds now: even ones are on
	at          int     // samples into it
	swell       int     // 0 silent .. len(edgeGain) full
}

// NewCadence returns a Source of the tone.
func NewCadence(t Tone) *Cadence {
	c := &Cadence{peak: Peak(t.LevelDBm0), peakLimit: max(Peak(0), Peak(t.LevelDBm0)), rise: math.Pow(10, t.RiseDB/20*telephony.Tick.Seconds())}
	for _, hz := range t.Freqs {
		c.oscillators = append(c.oscillators, oscillator{step: stepOf(hz)})
	}
	if t.InTurn {
		for _, o := range c.oscillators {
			c.inTurn = append(c.inTurn, o.step)
		}
		c.oscillators = c.oscillators[:1]
	}
	if t.ModulatedHz > 0 {
		c.modulation.step = stepOf(t.ModulatedHz)
		c.peak, c.peakLimit = c.peak*modulationGain, c.peakLimit*modulationGain
	}
	for _, d := range t.Cadence {
		c.parts = append(c.parts, samplesIn(d))
	}
	return c
}

// Next fills the frame; there is always more to come.
func (c *Cadence) Next(f *telephony.Frame) (more bool) {
	for i := range f {
		f[i] = saturate(c.sample())
	}
	c.peak = min(c.peak*c.rise, c.peakLimit)
	return true
}

// sample returns the next sample.
func (c *Cadence) sample() float64 {
	sum := 0.0
	for o := range c.oscillators {
		sum += c.oscillators[o].next()
	}
	if c.modulation.step != 0 {
		sum *= 1 + c.modulation.next()
	}
	return sum * c.peak * c.envelope()
}

// envelope returns the gain of the next sample and moves on by one.
func (c *Cadence) envelope() float64 {
	on := c.part%2 == 0
	if c.at++; len(c.parts) > 0 {
		for c.at >= c.parts[c.part] {
			c.next()
		}
	}
	if on {
		c.swell = min(c.swell+1, len(edgeGain))
	} else {
		c.swell = max(c.swell-1, 0)
	}
	if c.swell == 0 {
		return 0
	}
	return edgeGain[c.swell-1]
}

// next goes on to the next part of the cadence.
func (c *Cadence) next() {
	c.at, c.part = 0, (c.part+1)%len(c.parts)
	if c.part%2 == 0 && c.inTurn != nil {
		c.burst = (c.burst + 1) % len(c.inTurn)
		c.oscillators[0].step = c.inTurn[c.burst]
	}
}
