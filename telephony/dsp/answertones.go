package dsp

import (
	"math"
	"math/cmplx"
	"time"
)

// The pure tones by which machines and exchanges name themselves. The tolerances are those of the standards and a margin.
var answerTones = [...]struct {
	hz, tolerance float64
}{
	toneSIT1:    {950, 55},  // ITU-T E.180: special information tone, 950 +/- 50 Hz, then
	toneSIT2:    {1400, 55}, // 1400 +/- 50 Hz, then
	toneSIT3:    {1800, 55}, // 1800 +/- 50 Hz
	toneCNG:     {1100, 42}, // ITU-T T.30 4.1: a fax machine that calls, 1100 +/- 38 Hz, 0.5 s in every 3.5 s
	toneCalling: {1300, 20}, // ITU-T V.25: a modem that calls, 1300 +/- 15 Hz, 0.5-0.7 s on and 1.5-2 s off
	toneANS:     {2100, 20}, // ITU-T V.25, T.30 4.2, V.8: a fax machine or a modem that answers, 2100 +/- 15 Hz
	toneBell:    {2225, 40}, // a modem of Bell 103 that answers, and of V.22 by its 2250 Hz
}

const (
	toneSIT1 = iota
	toneSIT2
	toneSIT3
	toneCNG
	toneCalling
	toneANS
	toneBell
	noTone = -1
)

const (
	answerLeastDBm0 = -45.0 // T.30 and V.25 ask for -43
	answerPurity    = 0.75  // share of the power in the tone; ANSam has 0.98
	answerDip       = 5     // hops without it that do not end a tone: a reversal of phase takes four
)

var answerLeast = meanSquareOf(answerLeastDBm0)

// A toneBurst is one of the tones, from its beginning.
type toneBurst struct {
	tone int     // of answerTones, or noTone
	from int     // the hop of its beginning
	hops int     // for which it was heard
	off  float64 // Hz from nominal
}

// length is how long the tone has sounded: a window of 20 ms sees it from its middle on.
func (b *toneBurst) length() time.Duration {
	return time.Duration(b.hops*hopSamples+windowSamples/2) * time.Second / time.Duration(sampleRate)
}

// A toneWatch follows the tones through time.
type toneWatch struct {
	bank *bank
	hop  int // how many were ever heard
	now  toneBurst
	gone int // hops since it was last heard
}

func newToneWatch() *toneWatch {
	freqs := make([]float64, len(answerTones))
	for i, t := range answerTones {
		freqs[i] = t.hz
	}
	return &toneWatch{bank: newBank(freqs...), now: toneBurst{tone: noTone}}
}

// hear takes in a hop. It returns the tone that ended with it, if any, and whether the one that goes on is heard clearly.
func (w *toneWatch) hear(hop *[hopSamples]int16) (ended toneBurst, clear bool) {
	ended = toneBurst{tone: noTone}
	w.bank.hear(hop)
	w.hop++
	tone, off := w.judge()
	switch {
	case tone == w.now.tone && tone != noTone:
		w.gone = 0
		w.now.hops++
		w.now.off += (off - w.now.off) / min(float64(w.now.hops), 16)
		return ended, true
	case tone == noTone && w.now.tone == noTone:
	case tone == noTone && w.gone < answerDip:
		w.gone++
		w.now.hops++
	default:
		w.now.hops -= w.gone
		ended, w.now, w.gone = w.now, toneBurst{tone: tone, from: w.hop, hops: 1, off: off}, 0
	}
	return ended, false
}

// judge returns the tone of the window and by how many Hz it is off.
func (w *toneWatch) judge() (tone int, off float64) {
	i := strongest(w.bank.tones)
	t := &w.bank.tones[i]
	if t.power() < answerLeast/2 {
		return noTone, 0
	}
	off = t.offset()
	if math.Abs(off) > answerTones[i].tolerance {
		return noTone, 0
	}
	power := t.power() / passband(off)
	if power < answerLeast || power < answerPurity*w.bank.total() {
		return noTone, 0
	}
	return i, off
}

// An ansWatch looks closer at the tone of 2100 Hz: V.25 turns its phase by 180 degrees every 450 +/- 25 ms, V.8 (ANSam)
// modulates its amplitude by 20 % at 15 Hz.
type ansWatch struct {
	past      [ansHops]complex128
	at        int
	reversals int
	since     int // hops since the last reversal

	sum   float64 // of the amplitudes
	beat  complex128
	count int // hops
}

const (
	ansHops    = 6    // 30 ms: a window before a reversal and one after it
	ansTurn    = 2.0  // radians are a reversal, of pi
	ansApart   = 70   // hops that lie between two at the least: 350 ms
	ansBeat    = 15.0 // Hz
	ansDepth   = 0.1  // of V.8's 0.2
	ansEnough  = 120  // hops that tell them apart: 600 ms, nine turns of the beat
	ansHopTurn = 2 * math.Pi * hopSamples / sampleRate
)

// hear takes in a hop of the tone.
func (a *ansWatch) hear(t *resonator, off float64, clear bool) {
	before := a.past[a.at]
	a.past[a.at] = t.now
	a.at = (a.at + 1) % ansHops
	a.since++
	amplitude := cmplx.Abs(t.now)
	if !clear && a.count > 0 {
		amplitude = a.sum / float64(a.count) // what a reversal hides
	}
	turn := cmplx.Phase(t.now * cmplx.Conj(before) * cmplx.Rect(1, -off*ansHops*ansHopTurn))
	if a.count > ansHops && clear && math.Abs(turn) > ansTurn && a.since > ansApart {
		a.reversals++
		a.since = 0
	}
	a.sum += amplitude
	a.beat += cmplx.Rect(amplitude, -ansBeat*float64(a.count)*ansHopTurn)
	a.count++
}

// modulated tells whether the amplitude beats at 15 Hz.
func (a *ansWatch) modulated() bool { return 2*cmplx.Abs(a.beat) > ansDepth*a.sum }
