package dsp

import (
	"fmt"
	"math"
	"time"

	"callbox/telephony"
)

// An R2Direction tells which way a register signal goes: each way has frequencies of its own (ITU-T Q.441, GF 002-9002).
type R2Direction uint8

const (
	R2Forward  R2Direction = iota // from the calling exchange: two of six, codes 1 to 15
	R2Backward                    // from the called one: two of four, codes 1 to 6 in China
)

// r2Freqs are in Hz, in the order in which a code counts them.
var r2Freqs = [2][]float64{
	R2Forward:  {1380, 1500, 1620, 1740, 1860, 1980},
	R2Backward: {1140, 1020, 900, 780},
}

// r2Pairs are the two frequencies of each code from 1 on, as places in r2Freqs (Q.441 Table 5).
var r2Pairs = [][2]int{
	{0, 1}, {0, 2}, {1, 2}, {0, 3}, {1, 3}, {2, 3}, {0, 4}, {1, 4}, {2, 4}, {3, 4}, {0, 5}, {1, 5}, {2, 5}, {3, 5}, {4, 5},
}

// R2Codes returns how many codes a direction has.
func R2Codes(d R2Direction) int {
	n := len(r2Freqs[d])
	return n * (n - 1) / 2
}

// String names the direction.
func (d R2Direction) String() string {
	if d == R2Backward {
		return "backward"
	}
	return "forward"
}

// R2LevelDBm0 is the level of each frequency as it is sent (Q.454 3.1).
const R2LevelDBm0 = -8.0

// R2Tone returns the tone of a code, without a break: a compelled signal sounds until it is acknowledged. It is silent if
// the direction has no such code.
func R2Tone(d R2Direction, code int) Tone {
	if code < 1 || code > R2Codes(d) {
		return Tone{LevelDBm0: SilenceDBm0}
	}
	pair := r2Pairs[code-1]
	return Tone{Freqs: []float64{r2Freqs[d][pair[0]], r2Freqs[d][pair[1]]}, LevelDBm0: R2LevelDBm0}
}

// An R2Generator is a Source that sends codes one after the other, as if each were acknowledged at once, and then ends.
type R2Generator struct {
	On, Off time.Duration // they may be changed before the first frame

	tones []*Cadence // what is left, the one that sounds first
	at    int        // samples into it
}

// NewR2 returns a Source of codes at the level, in dBm0, of each frequency: 100 ms on and 100 ms off.
func NewR2(d R2Direction, levelDBm0 float64, codes ...int) (*R2Generator, error) {
	g := &R2Generator{On: 100 * ms, Off: 100 * ms}
	for _, code := range codes {
		t := R2Tone(d, code)
		if t.Freqs == nil {
			return nil, fmt.Errorf("%d is no %s R2 signal: use 1 to %d", code, d, R2Codes(d))
		}
		t.LevelDBm0 = levelDBm0
		g.tones = append(g.tones, NewCadence(t))
	}
	return g, nil
}

// Next fills the frame and reports whether there is more to come.
func (g *R2Generator) Next(f *telephony.Frame) (more bool) {
	on, length := samplesIn(g.On), samplesIn(g.On+g.Off)
	for i := range f {
		f[i] = 0
		if len(g.tones) == 0 {
			continue
		}
		if g.at < on {
			f[i] = saturate(g.tones[0].sample())
		}
		if g.at++; g.at >= length {
			g.tones, g.at = g.tones[1:], 0
		}
	}
	return len(g.tones) > 0
}

// The receiver's limits are those of Q.455 with a margin on the side of acceptance.
const (
	r2LeastDBm0 = -37.0 // of each frequency; -35 must be heard
	r2Offset    = 18.0  // Hz; 10 must be accepted, in noise too
	r2Adjacent  = 7.0   // dB of twist between neighbours; 5 must be accepted
	r2Apart     = 9.0   // dB between others; 7 must be accepted
	r2Purity    = 0.7   // share of the power in the two
	r2BeginHops = 3     // 30 ms of signal
	r2EndHops   = 3     // an interruption of 7 ms is none (Q.455 4.4.2)
	r2Hold      = 0.2   // of a frequency's power at the beginning of a signal is the least in it
)

// An R2Receiver hears the register signals of one direction. It belongs to the goroutine that feeds it.
type R2Receiver struct {
	direction R2Direction
	bank      *bank
	code      int     // that sounds; 0: none
	power     float64 // of its weaker frequency at its beginning
	next      int
	count     int // hops for which next was heard
	spell     pairSpell
}

// NewR2Receiver returns a receiver that has heard nothing yet.
func NewR2Receiver(d R2Direction) *R2Receiver {
	return &R2Receiver{direction: d, bank: newBank(r2Freqs[d]...)}
}

// Frame takes in the next frame and reports the code that sounds, 0 for none, where it has changed: 30 to 50 ms after a
// signal began, and 25 to 45 ms after it ended.
func (r *R2Receiver) Frame(f *telephony.Frame) (code int, changed bool) {
	before := r.code
	for hop := range hopsPerFrame {
		r.bank.hear((*[hopSamples]int16)(f[hop*hopSamples:]))
		r.step()
	}
	return r.code, r.code != before
}

// step looks whether the code that sounds still does, or else which one begins.
func (r *R2Receiver) step() {
	if r.code != 0 {
		if low, high := r.powers(r.code); min(low, high) > r.power*r2Hold {
			r.next, r.count = r.code, 0
			r.spell.hear(r.bank, low, high)
			return
		}
	}
	code := r.judge()
	if code != r.next {
		r.next, r.count = code, 0
	}
	r.count++
	if code != 0 && r.count >= r2BeginHops || code == 0 && r.count >= r2EndHops {
		if r.code = code; code != 0 {
			low, high := r.powers(code)
			r.power = min(low, high)
			r.spell.begin(r.bank, r2BeginHops, low, high)
		}
	}
}

// powers of a code's two frequencies, whatever else sounds.
func (r *R2Receiver) powers(code int) (low, high float64) {
	pair := r2Pairs[code-1]
	low, high = r.bank.tones[pair[0]].power(), r.bank.tones[pair[1]].power()
	if r.direction == R2Backward { // whose codes count the frequencies downwards
		low, high = high, low
	}
	return low, high
}

// Spell returns when the newest signal was sent and for how long, and how it sounded.
func (r *R2Receiver) Spell() Spell { return r.spell.spell() }

// judge returns the code that a window holds, or 0.
func (r *R2Receiver) judge() int {
	first := strongest(r.bank.tones)
	second := -1
	for i := range r.bank.tones {
		if i != first && (second < 0 || r.bank.tones[i].power() > r.bank.tones[second].power()) {
			second = i
		}
	}
	high, low := &r.bank.tones[first], &r.bank.tones[second]
	if low.power() < r2Least/2 || math.Abs(high.offset()) > r2Offset || math.Abs(low.offset()) > r2Offset {
		return 0
	}
	highPower, lowPower := high.power()/passband(high.offset()), low.power()/passband(low.offset())
	twist := r2TwistApart
	if first-second == 1 || second-first == 1 {
		twist = r2TwistAdjacent
	}
	if lowPower < r2Least || highPower > lowPower*twist || highPower+lowPower < r2Purity*r.bank.total() {
		return 0
	}
	return r2Code(min(first, second), max(first, second))
}

var (
	r2Least         = meanSquareOf(r2LeastDBm0)
	r2TwistAdjacent = math.Pow(10, r2Adjacent/10)
	r2TwistApart    = math.Pow(10, r2Apart/10)
)

// r2Code returns the code of a pair.
func r2Code(low, high int) int { return high*(high-1)/2 + low + 1 }
