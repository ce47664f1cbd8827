package rtp

import (
	"math/rand/v2"
	"net/netip"

	"callbox/telephony"
)

// A Conn is a datagram socket that never waits. Its methods belong to one goroutine, the media loop, but for Close, which
// may be called from any, at any time.
type Conn interface {
	// TryRead reads one datagram if one is there. What is longer than b is cut.
	TryRead(b []byte) (n int, from netip.AddrPort, ok bool)
	// WriteTo sends one datagram, or fails at once.
	WriteTo(b []byte, to netip.AddrPort) error
	// Lock asks for datagrams of this far end alone, which is all that is written to from then on; the zero address opens
	// the connection to everybody again. A connection that cannot tell may ignore it.
	Lock(far netip.AddrPort)
	// Control is the connection for RTCP beside it, at the next port (RFC 3550 11), or nil. It closes with this one.
	Control() Conn
	// LocalAddr is the address that datagrams are read from.
	LocalAddr() netip.AddrPort
	// Close frees the port. Reads find nothing and writes fail from then on.
	Close() error
}

// Listen opens a free even port of the address between lo and hi, and the port after it for RTCP (RFC 3550 11); the search
// begins anywhere, so that a port just freed, where packets of the last call may still come in, is unlikely to be used again
// at once.
func Listen(addr netip.Addr, lo, hi uint16) (Conn, error) {
	first := int(lo+1) &^ 1
	count := (int(hi)-first)/2 + 1
	if lo == 0 || int(hi) < first {
		return nil, telephony.Errorf(telephony.Invalid, "RTP 端口范围 %d-%d 无效：请设为包含偶数端口的范围",
			"the RTP port range %d-%d is not valid: set one that holds even ports", lo, hi)
	}
	begin := rand.IntN(count)
	var err error
	for i := range count {
		port := uint16(first + (begin+i)%count*2)
		var s *socket
		if s, err = listenPair(addr, port); err == nil {
			return s, nil
		}
	}
	return nil, telephony.Errorf(telephony.Busy, "地址 %s 上 %d-%d 之间没有空闲的 RTP 端口（%v）：请扩大端口范围",
		"no free RTP port between %[2]d and %[3]d on %[1]s (%[4]v): widen the range", addr, lo, hi, err)
}
