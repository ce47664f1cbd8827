package rtp

import (
	"bytes"
	"math"
	"testing"

	"callbox/telephony"
)

// A far end that stops sending while its party is silent is heard as the noise that it describes, not as a lost one.
func TestComfortNoise(t *testing.T) {
	for _, row := range []struct {
		story   string
		payload []byte
		dBov    float64
	}{
		{"RFC 3389 3.1: a level", []byte{40}, -40},
		{"RFC 3389 3.1: the highest bit says nothing", []byte{0x80 | 40}, -40},
		{"RFC 3389 3.2: a level and the shape of a room", []byte{40, 200, 100, 127}, -40},
		{"more coefficients than are used", append([]byte{50}, bytes.Repeat([]byte{127}, 255)...), -50},
		{"the quietest", []byte{127}, -120},
	} {
		s, w := newSession(Params{})
		p := newPhone(w, far)
		hears(s, p, 100, 20)
		p.PayloadType = comfort
		p.send(row.payload)
		p.PayloadType = PCMA.PayloadType
		power := 0.0
		for tick := range 500 {
			var f telephony.Frame
			s.Hear(&f)
			for _, v := range f {
				if tick >= 100 {
					power += float64(v) * float64(v) / 400 / telephony.FrameSamples
				}
			}
		}
		p.Timestamp += 500 * 160
		if level := 10 * math.Log10(power/overload/overload+1e-12); math.Abs(level-row.dBov) > 1 {
			t.Errorf("%s: %.1f dBov, want %v", row.story, level, row.dBov)
		}
		if heard := hears(s, p, 3000, 10); heard != coded(3000) || s.Stats().Concealed != 0 {
			t.Errorf("%s: then heard %d, %+v", row.story, heard, s.Stats())
		}
		p.Timestamp += 160 // a packet is lost: that is no silence
		p.SequenceNumber++
		if hears(s, p, 3000, 10); s.Stats().Concealed == 0 {
			t.Errorf("%s: a packet lost after the silence was not concealed", row.story)
		}
	}
}
