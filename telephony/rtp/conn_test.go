package rtp

import (
	"errors"
	"net/netip"
	"testing"

	"callbox/telephony"
)

var loopback = netip.MustParseAddr("127.0.0.1")

func TestListenTakesEvenPorts(t *testing.T) {
	const lo, hi = 23457, 23463 // holds 23458, 23460 and 23462
	ports := map[uint16]Conn{}
	for range 3 {
		conn, err := Listen(loopback, lo, hi)
		if err != nil {
			t.Fatal(err)
		}
		port := conn.LocalAddr().Port()
		if port%2 != 0 || port < lo || port > hi || ports[port] != nil {
			t.Errorf("RFC 3550 11: port %d", port)
		}
		ports[port] = conn
	}
	var refused *telephony.Error
	if _, err := Listen(loopback, lo, hi); !errors.As(err, &refused) || refused.Code != telephony.Busy {
		t.Errorf("a fourth port: %v", err)
	}
	for _, conn := range ports {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	conn, err := Listen(loopback, lo, hi)
	if err != nil {
		t.Fatal("closed ports are not free:", err)
	}
	conn.Close()
	if _, err := Listen(loopback, 23457, 23457); !errors.As(err, &refused) || refused.Code != telephony.Invalid {
		t.Errorf("a range without an even port: %v", err)
	}
}

func TestSocketCarriesDatagrams(t *testing.T) {
	for _, addr := range []string{"127.0.0.1", "::1"} {
		t.Run(addr, func(t *testing.T) {
			a, b := listenOn(t, addr), listenOn(t, addr)
			var room [8]byte
			if _, _, ok := b.TryRead(room[:]); ok {
				t.Error("read what nobody sent")
			}
			if err := a.WriteTo([]byte("0123456789"), b.LocalAddr()); err != nil {
				t.Fatal(err)
			}
			if n, from, ok := b.TryRead(room[:]); !ok || string(room[:n]) != "01234567" || from != a.LocalAddr() {
				t.Errorf("read %q from %v", room[:n], from)
			}
			b.Close()
			b.Close()
			if _, _, ok := b.TryRead(room[:]); ok || b.WriteTo(room[:], a.LocalAddr()) == nil {
				t.Error("a closed socket is alive")
			}
		})
	}
}

func listenOn(t testing.TB, addr string) Conn {
	t.Helper()
	conn, err := Listen(netip.MustParseAddr(addr), 24000, 28999)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// BenchmarkLeg is one tick of one leg over loopback: a frame said and sent, the same one received and heard.
func BenchmarkLeg(b *testing.B) {
	conn := listenOn(b, "127.0.0.1")
	s := NewSession(conn)
	s.Configure(Params{Remote: conn.LocalAddr(), Codec: PCMA, InBandDTMF: false, EventPT: 101})
	benchmarkTick(b, s)
}

// BenchmarkLegInBand adds the receiver of keys in the audio.
func BenchmarkLegInBand(b *testing.B) {
	conn := listenOn(b, "127.0.0.1")
	s := NewSession(conn)
	s.Configure(Params{Remote: conn.LocalAddr(), Codec: PCMA, InBandDTMF: true})
	benchmarkTick(b, s)
}

// BenchmarkLegWithoutKernel is the same without a socket: what the session itself costs.
func BenchmarkLegWithoutKernel(b *testing.B) {
	conn := &loop{}
	s := NewSession(conn)
	s.Configure(Params{Remote: conn.LocalAddr(), Codec: PCMA, EventPT: 101})
	benchmarkTick(b, s)
}

func benchmarkTick(b *testing.B, s *Session) {
	var said, heard telephony.Frame
	b.ReportAllocs()
	for b.Loop() {
		s.Say(&said)
		s.Hear(&heard)
	}
	if s.Stats().Lost > 0 {
		b.Errorf("%+v", s.Stats())
	}
}

// BenchmarkRelay is the floor: the same datagram sent and received by the bare system calls.
func BenchmarkRelay(b *testing.B) {
	conn := listenOn(b, "127.0.0.1")
	var packet [headerSize + telephony.FrameSamples]byte
	b.ReportAllocs()
	for b.Loop() {
		_ = conn.WriteTo(packet[:], conn.LocalAddr())
		for ok := true; ok; {
			_, _, ok = conn.TryRead(packet[:])
		}
	}
}

func BenchmarkEmptyRead(b *testing.B) {
	conn := listenOn(b, "127.0.0.1")
	var packet [headerSize + telephony.FrameSamples]byte
	b.ReportAllocs()
	for b.Loop() {
		conn.TryRead(packet[:])
	}
}

// A loop gives back what was written to it.
type loop struct {
	packet [maxPacket]byte
	n      int
}

func (l *loop) Control() Conn             { return nil }
func (l *loop) Lock(netip.AddrPort)       {}
func (l *loop) LocalAddr() netip.AddrPort { return far }
func (l *loop) Close() error              { return nil }

func (l *loop) WriteTo(b []byte, _ netip.AddrPort) error {
	l.n = copy(l.packet[:], b)
	return nil
}

func (l *loop) TryRead(b []byte) (n int, from netip.AddrPort, ok bool) {
	n, l.n = copy(b, l.packet[:l.n]), 0
	return n, far, n > 0
}
