// Package webrtc carries the speech of browsers: ICE as its lite half (RFC 8445 2.5) and DTLS-SRTP (RFC 5763, 5764) on one UDP
// port for all of them. A Peer is one browser's way to the box, and as an rtp.Conn what a media session reads and writes.
//
// A lite agent only answers, so that a few hundred lines do in the place of pion/webrtc: G.711 (RFC 7874), the sessions and the
// media loop are the box's own. What comes in is sorted by its first octet (RFC 7983). Checks and handshakes come to the port's
// socket, which is read by a goroutine. A browser that has been heard and has its keys gets a socket of its own at the same
// port, connected to it: the kernel gives each packet to the socket that knows its sender best, so that the media loop reads
// speech without anything between. The few other packets that come there are handed to the port's goroutine.
package webrtc

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base32"
	"errors"
	"net"
	"net/netip"
	"sync"

	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	"golang.org/x/sys/unix"

	"callbox/telephony"
	"callbox/telephony/rtp"
)

const (
	maxPeers    = 1000
	maxWays     = 16 // addresses of one browser that checks came from
	maxDatagram = 1500
	handedBox   = 64 // datagrams that the media loop hands over at once; more are lost, and come again
)

// A Fingerprint is the SHA-256 of a certificate (RFC 8122 5).
type Fingerprint [sha256.Size]byte

// A Port is the one UDP port. Its table is under a lock for a few instructions; its goroutines do the rest.
type Port struct {
	conn   *net.UDPConn
	at     netip.AddrPort
	cert   tls.Certificate // made anew with each start: it says only that the far end of the keys is the one of the signalling
	print  Fingerprint
	handed chan datagram

	mu     sync.Mutex
	byName map[string]*Peer         // by our ufrag
	byWay  map[netip.AddrPort]*Peer // by where a good check came from
}

// A datagram is one that came to the socket of a peer and is not speech.
type datagram struct {
	from netip.AddrPort
	size int
	b    [maxDatagram]byte
}

// Listen opens the port. Nobody else may have it: only the sockets of peers join in.
func Listen(at netip.AddrPort) (*Port, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, err
	}
	cert, err := selfsign.GenerateSelfSigned()
	if err == nil {
		err = shared(conn)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	local := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	return &Port{
		conn: conn, at: netip.AddrPortFrom(local.Addr().Unmap(), local.Port()), cert: cert, print: sha256.Sum256(cert.Certificate[0]),
		handed: make(chan datagram, handedBox), byName: map[string]*Peer{}, byWay: map[netip.AddrPort]*Peer{},
	}, nil
}

// shared lets other sockets of ours join the port from now on.
func shared(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	failed := raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) })
	return errors.Join(failed, err)
}

// Close closes the port, which Run does too.
func (p *Port) Close() error { return p.conn.Close() }

// LocalAddr is where the port is.
func (p *Port) LocalAddr() netip.AddrPort { return p.at }

// Run serves until ctx ends, and closes the port.
func (p *Port) Run(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() { p.conn.Close() })()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var all sync.WaitGroup
	all.Go(func() {
		for {
			select {
			case d := <-p.handed:
				p.receive(d.b[:d.size], d.from)
			case <-ctx.Done():
				return
			}
		}
	})
	defer all.Wait()
	defer cancel()
	buf := make([]byte, maxDatagram)
	for {
		n, from, err := p.conn.ReadFromUDPAddrPort(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err == nil:
			p.receive(buf[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port()))
		}
	}
}

// receive takes a datagram that is not speech, or comes before there can be any.
func (p *Port) receive(b []byte, from netip.AddrPort) {
	switch {
	case len(b) == 0:
	case b[0] < 4: // RFC 7983 7
		p.checked(b, from)
	case b[0] >= 20 && b[0] <= 63:
		if peer := p.peerAt(from); peer != nil {
			peer.flight.take(b)
		}
	}
}

// checked answers a check. Whoever does not know the password, which went through the signalling, hears nothing.
func (p *Port) checked(b []byte, from netip.AddrPort) {
	c, ok := readCheck(b)
	if !ok {
		return
	}
	p.mu.Lock()
	peer, password := p.byName[c.user], ""
	if peer != nil {
		password = peer.password
	}
	p.mu.Unlock()
	if peer == nil || !c.by(password) || !p.allow(peer, c.user, from) {
		return
	}
	p.send(c.answer(from, password), from)
	peer.heard(from, c.nominates)
}

// send writes to an address; what is lost is asked for again.
func (p *Port) send(b []byte, to netip.AddrPort) { _, _ = p.conn.WriteToUDPAddrPort(b, to) }

// allow notes that a good check of a peer by a name came from an address.
func (p *Port) allow(peer *Peer, name string, from netip.AddrPort) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.byName[name] != peer: // it was closed just now
		return false
	case p.byWay[from] == peer:
		return true
	case len(peer.ways) >= maxWays:
		return false
	}
	p.byWay[from] = peer // an address that is given to another browser is that browser's
	peer.ways = append(peer.ways, from)
	return true
}

func (p *Port) peerAt(from netip.AddrPort) *Peer {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byWay[from]
}

// handOver takes a datagram off the media loop, which never waits.
func (p *Port) handOver(b []byte, from netip.AddrPort) {
	d := datagram{from: from}
	d.size = copy(d.b[:], b)
	select {
	case p.handed <- d:
	default:
	}
}

// Open makes a peer that waits for its browser. It is to be closed.
func (p *Port) Open() (*Peer, error) {
	peer := &Peer{port: p, secured: make(chan Secured, 1)}
	peer.flight = newFlight(peer)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.byName) >= maxPeers {
		return nil, telephony.Errorf(telephony.Busy, "浏览器电话已达上限 %d，请稍后再试",
			"there are %d telephones in browsers at once: try again later", maxPeers)
	}
	p.enter(peer)
	return peer, nil
}

// enter puts a peer into the tables, by a new name. The caller holds mu.
func (p *Port) enter(peer *Peer) {
	peer.ufrag, peer.password = secret(), secret()+secret()
	p.byName[peer.ufrag] = peer
}

// rename gives a peer another name. The ways that it has come by have to be checked by that one.
func (p *Port) rename(peer *Peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byName[peer.ufrag] == peer { // else it was closed
		p.leave(peer)
		p.enter(peer)
	}
}

// forget takes a peer out of the tables.
func (p *Port) forget(peer *Peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave(peer)
}

// leave is forget for who holds mu.
func (p *Port) leave(peer *Peer) {
	delete(p.byName, peer.ufrag)
	for _, at := range peer.ways {
		if p.byWay[at] == peer {
			delete(p.byWay, at)
		}
	}
	peer.ways = nil
}

// secret is 80 bits in characters of ICE: twice what RFC 8445 5.3 asks of a name, and with two of them more than of a password.
func secret() string {
	var b [10]byte
	rand.Read(b[:]) // never fails
	return base32.StdEncoding.EncodeToString(b[:])
}

var _ rtp.Conn = (*Peer)(nil)
