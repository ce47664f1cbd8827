package sip

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The bounds of TCP connections: a slow or idle stranger must not keep out those who have something to say
// (reliability.md figure 15).
const (
	maxStreams        = 2048
	maxStreamsPerHost = 128
	firstMessageTime  = 32 * time.Second // for the first whole message of a connection that came in
	idleTime          = 10 * time.Minute // between messages
	writeTime         = 10 * time.Second
	maxUnsent         = 64 // messages
)

var errTooManyStreams = errors.New("too many connections")

// A stream is one connection of TCP, TLS or WebSocket. Its reader and its writer own it.
type stream struct {
	conn  net.Conn
	out   chan []byte
	ended chan struct{}
	once  sync.Once
}

func (s *stream) close() {
	s.once.Do(func() {
		close(s.ended)
		s.conn.Close()
	})
}

// write queues octets for the far end. One that does not read loses the connection.
func (s *stream) write(b []byte) error {
	select {
	case <-s.ended:
		return errNoStream
	default:
	}
	select {
	case s.out <- b:
		return nil
	default:
		s.close()
		return errNoStream
	}
}

// accept takes the connections of a network. A TLS handshake is made with the first message, within its time.
func (t *transport) accept(l net.Listener, network string) {
	for {
		conn, err := l.Accept()
		if err != nil {
			select {
			case <-t.done:
				return
			case <-time.After(100 * time.Millisecond): // out of descriptors: let some go
				continue
			}
		}
		remote, ok := conn.RemoteAddr().(*net.TCPAddr)
		if !ok {
			conn.Close()
			continue
		}
		at := remote.AddrPort()
		from := netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
		if !t.sources.allow(from.Addr(), time.Now()) {
			conn.Close()
			continue
		}
		if _, err := t.add(conn, hop{network: network, addr: from}); err != nil {
			t.log.Debug("connection refused", "from", at, "error", err)
		}
	}
}

// add takes a connection into the table and starts its reader and writer, or closes it when there are too many.
func (t *transport) add(conn net.Conn, remote hop) (*stream, error) {
	s := &stream{conn: conn, out: make(chan []byte, maxUnsent), ended: make(chan struct{})}
	t.mu.Lock()
	defer t.mu.Unlock()
	same := 0
	for at := range t.streams {
		if at.addr.Addr() == remote.addr.Addr() {
			same++
		}
	}
	if t.shut || len(t.streams) >= maxStreams || same >= maxStreamsPerHost {
		conn.Close()
		return nil, errTooManyStreams
	}
	if old := t.streams[remote]; old != nil {
		old.close()
	}
	t.streams[remote] = s
	go t.readStream(s, remote)
	go s.drain()
	return s, nil
}

// drain writes what is queued until the stream ends; a nil in the queue ends it once what is before has gone out.
func (s *stream) drain() {
	defer s.close()
	for {
		select {
		case b := <-s.out:
			if b == nil {
				return
			}
			s.conn.SetWriteDeadline(time.Now().Add(writeTime))
			if _, err := s.conn.Write(b); err != nil {
				return
			}
		case <-s.ended:
			return
		}
	}
}

func (t *transport) readStream(s *stream, from hop) {
	defer func() {
		s.close()
		t.mu.Lock()
		if t.streams[from] == s {
			delete(t.streams, from)
		}
		t.mu.Unlock()
	}()
	next := s.cutter(from.network)
	for wait := firstMessageTime; ; wait = idleTime {
		s.conn.SetReadDeadline(time.Now().Add(wait))
		raw, err := next()
		if err != nil {
			if answer := refusal(raw, err); answer != nil {
				s.write(answer) // the boundary is lost: answer once and close (RFC 3261 18.3)
				s.write(nil)
				<-s.ended
			}
			return
		}
		if a := from.addr.Addr(); !t.sources.allow(a, time.Now()) && !t.sources.knows(a) {
			return
		}
		msg := t.read(raw, from)
		if msg == nil {
			continue
		}
		select {
		case t.in <- incoming{msg, raw, from, time.Now()}: // waiting here slows the sender down, as TCP is meant to
		case <-t.done:
			return
		}
	}
}

// cutter gives what cuts the next message out of the connection.
func (s *stream) cutter(network string) func() ([]byte, error) {
	pong := func() { s.write([]byte("\r\n")) }
	if network == networkWS {
		return func() ([]byte, error) { return wholeMessage(s.conn, pong) }
	}
	r := bufio.NewReader(s.conn)
	return func() ([]byte, error) { return nextMessage(r, pong) }
}

var errFraming = errors.New("bad Content-Length")

// nextMessage cuts the next message out of a stream. Empty lines between messages are keepalives; two of them ask for
// one back (RFC 5626 3.5.1). What was read of a broken message comes with the error.
func nextMessage(r *bufio.Reader, pong func()) ([]byte, error) {
	var head bytes.Buffer
	for empty := 0; ; {
		line, err := r.ReadSlice('\n')
		head.Write(line)
		if head.Len() > maxMessage {
			return head.Bytes(), errTooLong
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(string(line)) != "" {
			continue
		}
		if head.Len() > len(line) {
			break // the empty line behind the headers
		}
		head.Reset()
		if empty++; empty == 2 {
			empty = 0
			pong()
		}
	}
	length, err := contentLength(head.String())
	if err != nil || head.Len()+length > maxMessage {
		return head.Bytes(), errFraming
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, err
	}
	return append(head.Bytes(), body...), nil
}

// contentLength finds the one Content-Length of a head. On a stream none, two or a number out of range lose the
// boundary (RFC 3261 20.14; two different ones are an attack).
func contentLength(head string) (int, error) {
	found := -1
	for line := range strings.SplitSeq(head, "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		name = strings.TrimSpace(name)
		if !strings.EqualFold(name, "Content-Length") && !strings.EqualFold(name, "l") {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 16)
		if err != nil || found >= 0 {
			return 0, errFraming
		}
		found = int(n)
	}
	if found < 0 {
		return 0, errFraming
	}
	return found, nil
}
