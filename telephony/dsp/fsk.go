package dsp

import (
	"math"

	"callbox/telephony"
)

// A modem is the two frequencies of a frequency-shift modem and its speed. Mark is a one and space is a nought.
type modem struct {
	mark, space float64 // Hz
	baud        float64
}

// The modems of caller identity. Octets are sent as on a teletype: a start bit of nought, eight bits with the lowest first,
// a stop bit of one.
var (
	bell202 = modem{mark: 1200, space: 2200, baud: fskBaud} // Telcordia GR-30, YD/T 1277.1-2003
	v23     = modem{mark: 1300, space: 2100, baud: fskBaud} // ITU-T V.23, the forward channel of mode 2; ETSI EN 300 659
)

const (
	fskBaud      = 1200
	fskBit       = sampleRate / fskBaud // samples
	fskLevelDBm0 = -13.5
	fskLeastDBm0 = -48.0 // weaker than this is no signal
)

// An fskSender is a Source of bits, and then ends.
type fskSender struct {
	modem modem
	bits  []byte  // each 0 or 1
	part  float64 // of the bit that is sent now
	tone  oscillator
}

// Next fills the frame and reports whether there is more to come. The phase is continuous from bit to bit.
func (s *fskSender) Next(f *telephony.Frame) (more bool) {
	peak, steps := Peak(fskLevelDBm0), [2]uint32{stepOf(s.modem.space), stepOf(s.modem.mark)}
	for i := range f {
		if len(s.bits) == 0 {
			f[i] = 0
			continue
		}
		s.tone.step = steps[s.bits[0]]
		f[i] = saturate(peak * s.tone.next())
		if s.part += s.modem.baud / sampleRate; s.part >= 1 {
			s.part--
			s.bits = s.bits[1:]
		}
	}
	return len(s.bits) > 0
}

// appendOctet appends the ten bits of an octet.
func appendOctet(bits []byte, octet byte) []byte {
	bits = append(bits, 0)
	for i := range 8 {
		bits = append(bits, octet>>i&1)
	}
	return append(bits, 1)
}

// One receiver hears both modems: it compares the powers 50 Hz beside the frequencies of each, and a window of one bit is
// 1140 Hz wide. These come round after 160 samples, so the receiver mixes with a table. Its sums are of whole numbers, and
// so exact for ever.
const (
	fskMark   = 1250.0 // Hz
	fskSpace  = 2150.0 // Hz
	fskTable  = 160
	fskWindow = 7 // samples: a bit is 6.67
)

var fskWaves = func() (t [fskTable][4]int64) {
	for i := range t {
		mark, space := 2*math.Pi*fskMark*float64(i)/sampleRate, 2*math.Pi*fskSpace*float64(i)/sampleRate
		for k, v := range [4]float64{math.Cos(mark), math.Sin(mark), math.Cos(space), math.Sin(space)} {
			t[i][k] = int64(math.Round(v * (1 << 14)))
		}
	}
	return t
}()

// fskLeast is the least sum of the two powers in the receiver's units.
var fskLeast = math.Pow(Peak(fskLeastDBm0)/2*fskWindow*(1<<14), 2)

// An fskSymbol is what the receiver may find at a sample.
type fskSymbol int

const (
	fskNothing fskSymbol = iota
	fskOctet             // an octet is complete
	fskBroken            // the signal has gone, or a stop bit was missing
)

// An fskReceiver compares the powers of mark and space over the last bit, and cuts out octets from there.
type fskReceiver struct {
	at     int                 // in the table
	mixed  [fskWindow][4]int64 // products of the last samples
	newest int
	sum    [4]int64
	before float64 // mark less space, one sample ago
	marks  int     // samples of mark since the last space

	wait  float64 // samples to the middle of the next bit
	bit   int     // of an octet: 0 none, 1 the start bit, 2-9, 10 the stop bit
	octet byte
	lead  float64 // samples of mark before its start bit
}

// hear takes in one sample and tells what is complete with it.
func (r *fskReceiver) hear(sample int16) fskSymbol {
	mark, space := r.powers(sample)
	if mark+space < fskLeast {
		if r.marks > 0 || r.bit > 0 {
			r.marks, r.bit = 0, 0
			return fskBroken
		}
		return fskNothing
	}
	before, now, marks := r.before, mark-space, r.marks
	r.before = now
	if r.marks++; now <= 0 {
		r.marks = 0
	}
	if r.bit == 0 {
		if before > 0 && now <= 0 { // the beginning of a start bit lies between the two samples
			r.bit, r.wait, r.lead = 1, fskBit/2-now/(now-before), float64(marks)
		}
		return fskNothing
	}
	if r.wait--; r.wait > 0 {
		return fskNothing
	}
	return r.take(now - r.wait*(before-now)) // half a sample late at most
}

// take decides a bit from mark less space in its middle.
func (r *fskReceiver) take(v float64) fskSymbol {
	r.wait += fskBit
	one := v > 0
	switch r.bit {
	case 1:
		if one { // a spike, not a start bit
			r.bit = 0
			return fskNothing
		}
	case 10:
		r.bit = 0
		if !one {
			return fskBroken
		}
		return fskOctet
	default:
		r.octet >>= 1
		if one {
			r.octet |= 0x80
		}
	}
	r.bit++
	return fskNothing
}

// powers returns the powers of mark and space over the last bit.
func (r *fskReceiver) powers(sample int16) (mark, space float64) {
	wave, old := &fskWaves[r.at], &r.mixed[r.newest]
	for k := range old {
		product := int64(sample) * wave[k]
		r.sum[k] += product - old[k]
		old[k] = product
	}
	r.at = (r.at + 1) % fskTable
	r.newest = (r.newest + 1) % fskWindow
	mi, mq, si, sq := float64(r.sum[0]), float64(r.sum[1]), float64(r.sum[2]), float64(r.sum[3])
	return mi*mi + mq*mq, si*si + sq*sq
}
