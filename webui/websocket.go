package webui

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"unicode/utf8"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

var (
	errLongMessage = errors.New("the message of a WebSocket is too long")
	errProtocol    = errors.New("the browser does not speak the protocol")
)

// A webSocket is a WebSocket (RFC 6455) as a connection of messages: a Read is one, and so is a Write. What is longer than the
// room to read it in ends it.
type webSocket struct {
	net.Conn
	in     io.Reader
	remote string // the browser's address, behind a reverse proxy too
}

// newWebSocket takes the connection of a request that asks for a WebSocket with a protocol, or for one without ("").
// It answers one that does not.
func newWebSocket(w http.ResponseWriter, r *http.Request, protocol string) (net.Conn, error) {
	conn, rw, shake, err := ws.HTTPUpgrader{Protocol: func(p string) bool { return p == protocol }}.Upgrade(r, w)
	switch {
	case conn == nil:
		return nil, err
	case err == nil && shake.Protocol != protocol:
		err = errProtocol
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &webSocket{conn, rw.Reader, r.RemoteAddr}, nil
}

// RemoteAddr is where the browser is.
func (s *webSocket) RemoteAddr() net.Addr {
	at, err := netip.ParseAddrPort(s.remote)
	if err != nil {
		return s.Conn.RemoteAddr()
	}
	return net.TCPAddrFromAddrPort(at)
}

// Read waits for the next message. Signs of life are answered on the way.
func (s *webSocket) Read(b []byte) (n int, err error) {
	r := wsutil.Reader{Source: s.in, State: ws.StateServerSide, MaxFrameSize: int64(len(b))}
	control := wsutil.ControlFrameHandler(s.Conn, ws.StateServerSide)
	r.OnIntermediate = control
	for {
		head, err := r.NextFrame()
		if err != nil {
			return 0, err
		}
		if !head.OpCode.IsControl() {
			break
		}
		if err := control(head, &r); err != nil {
			return 0, err
		}
	}
	for n < len(b) {
		some, err := r.Read(b[n:])
		n += some
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
	return 0, errLongMessage
}

// Write sends one message, in one piece. Text has to be UTF-8 (RFC 6455 5.6).
func (s *webSocket) Write(b []byte) (int, error) {
	frame := ws.NewTextFrame(b)
	if !utf8.Valid(b) {
		frame = ws.NewBinaryFrame(b)
	}
	whole, err := ws.CompileFrame(frame)
	if err != nil {
		return 0, err
	}
	if _, err := s.Conn.Write(whole); err != nil {
		return 0, err
	}
	return len(b), nil
}
