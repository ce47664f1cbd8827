//go:build ignore

// Sounds makes what no voice speaks: the beep before a message, and music to wait by. The tune is our own.
package main

import (
	"log"
	"math"
	"os"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

func main() {
	write("any/beep.al", beep())
	write("any/hold_music.al", music())
}

func write(name string, sound []float64) {
	samples, octets := make([]int16, len(sound)), make([]byte, len(sound))
	for i, v := range sound {
		samples[i] = int16(v)
	}
	dsp.EncodeALaw(octets, samples)
	if err := os.WriteFile(name, octets, 0o644); err != nil {
		log.Fatal(err)
	}
}

// beep is half a second of 1000 Hz, far from the 450 Hz of the exchange.
func beep() []float64 {
	sound := make([]float64, telephony.SampleRate/2)
	for i := range sound {
		edge := min(1, float64(min(i, len(sound)-1-i))/80)
		sound[i] = edge * dsp.Peak(-12) * math.Sin(2*math.Pi*1000*float64(i)/telephony.SampleRate)
	}
	return sound
}

const eighth = telephony.SampleRate * 5 / 16 // samples: 96 quarters a minute

// The tune in eighths, a bar of four quarters on a line: steps of the pentatonic scale, '.' lets the last note ring.
const tune = "4..5.6.5" + "4..2.1.." + "2..3.5.3" + "2......." +
	"4..5.6.8" + "7..6.5.." + "6..5.3.2" + "4......." +
	"8..7.6.5" + "6..5.4.." + "5..4.2.1" + "0......."

// One chord a bar under it: its root and fifth in semitones above C3.
var chords = [12][2]int{{0, 7}, {9, 16}, {5, 12}, {7, 14}, {0, 7}, {9, 16}, {5, 12}, {7, 14}, {9, 16}, {5, 12}, {7, 14}, {0, 7}}

// music is twelve bars, 30 seconds. Notes ring past the end into the beginning, so that the loop has no seam.
func music() []float64 {
	scale := [9]int{12, 14, 16, 19, 21, 24, 26, 28, 31}
	sound := make([]float64, len(tune)*eighth)
	for i, step := range []byte(tune) {
		if step != '.' {
			pluck(sound, i*eighth, scale[step-'0'], dsp.Peak(-19))
		}
		chord := chords[i/8]
		pluck(sound, i*eighth, chord[i%2], dsp.Peak(-27))
	}
	return sound
}

// pluck adds a note at semitones above C3, with a soft beginning and a long end.
func pluck(sound []float64, at, semitones int, peak float64) {
	hz := 261.63 * math.Pow(2, float64(semitones-12)/12) * 2
	for i := range 2 * telephony.SampleRate {
		t := float64(i) / telephony.SampleRate
		v := math.Sin(2*math.Pi*hz*t) + 0.35*math.Exp(-4*t)*math.Sin(4*math.Pi*hz*t) + 0.15*math.Exp(-8*t)*math.Sin(6*math.Pi*hz*t)
		sound[(at+i)%len(sound)] += peak * v * math.Exp(-2.2*t) * min(1, t/0.01) * min(1, (2-t)/0.1)
	}
}
