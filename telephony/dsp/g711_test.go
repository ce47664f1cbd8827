package dsp

import (
	"testing"

	"callbox/telephony"

	"github.com/zaf/g711"
)

// G.711 3: the tables say for every sample and octet what the reference functions say.
func TestG711Tables(t *testing.T) {
	var octet [1]byte
	var sample [1]int16
	for v := -32768; v <= 32767; v++ {
		sample[0] = int16(v)
		if EncodeALaw(octet[:], sample[:]); octet[0] != g711.EncodeAlawFrame(sample[0]) {
			t.Fatalf("A-law of %d is %#x", v, octet[0])
		}
		if EncodeULaw(octet[:], sample[:]); octet[0] != g711.EncodeUlawFrame(sample[0]) {
			t.Fatalf("mu-law of %d is %#x", v, octet[0])
		}
	}
	for v := range 256 {
		octet[0] = byte(v)
		DecodeALaw(sample[:], octet[:])
		if EncodeALaw(octet[:], sample[:]); octet[0] != byte(v) {
			t.Errorf("A-law %#x comes back as %#x", v, octet[0])
		}
		octet[0] = byte(v)
		DecodeULaw(sample[:], octet[:])
		if EncodeULaw(octet[:], sample[:]); octet[0] != byte(v) && v != 0x7F { // 0x7F is minus nought
			t.Errorf("mu-law %#x comes back as %#x", v, octet[0])
		}
	}
}

func TestG711Silence(t *testing.T) {
	var octet [1]byte
	if EncodeALaw(octet[:], []int16{0}); octet[0] != ALawSilence {
		t.Errorf("A-law of 0 is %#x", octet[0])
	}
	if EncodeULaw(octet[:], []int16{0}); octet[0] != ULawSilence {
		t.Errorf("mu-law of 0 is %#x", octet[0])
	}
}

// G.711 Table 5: this sequence of A-law octets is a 1 kHz sine of 0 dBm0.
func TestG711Table5(t *testing.T) {
	octets := []byte{0x34, 0x21, 0x21, 0x34, 0xB4, 0xA1, 0xA1, 0xB4}
	var f telephony.Frame
	for i := 0; i < len(f); i += len(octets) {
		DecodeALaw(f[i:i+len(octets)], octets)
	}
	if got := Level(&f); got < -0.05 || got > 0.05 {
		t.Errorf("the digital milliwatt measures %.3f dBm0", got)
	}
}

func BenchmarkG711(b *testing.B) {
	var octets [telephony.FrameSamples]byte
	frame := speech(1, telephony.Tick).frames()[0]
	b.Run("EncodeALaw", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			EncodeALaw(octets[:], frame[:])
		}
	})
	b.Run("DecodeALaw", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			DecodeALaw(frame[:], octets[:])
		}
	})
}
