package dsp

import (
	"math"

	"callbox/telephony"
)

// A Meter measures a line for its doctor. It belongs to the goroutine that feeds it, on the media tick.
type Meter struct {
	frames int
	square float64 // sum over all samples, without their mean
	mean   float64 // of all samples
	levels [levelBins]int
	hum    [len(mains)][humHarmonics]humTone
	at     int // samples into the second
	least  [len(mains)]float64
	whole  bool // a second has passed
}

// A Reading is what a Meter has found since it was made.
type Reading struct {
	LevelDBm0 float64 // of everything, without direct current
	NoiseDBm0 float64 // that nine frames of ten exceed: the line while nobody speaks
	HumDBm0   float64 // of mains hum with four harmonics, in its quietest second; SilenceDBm0 in the first
	HumHz     float64 // 50 or 60, whichever is louder
	DC        float64 // mean of the samples, on the 16-bit scale
}

// mains are the frequencies of the world's networks.
var mains = [2]float64{50, 60}

const (
	humHarmonics = 5 // the first is the mains' own
	levelBins    = 100
	humWindow    = telephony.SampleRate // a second tells 50 Hz from 60 and both from speech
)

// A humTone is Goertzel's recursion for one harmonic.
type humTone struct{ coeff, s1, s2 float64 }

// NewMeter returns a meter that has heard nothing yet.
func NewMeter() *Meter {
	m := &Meter{}
	for i, hz := range mains {
		m.least[i] = math.Inf(1)
		for k := range m.hum[i] {
			m.hum[i][k].coeff = 2 * math.Cos(2*math.Pi*hz*float64(k+1)/sampleRate)
		}
	}
	return m
}

// Frame takes in the next frame.
func (m *Meter) Frame(f *telephony.Frame) {
	sum, square := 0.0, 0.0
	for _, s := range f {
		v := float64(s)
		sum += v
		square += v * v
	}
	const n = telephony.FrameSamples
	mean := sum / n
	square -= sum * mean
	m.frames++
	m.square += square
	m.mean += (mean - m.mean) / float64(m.frames)
	m.levels[levelBin(levelOf(square/n))]++
	for i := range m.hum {
		for k := range m.hum[i] {
			m.hum[i][k].hear(f)
		}
	}
	if m.at += n; m.at == humWindow {
		m.second()
	}
}

func (h *humTone) hear(f *telephony.Frame) {
	s1, s2 := h.s1, h.s2
	for _, s := range f {
		s1, s2 = float64(s)+h.coeff*s1-s2, s1
	}
	h.s1, h.s2 = s1, s2
}

// second ends a window of hum.
func (m *Meter) second() {
	m.at, m.whole = 0, true
	for i := range m.hum {
		power := 0.0
		for k := range m.hum[i] {
			h := &m.hum[i][k]
			power += 2 * (h.s1*h.s1 + h.s2*h.s2 - h.coeff*h.s1*h.s2) / (humWindow * humWindow)
			h.s1, h.s2 = 0, 0
		}
		m.least[i] = min(m.least[i], power)
	}
}

// levelBin is the place of a level in the histogram, a decibel each.
func levelBin(dBm0 float64) int { return max(0, min(levelBins-1, int(dBm0-SilenceDBm0))) }

// Reading returns what was found.
func (m *Meter) Reading() Reading {
	r := Reading{LevelDBm0: SilenceDBm0, NoiseDBm0: SilenceDBm0, HumDBm0: SilenceDBm0, HumHz: mains[0], DC: m.mean}
	if m.frames == 0 {
		return r
	}
	r.LevelDBm0 = levelOf(m.square / float64(m.frames*telephony.FrameSamples))
	quiet := 0
	for bin, n := range m.levels {
		if quiet += n; quiet*10 > m.frames {
			r.NoiseDBm0 = SilenceDBm0 + float64(bin)
			break
		}
	}
	if m.whole {
		for i, hz := range mains {
			if level := levelOf(m.least[i]); level > r.HumDBm0 {
				r.HumDBm0, r.HumHz = level, hz
			}
		}
	}
	return r
}
