package rtp

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/rtcp"
)

// A lossyConn loses some of what is sent.
type lossyConn struct {
	Conn
	rng  *rand.Rand
	loss float64
}

func (c *lossyConn) WriteTo(b []byte, to netip.AddrPort) error {
	if c.rng.Float64() < c.loss {
		return nil
	}
	return c.Conn.WriteTo(b, to)
}

// talkTogether lets two sessions talk over a pipe that loses packets one way.
func talkTogether(loss float64, d time.Duration) (near, distant telephony.Quality) {
	x, y := Pipe()
	a := NewSession(&lossyConn{x, rand.New(rand.NewPCG(1, 2)), loss})
	b := NewSession(y)
	a.Configure(Params{Remote: y.LocalAddr(), Codec: PCMA, MuxControl: true})
	b.Configure(Params{Remote: x.LocalAddr(), Codec: PCMA, MuxControl: true})
	var f telephony.Frame
	for i := range f {
		f[i] = int16(100 * i)
	}
	for range d / telephony.Tick {
		for _, s := range []*Session{a, b} {
			heard := f
			s.Say(&f)
			s.Hear(&heard)
		}
		time.Sleep(telephony.Tick)
	}
	return a.Quality(), b.Quality()
}

// Both ends know how a call sounds at either of them (G.107), and how far they are apart.
func TestQuality(t *testing.T) {
	for _, row := range []struct {
		story    string
		loss     float64
		mos      [2]float64
		reported [2]float64
	}{
		{"a clean network", 0, [2]float64{4.40, 4.41}, [2]float64{0, 0}},
		{"5 % lost: G.113 gives Ie-eff 16 for G.711 with concealment", 0.05, [2]float64{3.85, 4.05}, [2]float64{0.01, 0.1}},
		{"20 % lost", 0.2, [2]float64{2.0, 2.7}, [2]float64{0.12, 0.3}},
	} {
		synctest.Test(t, func(t *testing.T) {
			near, distant := talkTogether(row.loss, 2*time.Minute)
			if distant.MOS < row.mos[0] || distant.MOS > row.mos[1] || distant.Worst > distant.MOS+0.01 || near.MOS < 4.4 {
				t.Errorf("%s: %+v", row.story, distant)
			}
			if near.FarLoss < row.reported[0] || near.FarLoss > row.reported[1] || distant.FarLoss != 0 {
				t.Errorf("%s: reported as %v and %v", row.story, near.FarLoss, distant.FarLoss)
			}
			if near.RoundTripMS > 20 || near.Fault != "" || distant.Fault != "" {
				t.Errorf("%s: %+v", row.story, near)
			}
		})
	}
}

// An independent reader understands what is reported, and each is the beginning of a compound (RFC 3550 6.1).
func TestReportsAreReadByOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w := newSession(Params{MuxControl: true})
		p := newPhone(w, far)
		var f telephony.Frame
		var gaps []time.Duration
		last := time.Now()
		var newest *rtcp.SenderReport
		for tick := range 3000 {
			if tick%10 != 9 { // one in ten is lost
				p.talk(0, 20)
			} else {
				p.SequenceNumber++
				p.Timestamp += 160
			}
			hear(s)
			s.Say(&f)
			for _, d := range w.out {
				if d.octets[1] != senderReport {
					continue
				}
				gaps, last = append(gaps, time.Since(last)), time.Now()
				packets, err := rtcp.Unmarshal(d.octets)
				if err != nil || len(packets) != 2 || rtcp.CompoundPacket(packets).Validate() != nil {
					t.Fatal(packets, err)
				}
				newest = packets[0].(*rtcp.SenderReport)
			}
			w.out = nil
			time.Sleep(telephony.Tick)
		}
		for _, g := range gaps[1:] {
			if g < 2*time.Second || g > 6300*time.Millisecond {
				t.Errorf("RFC 3550 6.3.1: %v between reports", g)
			}
		}
		if b := newest.Reports[0]; len(gaps) < 12 || b.SSRC != 7 || b.FractionLost < 20 || b.FractionLost > 31 || newest.SSRC != s.out.header.SSRC {
			t.Errorf("%d reports, the last %+v", len(gaps), newest)
		}
		if newest.PacketCount < 2500 || newest.OctetCount != newest.PacketCount*160 {
			t.Errorf("%+v", newest)
		}
	})
}

func TestReportsOfTheFarEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w := newSession(Params{MuxControl: true})
		p := newPhone(w, far)
		hears(s, p, 0, 500)
		time.Sleep(10 * time.Second)
		give := func(from netip.AddrPort, packets ...rtcp.Packet) Stats {
			b, err := rtcp.Marshal(packets)
			if err != nil {
				t.Fatal(err)
			}
			w.in = append(w.in, datagram{b, from})
			hear(s)
			return s.Stats()
		}
		about := rtcp.ReceptionReport{
			SSRC: s.out.header.SSRC, FractionLost: 64, TotalLost: 9, LastSequenceNumber: 5, Jitter: 80,
			LastSenderReport: middle(s.reports.sent.ntp), Delay: 65536,
		}
		other := about
		other.SSRC++
		other.FractionLost = 1
		if st := give(nobody, &rtcp.ReceiverReport{SSRC: 7, Reports: []rtcp.ReceptionReport{about}}); st.Foreign != 1 {
			t.Errorf("a stranger's report was heard: %+v", st)
		}
		if st := give(far, &rtcp.ReceiverReport{SSRC: 8, Reports: []rtcp.ReceptionReport{about}}); st.Foreign != 2 {
			t.Errorf("another source's report was heard: %+v", st)
		}
		give(far, &rtcp.SenderReport{SSRC: 7, NTPTime: 1 << 32, Reports: []rtcp.ReceptionReport{other, about}}, &rtcp.Goodbye{Sources: []uint32{7}})
		if r := &s.reports; r.far.fraction != 64 || r.far.jitter != 80 || r.told != 1<<16 {
			t.Errorf("%+v", r.far)
		}
		if trip := s.reports.roundTrip; s.reports.sent.ntp == 0 || trip < 8900*time.Millisecond || trip > 10*time.Second {
			t.Errorf("RFC 3550 6.4.1: a round trip of %v", trip)
		}
	})
}

func TestReportsThatAreNone(t *testing.T) {
	good, err := rtcp.Marshal([]rtcp.Packet{&rtcp.SenderReport{SSRC: 7, Reports: []rtcp.ReceptionReport{{SSRC: 9}}}, &rtcp.SourceDescription{}})
	if err != nil {
		t.Fatal(err)
	}
	with := func(at int, b byte) []byte {
		c := append([]byte(nil), good...)
		c[at] = b
		return c
	}
	for _, row := range []struct {
		story  string
		packet []byte
		ok     bool
	}{
		{"as it should be", good, true},
		{"empty", nil, false},
		{"cut in the header", good[:7], false},
		{"cut in a block", good[:40], false},
		{"version 1", with(0, 0x41), false},
		{"RFC 3550 A.2: longer than the datagram", with(3, 200), false},
		{"more blocks than octets", with(0, 0x9F), false},
		{"a second packet that is none", append(good[:len(good):len(good)], 0, 0, 0, 0), false},
		{"no report in it", good[52:], false},
		{"seventeen packets", append(good[:52:52], bytes.Repeat(good[52:], 17)...), false},
	} {
		if r, ok := readReport(row.packet, 9); ok != row.ok || ok && !r.hears.hasReception {
			t.Errorf("%s: %+v %v", row.story, r, ok)
		}
	}
}

// FuzzReport: whatever is read as a report is written as it was read.
func FuzzReport(f *testing.F) {
	r := report{from: 7, sender: true, ntp: 1 << 40, packets: 9, octets: 8, hears: reception{hasReception: true, source: 9, lost: 3}}
	f.Add(r.write(new([mostReport]byte), new([cnameSize]byte)))
	r.sender, r.ntp, r.packets, r.octets = false, 0, 0, 0
	f.Add(r.write(new([mostReport]byte), new([cnameSize]byte)))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, ok := readReport(b, 9)
		if !ok {
			return
		}
		again, ok := readReport(r.write(new([mostReport]byte), new([cnameSize]byte)), 9)
		if diff := cmp.Diff(r, again, cmp.AllowUnexported(report{}, reception{})); diff != "" || !ok {
			t.Error(diff)
		}
	})
}

// What is wrong is told within seconds, and that it is well again.
func TestFaults(t *testing.T) {
	for _, row := range []struct {
		story  string
		during func(s *Session, w *wire, p *phone) // one tick
		within time.Duration
		fault  telephony.SpeechFault
	}{
		{"no packets", func(*Session, *wire, *phone) {}, 6 * time.Second, telephony.SpeechNoPackets},
		{"digital silence", func(_ *Session, _ *wire, p *phone) { p.talk(0, 20) }, 11 * time.Second, telephony.SpeechSilence},
		{"the far end's port is closed", func(s *Session, w *wire, p *phone) {
			p.talk(1000, 20)
			w.refuses = true
		}, 5 * time.Second, telephony.SpeechUnheard},
		{"the far end reports that it hears nothing", func(s *Session, w *wire, p *phone) {
			p.talk(1000, 20)
			if p.SequenceNumber%150 == 0 {
				b, _ := rtcp.Marshal([]rtcp.Packet{&rtcp.ReceiverReport{SSRC: 7}})
				w.in = append(w.in, datagram{b, far})
			}
		}, 13 * time.Second, telephony.SpeechUnheard},
		{"a far end that is silent and says so", func(_ *Session, w *wire, p *phone) {
			if p.PayloadType = comfort; len(w.in) == 0 && !p.Marker {
				p.send([]byte{60})
				p.Marker = true
			}
		}, time.Minute, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, w := newSession(Params{MuxControl: true})
			p := newPhone(w, far)
			live := func(d time.Duration, tick func()) {
				var f telephony.Frame
				for range d / telephony.Tick {
					tick()
					s.Hear(&f)
					s.Say(&f)
					time.Sleep(telephony.Tick)
				}
			}
			told := func() telephony.SpeechFault {
				select {
				case f := <-s.Faults():
					return f
				default:
					return "nothing"
				}
			}
			s.Answered()
			if row.fault != telephony.SpeechSilence { // who spoke once is only mute
				live(20*time.Second, func() { p.talk(1000, 20) })
			}
			if got := told(); got != "nothing" {
				t.Errorf("%s: told %q while all was well", row.story, got)
			}
			if live(row.within, func() { row.during(s, w, p) }); row.fault == "" {
				row.fault = "nothing"
			}
			if got := told(); got != row.fault {
				t.Errorf("%s: told %q", row.story, got)
			}
			w.refuses, p.PayloadType, p.Marker = false, PCMA.PayloadType, false
			live(8*time.Second, func() {
				p.talk(1000, 20)
				if p.SequenceNumber%150 == 0 && row.fault == telephony.SpeechUnheard {
					b, _ := rtcp.Marshal([]rtcp.Packet{&rtcp.ReceiverReport{SSRC: 7, Reports: []rtcp.ReceptionReport{{
						SSRC: s.out.header.SSRC, LastSequenceNumber: uint32(p.SequenceNumber),
					}}}})
					w.in = append(w.in, datagram{b, far})
				}
			})
			if got := told(); row.fault != "nothing" && got != "" {
				t.Errorf("%s: told %q when all was well again", row.story, got)
			}
		})
	}
}

// Each leg has its own port for reports, which follow the speech of a far end behind a NAT.
func TestReportsHaveTheirOwnPort(t *testing.T) {
	ours, theirs := listenOn(t, "127.0.0.1"), listenOn(t, "127.0.0.1")
	if c := ours.Control(); c.LocalAddr().Port() != ours.LocalAddr().Port()+1 || c.Control() != nil {
		t.Fatal("RFC 3550 11: no port of its own")
	}
	s := NewSession(ours)
	s.Configure(Params{Remote: theirs.LocalAddr(), Codec: PCMA})
	var f telephony.Frame
	var room [64]byte
	n := 0
	for range 2 * int(reportEvery/telephony.Tick) {
		s.Say(&f)
		s.Hear(&f)
		if n, _, _ = theirs.Control().TryRead(room[:]); n > 0 {
			break
		}
	}
	if _, err := rtcp.Unmarshal(room[:n]); n == 0 || err != nil {
		t.Error("no report came:", err)
	}
	port := ours.LocalAddr().Port()
	s.Close()
	if again, err := Listen(loopback, port+1, port+1); err == nil {
		t.Error("an odd port was taken", again.LocalAddr())
	}
	if again, err := listenPair(loopback, port); err != nil {
		t.Error("the ports are not free:", err)
	} else {
		again.Close()
	}
}
