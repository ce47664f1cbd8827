package main

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/wav"
)

// Lengths in samples.
const (
	second = 8000
	spoken = 20 * second // of a speech
	anchor = second / 10 // what a recording is found by in a speech
	piece  = second / 40 // of a recording, which is laid over the speech where it fits best
	leeway = second / 10 // by which a piece may lie beside where the one before it would have it
)

// speech is some 20 seconds of a text: the box's own prompts of a language, one after the other. It comes out of A-law, so that
// coding it again changes nothing.
func speech(t *testing.T, language string) []int16 {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../../telephony/ivr/prompts", language, "*.al"))
	if err != nil || len(files) == 0 {
		t.Fatal("no prompts of ", language, err)
	}
	var octets []byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		octets = append(octets, b...)
	}
	samples := make([]int16, spoken)
	dsp.DecodeALaw(samples, octets[:spoken])
	return samples
}

// writeSpeech puts a speech into a file for a telephone to say.
func writeSpeech(t *testing.T, file string, samples []int16) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := wav.Encode(f, samples); err != nil {
		t.Fatal(err)
	}
}

// likeness is the normalised cross-correlation of a recording with a speech. The recording is found in the speech by its
// loudest tenth of a second; then piece by piece is laid over the speech where it fits best, since a jitter buffer puts in
// or leaves out a sample here and there.
func likeness(recording, speech []int16) float64 {
	energy := sums(speech)
	loud := loudest(recording, anchor)
	expected := bestLag(recording[loud:loud+anchor], speech, energy, 0, len(speech)-anchor) - loud
	var xy, xx, yy float64
	for from := 0; from < len(recording); from += piece {
		x := recording[from:min(from+piece, len(recording))]
		lag := bestLag(x, speech, energy, from+expected-leeway, from+expected+leeway)
		xy += product(x, speech, lag)
		xx += product(x, x, 0)
		yy += under(energy, lag, len(x))
		expected = lag - from
	}
	return xy / math.Sqrt(xx*yy)
}

// loudest is where the stretch of so many samples with the most energy begins, by tenths of a second.
func loudest(samples []int16, length int) (at int) {
	most := -1.0
	for from := 0; from+length <= len(samples); from += second / 10 {
		energy := 0.0
		for _, s := range samples[from : from+length] {
			energy += float64(s) * float64(s)
		}
		if energy > most {
			at, most = from, energy
		}
	}
	return at
}

// bestLag is where a piece fits the speech best, between two places.
func bestLag(x, speech []int16, energy []float64, from, to int) (best int) {
	most := -1.0
	best = (from + to) / 2
	for lag := from; lag <= to; lag++ {
		if fit := product(x, speech, lag) / math.Sqrt(under(energy, lag, len(x))); fit > most {
			best, most = lag, fit
		}
	}
	return best
}

// product is the sum of products of a piece and what lies under it in the speech, which is silent before and after.
func product(x, speech []int16, lag int) float64 {
	if lag < 0 {
		x, lag = x[min(-lag, len(x)):], 0
	}
	speech = speech[min(lag, len(speech)):]
	x = x[:min(len(x), len(speech))]
	sum := int64(0)
	for i, s := range x {
		sum += int64(s) * int64(speech[i])
	}
	return float64(sum)
}

// sums are the running sums of squares of a speech.
func sums(speech []int16) []float64 {
	s := make([]float64, len(speech)+1)
	for i, y := range speech {
		s[i+1] = s[i] + float64(y)*float64(y)
	}
	return s
}

// under is the energy of the speech under a piece of so many samples.
func under(energy []float64, lag, length int) float64 {
	last := len(energy) - 1
	return energy[max(0, min(lag+length, last))] - energy[max(0, min(lag, last))]
}

// The measure that the real calls are judged by can tell good from bad.
func TestLikeness(t *testing.T) {
	zh, en := speech(t, "zh")[:10*second], speech(t, "en")
	quiet := slices.Clone(zh[3*second : 8*second])
	for i := range quiet {
		quiet[i] /= 2
	}
	var shaken []int16 // 20 ms are missing in each fifth of a second, as with a lost packet in ten
	for from := 3 * second; from < 8*second; from += second / 5 {
		shaken = append(shaken, make([]int16, telephony.FrameSamples)...)
		shaken = append(shaken, zh[from+telephony.FrameSamples:from+second/5]...)
	}
	var trimmed []int16 // a sample is left out of each packet, as a jitter buffer does to catch up
	for from := 3 * second; from < 8*second; from += telephony.FrameSamples + 1 {
		trimmed = append(trimmed, zh[from:from+telephony.FrameSamples]...)
	}
	slipped := slices.Concat(zh[3*second:6*second], zh[6*second+100:8*second])
	for _, row := range []struct {
		what      string
		recording []int16
		least     float64
		most      float64
	}{
		{"the speech itself", zh[3*second : 8*second], 0.999, 1},
		{"half as loud", quiet, 0.999, 1},
		{"12 ms left out", slipped, 0.95, 1},
		{"a sample left out of each packet", trimmed, 0.94, 1},
		{"a packet in ten lost", shaken, 0, 0.98},
		{"another speech", en[3*second : 8*second], 0, 0.5},
		{"both at once", mixed(zh[3*second:8*second], en[3*second:8*second]), 0, 0.9},
	} {
		if got := likeness(row.recording, zh); got < row.least || got > row.most {
			t.Errorf("%s: correlation %.3f, want %.3f to %.3f", row.what, got, row.least, row.most)
		}
	}
}

func mixed(a, b []int16) []int16 {
	m := make([]int16, len(a))
	for i := range m {
		m[i] = a[i]/2 + b[i]/2
	}
	return m
}
