package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"
)

// firstByteTime is how long a connection may take to say anything.
const firstByteTime = 10 * time.Second

// tlsRecord is the first octet of every TLS connection: a handshake record (RFC 8446 5.1).
const tlsRecord = 0x16

// either listens for HTTP and HTTPS on one port: the first octet of a connection tells which. So the page has one address,
// and an integrator can use https with the box's own certificate from the first start.
type either struct {
	net.Listener
	config *tls.Config
	ready  chan net.Conn
	done   context.Context
}

// listenEither wraps a listener; it ends with ctx.
func listenEither(ctx context.Context, l net.Listener, who *identity) net.Listener {
	e := &either{l, who.config(), make(chan net.Conn), ctx}
	context.AfterFunc(ctx, func() { l.Close() })
	go e.acceptAll()
	return e
}

func (e *either) acceptAll() {
	for {
		c, err := e.Listener.Accept()
		switch {
		case err == nil:
			go e.sort(c)
		case e.done.Err() != nil || errors.Is(err, net.ErrClosed):
			return
		default: // out of descriptors: let connections end
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// sort looks at the first octet and hands the connection on.
func (e *either) sort(c net.Conn) {
	b := bufio.NewReaderSize(c, 1)
	c.SetReadDeadline(time.Now().Add(firstByteTime))
	first, err := b.Peek(1)
	if err != nil {
		c.Close()
		return
	}
	c.SetReadDeadline(time.Time{})
	c = peeked{c, b}
	if first[0] == tlsRecord {
		c = tls.Server(c, e.config)
	}
	select {
	case e.ready <- c:
	case <-e.done.Done():
		c.Close()
	}
}

// Accept gives the next connection whose kind is known.
func (e *either) Accept() (net.Conn, error) {
	select {
	case c := <-e.ready:
		return c, nil
	case <-e.done.Done():
		return nil, net.ErrClosed
	}
}

// peeked is a connection whose first octet was read ahead.
type peeked struct {
	net.Conn
	r *bufio.Reader
}

func (p peeked) Read(b []byte) (int, error) { return p.r.Read(b) }
