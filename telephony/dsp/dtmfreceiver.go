package dsp

import (
	"math"

	"callbox/telephony"
)

// The receiver's limits are those of ITU-T Q.24 Table A-1 with a margin on the side of acceptance.
const (
	dtmfLeastDBm0  = -33.0 // of each frequency; -30 must be heard
	dtmfHoldDB     = 25.0  // a digit is held while it is no weaker than this below its beginning
	dtmfOffset     = 0.018 // 1.5 % must be accepted, 3.5 % refused: the mean while a digit begins
	dtmfApart      = 0.034 // by which the two may be off in opposite ways; a note and its octave are 0.043 off 852 and 1633 Hz
	dtmfWander     = 0.022 // a single window, in which noise tells
	dtmfTwist      = 6.0   // dB that the column may be stronger; 4 must be accepted
	dtmfBackTwist  = 11.0  // dB that it may be weaker; 8 must be accepted, in noise too
	dtmfPurity     = 0.86  // share of the power in the two tones; 15 dB of noise leave 0.97
	dtmfHoldPurity = 0.4
	dtmfRise       = 3.0 // dB that a digit is stronger than the quietest of what was heard before it
	dtmfLeadHops   = 20  // how long that is remembered: 100 ms
	dtmfBeginHops  = 4   // 15 ms of good windows of 20 ms: 35 ms of tone
	dtmfEndHops    = 3   // so long without it ends a digit: an interruption of 10 ms does not
)

// A DTMFReceiver finds digits in what a party says. It looks for two pure tones of Q.23 frequency that stay, which speech
// is not: a digit is two tones, steady in frequency for 35 ms, with nearly all of the power in them. It rises out of what was
// heard before it, which two notes that the rest of a chord leaves behind do not.
type DTMFReceiver struct {
	bank  *bank
	key   byte // the digit that is held down, or 0
	floor float64
	gone  int // hops since it was last heard
	next  byte
	count int                   // hops for which next was heard
	turn  [2]complex128         // of its two frequencies in all of them
	total [dtmfLeadHops]float64 // power of all that the newest windows held, the newest first
	spell pairSpell
}

// NewDTMFReceiver returns a receiver that has heard nothing yet.
func NewDTMFReceiver() *DTMFReceiver {
	return &DTMFReceiver{bank: newBank(append(dtmfRows[:], dtmfCols[:]...)...)}
}

// Frame takes in the next frame and reports a digit once for each press, 35 to 55 ms after its beginning.
func (r *DTMFReceiver) Frame(f *telephony.Frame) (digit byte, ok bool) {
	for hop := range hopsPerFrame {
		r.bank.hear((*[hopSamples]int16)(f[hop*hopSamples:]))
		if d := r.step(); d != 0 {
			digit, ok = d, true
		}
	}
	return digit, ok
}

// Spell returns when the newest digit was pressed and for how long, and how it sounded.
func (r *DTMFReceiver) Spell() Spell { return r.spell.spell() }

// step judges one window and returns the digit that begins with it, or 0.
func (r *DTMFReceiver) step() byte {
	row, col := strongest(r.bank.tones[:4]), strongest(r.bank.tones[4:])+4
	key := dtmfKeys[row*4+col-4]
	copy(r.total[1:], r.total[:])
	r.total[0] = r.bank.total()
	if r.key != 0 {
		r.hold(key, row, col)
	}
	power, good := r.judge(row, col)
	if !good || key != r.next {
		r.next, r.count, r.turn = key, 0, [2]complex128{}
	}
	if !good {
		return 0
	}
	r.turn[0] += r.bank.tones[row].moved()
	r.turn[1] += r.bank.tones[col].moved()
	if r.count++; r.count < dtmfBeginHops || key == r.key {
		return 0
	}
	rowOff, colOff := hzOf(r.turn[0])/dtmfRows[row], hzOf(r.turn[1])/dtmfCols[col-4]
	if max(math.Abs(rowOff), math.Abs(colOff)) > dtmfOffset || math.Abs(rowOff-colOff) > dtmfApart {
		return 0
	}
	if !r.rises(power) {
		return 0
	}
	r.key, r.gone, r.floor = key, 0, power*math.Pow(10, -dtmfHoldDB/10)
	r.spell.begin(r.bank, r.count, r.bank.tones[row].power(), r.bank.tones[col].power())
	return key
}

// hold looks whether the digit that is down still sounds. It asks less than a beginning does, so that a short
// interruption or a word spoken into it does not make one press two.
func (r *DTMFReceiver) hold(key byte, row, col int) {
	low, high := r.bank.tones[row].power(), r.bank.tones[col].power()
	if key == r.key && low+high > r.floor && low+high > dtmfHoldPurity*r.total[0] {
		r.gone = 0
		r.spell.hear(r.bank, low, high)
		return
	}
	if r.gone++; r.gone >= dtmfEndHops {
		r.key = 0
	}
}

// rises tells whether a digit that begins now is stronger than the quietest moment before it. Two windows 15 ms apart are a
// moment, for notes beat.
func (r *DTMFReceiver) rises(power float64) bool {
	const apart = 3
	before := r.total[dtmfBeginHops+windowSamples/hopSamples:] // with nothing of the digit in them
	quietest := math.Inf(1)
	for i := range len(before) - apart {
		quietest = min(quietest, (before[i]+before[i+apart])/2)
	}
	return power > quietest*dtmfLeastRise
}

// judge tells whether the window holds a digit's two tones and nothing else, and their power together.
func (r *DTMFReceiver) judge(row, col int) (power float64, good bool) {
	low, high := &r.bank.tones[row], &r.bank.tones[col]
	lowPower, highPower := low.power(), high.power()
	if min(lowPower, highPower) < dtmfLeast/2 {
		return 0, false // silence is most of what is heard, and costs no more than this
	}
	lowOff, highOff := low.offset(), high.offset()
	if math.Abs(lowOff) > dtmfWander*dtmfRows[row] || math.Abs(highOff) > dtmfWander*dtmfCols[col-4] {
		return 0, false
	}
	lowPower /= passband(lowOff)
	highPower /= passband(highOff)
	power = lowPower + highPower
	return power, min(lowPower, highPower) > dtmfLeast &&
		highPower < lowPower*dtmfMostTwist && highPower*dtmfMostBackTwist > lowPower &&
		power > dtmfPurity*r.total[0]
}

var (
	dtmfLeast         = meanSquareOf(dtmfLeastDBm0)
	dtmfLeastRise     = math.Pow(10, dtmfRise/10)
	dtmfMostTwist     = math.Pow(10, dtmfTwist/10)
	dtmfMostBackTwist = math.Pow(10, dtmfBackTwist/10)
)

// strongest returns the index of the strongest tone.
func strongest(tones []resonator) int {
	best, power := 0, -1.0
	for i := range tones {
		if p := tones[i].power(); p > power {
			best, power = i, p
		}
	}
	return best
}
