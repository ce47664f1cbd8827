package webrtc

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	"github.com/pion/srtp/v3"
)

// patience bounds what takes no time at all on an idle machine.
const patience = 30 * time.Second

var loopback = netip.MustParseAddr("127.0.0.1")

// newPort serves a port until the test ends.
func newPort(t *testing.T) *Port {
	t.Helper()
	p, err := Listen(netip.AddrPortFrom(loopback, 0))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); p.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	return p
}

func (p *Port) newPeer(t *testing.T) *Peer {
	t.Helper()
	peer, err := p.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { peer.Close() })
	return peer
}

// A browser is the far end. Pion's client reads its socket, and so sorts what is not DTLS out (RFC 7983).
type browser struct {
	*net.UDPConn
	t       *testing.T
	box     netip.AddrPort
	answers chan []byte // to checks
	cert    tls.Certificate
}

func newBrowser(t *testing.T, p *Port) *browser {
	t.Helper()
	cert, err := selfsign.GenerateSelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	return &browser{UDPConn: newSocket(t), t: t, box: p.LocalAddr(), answers: make(chan []byte, 8), cert: cert}
}

func newSocket(t *testing.T) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, 0)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func (b *browser) print() Fingerprint { return sha256.Sum256(b.cert.Certificate[0]) }

func (b *browser) at() netip.AddrPort { return b.LocalAddr().(*net.UDPAddr).AddrPort() }

// ReadFrom gives pion what is DTLS.
func (b *browser) ReadFrom(room []byte) (int, net.Addr, error) {
	for {
		n, from, err := b.UDPConn.ReadFrom(room)
		if err != nil || n > 0 && room[0] >= 20 && room[0] <= 63 {
			return n, from, err
		}
		b.answers <- bytes.Clone(room[:n])
	}
}

// check sends a check that nominates, and gives the answer.
func (b *browser) check(peer *Peer, from *net.UDPConn) []byte {
	b.t.Helper()
	user, password := peer.Credentials()
	from.WriteToUDPAddrPort(request(user+":far", password, attribute(attrUseCandidate, "")), b.box)
	var room [maxDatagram]byte
	from.SetReadDeadline(time.Now().Add(patience))
	n, _, err := from.ReadFromUDPAddrPort(room[:])
	from.SetReadDeadline(time.Time{})
	if err != nil {
		b.t.Fatal("a check is not answered:", err)
	}
	return bytes.Clone(room[:n])
}

// secure makes the handshake, and gives both sides' keys: the browser's for sending, and what the peer tells.
func (b *browser) secure(peer *Peer) (*srtp.Context, Secured) {
	b.t.Helper()
	conn, err := dtls.ClientWithOptions(b, net.UDPAddrFromAddrPort(b.box), dtls.WithCertificates(b.cert),
		dtls.WithInsecureSkipVerify(true), dtls.WithSRTPProtectionProfiles(dtls.SRTP_AES128_CM_HMAC_SHA1_80))
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.Close() })
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, <-peer.Secured()
	}
	state, _ := conn.ConnectionState()
	keys, err := state.ExportKeyingMaterial("EXTRACTOR-dtls_srtp", nil, 60)
	if err != nil {
		b.t.Fatal(err)
	}
	sends, err := srtp.CreateContext(keys[:16], keys[32:46], srtp.ProtectionProfileAes128CmHmacSha1_80)
	if err != nil {
		b.t.Fatal(err)
	}
	return sends, <-peer.Secured()
}

// read is the media loop: it looks until there is something.
func read(t *testing.T, peer *Peer) ([]byte, netip.AddrPort) {
	t.Helper()
	var room [maxDatagram]byte
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if n, from, ok := peer.TryRead(room[:]); ok {
			return room[:n], from
		}
	}
	t.Fatal("no speech came")
	return nil, netip.AddrPort{}
}

var packet = append([]byte{0x80, 8, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4}, bytes.Repeat([]byte{0xd5}, 160)...)

// A browser checks, makes keys, speaks, and goes on speaking from another address; a stranger is not heard.
func TestABrowserSpeaks(t *testing.T) {
	port := newPort(t)
	peer, far := port.newPeer(t), newBrowser(t, port)
	peer.Expect(far.print())
	if !peer.Expects(far.print()) || peer.Expects(port.print) {
		t.Error("another certificate is expected than was said")
	}
	answer := far.check(peer, far.UDPConn)
	if !bytes.HasPrefix(answer, []byte{1, 1}) {
		t.Fatalf("the check is answered %x", answer)
	}
	if err := peer.WriteTo(packet, far.at()); err == nil {
		t.Error("speech is sent before there are keys")
	}
	sends, secured := far.secure(peer)
	if secured.Err != nil || secured.SRTP == nil || secured.Far != far.at() {
		t.Fatalf("secured: %+v", secured)
	}
	sealed, err := sends.EncryptRTP(nil, packet, nil)
	if err != nil {
		t.Fatal(err)
	}
	stranger := newSocket(t)
	stranger.WriteToUDPAddrPort(packet, port.LocalAddr())
	far.WriteToUDPAddrPort(sealed, port.LocalAddr())
	if got, from := read(t, peer); !bytes.Equal(got, sealed) || from != far.at() {
		t.Errorf("%x from %v is heard", got[:12], from)
	}

	moved := newSocket(t) // another network of the same computer
	if answer := far.check(peer, moved); !bytes.HasPrefix(answer, []byte{1, 1}) {
		t.Fatalf("the check from elsewhere is answered %x", answer)
	}
	for way := peer.way.Load(); way.far != moved.LocalAddr().(*net.UDPAddr).AddrPort(); way = peer.way.Load() {
	}
	moved.WriteToUDPAddrPort(sealed, port.LocalAddr())
	if got, from := read(t, peer); !bytes.Equal(got, sealed) || from != secured.Far {
		t.Errorf("after the move %x from %v is heard", got[:12], from)
	}
	if err := peer.WriteTo(packet, secured.Far); err != nil {
		t.Error(err)
	}
	var room [maxDatagram]byte
	moved.SetReadDeadline(time.Now().Add(patience))
	if n, err := moved.Read(room[:]); err != nil || !bytes.Equal(room[:n], packet) {
		t.Errorf("the browser hears %d octets, %v", n, err)
	}
}

// RFC 8445 9: after a restart the old name and password are worth nothing, and the browser is heard from where it is now.
func TestARestart(t *testing.T) {
	port := newPort(t)
	peer, far := port.newPeer(t), newBrowser(t, port)
	peer.Expect(far.print())
	far.check(peer, far.UDPConn)
	sends, secured := far.secure(peer)
	if secured.Err != nil {
		t.Fatal(secured.Err)
	}
	name, password := peer.Credentials()
	peer.Restart()
	if again, other := peer.Credentials(); again == name || other == password {
		t.Error("the credentials are the old ones")
	}
	stale, moved := newSocket(t), newSocket(t)
	stale.WriteToUDPAddrPort(request(name+":far", password, attribute(attrUseCandidate, "")), port.LocalAddr())
	if answer := far.check(peer, moved); !bytes.HasPrefix(answer, []byte{1, 1}) {
		t.Fatalf("the check by the new name is answered %x", answer)
	}
	if port.peerAt(stale.LocalAddr().(*net.UDPAddr).AddrPort()) != nil {
		t.Error("a check by the old name opened a way")
	}
	for way := peer.way.Load(); way.far != moved.LocalAddr().(*net.UDPAddr).AddrPort(); way = peer.way.Load() {
	}
	sealed, err := sends.EncryptRTP(nil, packet, nil)
	if err != nil {
		t.Fatal(err)
	}
	moved.WriteToUDPAddrPort(sealed, port.LocalAddr())
	if got, from := read(t, peer); !bytes.Equal(got, sealed) || from != secured.Far {
		t.Errorf("%x from %v is heard", got[:12], from)
	}
	peer.Close()
	peer.Restart()
	port.mu.Lock()
	defer port.mu.Unlock()
	if len(port.byName) != 0 {
		t.Error("a closed peer has a name again")
	}
}

// RFC 7675: consent is asked for at the socket of speech, and answered though the media loop reads it.
func TestConsentIsAnswered(t *testing.T) {
	port := newPort(t)
	peer, far := port.newPeer(t), newBrowser(t, port)
	peer.Expect(far.print())
	far.check(peer, far.UDPConn)
	if _, secured := far.secure(peer); secured.Err != nil {
		t.Fatal(secured.Err)
	}
	user, password := peer.Credentials()
	far.WriteToUDPAddrPort(request(user+":far", password), port.LocalAddr())
	var room [maxDatagram]byte
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if n, _, ok := peer.TryRead(room[:]); ok {
			t.Fatalf("heard as speech: %x", room[:n])
		}
		select {
		case answer := <-far.answers:
			if !bytes.HasPrefix(answer, []byte{1, 1}) {
				t.Errorf("answered %x", answer)
			}
			return
		default:
		}
	}
	t.Error("not answered")
}

// RFC 5763 5: who has another certificate than the signalling says gets no keys.
func TestAnotherCertificateIsRefused(t *testing.T) {
	port := newPort(t)
	peer, far := port.newPeer(t), newBrowser(t, port)
	peer.Expect(port.print)
	far.check(peer, far.UDPConn)
	if _, secured := far.secure(peer); !errors.Is(secured.Err, errStranger) {
		t.Errorf("secured: %+v", secured)
	}
}

// A check without the password is not answered, and opens no way.
func TestStrangersAreNotAnswered(t *testing.T) {
	port := newPort(t)
	peer, stranger, far := port.newPeer(t), newSocket(t), newBrowser(t, port)
	user, password := peer.Credentials()
	for _, b := range [][]byte{request(user+":far", "guess"), request("nobody:far", "guess"), {}, {0}, packet, {22, 254, 253}} {
		stranger.WriteToUDPAddrPort(b, port.LocalAddr())
	}
	far.check(peer, far.UDPConn) // whatever the stranger sent was read before
	if port.peerAt(stranger.LocalAddr().(*net.UDPAddr).AddrPort()) != nil {
		t.Error("the stranger is let in")
	}
	for range 2 * maxWays {
		far.WriteToUDPAddrPort(request(user+":far", password), port.LocalAddr())
		far.UDPConn = newSocket(t)
	}
	port.mu.Lock()
	defer port.mu.Unlock()
	if len(peer.ways) > maxWays {
		t.Errorf("%d addresses of one browser", len(peer.ways))
	}
}

// A browser that is not heard of is told of, once.
func TestSilenceIsTold(t *testing.T) {
	port, err := Listen(netip.AddrPortFrom(loopback, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer port.conn.Close()
	synctest.Test(t, func(t *testing.T) {
		peer := port.newPeer(t)
		peer.Expect(port.print)
		begun := time.Now()
		if s := <-peer.Secured(); !errors.Is(s.Err, errUnheard) || time.Since(begun) != securingTime {
			t.Errorf("told %v after %v", s.Err, time.Since(begun))
		}
	})
}

// The table is bounded, and a closed peer leaves it.
func TestPeersAreBounded(t *testing.T) {
	port := newPort(t)
	for range maxPeers {
		port.newPeer(t)
	}
	if _, err := port.Open(); err == nil {
		t.Error("one more than there may be")
	}
	for _, peer := range port.byName {
		peer.Close()
		break
	}
	port.newPeer(t)
}
