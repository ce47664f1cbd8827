package sip

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
)

// A hop is the next place a message goes to, or the one it came from.
type hop struct {
	network string // "UDP", "TCP", "TLS" or "WS", as Via spells it
	addr    netip.AddrPort
	phone   string // the extension that a browser's connection speaks for; empty: who speaks shows by password or address
}

func (h hop) reliable() bool { return h.network != "UDP" }
func (h hop) String() string { return h.network + " " + h.addr.String() }

// An incoming is one message off the wire.
type incoming struct {
	msg    sipgo.Message
	octets []byte // as it came
	from   hop
	at     time.Time
}

// A transport reads messages off the sockets and writes them. sipgo's own transports are not used: they drop what they
// cannot parse without an answer, remember every source for ever, and a panic in one of their readers ends the program
// (pitfalls 8, 9 and 10).
type transport struct {
	udp     net.PacketConn
	tcp     net.Listener // may be nil
	tls     net.Listener // may be nil
	dial    func(context.Context, netip.AddrPort) (net.Conn, error)
	dialTLS func(context.Context, netip.AddrPort) (net.Conn, error)
	sources *sources
	in      chan incoming // to the desk
	log     *slog.Logger
	done    chan struct{} // closed when the sockets are

	mu      sync.Mutex
	streams map[hop]*stream
	shut    bool
}

func newTransport(o Options) *transport {
	return &transport{
		udp: o.UDP, tcp: o.TCP, tls: o.TLS, dial: o.Dial, sources: newSources(), log: o.Log,
		in: make(chan incoming, 1024), done: make(chan struct{}), streams: map[hop]*stream{},
	}
}

// serve reads until close.
func (t *transport) serve() {
	var all sync.WaitGroup
	all.Go(t.readUDP)
	if t.tcp != nil {
		all.Go(func() { t.accept(t.tcp, "TCP") })
	}
	if t.tls != nil {
		all.Go(func() { t.accept(t.tls, networkTLS) })
	}
	all.Wait()
}

// close ends every reader and stream.
func (t *transport) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.shut {
		return
	}
	t.shut = true
	close(t.done)
	t.udp.Close()
	if t.tcp != nil {
		t.tcp.Close()
	}
	if t.tls != nil {
		t.tls.Close()
	}
	for _, s := range t.streams {
		s.close()
	}
}

// readUDP reads datagrams. A full desk loses them, as a full socket would: their senders try again (RFC 3261 17).
func (t *transport) readUDP() {
	buf := make([]byte, 1<<16)
	for {
		n, addr, err := t.udp.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		from, ok := addr.(*net.UDPAddr)
		if err != nil || !ok { // such as an ICMP error of an earlier datagram, which the kernel reports here
			select {
			case <-t.done:
				return
			case <-time.After(10 * time.Millisecond):
				continue
			}
		}
		h := hop{network: "UDP", addr: netip.AddrPortFrom(from.AddrPort().Addr().Unmap(), from.AddrPort().Port())}
		if isKeepalive(buf[:n]) || !t.sources.allow(h.addr.Addr(), time.Now()) {
			continue
		}
		octets := bytes.Clone(buf[:n])
		msg := t.read(octets, h)
		if msg == nil {
			continue
		}
		select {
		case t.in <- incoming{msg, octets, h, time.Now()}:
		default:
			t.log.Debug("desk full, datagram lost", "from", h)
		}
	}
}

// read parses a message that came from a hop, and refuses it there if it is a request that cannot be parsed.
func (t *transport) read(raw []byte, from hop) sipgo.Message {
	msg, err := parse(raw)
	if err == nil {
		return msg
	}
	t.log.Debug("message refused", "from", from, "error", err)
	if answer := refusal(raw, err); answer != nil {
		t.write(from, answer)
	}
	return nil
}

// isKeepalive reports whether a datagram is the empty lines or zeros by which phones keep a NAT open (RFC 5626 3.5.1).
func isKeepalive(b []byte) bool {
	for _, c := range b {
		if c != '\r' && c != '\n' && c != 0 {
			return false
		}
	}
	return true
}

// errNoStream says that a hop has no connection, or has one that does not drain.
var errNoStream = errors.New("no connection")

// write sends octets to a hop without waiting. But on UDP there must be a connection already: connect makes one.
func (t *transport) write(to hop, b []byte) error {
	if !to.reliable() {
		_, err := t.udp.WriteTo(b, net.UDPAddrFromAddrPort(to.addr))
		return err
	}
	t.mu.Lock()
	s := t.streams[to]
	t.mu.Unlock()
	if s == nil {
		return errNoStream
	}
	return s.write(b)
}

// has reports whether a hop can be written to without connecting first.
func (t *transport) has(to hop) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !to.reliable() || t.streams[to] != nil
}

// connectTime bounds how long a connection may take to come up.
const connectTime = 4 * time.Second

// connect makes sure that a hop can be written to. It waits: call it from a transaction's goroutine only.
func (t *transport) connect(to hop) error {
	switch {
	case t.has(to):
		return nil
	case to.network == networkWS: // a browser comes by itself (RFC 7118 5.3)
		return errNoStream
	}
	ctx, cancel := context.WithTimeout(context.Background(), connectTime)
	defer cancel()
	dial := t.dial
	if to.network == networkTLS {
		dial = t.dialTLS
	}
	conn, err := dial(ctx, to.addr)
	if err != nil {
		return err
	}
	_, err = t.add(conn, to)
	return err
}
