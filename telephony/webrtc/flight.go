package webrtc

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/transport/v5/deadline"

	"callbox/telephony/rtp"
)

// flightBox is how many datagrams of a handshake may wait; more are lost, and come again.
const flightBox = 16

// profiles are the ways of SRTP that the box takes, best first (RFC 7714 14.2, RFC 5764 4.1.2), and their names in rtp.Suites.
var profiles = []struct {
	dtls  dtls.SRTPProtectionProfile
	suite string
	key   int // octets
	salt  int
}{
	{dtls.SRTP_AEAD_AES_128_GCM, "AEAD_AES_128_GCM", 16, 12},
	{dtls.SRTP_AEAD_AES_256_GCM, "AEAD_AES_256_GCM", 32, 12},
	{dtls.SRTP_AES128_CM_HMAC_SHA1_80, "AES_CM_128_HMAC_SHA1_80", 16, 14},
}

var (
	errStranger = errors.New("the browser has another certificate than its description says")
	errProfile  = errors.New("the browser knows no way of SRTP that the box takes")
)

// A flight is the DTLS of a peer, in which the box is the server (a=setup:passive, RFC 5763 5). As a net.PacketConn it is the
// network that pion sees, it lives until the peer or the browser closes it, to repeat the end
// of a handshake that was lost.
type flight struct {
	peer  *Peer
	in    chan []byte
	ended chan struct{}
	once  sync.Once
	begun sync.Once
	wait  *deadline.Deadline
}

func newFlight(p *Peer) *flight {
	return &flight{peer: p, in: make(chan []byte, flightBox), ended: make(chan struct{}), wait: deadline.New()}
}

// take takes a datagram of the browser's.
func (f *flight) take(b []byte) {
	select {
	case f.in <- bytes.Clone(b):
	default:
	}
}

// begin begins the handshake, once.
func (f *flight) begin() { f.begun.Do(func() { go f.run() }) }

// run makes the keys, and then answers what still comes of the handshake.
func (f *flight) run() {
	conn, keys, err := f.handshake()
	if err != nil {
		f.peer.tell(Secured{Err: err})
		return
	}
	f.peer.established(keys)
	var dropped [maxDatagram]byte // there is no data channel
	for err == nil {
		_, err = conn.Read(dropped[:])
	}
	_ = conn.Close()
}

// handshake makes the keys with the browser whose certificate was signalled (RFC 5763 5, RFC 8122 6.2).
func (f *flight) handshake() (*dtls.Conn, *rtp.SRTP, error) {
	var takes []dtls.SRTPProtectionProfile
	for _, p := range profiles {
		takes = append(takes, p.dtls)
	}
	conn, err := dtls.ServerWithOptions(f, net.UDPAddrFromAddrPort(f.peer.port.at),
		dtls.WithCertificates(f.peer.port.cert), dtls.WithClientAuth(dtls.RequireAnyClientCert),
		dtls.WithVerifyPeerCertificate(f.verify), dtls.WithSRTPProtectionProfiles(takes...),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret), // RFC 8827 6.5
		dtls.WithInsecureSkipVerifyHello(true),                          // its checks have shown already that the browser is where it says
	)
	if err != nil {
		return nil, nil, err
	}
	if err := conn.Handshake(); err != nil {
		return nil, nil, errors.Join(err, conn.Close())
	}
	keys, err := keysOf(conn)
	if err != nil {
		return nil, nil, errors.Join(err, conn.Close())
	}
	return conn, keys, nil
}

func (f *flight) verify(certificates [][]byte, _ [][]*x509.Certificate) error {
	if len(certificates) == 0 || sha256.Sum256(certificates[0]) != *f.peer.far.Load() {
		return errStranger
	}
	return nil
}

// keysOf takes the keys of SRTP out of the handshake (RFC 5764 4.2): the client's key, the server's, and their salts.
func keysOf(conn *dtls.Conn) (*rtp.SRTP, error) {
	chosen, ok := conn.SelectedSRTPProtectionProfile()
	state, done := conn.ConnectionState()
	for _, p := range profiles {
		if !ok || !done || p.dtls != chosen {
			continue
		}
		b, err := state.ExportKeyingMaterial("EXTRACTOR-dtls_srtp", nil, 2*(p.key+p.salt))
		if err != nil {
			return nil, err
		}
		client, server := b[:p.key:p.key], b[p.key:2*p.key:2*p.key]
		salts := b[2*p.key:]
		return rtp.NewSRTP(p.suite, append(server, salts[p.salt:]...), append(client, salts[:p.salt]...))
	}
	return nil, errProfile
}

// ReadFrom gives the browser's next datagram.
func (f *flight) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case d := <-f.in:
		return copy(b, d), f.LocalAddr(), nil
	case <-f.wait.Done():
		return 0, nil, os.ErrDeadlineExceeded
	case <-f.ended:
		return 0, nil, net.ErrClosed
	}
}

// WriteTo sends to where the browser is.
func (f *flight) WriteTo(b []byte, _ net.Addr) (int, error) {
	f.peer.mu.Lock()
	to := f.peer.chosen
	f.peer.mu.Unlock()
	f.peer.port.send(b, to)
	return len(b), nil
}

// Close ends it.
func (f *flight) Close() error {
	f.once.Do(func() { close(f.ended) })
	return nil
}

// LocalAddr is the port's.
func (f *flight) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(f.peer.port.at) }

// SetReadDeadline bounds ReadFrom.
func (f *flight) SetReadDeadline(t time.Time) error {
	f.wait.Set(t)
	return nil
}

// SetDeadline bounds ReadFrom; WriteTo never waits.
func (f *flight) SetDeadline(t time.Time) error { return f.SetReadDeadline(t) }

// SetWriteDeadline has nothing to bound.
func (f *flight) SetWriteDeadline(time.Time) error { return nil }
