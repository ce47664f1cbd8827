package dsp

import (
	"testing"
	"time"
)

// preamble is a second of HDLC flags and then a frame, as bits.
func preamble(flags int, shared bool) (bits []byte) {
	for range flags {
		bits = append(bits, 0, 1, 1, 1, 1, 1, 1)
		if !shared {
			bits = append(bits, 0)
		}
	}
	for _, octet := range []byte{0xff, 0x13, 0x80, 0x00, 0xce} { // address, control, DIS
		for i := range 8 {
			bits = append(bits, octet>>i&1)
		}
	}
	return bits
}

// flagged counts how often a receiver hears a preamble.
func flagged(s sound) (n int) {
	r := NewV21Receiver()
	for _, f := range s.frames() {
		if r.Frame(&f) {
			n++
		}
	}
	return n
}

func TestV21Flags(t *testing.T) {
	send := func(w wire, bits []byte, m modem) sound { return w.send(bits, m).to(w.dBm0) }
	good := wire{baud: 1, pitch: 1, dBm0: -13}
	with := func(change func(*wire)) wire { w := good; change(&w); return w }
	for _, c := range []struct {
		name  string
		sound sound
		snr   float64
		want  int
	}{
		{"T.30 5.3.1 preamble", send(good, preamble(37, false), v21High), 60, 1},
		{"flags that share their noughts", send(good, preamble(37, true), v21High), 60, 1},
		{"T.30 5.3.1 -43 dBm is the least", send(with(func(w *wire) { w.dBm0 = -40 }), preamble(37, false), v21High), 60, 1},
		{"V.21 +6 Hz", send(with(func(w *wire) { w.pitch = 1.0034 }), preamble(37, false), v21High), 60, 1},
		{"V.21 -6 Hz", send(with(func(w *wire) { w.pitch = 0.9966 }), preamble(37, false), v21High), 60, 1},
		{"twist 6 dB", send(with(func(w *wire) { w.twist = 6 }), preamble(37, false), v21High), 60, 1},
		{"15 dB of noise", send(good, preamble(37, false), v21High), 15, 1},
		{"four flags are none", send(good, preamble(4, false), v21High), 60, 0},
		{"channel 1 is a modem's, not a fax's", send(good, preamble(37, false), modem{mark: 980, space: 1180, baud: 300}), 60, 0},
		{"caller identity", play(EncodeCallerID(callers[1], FormMDMF), time.Minute), 60, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for shift := range 5 {
				level := c.sound.level()
				s := make(sound, 500+31*shift).then(c.sound, silence(100*ms)).noise(level-c.snr, uint64(shift))
				if got := flagged(s); got != c.want {
					t.Fatalf("shifted %d: heard %d", shift, got)
				}
			}
		})
	}
}

func TestV21NotInSpeech(t *testing.T) {
	for seed := range uint64(2) {
		if n := flagged(speech(seed, time.Minute).then(music(seed, time.Minute))); n > 0 {
			t.Errorf("seed %d: heard %d", seed, n)
		}
	}
}

func BenchmarkV21Receiver(b *testing.B) {
	frames, r := speech(1, time.Second).frames(), NewV21Receiver()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.Frame(&frames[i%len(frames)])
	}
}
