// Package sip is the box's telephone network over IP: trunks to carriers and gateways, and the phones inside, as
// telephony.Legs (A1.8, A1.10, A1.20, A1.21).
//
// The parser, the messages and the transactions are sipgo's; transports, dialogs and calls are ours, because each fault of
// sipgo that reference/libraries.md lists lies there. Who owns what: the desk goroutine (desk.go) the order of messages,
// the registrations and the counted guesses; one goroutine per leg (leg.go) its dialog; one per trunk (trunk.go) its
// registration. A message passes reader, desk, leg; none of them waits for the next.
package sip

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
	"callbox/telephony/rtp"
	"callbox/telephony/webrtc"
)

// Options is what a Stack needs of its surroundings.
type Options struct {
	Office    telephony.Office
	UDP       net.PacketConn // closed when Run ends
	TCP       net.Listener   // may be nil; closed when Run ends
	TLS       net.Listener   // whose connections are *tls.Conn; may be nil; closed when Run ends
	Advertise netip.Addr     // our address in SDP, Contact and Via; not valid: the one that UDP is bound to
	UserAgent string
	Log       *slog.Logger     // nil: silent
	Tracer    telephony.Tracer // keeps the messages of calls; nil: nobody does

	// Media opens a socket for one leg's speech.
	Media func() (rtp.Conn, error)
	// Browsers opens the way of one browser's speech; nil: browsers are no telephones here.
	Browsers func() (*webrtc.Peer, error)
	// Dial opens a TCP connection; nil: as the machine does.
	Dial func(context.Context, netip.AddrPort) (net.Conn, error)
	// Lookup finds where a trunk's name serves SIP over "UDP", "TCP" or "TLS", best first; nil: by DNS.
	Lookup func(ctx context.Context, name, network string) ([]netip.AddrPort, error)
}

// maxCalls bounds the legs alive at once, two and a half for each call of the exchange; more are refused with 503
// (reliability.md rule 8). Emergency calls are not.
const maxCalls = 2500

// A Stack serves phones and trunks. New makes one, Configure gives it something to serve, Run serves.
type Stack struct {
	opt          Options
	transport    *transport
	transactions *transactions
	legs         *legs
	desk         *desk
	lines        atomic.Pointer[directory]
	calls        atomic.Int64 // legs that are not released
	maxCalls     int64
	secret       []byte // seals the tags of stateless answers

	mu      sync.Mutex
	running context.Context // nil before Run and after its end
	trunks  sync.WaitGroup
}

// New makes a stack. It serves nothing until Run.
func New(o Options) *Stack {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Dial == nil {
		o.Dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", to.String())
		}
	}
	if o.Lookup == nil {
		o.Lookup = resolve
	}
	s := &Stack{
		opt: o, transport: newTransport(o), transactions: newTransactions(), legs: newLegs(),
		maxCalls: maxCalls, secret: make([]byte, 16),
	}
	s.transport.dialTLS = s.dialTLS
	rand.Read(s.secret)
	s.lines.Store(newDirectory())
	s.desk = newDesk(s)
	return s
}

// closingTime bounds how long the end takes: trunks unregister, parties get their BYE.
const closingTime = 3 * time.Second

// Run serves until ctx ends. It then takes no new call, ends those that are up, unregisters the trunks and closes the
// sockets.
func (s *Stack) Run(ctx context.Context) error {
	var serving sync.WaitGroup
	serving.Go(s.transport.serve)
	serving.Go(func() { s.desk.run(ctx) })
	s.mu.Lock()
	s.running = ctx
	for _, t := range s.lines.Load().trunks {
		s.start(t)
	}
	s.mu.Unlock()
	<-ctx.Done()
	s.mu.Lock()
	s.running = nil // Configure starts no trunk any more
	s.mu.Unlock()
	s.desk.close()
	empty := s.legs.close()
	s.legs.each(func(l *leg) { l.Release(telephony.CauseTemporary) })
	s.trunks.Wait() // each unregisters within closingTime
	select {
	case <-empty:
	case <-time.After(closingTime):
	}
	s.transport.close()
	s.legs.each(func(l *leg) { l.abandon() })
	<-empty
	serving.Wait()
	s.transactions.terminate()
	return nil
}

// start runs a trunk's goroutine. The caller holds mu and Run has begun.
func (s *Stack) start(t *trunk) {
	ctx := s.running
	t.begun = true
	s.trunks.Go(func() {
		defer s.guard(t.id)
		defer close(t.over)
		if t.before != nil {
			<-t.before.over
			t.before = nil
		}
		t.run(ctx)
	})
}

// Configure puts a configuration in force: phones and trunks appear, change and go, and calls that are up stay (A4.13).
func (s *Stack) Configure(c *telephony.Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.lines.Load()
	next, added, removed := old.next(s, c)
	s.lines.Store(next)
	for _, t := range removed {
		t.stop()
		if !t.begun {
			close(t.over)
		}
	}
	for _, t := range added {
		if s.running != nil {
			s.start(t)
		}
	}
	s.desk.reconfigured()
}

// Line gives the line of an id such as "phone/801" or "trunk/ctc".
func (s *Stack) Line(id string) (telephony.Line, bool) {
	l, ok := s.lines.Load().byID[id]
	return l, ok
}

// guard journals a panic and keeps it from the rest of the program: defer it at the root of a goroutine.
func (s *Stack) guard(where string) {
	if p := recover(); p != nil {
		s.panicked(where, p)
	}
}

func (s *Stack) panicked(where string, p any) {
	s.opt.Log.Error("panic", "where", where, "panic", p)
	s.opt.Office.Append(telephony.Entry{Fact: telephony.Panicked{
		Where: "sip " + where, What: fmt.Sprint(p), Stack: string(debug.Stack()),
	}})
}

// odd journals something that should not have come.
func (s *Stack) odd(where, what string) {
	s.opt.Office.Append(telephony.Entry{Fact: telephony.Oddity{Where: where, What: oneLine(what)}})
}

// localAddr is our address on a network, as far ends are to see it.
func (s *Stack) localAddr(network string) netip.AddrPort {
	addr := s.transport.udp.LocalAddr().(*net.UDPAddr).AddrPort()
	switch {
	case network == networkTLS && s.transport.tls != nil:
		addr = s.transport.tls.Addr().(*net.TCPAddr).AddrPort()
	case network != "UDP" && s.transport.tcp != nil:
		addr = s.transport.tcp.Addr().(*net.TCPAddr).AddrPort()
	}
	if s.opt.Advertise.IsValid() {
		return netip.AddrPortFrom(s.opt.Advertise, addr.Port())
	}
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
}

// newVia is the Via of a new request to a hop (RFC 3261 8.1.1.7, RFC 3581 3).
func (s *Stack) newVia(network string) *sipgo.ViaHeader {
	at := s.localAddr(network)
	v := &sipgo.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: network, Host: at.Addr().String(), Port: int(at.Port()),
	}
	v.Params.Add("branch", sipgo.RFC3261BranchMagicCookie+token(12))
	v.Params.Add("rport", "")
	return v
}

// contact is our address for the far end's requests (RFC 3261 8.1.1.8).
func (s *Stack) contact(user, network string) *sipgo.ContactHeader {
	at := s.localAddr(network)
	c := &sipgo.ContactHeader{Address: sipgo.Uri{Scheme: "sip", User: userPart(user), Host: at.Addr().String(), Port: int(at.Port())}}
	if network != "UDP" {
		c.Address.UriParams.Add("transport", strings.ToLower(network))
	}
	return c
}
