package siptest

import (
	"context"
	"net"
	"net/netip"
	"sync"
)

// A Listener takes streams on a Network.
type Listener struct {
	network *Network
	addr    netip.AddrPort
	accept  chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

// ListenStream opens a listener for streams on "10.0.0.1:5060". It panics on an address in use.
func (n *Network) ListenStream(addr string) *Listener {
	at := netip.MustParseAddrPort(addr)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listeners[at] != nil {
		panic("siptest: " + addr + " is in use")
	}
	l := &Listener{network: n, addr: at, accept: make(chan net.Conn), closed: make(chan struct{})}
	n.listeners[at] = l
	return l
}

// Dialer gives a function that opens streams from an address of its own.
func (n *Network) Dialer(from netip.Addr) func(context.Context, netip.AddrPort) (net.Conn, error) {
	return func(ctx context.Context, to netip.AddrPort) (net.Conn, error) { return n.Dial(ctx, from, to) }
}

// Dial opens a stream; it is refused when nobody listens.
func (n *Network) Dial(ctx context.Context, from netip.Addr, to netip.AddrPort) (net.Conn, error) {
	n.mu.Lock()
	l := n.listeners[to]
	local := netip.AddrPortFrom(from, n.nextPort())
	n.mu.Unlock()
	if l == nil {
		return nil, errRefused
	}
	near, far := net.Pipe()
	select {
	case l.accept <- &stream{Conn: far, local: to, remote: local}:
		return &stream{Conn: near, local: local, remote: to}, nil
	case <-l.closed:
		return nil, errRefused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept waits for a stream.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accept:
		return c, nil
	case <-l.closed:
		return nil, closedError("accept")
	}
}

// Addr is a *net.TCPAddr.
func (l *Listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.addr) }

// Close frees the address; streams that are open stay.
func (l *Listener) Close() error {
	l.once.Do(func() {
		close(l.closed)
		l.network.mu.Lock()
		delete(l.network.listeners, l.addr)
		l.network.mu.Unlock()
	})
	return nil
}

// A stream is a pipe with addresses.
type stream struct {
	net.Conn
	local, remote netip.AddrPort
}

func (s *stream) LocalAddr() net.Addr  { return net.TCPAddrFromAddrPort(s.local) }
func (s *stream) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(s.remote) }
