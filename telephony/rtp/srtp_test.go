package rtp

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

// keyed makes keys of a suite; each number makes others.
func keyed(t testing.TB, suite string, ours, theirs byte) *SRTP {
	t.Helper()
	size := KeySize(suite)
	s, err := NewSRTP(suite, bytes.Repeat([]byte{ours}, size), bytes.Repeat([]byte{theirs}, size))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestKeysThatDoNotFit(t *testing.T) {
	for _, row := range []struct {
		suite        string
		ours, theirs int
	}{{"AES_CM_256_HMAC_SHA1_80", 46, 46}, {Suites[0], 28, 44}, {Suites[1], 28, 0}, {"", 0, 0}} {
		if _, err := NewSRTP(row.suite, make([]byte, row.ours), make([]byte, row.theirs)); err == nil {
			t.Errorf("%+v was taken", row)
		}
	}
}

// Speech and reports go sealed in each suite, and nothing of them can be read on the way.
func TestSealedSpeech(t *testing.T) {
	for _, suite := range Suites {
		synctest.Test(t, func(t *testing.T) {
			x, y := Pipe()
			a, b := NewSession(x), NewSession(y)
			a.Configure(Params{Remote: y.LocalAddr(), Codec: PCMA, MuxControl: true, EventPT: 101, SRTP: keyed(t, suite, 1, 2)})
			b.Configure(Params{Remote: x.LocalAddr(), Codec: PCMA, MuxControl: true, EventPT: 101, SRTP: keyed(t, suite, 2, 1)})
			a.Press("5#")
			var said, heard telephony.Frame
			for i := range said {
				said[i] = 1000
			}
			for range 20 * time.Second / telephony.Tick {
				a.Say(&said)
				b.Say(&said)
				a.Hear(&heard)
				b.Hear(&heard)
				time.Sleep(telephony.Tick)
			}
			if st := b.Stats(); heard[0] != coded(1000) || st.Forged != 0 || pressed(b) != "5#" {
				t.Errorf("%s: heard %d, %+v", suite, heard[0], st)
			}
			if b.reports.told == 0 || a.reports.far.source == 0 {
				t.Errorf("%s: no reports came through", suite)
			}
		})
	}
}

// sealing is a far end that seals what a phone sends.
type sealing struct {
	*phone
	keys *SRTP
}

func (s sealing) talk(level int16) datagram {
	s.phone.talk(level, 20)
	w := s.phone.wire
	d := w.in[len(w.in)-1]
	sealed, err := s.keys.seal(d.octets)
	if err != nil {
		panic(err)
	}
	d.octets = append([]byte(nil), sealed...)
	w.in[len(w.in)-1] = d
	return d
}

// Figure 14: what is not sealed with the far end's key is counted and neither heard nor answered, wherever it comes from and
// whoever is first.
func TestForgedSpeechIsNotHeard(t *testing.T) {
	for _, suite := range Suites {
		for _, row := range []struct {
			story string
			put   func(w *wire, good datagram)
		}{
			{"speech in the clear", func(w *wire, _ datagram) { newPhone(w, far).talk(-8000, 20) }},
			{"another key", func(w *wire, _ datagram) { sealing{newPhone(w, far), keyed(t, suite, 9, 9)}.talk(-8000) }},
			{"a copy", func(w *wire, good datagram) { w.in = append(w.in, good) }},
			{"a bit turned", func(w *wire, good datagram) {
				good.octets = append([]byte(nil), good.octets...)
				good.octets[100] ^= 1
				w.in = append(w.in, good)
			}},
			{"cut short", func(w *wire, good datagram) { good.octets = good.octets[:14]; w.in = append(w.in, good) }},
			{"a report in the clear", func(w *wire, _ datagram) {
				w.in = append(w.in, datagram{[]byte{0x80, receiverReport, 0, 1, 0, 0, 0, 7}, far})
			}},
		} {
			s, w := newSession(Params{SRTP: keyed(t, suite, 1, 2), MuxControl: true})
			p := sealing{newPhone(w, far), keyed(t, suite, 2, 1)}
			var f telephony.Frame
			for range 50 {
				row.put(w, p.talk(2000))
				s.Hear(&f)
				for _, v := range f {
					if v < 0 {
						t.Fatalf("%s, %s: heard %d", suite, row.story, v)
					}
				}
			}
			if st := s.Stats(); f[0] != coded(2000) || st.Forged != 50 || st.Received != 50 {
				t.Errorf("%s, %s: heard %d, %+v", suite, row.story, f[0], st)
			}
		}
	}
}

// A stranger who floods a sealed session first gets neither the latch nor the far end's place.
func TestAFloodBeforeTheFarEndLatchesNobody(t *testing.T) {
	s, w := newSession(Params{SRTP: keyed(t, Suites[1], 1, 2)})
	stranger, p := newPhone(w, nobody), sealing{newPhone(w, nat), keyed(t, Suites[1], 2, 1)}
	for range 20 {
		for range mostReads {
			stranger.talk(-8000, 20)
		}
		hear(s)
	}
	for range 20 {
		p.talk(2000)
		hear(s)
	}
	if heard := hear(s); s.in.latch.heard != nat || heard < 0 {
		t.Errorf("latched to %v, heard %d", s.in.latch.heard, heard)
	}
	locked := s.Stats().Forged
	for range mostReads {
		stranger.talk(-8000, 20)
	}
	if hear(s); s.Stats().Forged != locked { // once latched, a stranger costs no decryption
		t.Errorf("%d more were decrypted", s.Stats().Forged-locked)
	}
}

// pain 39: the rollover counter goes on while a call is on hold, and through a re-INVITE with the same keys.
func TestSealedSpeechIsHeardAfterALongHold(t *testing.T) {
	keys := keyed(t, Suites[1], 1, 2)
	s, w := newSession(Params{SRTP: keys})
	p := sealing{newPhone(w, far), keyed(t, Suites[1], 2, 1)}
	talk := func(level int16, ticks int) (heard int16) {
		for range ticks {
			p.talk(level)
			heard = hear(s)
		}
		return heard
	}
	talk(1000, 10)
	s.Configure(Params{Remote: far, Codec: PCMA, SRTP: keys, Direction: Inactive})
	talk(1000, 1<<17) // 44 minutes: the sequence number wraps twice
	s.Configure(Params{Remote: far, Codec: PCMA, SRTP: keys})
	if heard := talk(2000, 10); heard != coded(2000) || s.Stats().Forged != 0 {
		t.Errorf("heard %d, %+v", heard, s.Stats())
	}
}

func TestSealedTickAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes a sync.Pool allocate")
	}
	for _, suite := range Suites {
		conn := listenOn(t, "127.0.0.1")
		s := NewSession(conn)
		s.Configure(Params{Remote: conn.LocalAddr(), Codec: PCMA, SRTP: keyed(t, suite, 1, 1)})
		var said, heard telephony.Frame
		if n := testing.AllocsPerRun(500, func() {
			s.Say(&said)
			s.Hear(&heard)
		}); n != 0 || s.Stats().Received < 490 {
			t.Errorf("%s: %v allocations a tick, %+v", suite, n, s.Stats())
		}
	}
}

// BenchmarkLegSealed is BenchmarkLegWithoutKernel with SRTP.
func BenchmarkLegSealed(b *testing.B) {
	for _, suite := range Suites {
		b.Run(suite, func(b *testing.B) {
			conn := &loop{}
			s := NewSession(conn)
			s.Configure(Params{Remote: conn.LocalAddr(), Codec: PCMA, EventPT: 101, SRTP: keyed(b, suite, 1, 1)})
			benchmarkTick(b, s)
		})
	}
}

// A far end that takes other keys in mid-call is heard by them, and hears us by ours, whose packets are counted on.
func TestFarEndTakesOtherKeys(t *testing.T) { // RFC 3711 9.1, RFC 4568 7.1.4
	for _, suite := range Suites {
		a, b := keyed(t, suite, 1, 2), keyed(t, suite, 2, 1)
		packet := func(s *SRTP, seq byte) []byte {
			sealed, err := s.seal([]byte{0x80, 8, 0, seq, 0, 0, 0, 0, 0, 0, 0, 1, 0x55})
			if err != nil {
				t.Fatal(err)
			}
			return bytes.Clone(sealed)
		}
		first := packet(a, 1)
		next, err := a.Follow(suite, bytes.Repeat([]byte{3}, KeySize(suite)))
		if err != nil {
			t.Fatal(err)
		}
		for _, sealed := range [][]byte{first, packet(next, 2)} {
			if _, err := b.open(sealed); err != nil {
				t.Errorf("%s: %v", suite, err)
			}
		}
		if _, err := next.open(packet(b, 1)); err == nil {
			t.Errorf("%s: a packet under the keys that were given up was taken", suite)
		}
		if _, err := next.open(packet(keyed(t, suite, 3, 1), 1)); err != nil {
			t.Errorf("%s: %v", suite, err)
		}
	}
}
