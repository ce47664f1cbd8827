package rtp

import (
	"net"
	"net/netip"
	"testing"

	"callbox/telephony"
	"callbox/telephony/dsp"

	"github.com/pion/rtp"
)

// A wire is the network as one session sees it: the test puts packets in and looks at what came out.
type wire struct {
	in      []datagram
	out     []datagram
	closed  bool
	lock    netip.AddrPort
	control Conn
	refuses bool
}

type datagram struct {
	octets []byte
	addr   netip.AddrPort
}

func (w *wire) TryRead(b []byte) (int, netip.AddrPort, bool) {
	if len(w.in) == 0 {
		return 0, netip.AddrPort{}, false
	}
	d := w.in[0]
	w.in = w.in[1:]
	return copy(b, d.octets), d.addr, true
}

func (w *wire) WriteTo(b []byte, to netip.AddrPort) error {
	if w.refuses {
		return net.ErrClosed
	}
	w.out = append(w.out, datagram{append([]byte(nil), b...), to})
	return nil
}

func (w *wire) Control() Conn             { return w.control }
func (w *wire) Lock(far netip.AddrPort)   { w.lock = far }
func (w *wire) LocalAddr() netip.AddrPort { return netip.MustParseAddrPort("192.0.2.1:4000") }
func (w *wire) Close() error              { w.closed = true; return nil }

// sent takes out what was sent.
func (w *wire) sent(t testing.TB) []rtp.Packet {
	t.Helper()
	packets := make([]rtp.Packet, len(w.out))
	for i, d := range w.out {
		if err := packets[i].Unmarshal(d.octets); err != nil {
			t.Fatal(err)
		}
	}
	w.out = nil
	return packets
}

var (
	far    = netip.MustParseAddrPort("192.0.2.2:4000")
	nat    = netip.MustParseAddrPort("203.0.113.9:31000")
	nobody = netip.MustParseAddrPort("198.51.100.66:6666")
)

// A phone is a far end that sends packets into a wire.
type phone struct {
	wire *wire
	addr netip.AddrPort
	rtp.Header
}

func newPhone(w *wire, addr netip.AddrPort) *phone {
	return &phone{wire: w, addr: addr, Header: rtp.Header{Version: 2, PayloadType: 8, SSRC: 7, SequenceNumber: 65530, Timestamp: 4294967000}}
}

// send sends a packet with the phone's header as it is, and moves its sequence number on.
func (p *phone) send(payload []byte) {
	b, err := (&rtp.Packet{Header: p.Header, Payload: payload}).Marshal()
	if err != nil {
		panic(err)
	}
	p.wire.in = append(p.wire.in, datagram{b, p.addr})
	p.SequenceNumber++
}

// talk sends so many milliseconds of one level.
func (p *phone) talk(level int16, ms int) {
	p.send(alaw(level, ms*8))
	p.Timestamp += uint32(ms * 8)
}

func alaw(level int16, n int) []byte {
	b, s := make([]byte, n), make([]int16, n)
	for i := range s {
		s[i] = level
	}
	dsp.EncodeALaw(b, s)
	return b
}

// coded is a level as it comes out of A-law.
func coded(level int16) int16 {
	var s [1]int16
	dsp.DecodeALaw(s[:], alaw(level, 1))
	return s[0]
}

func newSession(p Params) (*Session, *wire) {
	w := &wire{}
	s := NewSession(w)
	if !p.Remote.IsValid() {
		p.Remote = far
	}
	if p.Codec.Name == "" {
		p.Codec = PCMA
	}
	s.Configure(p)
	return s, w
}

// hear is a tick of hearing; it returns the last sample.
func hear(s *Session) int16 {
	var f telephony.Frame
	s.Hear(&f)
	return f[len(f)-1]
}

// hears tells which levels come out in so many ticks, while the phone talks at the given level.
func hears(s *Session, p *phone, level int16, ticks int) (last int16) {
	for range ticks {
		p.talk(level, 20)
		last = hear(s)
	}
	return last
}

func TestSpeechComesThroughAfter30Milliseconds(t *testing.T) {
	s, w := newSession(Params{})
	p := newPhone(w, far)
	for tick := range 50 {
		p.talk(int16(1000+100*tick), 20)
		want := int16(0)
		if tick >= 1 { // a tick ends 10 ms into a packet
			want = coded(int16(1000 + 100*(tick-1)))
		}
		if got := hear(s); got != want && tick != 1 { // the first packet is led in
			t.Fatalf("tick %d: heard %d, want %d", tick, got, want)
		}
	}
	if st := s.Stats(); st.Received != 50 || st.Lost+st.Late+st.Malformed+st.Foreign+st.Concealed != 0 {
		t.Errorf("%+v", st)
	}
}

func TestOtherCodecAndPtimes(t *testing.T) {
	for _, ptime := range []int{10, 20, 30, 40, 60} {
		s, w := newSession(Params{Codec: PCMU})
		p := newPhone(w, far)
		due := 0
		for tick := range 100 {
			for ; due <= tick*20; due += ptime {
				p.talk(1000, ptime)
			}
			if got := hear(s); tick > 2 && got != coded(1000) {
				t.Fatalf("packets of %d ms, tick %d: heard %d", ptime, tick, got)
			}
		}
	}
}

func TestSaidSpeechIsSent(t *testing.T) {
	for _, row := range []struct {
		codec Codec
		ptime int
		sizes []int // octets of the packets of six ticks
	}{
		{PCMA, 0, []int{160, 160, 160, 160, 160, 160}},
		{PCMU, 20, []int{160, 160, 160, 160, 160, 160}},
		{PCMA, 10, []int{80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80}},
		{PCMA, 30, []int{240, 240, 240, 240}},
		{PCMU, 60, []int{480, 480}},
		{PCMU, 900, []int{480, 480}},
	} {
		s, w := newSession(Params{Codec: row.codec, PtimeMS: row.ptime})
		for tick := range 6 {
			var f telephony.Frame
			for i := range f {
				f[i] = int16(tick*1000 + i)
			}
			s.Say(&f)
		}
		var heard []int16
		packets := w.sent(t)
		if len(packets) != len(row.sizes) {
			t.Fatalf("%s of %d ms: %d packets, want %d", row.codec.Name, row.ptime, len(packets), len(row.sizes))
		}
		for i, p := range packets {
			if len(p.Payload) != row.sizes[i] || p.PayloadType != row.codec.PayloadType || p.Marker != (i == 0) {
				t.Errorf("packet %d: %v with %d octets", i, p.Header, len(p.Payload))
			}
			if i > 0 && (p.SequenceNumber != packets[i-1].SequenceNumber+1 || p.Timestamp != packets[i-1].Timestamp+uint32(row.sizes[i-1]) || p.SSRC != packets[0].SSRC) {
				t.Errorf("packet %d does not follow: %v after %v", i, p.Header, packets[i-1].Header)
			}
			samples := make([]int16, len(p.Payload))
			decoder(s.in.params, p.PayloadType)(samples, p.Payload)
			heard = append(heard, samples...)
		}
		for i, v := range heard {
			if want := i/160*1000 + i%160; int(v) < want-200 || int(v) > want+200 {
				t.Fatalf("sample %d is %d, want %d", i, v, want)
			}
		}
	}
}

func TestDirections(t *testing.T) {
	for _, row := range []struct {
		direction    Direction
		name         string
		hears, sends bool
	}{
		{SendRecv, "sendrecv", true, true},
		{SendOnly, "sendonly", false, true},
		{RecvOnly, "recvonly", true, false},
		{Inactive, "inactive", false, false},
	} {
		s, w := newSession(Params{Direction: row.direction})
		heard := hears(s, newPhone(w, far), 1000, 10) != 0
		var f telephony.Frame
		s.Say(&f)
		if sent := len(w.out) > 0; heard != row.hears || sent != row.sends || len(w.in) != 0 || row.direction.String() != row.name {
			t.Errorf("%v: heard %v, sent %v, %d packets left", row.direction, heard, sent, len(w.in))
		}
	}
}

// Time goes on where nothing is sent, and what comes after is marked (RFC 3550 5.1, RFC 3551 4.1).
func TestTimestampRunsThroughAPause(t *testing.T) {
	s, w := newSession(Params{})
	var f telephony.Frame
	s.Say(&f)
	s.Configure(Params{Remote: far, Codec: PCMA, Direction: Inactive})
	for range 10 {
		s.Say(&f)
	}
	s.Configure(Params{Remote: far, Codec: PCMA})
	s.Say(&f)
	p := w.sent(t)
	if len(p) != 2 || p[1].Timestamp-p[0].Timestamp != 11*160 || p[1].SequenceNumber-p[0].SequenceNumber != 1 || !p[1].Marker {
		t.Errorf("%v", p)
	}
}

func TestSilentBeforeConfigureAndAfterClose(t *testing.T) {
	w := &wire{}
	s := NewSession(w)
	p := newPhone(w, far)
	var f telephony.Frame
	if s.Say(&f); hears(s, p, 1000, 5) != 0 || len(w.out) != 0 {
		t.Error("not silent before it is configured")
	}
	w.in = nil
	s.Configure(Params{Remote: far, Codec: PCMA})
	if hears(s, p, 1000, 10) == 0 {
		t.Error("silent when configured")
	}
	s.Close()
	s.Close()
	if s.Say(&f); hears(s, p, 1000, 10) != 0 || len(w.out) != 0 || !w.closed {
		t.Error("not silent after Close")
	}
}

func TestNothingIsSentToNowhere(t *testing.T) {
	for _, remote := range []string{"0.0.0.0:4000", "192.0.2.2:0"} { // hold as in RFC 3264 8.4, a refused stream
		s, w := newSession(Params{Remote: netip.MustParseAddrPort(remote)})
		var f telephony.Frame
		if s.Say(&f); len(w.out) != 0 {
			t.Errorf("sent to %s", remote)
		}
	}
}

func TestLostIsToldOnceAfterMediaTimeout(t *testing.T) {
	ticks := int(MediaTimeout / telephony.Tick)
	told := func(s *Session) bool {
		select {
		case <-s.Lost():
			return true
		default:
			return false
		}
	}
	s, w := newSession(Params{})
	p := newPhone(w, far)
	hears(s, p, 0, 10)
	for range ticks - 1 {
		hear(s)
	}
	hears(s, p, 0, 1)
	for range ticks - 1 {
		hear(s)
	}
	if told(s) {
		t.Error("told although a packet came")
	}
	for range 3 * ticks {
		hear(s)
	}
	if !told(s) || told(s) {
		t.Error("not told once")
	}
	s.Configure(Params{Remote: far, Codec: PCMA, Direction: SendOnly})
	for range 3 * ticks {
		hear(s)
	}
	if told(s) {
		t.Error("told although the far end is not to send")
	}
	s.Configure(Params{Remote: far, Codec: PCMA})
	for range 3 * ticks {
		hear(s)
	}
	if !told(s) {
		t.Error("not told after it was configured again")
	}
}

func TestTickAllocatesNothing(t *testing.T) {
	conn, err := Listen(netip.MustParseAddr("127.0.0.1"), 20000, 29999)
	if err != nil {
		t.Fatal(err)
	}
	s := NewSession(conn)
	s.Configure(Params{Remote: conn.LocalAddr(), Codec: PCMA, InBandDTMF: true})
	t.Cleanup(s.Close)
	var said, heard telephony.Frame
	if n := testing.AllocsPerRun(500, func() {
		s.Say(&said)
		s.Hear(&heard)
	}); n != 0 {
		t.Errorf("%v allocations a tick", n)
	}
	if s.Stats().Received < 490 {
		t.Errorf("%+v", s.Stats())
	}
}

// pain 39: after a hold of eleven minutes the far end, which went on sending, is heard again at once.
func TestHeardAgainAfterALongHold(t *testing.T) {
	for _, direction := range []Direction{SendOnly, Inactive} {
		s, w := newSession(Params{})
		p := newPhone(w, far)
		hears(s, p, 1000, 10)
		s.Configure(Params{Remote: far, Codec: PCMA, Direction: direction})
		hears(s, p, 1000, 11*60*50)
		s.Configure(Params{Remote: far, Codec: PCMA})
		if hears(s, p, 2000, 5) != coded(2000) {
			t.Errorf("after %v: not heard within 100 ms", direction)
		}
	}
}
