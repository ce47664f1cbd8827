package dsp

import (
	"time"

	"callbox/telephony"
)

// SilenceDBm0 is what a frame of digital silence measures. The idle noise of a real line is about -65 dBm0.
const SilenceDBm0 = -90.0

// minMeanSquare is the mean square at SilenceDBm0.
var minMeanSquare = meanSquareOf(SilenceDBm0)

// Level returns the level of a frame in dBm0, SilenceDBm0 at the least. A frame's mean counts as sound, as in a PCM coder.
func Level(f *telephony.Frame) float64 {
	sum := 0.0
	for _, s := range f {
		sum += float64(s) * float64(s)
	}
	return levelOf(sum / telephony.FrameSamples)
}

// A SilenceMeter measures level and how long a party has been silent.
type SilenceMeter struct {
	threshold float64
	quiet     time.Duration
}

// NewSilenceMeter returns a meter that takes frames below thresholdDBm0 for silence; -45 dBm0 suits an analogue line.
func NewSilenceMeter(thresholdDBm0 float64) *SilenceMeter {
	return &SilenceMeter{threshold: thresholdDBm0}
}

// Level takes in the next frame and returns its level in dBm0.
func (m *SilenceMeter) Level(f *telephony.Frame) float64 {
	level := Level(f)
	if level < m.threshold {
		m.quiet += telephony.Tick
	} else {
		m.quiet = 0
	}
	return level
}

// Silent returns for how long all frames up to now have been silent.
func (m *SilenceMeter) Silent() time.Duration { return m.quiet }
