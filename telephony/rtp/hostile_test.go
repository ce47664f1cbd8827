package rtp

import (
	"net/netip"
	"testing"

	"callbox/telephony"

	"github.com/pion/rtp"
)

func TestLatch(t *testing.T) {
	sentTo := func(s *Session, w *wire) netip.AddrPort {
		var f telephony.Frame
		s.Say(&f)
		to := w.out[len(w.out)-1].addr
		w.out = nil
		return to
	}
	t.Run("before anything is heard, packets go where the far end said", func(t *testing.T) {
		s, w := newSession(Params{})
		if to := sentTo(s, w); to != far {
			t.Errorf("sent to %v", to)
		}
	})
	t.Run("behind a NAT the source is latched", func(t *testing.T) {
		s, w := newSession(Params{})
		if hears(s, newPhone(w, nat), 1000, 10) == 0 || sentTo(s, w) != nat {
			t.Error("not heard or not sent to")
		}
	})
	t.Run("rule 7: once latched, locked", func(t *testing.T) {
		s, w := newSession(Params{})
		hears(s, newPhone(w, nat), 0, 10)
		if hears(s, newPhone(w, nobody), 1000, 100) != 0 || sentTo(s, w) != nat || s.Stats().Foreign < 100 {
			t.Errorf("a stranger was heard or sent to: %+v", s.Stats())
		}
	})
	t.Run("figure 14: a stranger who is first does not keep the far end out", func(t *testing.T) {
		s, w := newSession(Params{})
		hears(s, newPhone(w, nobody), 0, 10)
		p := newPhone(w, far)
		p.SSRC = 8
		if hears(s, p, 1000, 10) == 0 || sentTo(s, w) != far {
			t.Error("the signalled address did not take over")
		}
		if hears(s, newPhone(w, nobody), -1000, 10) < 0 {
			t.Error("the stranger is back")
		}
	})
	t.Run("a shot in the dark is not latched", func(t *testing.T) {
		s, w := newSession(Params{})
		p := newPhone(w, nobody)
		for range 100 {
			p.SequenceNumber += 7
			hears(s, p, 1000, 1)
		}
		if sentTo(s, w) != far || s.Stats().Received != 0 {
			t.Error("latched to packets that are no stream")
		}
	})
	t.Run("a re-INVITE with another address opens the latch", func(t *testing.T) {
		s, w := newSession(Params{})
		hears(s, newPhone(w, nat), 0, 10)
		s.Configure(Params{Remote: far, Codec: PCMA, PtimeMS: 30})
		hear(s)
		if w.out = nil; s.in.latch.heard != nat {
			t.Error("the same address opened the latch")
		}
		moved := netip.MustParseAddrPort("192.0.2.77:5000")
		s.Configure(Params{Remote: moved, Codec: PCMA})
		if to := sentTo(s, w); to != moved {
			t.Errorf("sent to %v", to)
		}
		p := newPhone(w, moved)
		p.SSRC = 9
		if hears(s, p, 1000, 10) == 0 {
			t.Error("the new address is not heard")
		}
	})
}

func TestSourceMayChangeInMidCall(t *testing.T) {
	s, w := newSession(Params{})
	p := newPhone(w, far)
	hears(s, p, 1000, 10)
	p.SSRC, p.SequenceNumber, p.Timestamp = 99, 4711, 1
	if got := hears(s, p, 2000, 10); got != coded(2000) {
		t.Errorf("heard %d", got)
	}
	stray := newPhone(w, far)
	stray.talk(-2000, 20)
	if got := hears(s, p, 2000, 10); got != coded(2000) || s.Stats().Lost != 0 {
		t.Errorf("after a stray packet: heard %d, %+v", got, s.Stats())
	}
}

func TestHostilePacketsAreCountedAndNotHeard(t *testing.T) {
	good, err := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 8}, Payload: make([]byte, 160)}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	with := func(at int, b ...byte) []byte {
		return append(append(append([]byte(nil), good[:at]...), b...), good[at+len(b):]...)
	}
	for _, row := range []struct {
		story  string
		packet []byte
		count  func(Stats) uint64
	}{
		{"empty", nil, refused},
		{"RFC 3550 5.1: shorter than a header", good[:11], refused},
		{"RFC 3550 5.1: version 1", with(0, 0x40), refused},
		{"RFC 3550 5.1: more sources than octets", append([]byte{0x8F}, good[1:20]...), refused},
		{"RFC 3550 5.3.1: an extension beyond the end", with(0, 0x90)[:14], refused},
		{"RFC 3550 5.1: padding of nothing", with(0, 0xA0), refused},
		{"RFC 3550 5.1: padding beyond the payload", append(with(0, 0xA0)[:171], 200), refused},
		{"no payload", good[:12], refused},
		{"over 60 ms", append(good[:len(good):len(good)], make([]byte, 400)...), refused},
		{"RFC 4733 2.3: an event cut short", append(with(1, 101)[:12], 1, 2), refused},
		{"a payload type that was not negotiated", with(1, 111), func(s Stats) uint64 { return s.Unknown }},
		{"RFC 5761 4: RTCP on the same port", with(1, 200), func(s Stats) uint64 { return 1 - s.Received }},
		{"RFC 3389: comfort noise", with(1, 13)[:13], func(s Stats) uint64 { return s.Received }},
	} {
		t.Run(row.story, func(t *testing.T) {
			s, w := newSession(Params{EventPT: 101})
			w.in = append(w.in, datagram{row.packet, far})
			if heard := hear(s); heard != 0 || row.count(s.Stats()) != 1 {
				t.Errorf("heard %d, %+v", heard, s.Stats())
			}
		})
	}
}

func refused(s Stats) uint64 { return s.Malformed }

func TestAFloodCostsABoundedTick(t *testing.T) {
	s, w := newSession(Params{})
	p := newPhone(w, nobody)
	for range 10 * mostReads {
		p.talk(0, 20)
	}
	if hear(s); len(w.in) != 9*mostReads {
		t.Errorf("%d packets were read in a tick", 10*mostReads-len(w.in))
	}
}

// FuzzPacket gives a session in mid-call two packets of somebody's choosing, from the source that it hears.
func FuzzPacket(f *testing.F) {
	good, _ := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 8, SSRC: 7, SequenceNumber: 4}, Payload: make([]byte, 160)}).Marshal()
	event, _ := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 101, SSRC: 7, Marker: true}, Payload: []byte{1, 0x8A, 3, 32}}).Marshal()
	f.Add(good, event)
	f.Add([]byte{0xBF, 8, 255, 255, 255, 255, 255, 255}, append([]byte{0x90}, good[1:]...))
	noise, _ := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: comfort, SSRC: 7, SequenceNumber: 4}, Payload: []byte{40, 255, 0, 255}}).Marshal()
	f.Add(noise, append(good[:4:4], noise[4:]...))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		s, w := newSession(Params{EventPT: 101})
		hears(s, newPhone(w, far), 1000, 4)
		for _, packet := range [][]byte{a, b, a} {
			w.in = append(w.in, datagram{packet, far})
			hear(s)
		}
		for range 20 {
			var f telephony.Frame
			for s.Hear(&f); len(w.in) > 0; {
				t.Fatal("packets are left")
			}
		}
		if st := s.Stats(); st.Received+st.Foreign+st.Duplicate > 4+3 {
			t.Fatalf("%+v", st)
		}
	})
}
