package dsp

import "callbox/telephony"

// A fax machine speaks by ITU-T V.21, channel 2: 1650 Hz is a one, 1850 Hz a nought, 300 bits a second. Before each of its
// frames it sends HDLC flags, 01111110, for a second (ITU-T T.30 5.3.1): six ones and two noughts, or one that two flags
// share, again and again, which nothing else on a line does.
var v21High = modem{mark: 1650, space: 1850, baud: 300}

const (
	v21Bit       = sampleRate / 300 // samples
	v21Window    = 27
	v21LeastDBm0 = -43.0 // T.30 5.3.1: what a receiver must hear
	v21Slack     = 0.6   // bits by which a run may be off
	v21Flags     = 6     // in a row make sure: 160 ms
)

var (
	v21Waves = fskWavesOf(v21High.mark, v21High.space)
	v21Least = fskPower(v21LeastDBm0, v21Window)
)

// A V21Receiver listens for the flags of a fax machine. It belongs to the goroutine that feeds it.
type V21Receiver struct {
	ear   fskEar
	mark  bool
	run   int // samples of what is heard now
	flags int // in a row
}

// NewV21Receiver returns a receiver that has heard nothing yet.
func NewV21Receiver() *V21Receiver { return &V21Receiver{ear: newFSKEar(&v21Waves, v21Window)} }

// Frame takes in the next frame and reports the flags of a preamble once, 160-190 ms after its beginning.
func (r *V21Receiver) Frame(f *telephony.Frame) (flags bool) {
	for _, sample := range f {
		mark, space := r.ear.powers(sample)
		switch {
		case mark+space < v21Least:
			r.run, r.flags = 0, 0
		case (mark > space) == r.mark:
			r.run++
		default:
			flags = r.change() || flags
			r.mark, r.run = !r.mark, 1
		}
	}
	return flags
}

// change takes in a run that ends and tells whether it makes sure of flags.
func (r *V21Receiver) change() bool {
	bits := float64(r.run) / v21Bit
	switch {
	case !r.mark && bits > 1-v21Slack && bits < 2+v21Slack:
		return false
	case r.mark && bits > 6-v21Slack && bits < 6+v21Slack:
		r.flags++
		return r.flags == v21Flags
	}
	r.flags = 0
	return false
}
