package dsp

import "callbox/telephony"

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
