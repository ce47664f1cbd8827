package siptest

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"callbox/telephony/rtp"
)

// maxQueued bounds the datagrams that wait for a reader; more are lost, as in a kernel's socket buffer.
const maxQueued = 4096

type datagram struct {
	due      time.Time
	sequence uint64
	from     netip.AddrPort
	payload  []byte
}

// A PacketConn is a datagram socket on a Network. It is a net.PacketConn.
type PacketConn struct {
	network *Network
	addr    netip.AddrPort
	wake    chan struct{} // capacity 1: something changed for a reader
	closed  chan struct{}

	mu       sync.Mutex
	queue    []datagram // by due time, then by sequence
	deadline time.Time
	shut     bool
}

// LocalAddr is a *net.UDPAddr.
func (c *PacketConn) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(c.addr) }

// AddrPort is the local address.
func (c *PacketConn) AddrPort() netip.AddrPort { return c.addr }

func (c *PacketConn) deliver(d datagram) {
	c.mu.Lock()
	if len(c.queue) < maxQueued && !c.shut {
		at, _ := slices.BinarySearchFunc(c.queue, d, func(a, b datagram) int {
			if r := a.due.Compare(b.due); r != 0 {
				return r
			}
			return int(int64(a.sequence) - int64(b.sequence))
		})
		c.queue = slices.Insert(c.queue, at, d)
	}
	c.mu.Unlock()
	c.nudge()
}

func (c *PacketConn) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// take gives the first datagram that is due, or how long until something may be: a negative wait means for ever.
func (c *PacketConn) take() (d datagram, ok bool, wait time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	switch {
	case c.shut:
		return d, false, 0, closedError("read")
	case !c.deadline.IsZero() && !now.Before(c.deadline):
		return d, false, 0, errTimeout
	case len(c.queue) > 0 && !c.queue[0].due.After(now):
		d = c.queue[0]
		c.queue = slices.Delete(c.queue, 0, 1)
		return d, true, 0, nil
	}
	wait = -1
	if len(c.queue) > 0 {
		wait = c.queue[0].due.Sub(now)
	}
	if left := c.deadline.Sub(now); !c.deadline.IsZero() && (wait < 0 || left < wait) {
		wait = left
	}
	return d, false, wait, nil
}

// ReadFrom waits for a datagram, the deadline or Close.
func (c *PacketConn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		d, ok, wait, err := c.take()
		if err != nil {
			return 0, nil, err
		}
		if ok {
			return copy(b, d.payload), net.UDPAddrFromAddrPort(d.from), nil
		}
		var timer <-chan time.Time
		if wait >= 0 {
			timer = time.After(wait)
		}
		select {
		case <-c.wake:
		case <-timer:
		case <-c.closed:
		}
	}
}

// WriteTo sends a datagram; what is not listened to is lost without an error, as on a real network.
func (c *PacketConn) WriteTo(b []byte, addr net.Addr) (int, error) {
	udp, ok := addr.(*net.UDPAddr)
	if !ok {
		return 0, closedError("write")
	}
	return len(b), c.write(b, udp.AddrPort())
}

func (c *PacketConn) write(b []byte, to netip.AddrPort) error {
	c.mu.Lock()
	shut := c.shut
	c.mu.Unlock()
	if shut {
		return closedError("write")
	}
	c.network.send(c.addr, netip.AddrPortFrom(to.Addr().Unmap(), to.Port()), b)
	return nil
}

// Close frees the address.
func (c *PacketConn) Close() error {
	c.mu.Lock()
	already := c.shut
	c.shut = true
	c.mu.Unlock()
	if already {
		return closedError("close")
	}
	close(c.closed)
	c.network.mu.Lock()
	delete(c.network.sockets, c.addr)
	c.network.mu.Unlock()
	return nil
}

// SetDeadline sets the read deadline; writing never waits.
func (c *PacketConn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetReadDeadline bounds the wait of ReadFrom.
func (c *PacketConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	c.deadline = t
	c.mu.Unlock()
	c.nudge()
	return nil
}

// SetWriteDeadline does nothing: writing never waits.
func (c *PacketConn) SetWriteDeadline(time.Time) error { return nil }

// A MediaConn is a datagram socket read without waiting: the rtp.Conn of a session.
type MediaConn struct{ c *PacketConn }

// TryRead reads a datagram that is there already.
func (m MediaConn) TryRead(b []byte) (n int, from netip.AddrPort, ok bool) {
	d, ok, _, _ := m.c.take()
	if !ok {
		return 0, netip.AddrPort{}, false
	}
	return copy(b, d.payload), d.from, true
}

// WriteTo sends a datagram.
func (m MediaConn) WriteTo(b []byte, to netip.AddrPort) error { return m.c.write(b, to) }

// Control is nil: reports go beside the speech or not at all.
func (m MediaConn) Control() rtp.Conn { return nil }

// Lock does nothing: the session itself hears nobody else.
func (m MediaConn) Lock(netip.AddrPort) {}

// LocalAddr is the socket's address.
func (m MediaConn) LocalAddr() netip.AddrPort { return m.c.addr }

// Close frees the address.
func (m MediaConn) Close() error { return m.c.Close() }
