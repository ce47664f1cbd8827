package dsp

import "github.com/zaf/g711"

// One octet of silence: the code of the smallest positive sample (ITU-T G.711, Tables 1a and 2a).
const (
	ALawSilence = 0xD5
	ULawSilence = 0xFF
)

// A-law resolves 12 bits of a 16-bit sample and mu-law 14, so the encoders look up the sample without its lowest bits.
// All of it together is 21 kB and stays in the cache of a media core.
const (
	aLawShift = 4
	uLawShift = 2
)

var (
	aLawEncode [1 << (16 - aLawShift)]byte
	uLawEncode [1 << (16 - uLawShift)]byte
	aLawDecode [256]int16
	uLawDecode [256]int16
)

func init() {
	for i := range aLawEncode {
		aLawEncode[i] = g711.EncodeAlawFrame(int16(i << aLawShift))
	}
	for i := range uLawEncode {
		uLawEncode[i] = g711.EncodeUlawFrame(int16(i << uLawShift))
	}
	for i := range 256 {
		aLawDecode[i] = g711.DecodeAlawFrame(byte(i))
		uLawDecode[i] = g711.DecodeUlawFrame(byte(i))
	}
}

// EncodeALaw writes the A-law octet of each sample of src to dst, which must be as long (ITU-T G.711 3.2).
func EncodeALaw(dst []byte, src []int16) {
	dst = dst[:len(src)]
	for i, s := range src {
		dst[i] = aLawEncode[uint16(s)>>aLawShift]
	}
}

// DecodeALaw writes the sample of each A-law octet of src to dst, which must be as long.
func DecodeALaw(dst []int16, src []byte) {
	dst = dst[:len(src)]
	for i, b := range src {
		dst[i] = aLawDecode[b]
	}
}

// EncodeULaw writes the mu-law octet of each sample of src to dst, which must be as long (ITU-T G.711 3.3).
func EncodeULaw(dst []byte, src []int16) {
	dst = dst[:len(src)]
	for i, s := range src {
		dst[i] = uLawEncode[uint16(s)>>uLawShift]
	}
}

// DecodeULaw writes the sample of each mu-law octet of src to dst, which must be as long.
func DecodeULaw(dst []int16, src []byte) {
	dst = dst[:len(src)]
	for i, b := range src {
		dst[i] = uLawDecode[b]
	}
}
