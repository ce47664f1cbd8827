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

// An fskEar compares the powers of two frequencies over a sliding window of one bit. Both must come round within 160
// samples, that is be multiples of 50 Hz, so it mixes with a table; its sums are of whole numbers, and so exact for ever.
type fskEar struct {
	waves  *fskWaves
	at     int        // in the table
	mixed  [][4]int64 // products of the last samples
	newest int
	sum    [4]int64
}

type fskWaves [160][4]int64

func newFSKEar(waves *fskWaves, window int) fskEar {
	return fskEar{waves: waves, mixed: make([][4]int64, window)}
}

func fskWavesOf(mark, space float64) (t fskWaves) {
	for i := range t {
		m, s := 2*math.Pi*mark*float64(i)/sampleRate, 2*math.Pi*space*float64(i)/sampleRate
		for k, v := range [4]float64{math.Cos(m), math.Sin(m), math.Cos(s), math.Sin(s)} {
			t[i][k] = int64(math.Round(v * (1 << 14)))
		}
	}
	return t
}

// fskPower is the power of a tone in an ear's units.
func fskPower(dBm0 float64, window int) float64 {
	return math.Pow(Peak(dBm0)/2*float64(window)*(1<<14), 2)
}

// powers takes in one sample and returns the powers of mark and space over the last bit.
func (e *fskEar) powers(sample int16) (mark, space float64) {
	wave, old := &e.waves[e.at], &e.mixed[e.newest]
	for k := range old {
		product := int64(sample) * wave[k]
		e.sum[k] += product - old[k]
		old[k] = product
	}
	if e.at++; e.at == len(e.waves) {
		e.at = 0
	}
	if e.newest++; e.newest == len(e.mixed) {
		e.newest = 0
	}
	mi, mq, si, sq := float64(e.sum[0]), float64(e.sum[1]), float64(e.sum[2]), float64(e.sum[3])
	return mi*mi + mq*mq, si*si + sq*sq
}

// One receiver hears both modems of caller identity: it listens 50 Hz beside the frequencies of each, and a window of one
// bit is 1140 Hz wide.
const fskWindow = 7 // samples: a bit is 6.67

var (
	callerIDWaves = fskWavesOf((bell202.mark+v23.mark)/2, (bell202.space+v23.space)/2)
	fskLeast      = fskPower(fskLeastDBm0, fskWindow) // of both together
)

// An fskSymbol is what the receiver may find at a sample.
type fskSymbol int

const (
	fskNothing fskSymbol = iota
	fskOctet             // an octet is complete
	fskBroken            // the signal has gone, or a stop bit was missing
)

// An fskReceiver cuts octets out of what its ear compares.
type fskReceiver struct {
	ear    fskEar
	before float64 // mark less space, one sample ago
	marks  int     // samples of mark since the last space

	wait  float64 // samples to the middle of the next bit
	bit   int     // of an octet: 0 none, 1 the start bit, 2-9, 10 the stop bit
	octet byte
	lead  float64 // samples of mark before its start bit
}

// hear takes in one sample and tells what is complete with it.
func (r *fskReceiver) hear(sample int16) fskSymbol {
	mark, space := r.ear.powers(sample)
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
