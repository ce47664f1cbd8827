package record

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/media"
	"callbox/telephony/rtp"

	"golang.org/x/sys/unix"
)

// Calls come in twos, whose far ends are each other: every packet that one sends is received by the other, so that all the
// work that is measured is the box's. One tick of a call is two packets received and two sent.

func listen(b *testing.B) rtp.Conn {
	b.Helper()
	conn, err := rtp.Listen(netip.MustParseAddr("127.0.0.1"), 20000, 31998)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return conn
}

// BenchmarkCall is one tick of a call; CPU-us/s is what it costs of a processor for each second of talk, the kernel
// included, as the process is charged for it.
func BenchmarkCall(b *testing.B) {
	const pairs = 50
	b.Run("relay", func(b *testing.B) { // the floor: the bare system calls
		var legs [pairs][2][2]rtp.Conn
		for p := range legs {
			for leg := range 2 {
				legs[p][0][leg], legs[p][1][leg] = listen(b), listen(b)
			}
		}
		var packet [172]byte
		for p := range legs {
			for leg := range 2 {
				_ = legs[p][0][leg].WriteTo(packet[:], legs[p][1][leg].LocalAddr())
			}
		}
		measure(b, 2*pairs, func() {
			for p := range legs {
				for call := range 2 {
					for leg := range 2 {
						relay(legs[p][call][leg], legs[p][call][1-leg], legs[p][1-call][1-leg].LocalAddr(), packet[:])
					}
				}
			}
		})
	})
	b.Run("bridged", func(b *testing.B) { benchmarkCalls(b, pairs, false) })
	b.Run("recorded", func(b *testing.B) { benchmarkCalls(b, pairs, true) })
}

func relay(from, to rtp.Conn, far netip.AddrPort, room []byte) {
	for {
		n, _, ok := from.TryRead(room)
		if !ok {
			return
		}
		_ = to.WriteTo(room[:n], far)
	}
}

// handClock ticks when the benchmark says so.
type handClock chan time.Time

func (c handClock) Ticks(time.Duration) (<-chan time.Time, func()) { return c, func() {} }

func benchmarkCalls(b *testing.B, pairs int, recorded bool) {
	clock := make(handClock)
	talk(b, media.NewMatrix(clock), pairs, recorded)
	measure(b, 2*pairs, func() { clock <- time.Time{} })
}

// talk runs the matrix with so many pairs of calls.
func talk(b *testing.B, matrix *media.Matrix, pairs int, recorded bool) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); matrix.Run(ctx) }()
	b.Cleanup(func() { cancel(); <-ended })
	rec, _, _ := newRecorder(b)
	run(b, rec)
	for range pairs {
		var conns [2][2]rtp.Conn
		for leg := range 2 {
			conns[0][leg], conns[1][leg] = listen(b), listen(b)
		}
		for call := range 2 {
			bridge := matrix.Open()
			var parties [2]*media.Party
			for leg := range parties {
				s := rtp.NewSession(conns[call][leg])
				s.Configure(rtp.Params{Remote: conns[1-call][leg].LocalAddr(), Codec: rtp.PCMA, EventPT: 101})
				parties[leg] = bridge.Attach(s)
			}
			bridge.Join(parties[:]...)
			if recorded {
				parties[0].Listen(start(b, rec))
			}
		}
	}
}

// BenchmarkThousandLegs is a second of 500 bridged and recorded calls in real time: how late their slots are.
func BenchmarkThousandLegs(b *testing.B) {
	matrix := media.NewMatrix(hal.SystemClock{})
	matrix.RealTime = true
	const pairs = 250
	talk(b, matrix, pairs, true)
	time.Sleep(time.Second)
	before, began := used(), matrix.Stats()
	for b.Loop() {
		time.Sleep(time.Second)
	}
	perCall := (used() - before) / time.Duration(b.N) / (2 * pairs)
	b.ReportMetric(float64(perCall.Microseconds()), "CPU-us/s")
	s := matrix.Stats()
	slots := uint64(0)
	for i := range s.Late {
		slots += s.Late[i] - began.Late[i]
	}
	late := uint64(0)
	for i := len(s.Late) - 1; i > 0; i-- {
		late += s.Late[i] - began.Late[i]
		b.ReportMetric(100*float64(late)/float64(slots), "%>"+media.LateLimits[i-1].String())
	}
	b.ReportMetric(float64(s.Worst.Microseconds()), "worst-us")
	b.ReportMetric(float64(s.Skipped), "skipped")
}

func measure(b *testing.B, calls int, tick func()) {
	for range 100 {
		tick()
	}
	before := used()
	b.ReportAllocs()
	for b.Loop() {
		tick()
	}
	perTick := (used() - before) / time.Duration(b.N) / time.Duration(calls)
	b.ReportMetric(float64(perTick.Nanoseconds()), "CPU-ns/call-tick")
	b.ReportMetric(float64((perTick * (time.Second / telephony.Tick)).Microseconds()), "CPU-us/s")
}

// used is the processor time of the process.
func used() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
