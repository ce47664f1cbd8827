package main

import "math"

// Lengths in samples at 8 kHz.
const (
	phrase = 800 // a tenth of a second, of which a speech is made up for comparison
	coarse = 4   // samples in one, while a phrase is looked for
)

const (
	samePhrase = 0.8 // correlation of a phrase with itself after two codings, a line and a jitter buffer
	quietest   = 200 // RMS of a phrase that is worth looking for
	sameSpeech = 0.4 // of its phrases: on a slow computer with other things to do more than half of them come late or in pieces
)

// isHeard reports whether a speech is in what somebody heard: most of its phrases are, each wherever it fits best, since a jitter
// buffer puts in or leaves out a few samples now and then.
func isHeard(heard, speech []int16) bool {
	rough := coarsen(heard)
	phrases, found := 0, 0
	for ; len(speech) >= phrase; speech = speech[phrase:] {
		p := speech[:phrase]
		if energy(p) < quietest*quietest*phrase {
			continue
		}
		phrases++
		if fitsAround(heard, p, coarse*bestFit(rough, coarsen(p))) {
			found++
		}
	}
	return phrases > 0 && float64(found) >= sameSpeech*float64(phrases)
}

// coarsen averages samples, which makes the search sixteen times quicker.
func coarsen(samples []int16) []int16 {
	rough := make([]int16, len(samples)/coarse)
	for i := range rough {
		sum := 0
		for _, s := range samples[i*coarse : (i+1)*coarse] {
			sum += int(s)
		}
		rough[i] = int16(sum / coarse)
	}
	return rough
}

// bestFit is where a phrase correlates best.
func bestFit(heard, p []int16) (at int) {
	if len(heard) < len(p) {
		return 0
	}
	most, under := 0.0, energy(heard[:len(p)])
	for from := 0; ; from++ {
		if fit := dot(heard[from:], p) / math.Sqrt(max(under, 1)); fit > most {
			at, most = from, fit
		}
		if from+len(p) == len(heard) {
			return at
		}
		first, next := float64(heard[from]), float64(heard[from+len(p)])
		under += next*next - first*first
	}
}

// fitsAround looks at every sample around a place for the phrase.
func fitsAround(heard, p []int16, at int) bool {
	for from := max(at-coarse, 0); from <= at+coarse && from+len(p) <= len(heard); from++ {
		if correlation(heard[from:from+len(p)], p) >= samePhrase {
			return true
		}
	}
	return false
}

// correlation of two sounds of one length, -1 to 1. Silence resembles nothing.
func correlation(a, b []int16) float64 {
	return dot(a, b) / math.Sqrt(max(energy(a)*energy(b), 1))
}

func energy(samples []int16) float64 { return dot(samples, samples) }

// dot is the sum of the products of samples, as many as the second sound has.
func dot(a, b []int16) float64 {
	sum := 0
	for i, s := range b {
		sum += int(a[i]) * int(s)
	}
	return float64(sum)
}
