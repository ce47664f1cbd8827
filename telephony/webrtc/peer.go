package webrtc

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"callbox/telephony/rtp"
)

// securingTime is how long a browser may take from its description to the keys.
const securingTime = 20 * time.Second

var errUnheard = errors.New("nothing was heard of the browser: its way to the port of WebRTC is blocked")

// A Peer is one browser's way to the box: closed until the browser has been heard and both have their keys.
type Peer struct {
	port            *Port
	ufrag, password string           // of ours; under the port's lock
	ways            []netip.AddrPort // that checks came from; under the port's lock
	secured         chan Secured
	flight          *flight // of DTLS
	far             atomic.Pointer[Fingerprint]
	way             atomic.Pointer[way] // of speech; nil: none yet

	mu     sync.Mutex
	limit  *time.Timer    // until there have to be keys
	chosen netip.AddrPort // by the browser: where we send
	name   netip.AddrPort // the first of them, once there are keys
	closed bool
}

// A way is a socket that hears one address alone.
type way struct {
	rtp.Conn
	far netip.AddrPort
}

// Secured is what a peer tells once it can carry speech, or that it never will.
type Secured struct {
	Far  netip.AddrPort // by which the session is to know the browser, wherever it goes
	SRTP *rtp.SRTP
	Err  error
}

// Credentials are our name and password for the browser's checks (RFC 8839 5.4).
func (p *Peer) Credentials() (ufrag, password string) {
	p.port.mu.Lock()
	defer p.port.mu.Unlock()
	return p.ufrag, p.password
}

// Restart gives the peer other credentials, as both sides of a restart of ICE have to (RFC 8445 9). Speech and keys stay.
func (p *Peer) Restart() { p.port.rename(p) }

// Fingerprint is our certificate's.
func (p *Peer) Fingerprint() Fingerprint { return p.port.print }

// Expect says which certificate the browser has. Before that there is no handshake; from then on there have to be keys soon.
func (p *Peer) Expect(far Fingerprint) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || !p.far.CompareAndSwap(nil, &far) {
		return
	}
	p.limit = time.AfterFunc(securingTime, func() {
		p.tell(Secured{Err: errUnheard})
		p.flight.Close()
	})
	p.begin()
}

// Expects reports whether it is this certificate that the browser is to have.
func (p *Peer) Expects(far Fingerprint) bool { return *p.far.Load() == far }

// Secured tells once what became of the handshake.
func (p *Peer) Secured() <-chan Secured { return p.secured }

func (p *Peer) tell(s Secured) {
	select {
	case p.secured <- s:
	default: // it was told, and nobody looks any more
	}
}

// heard takes a good check. The browser decides by which way it is spoken to; until it has, any will do.
func (p *Peer) heard(from netip.AddrPort, nominates bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.chosen == from || p.chosen.IsValid() && !nominates {
		return
	}
	p.chosen = from
	if p.name.IsValid() {
		_ = p.open() // of a way that does not open nothing is heard, which the session tells
		return
	}
	p.begin()
}

// begin begins the handshake as soon as it is known with whom. The caller holds mu.
func (p *Peer) begin() {
	if p.chosen.IsValid() && p.far.Load() != nil && !p.closed {
		p.flight.begin()
	}
}

// established puts the keys in force: from here on there is a socket for speech.
func (p *Peer) established(s *rtp.SRTP) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || !p.limit.Stop() {
		return
	}
	p.name = p.chosen
	p.tell(Secured{p.name, s, p.open()})
}

// open opens the way to where the browser is. The caller holds mu.
func (p *Peer) open() error {
	conn, err := rtp.Connect(p.port.at, p.chosen)
	if err != nil {
		return err
	}
	if old := p.way.Swap(&way{conn, p.chosen}); old != nil {
		_ = old.Close()
	}
	return nil
}

// mostHanded is how many datagrams that are not speech one read passes by.
const mostHanded = 4

// TryRead reads a packet of speech or its reports.
func (p *Peer) TryRead(b []byte) (n int, from netip.AddrPort, ok bool) {
	w := p.way.Load()
	if w == nil {
		return 0, from, false
	}
	for range mostHanded {
		if n, from, ok = w.TryRead(b); !ok {
			return 0, from, false
		}
		if n > 0 && b[0]>>6 == 2 && from == w.far { // RFC 7983 7
			return n, p.name, true
		}
		p.port.handOver(b[:n], from)
	}
	return 0, from, false
}

// WriteTo sends to the browser, wherever it is now.
func (p *Peer) WriteTo(b []byte, _ netip.AddrPort) error {
	w := p.way.Load()
	if w == nil {
		return net.ErrClosed
	}
	return w.WriteTo(b, w.far)
}

// Lock does nothing: the browser is known by its keys.
func (p *Peer) Lock(netip.AddrPort) {}

// Control is nil: reports go beside the speech (RFC 8834 4.5).
func (p *Peer) Control() rtp.Conn { return nil }

// LocalAddr is the port's.
func (p *Peer) LocalAddr() netip.AddrPort { return p.port.at }

// Close ends the way. It may be called twice.
func (p *Peer) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	p.port.forget(p)
	p.flight.Close()
	if p.limit != nil {
		p.limit.Stop()
	}
	if w := p.way.Load(); w != nil {
		return w.Close()
	}
	return nil
}
