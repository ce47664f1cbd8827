package e1

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	pion "github.com/pion/rtp"
	"golang.org/x/sys/unix"

	"callbox/hal"
	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/e1/pritest"
	"callbox/telephony/media"
	"callbox/telephony/record"
	"callbox/telephony/rtp"
)

// used is the processor time of the process.
func used() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// ownPort is the port of a leg on a timeslot, without a call.
func ownPort(slot hal.Timeslot) *port {
	_ = slot.Open()
	g := &leg{span: &Span{heard: make(chan key, heardBox)}}
	g.port.init(g)
	g.port.slot.Store(&slot)
	return &g.port
}

// BenchmarkDigits is a tick of 120 bearers, each with its DTMF detector on, and what it costs of a processor (A1.1, A17.2).
func BenchmarkDigits(b *testing.B) {
	noise := loudNoise()
	var ports []*port
	for i := range 120 {
		ports = append(ports, ownPort(&loudSlot{noise: noise, at: i * 37}))
	}
	var f telephony.Frame
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range ports {
			p.Hear(&f)
			p.Say(&f)
		}
	}
	perTick := float64(b.Elapsed()) / float64(b.N)
	b.ReportMetric(100*perTick/float64(telephony.Tick), "%-of-a-core")
}

func loudNoise() []int16 {
	noise := make([]int16, telephony.SampleRate)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range noise {
		noise[i] = int16(r.NormFloat64() * 1500)
	}
	return noise
}

// A loudSlot is a timeslot on which somebody speaks.
type loudSlot struct {
	noise []int16
	at    int
}

func (s *loudSlot) Open() error  { return nil }
func (s *loudSlot) Close() error { return nil }

func (s *loudSlot) Hear(b *hal.Block) {
	s.at = (s.at + len(b)) % (len(s.noise) - len(b))
	copy(b[:], s.noise[s.at:])
}

func (s *loudSlot) Say(*hal.Block) {}

// BenchmarkBearer is a second of 30 calls between an E1 and SIP, bridged and recorded, each with its DTMF detector. Calls come in
// twos whose far ends over SIP are each other, so that all the work that is measured is the box's; the E1's driver is left out.
// CPU-us/s is what a call costs of a processor for each second of talk.
func BenchmarkBearer(b *testing.B) {
	clock := make(handClock)
	matrix := media.NewMatrix(clock, 1)
	go matrix.Run(b.Context())
	recorder := record.New(record.Options{
		Dir: b.TempDir(), Journal: nowhere{}, Free: func() int64 { return 1 << 40 }, StopFreeMB: func() int { return 0 }, Now: time.Now,
	})
	go recorder.Run(b.Context())
	noise := loudNoise()
	const calls = 30
	for n := 0; n < calls; n += 2 {
		conns := [2]rtp.Conn{listenRTP(b), listenRTP(b)}
		for i, conn := range conns {
			s := rtp.NewSession(conn)
			s.Configure(rtp.Params{Remote: conns[1-i].LocalAddr(), Codec: rtp.PCMA})
			bridge := matrix.Open()
			caller := bridge.Attach(ownPort(&loudSlot{noise: noise, at: 37 * (n + i)}))
			bridge.Join(caller, bridge.Attach(s))
			r, err := recorder.Start(telephony.NewCallID(1, uint64(n+i)), "call", "")
			if err != nil {
				b.Fatal(err)
			}
			caller.Listen(r)
		}
	}
	clock <- time.Time{}
	before := used()
	for b.Loop() {
		for range time.Second / telephony.Tick {
			clock <- time.Time{}
		}
	}
	clock <- time.Time{}
	b.ReportMetric(float64((used()-before).Microseconds())/float64(b.N)/calls, "CPU-us/s")
}

// handClock ticks when the benchmark says so.
type handClock chan time.Time

func (c handClock) Ticks(time.Duration) (<-chan time.Time, func()) { return c, func() {} }

type nowhere struct{}

func (nowhere) Append(telephony.Entry) {}

func listenRTP(b *testing.B) rtp.Conn {
	b.Helper()
	conn, err := rtp.Listen(netip.MustParseAddr("127.0.0.1"), 20000, 29998)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return conn
}

// BenchmarkDelay is the way of speech through the box in real time: from the last octet of a block on the E1 to the packet of
// SIP that has it, and from a packet to the E1's block. The 20 ms that a block is collected come on top at either end.
func BenchmarkDelay(b *testing.B) {
	a := pritest.Ports(b, 4)
	x, err := sim.New(sim.Options{Lines: []sim.Service{{}}, Spans: []sim.SpanService{{Wire: fmt.Sprintf("frames:%s,%s,slots:%s,%s", a[0], a[1], a[2], a[3])}}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(x.Close)
	matrix := media.NewMatrix(hal.SystemClock{}, 1)
	matrix.RealTime = true
	go matrix.Run(b.Context())
	line, phone := socket(b, a[3], a[2]), socket(b, "127.0.0.1:0", "")
	conn := listenRTP(b)
	s := rtp.NewSession(conn)
	s.Configure(rtp.Params{Remote: phone.LocalAddr().(*net.UDPAddr).AddrPort(), Codec: rtp.PCMA})
	bridge := matrix.Open()
	bridge.Join(bridge.Attach(ownPort(x.Spans()[0].Timeslot(1))), bridge.Attach(s))
	toSIP, toE1 := make(chan time.Duration, 1<<16), make(chan time.Duration, 1<<16)
	sent := newMarks()
	go speakE1(line, sent)
	go hearSIP(phone, sent, toSIP)
	back := newMarks()
	go speakSIP(phone, conn.LocalAddr(), back)
	go hearE1(line, back, toE1)
	for b.Loop() {
		time.Sleep(time.Second)
	}
	tell := func(way string, c chan time.Duration) {
		var all []time.Duration
		for len(c) > 0 {
			all = append(all, <-c)
		}
		if slices.Sort(all); len(all) > 10 {
			b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, way+"-p50-ms")
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, way+"-p99-ms")
		}
	}
	tell("to-SIP", toSIP)
	tell("to-E1", toE1)
	b.ReportMetric(0, "ns/op")
}

// marks are blocks on their way, known by the octet that fills them.
type marks chan mark

type mark struct {
	octet byte
	at    time.Time
}

func newMarks() marks { return make(marks, 64) }

// came finds the mark of a block that arrived.
func (m marks) came(octet byte, delays chan<- time.Duration) {
	for len(m) > 0 {
		if k := <-m; k.octet == octet {
			delays <- time.Since(k.at)
			return
		}
	}
}

// octetOf fills the nth block: loud, and no two in a row alike.
func octetOf(n int) byte { return byte(0x20 + n%13) }

func socket(b *testing.B, local, remote string) *net.UDPConn {
	b.Helper()
	l, err := net.ResolveUDPAddr("udp", local)
	if err != nil {
		b.Fatal(err)
	}
	var c *net.UDPConn
	if remote == "" {
		c, err = net.ListenUDP("udp", l)
	} else {
		r, _ := net.ResolveUDPAddr("udp", remote)
		c, err = net.DialUDP("udp", l, r)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	return c
}

func speakE1(line *net.UDPConn, sent marks) {
	tick := time.NewTicker(telephony.Tick)
	defer tick.Stop()
	for n := 0; ; n++ {
		<-tick.C
		packet := append([]byte{0xE1, 1, 1, 1, byte(n >> 8), byte(n), 0, 0}, slices.Repeat([]byte{octetOf(n)}, telephony.FrameSamples)...)
		sent <- mark{octetOf(n), time.Now()}
		if _, err := line.Write(packet); err != nil {
			return
		}
	}
}

func hearSIP(phone *net.UDPConn, sent marks, delays chan<- time.Duration) {
	var b [2000]byte
	for {
		n, err := phone.Read(b[:])
		if err != nil {
			return
		}
		var p pion.Packet
		if p.Unmarshal(b[:n]) == nil && len(p.Payload) == telephony.FrameSamples && p.Payload[80] != dsp.ALawSilence {
			sent.came(p.Payload[80], delays)
		}
	}
}

func speakSIP(phone *net.UDPConn, to netip.AddrPort, sent marks) {
	tick := time.NewTicker(telephony.Tick)
	defer tick.Stop()
	for n := 0; ; n++ {
		<-tick.C
		p := pion.Packet{Header: pion.Header{Version: 2, PayloadType: 8, SequenceNumber: uint16(n), Timestamp: uint32(160 * n), SSRC: 1}}
		p.Payload = slices.Repeat([]byte{octetOf(n)}, telephony.FrameSamples)
		raw, _ := p.Marshal()
		sent <- mark{octetOf(n), time.Now()}
		if _, err := phone.WriteToUDPAddrPort(raw, to); err != nil {
			return
		}
	}
}

func hearE1(line *net.UDPConn, sent marks, delays chan<- time.Duration) {
	var b [2000]byte
	for {
		n, err := line.Read(b[:])
		if err != nil {
			return
		}
		if n == 8+telephony.FrameSamples && b[3] == 1 && b[88] != dsp.ALawSilence {
			sent.came(b[88], delays)
		}
	}
}
