package rtp

import (
	"net"
	"net/netip"
	"sync"
)

// pipeBox is how many datagrams may wait at one end of a pipe; more are lost, as in a network.
const pipeBox = 64

// Pipe is two connections joined in memory, at addresses reserved for documentation (RFC 5737). What is sent to any
// other address than the far end's is lost.
func Pipe() (a, b Conn) {
	x := &pipe{local: netip.MustParseAddrPort("192.0.2.1:4000")}
	y := &pipe{local: netip.MustParseAddrPort("192.0.2.2:4000")}
	x.far, y.far = y, x
	return x, y
}

type pipe struct {
	local netip.AddrPort
	far   *pipe

	mu      sync.Mutex
	closed  bool
	waiting [][]byte
}

func (p *pipe) LocalAddr() netip.AddrPort { return p.local }

// Control is nil: a pipe carries reports beside the speech or not at all.
func (p *pipe) Control() Conn { return nil }

// Lock does nothing: there is nobody else in a pipe.
func (p *pipe) Lock(netip.AddrPort) {}

func (p *pipe) TryRead(b []byte) (n int, from netip.AddrPort, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.waiting) == 0 {
		return 0, from, false
	}
	n = copy(b, p.waiting[0])
	p.waiting = p.waiting[1:]
	return n, p.far.local, true
}

func (p *pipe) WriteTo(b []byte, to netip.AddrPort) error {
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if closed {
		return net.ErrClosed
	}
	if to == p.far.local {
		p.far.take(b)
	}
	return nil
}

func (p *pipe) take(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed && len(p.waiting) < pipeBox {
		p.waiting = append(p.waiting, append([]byte(nil), b...))
	}
}

func (p *pipe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed, p.waiting = true, nil
	return nil
}
