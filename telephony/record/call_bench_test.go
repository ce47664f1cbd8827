package record

import (
	"context"
	"net/netip"
	"runtime"
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

// browserConns are the sockets of two browsers' legs whose far ends are each other: connected at a port that may be shared, as
// webrtc.Peer opens them. What the peer adds, to tell speech from what is none, is a look at one octet.
func browserConns(b *testing.B, n int) (one, other rtp.Conn) {
	b.Helper()
	here := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 1, 1}), uint16(20000+n))
	there := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 1, 2}), uint16(20000+n))
	one, err := rtp.Connect(here, there)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { one.Close() })
	if other, err = rtp.Connect(there, here); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { other.Close() })
	return one, other
}

// browserParams are those of a browser's leg: SRTP by the suite that browsers and the box choose, RTCP beside the speech.
func browserParams(b *testing.B, call int, remote netip.AddrPort) rtp.Params {
	b.Helper()
	const suite = "AEAD_AES_128_GCM"
	var keys [2][]byte
	for i := range keys {
		keys[i] = make([]byte, rtp.KeySize(suite))
		keys[i][0] = byte(i)
	}
	srtp, err := rtp.NewSRTP(suite, keys[call], keys[1-call])
	if err != nil {
		b.Fatal(err)
	}
	return rtp.Params{Remote: remote, Codec: rtp.PCMA, EventPT: 126, SRTP: srtp, MuxControl: true}
}

// BenchmarkCall is a second of a hundred calls, four times over: passed on by a bare relay, bridged, bridged with one leg in a
// browser, and bridged and recorded. The four take turns, so that whatever else the machine does weighs on each alike. CPU-us/s is what a call costs
// of a processor for each second of talk, the kernel and the disk included, as the process is charged for it.
func BenchmarkCall(b *testing.B) {
	const pairs, second = 50, int(time.Second / telephony.Tick)
	floor := newRelay(b, pairs)
	plain, browser, taped := newTalk(b, pairs, false, false), newTalk(b, pairs, true, false), newTalk(b, pairs, false, true)
	ways := []struct {
		name string
		tick func()
		done func()
		used time.Duration
	}{
		{"relay", floor.tick, func() {}, 0},
		{"bridged", plain.tick, func() {}, 0},
		{"browser", browser.tick, func() {}, 0},
		{"recorded", taped.tick, taped.written, 0},
	}
	b.ReportAllocs()
	for n := -1; n < 0 || b.Loop(); n++ { // the first second warms up
		for i := range ways {
			w := &ways[i]
			before := used()
			for range second {
				w.tick()
			}
			if w.done(); n >= 0 {
				w.used += used() - before
			}
		}
	}
	for _, w := range ways {
		b.ReportMetric(float64(w.used.Microseconds())/float64(b.N)/(2*pairs), w.name+"-CPU-us/s")
		b.ReportMetric(float64(w.used)/float64(ways[0].used), w.name+"/relay")
	}
	b.ReportMetric(0, "ns/op")
}

// handClock ticks when the benchmark says so.
type handClock chan time.Time

func (c handClock) Ticks(time.Duration) (<-chan time.Time, func()) { return c, func() {} }

// A talk is calls that a matrix bridges and a recorder records.
type talk struct {
	clock      handClock
	recordings []*Recording
}

func newTalk(b *testing.B, pairs int, browser, recorded bool) *talk {
	t := &talk{clock: make(handClock)}
	t.recordings = begin(b, media.NewMatrix(t.clock, 1), pairs, browser, recorded)
	t.tick()
	return t
}

// tick is one tick of all the calls: the clock takes the next one when the one before is done.
func (t *talk) tick() { t.clock <- time.Time{} }

// written waits until all that was recorded is on disk.
func (t *talk) written() {
	t.tick()
	for _, r := range t.recordings {
		for len(r.free) < blocks-1 {
			time.Sleep(time.Millisecond)
		}
	}
}

// begin runs the matrix with so many pairs of calls, of which the second leg may be a browser's.
func begin(b *testing.B, matrix *media.Matrix, pairs int, browser, recorded bool) (recordings []*Recording) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); matrix.Run(ctx) }()
	b.Cleanup(func() { cancel(); <-ended })
	rec, _, _ := newRecorder(b)
	run(b, rec)
	for pair := range pairs {
		var conns [2][2]rtp.Conn
		for leg := range 2 {
			if browser && leg == 1 {
				conns[0][leg], conns[1][leg] = browserConns(b, pair)
			} else {
				conns[0][leg], conns[1][leg] = listen(b), listen(b)
			}
		}
		for call := range 2 {
			bridge := matrix.Open()
			var parties [2]*media.Party
			for leg := range parties {
				s := rtp.NewSession(conns[call][leg])
				params := rtp.Params{Remote: conns[1-call][leg].LocalAddr(), Codec: rtp.PCMA, EventPT: 101}
				if browser && leg == 1 {
					params = browserParams(b, call, params.Remote)
				}
				s.Configure(params)
				parties[leg] = bridge.Attach(s)
			}
			bridge.Join(parties[:]...)
			if recorded {
				r := start(b, rec)
				parties[0].Listen(r)
				recordings = append(recordings, r)
			}
		}
	}
	return recordings
}

// BenchmarkThousandLegs is a second of 500 bridged and recorded calls in real time: how late their slots are.
func BenchmarkThousandLegs(b *testing.B) {
	matrix := media.NewMatrix(hal.SystemClock{}, runtime.GOMAXPROCS(0))
	matrix.RealTime = true
	const pairs = 250
	begin(b, matrix, pairs, false, true)
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

// used is the processor time of the process.
func used() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
