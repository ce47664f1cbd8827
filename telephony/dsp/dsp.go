// Package dsp makes and hears the sounds of a telephone network: companding, tones, digits, call progress, caller identity
// and what answers a call, and takes out echo. Samples go in and findings come out; nothing here knows a line or a call, and
// nothing allocates per frame once it is built. A generator or detector belongs to the one goroutine that feeds it.
//
// Levels are in dBm0. ITU-T G.711 puts a sine that just fills the A-law coder at +3.14 dBm0, so 0 dBm0 is a sine of
// 22,826 peak on our 16-bit scale.
package dsp

import (
	"math"
	"time"

	"callbox/telephony"
)

const sampleRate = float64(telephony.SampleRate)

// samplesIn returns how many samples last as long as d.
func samplesIn(d time.Duration) int {
	return int(d * telephony.SampleRate / time.Second)
}

// fullScaleDBm0 is the level of a sine whose peak is 32768 (ITU-T G.711, Table 5: the A-law load capacity).
const fullScaleDBm0 = 3.14

// Peak returns the peak, on the 16-bit scale, of a sine at the given level in dBm0. Above +3.14 dBm0 it does not fit.
func Peak(dBm0 float64) float64 {
	return 32768 * math.Pow(10, (dBm0-fullScaleDBm0)/20)
}

// levelOf returns the level in dBm0 of a mean square on the 16-bit scale.
func levelOf(meanSquare float64) float64 {
	if meanSquare < minMeanSquare {
		return SilenceDBm0
	}
	return 10*math.Log10(meanSquare/(32768*32768/2)) + fullScaleDBm0
}

// meanSquareOf is the inverse of levelOf.
func meanSquareOf(dBm0 float64) float64 {
	p := Peak(dBm0)
	return p * p / 2
}

// saturate rounds to the nearest sample and limits to the 16-bit scale, as a coder does.
func saturate(v float64) int16 {
	return int16(max(-32768, min(32767, math.Round(v))))
}
