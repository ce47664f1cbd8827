package dahdi

import "callbox/telephony/dsp"

// A law is one of G.711.
type law struct {
	encode  func(octets []byte, samples []int16)
	decode  func(samples []int16, octets []byte)
	silence [tick]byte // the most that is ever sent ahead
}

var (
	aLaw  = newLaw(dsp.EncodeALaw, dsp.DecodeALaw, dsp.ALawSilence)
	muLaw = newLaw(dsp.EncodeULaw, dsp.DecodeULaw, dsp.ULawSilence)
)

func newLaw(encode func([]byte, []int16), decode func([]int16, []byte), silence byte) *law {
	l := &law{encode: encode, decode: decode}
	for i := range l.silence {
		l.silence[i] = silence
	}
	return l
}
