// Package rtp carries one party's speech over UDP (RFC 3550 with RTCP, G.711 by RFC 3551, keys by RFC 4733, SRTP by RFC
// 3711). A Session is a telephony.Port without a goroutine: the media loop reads and writes its socket on the tick and never
// waits. What comes from the network is hostile until shown otherwise: bounded, counted, and heard from one source only.
package rtp

import (
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// MediaTimeout is how long a session that should receive may hear nothing before it tells Lost.
const MediaTimeout = 30 * time.Second

const (
	digitBox = 32 // keys pressed by the far end and not yet taken; more are dropped and counted
	faultBox = 8  // changes of fault not yet taken; more are not told
	pressBox = 16 // calls of Press not yet sent; more are dropped and counted
)

// A Codec is one form of G.711: "pcma" (payload type 8) or "pcmu" (0).
type Codec struct {
	Name        string
	PayloadType uint8
}

// The codecs of the box with their static payload types (RFC 3551 table 4).
var (
	PCMA = Codec{"pcma", 8}
	PCMU = Codec{"pcmu", 0}
)

// Direction says who may send, seen from the box (RFC 3264 5.1).
type Direction uint8

// The directions of media.
const (
	SendRecv Direction = iota
	SendOnly           // the box sends and hears nothing
	RecvOnly           // the box hears and sends nothing
	Inactive
)

// String is the attribute's name in SDP (RFC 8866 6.7).
func (d Direction) String() string {
	return [...]string{"sendrecv", "sendonly", "recvonly", "inactive"}[d&3]
}

func (d Direction) sends() bool { return d == SendRecv || d == SendOnly }
func (d Direction) hears() bool { return d == SendRecv || d == RecvOnly }

// Params are what the two ends agreed on.
type Params struct {
	Remote     netip.AddrPort // where the far end said it listens; not valid, or port 0: nothing is sent
	Codec      Codec
	EventPT    uint8 // payload type of telephone-event (RFC 4733); 0: not negotiated
	InBandDTMF bool  // listen for keys in the audio, unless telephone-event is negotiated
	Direction  Direction
	Control    netip.AddrPort // where it listens for RTCP; not valid: at the port after Remote's
	MuxControl bool           // RTCP goes beside the speech (RFC 5761)
	SRTP       *SRTP          // nil: speech goes in the clear
	PtimeMS    int            // length of the packets that are sent, 10 to 60 ms; 0: 20
}

// A Session is one party over RTP. Hear and Say belong to the media loop; the other methods may be called from any
// goroutine and never wait.
type Session struct {
	conn    Conn
	presses chan press
	digits  chan telephony.Digit
	lost    chan struct{}
	faults  chan telephony.SpeechFault
	stats   counters
	params  atomic.Pointer[Params]
	closed  atomic.Bool

	answered atomic.Bool

	// What follows belongs to the media loop. What each tick touches stands together: a thousand sessions fit no cache.
	in      inbound
	out     outbound
	reports reports
	watch   watch
}

// press is digits to be sent, and their sound if they are sent as sound.
type press struct {
	digits string
	tones  telephony.Source
}

// NewSession makes a session on the connection, which it closes with itself. It is silent until it is configured.
func NewSession(conn Conn) *Session {
	s := &Session{
		conn:    conn,
		presses: make(chan press, pressBox),
		digits:  make(chan telephony.Digit, digitBox),
		lost:    make(chan struct{}, 1),
		faults:  make(chan telephony.SpeechFault, faultBox),
	}
	s.in = inbound{conn: conn, stats: &s.stats, digits: s.digits, lost: s.lost, dtmf: dsp.NewDTMFReceiver()}
	s.in.jitter.conceal.gone = fadeBy // nothing was heard yet, so nothing is missing
	s.out = outbound{conn: conn, stats: &s.stats, presses: s.presses}
	s.out.begin()
	s.reports = reports{in: &s.in, out: &s.out, conn: conn.Control()}
	s.reports.begin()
	s.in.reports = &s.reports
	s.watch.in, s.watch.reports, s.watch.answered, s.watch.faults = &s.in, &s.reports, &s.answered, s.faults
	return s
}

// Configure sets what the two ends agreed on, from the next tick on. A new Remote opens the latch for a new source; an
// unchanged one keeps it. Each call arms Lost anew.
func (s *Session) Configure(p Params) {
	p.Remote = netip.AddrPortFrom(p.Remote.Addr().Unmap(), p.Remote.Port())
	p.Control = netip.AddrPortFrom(p.Control.Addr().Unmap(), p.Control.Port())
	if p.PtimeMS == 0 {
		p.PtimeMS = 20
	}
	p.PtimeMS = max(10, min(60, p.PtimeMS))
	s.params.Store(&p)
}

// Press sends digits (0-9 * # A-D) to the far end, 100 ms each: as events where they are negotiated, otherwise as tones.
// Other characters are left out.
func (s *Session) Press(digits string) {
	digits = strings.Map(func(r rune) rune {
		if !strings.ContainsRune(keys, r) {
			return -1
		}
		return r
	}, digits)
	p := s.params.Load()
	if digits == "" || p == nil {
		return
	}
	out := press{digits: digits}
	if p.EventPT == 0 {
		out.tones, _ = dsp.NewDTMF(digits)
	}
	select {
	case s.presses <- out:
	default:
		s.stats.dropped.Add(1)
	}
}

// Answered says that the call is: from now on speech must come from the far end, or Faults tells.
func (s *Session) Answered() { s.answered.Store(true) }

// Digits tells each key that the far end presses, once; "!" is the flash of its hook. It is never closed.
func (s *Session) Digits() <-chan telephony.Digit { return s.digits }

// Lost tells once after each Configure, when no packet came for MediaTimeout although the far end should send.
func (s *Session) Lost() <-chan struct{} { return s.lost }

// Close makes the session silent for good and frees its port. It may be called twice.
func (s *Session) Close() {
	if s.closed.CompareAndSwap(false, true) {
		_ = s.conn.Close()
	}
}

// Hear is one tick of what the far end says.
func (s *Session) Hear(f *telephony.Frame) {
	if !s.ready() {
		clear(f[:])
		return
	}
	s.in.hear(f)
	if s.in.ticks%pollTicks == 0 {
		s.reports.tick(s.in.params)
	}
	if s.in.ticks%second == 0 {
		s.watch.judge(s.in.params)
	}
}

// Say is one tick of what the far end is to hear.
func (s *Session) Say(f *telephony.Frame) {
	if !s.ready() {
		return
	}
	to, ok := s.in.latch.remote()
	if !ok || !s.in.params.Direction.sends() {
		s.out.pause()
		return
	}
	s.out.say(f, s.in.params, to)
}

// ready goes by the newest params and tells whether there is anything to do.
func (s *Session) ready() bool {
	if s.closed.Load() {
		return false
	}
	if p := s.params.Load(); p != s.in.params {
		s.in.configure(p)
	}
	return s.in.params != nil
}

// Independent says that no other port has to do with this one's socket.
func (s *Session) Independent() {}

var _ telephony.Independent = (*Session)(nil)
