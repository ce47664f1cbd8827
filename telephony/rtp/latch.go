package rtp

import "net/netip"

// probation is how many packets in sequence an unknown source must send before it is believed (RFC 3550 A.1 asks for 2).
const probation = 3

// A latch decides whose packets are heard and where ours go. The far end may sit behind a NAT and send from another
// address than it said: the first source that shows itself is latched, once, and then locked, so that nobody else can be
// heard or draw our packets away. Only the address that was signalled may take over from a latched one.
type latch struct {
	signalled netip.AddrPort
	heard     netip.AddrPort // the locked source; not valid while there is none

	candidate netip.AddrPort
	ssrc      uint32
	next      uint16
	run       int
}

// reset opens the latch for a far end that is signalled to be elsewhere.
func (l *latch) reset(signalled netip.AddrPort) { *l = latch{signalled: signalled} }

// accept tells whether a packet from this source is to be heard.
func (l *latch) accept(from netip.AddrPort, ssrc uint32, seq uint16) bool {
	switch {
	case from == l.heard:
		return true
	case from == l.signalled:
		l.heard = from
		return true
	case l.excludes(from):
		return false
	}
	if from != l.candidate || ssrc != l.ssrc || seq != l.next {
		l.candidate, l.ssrc, l.run = from, ssrc, 0
	}
	l.next = seq + 1
	if l.run++; l.run < probation {
		return false
	}
	l.heard = from
	return true
}

// excludes tells that a packet from there is not heard, whatever it is.
func (l *latch) excludes(from netip.AddrPort) bool {
	return l.heard.IsValid() && from != l.heard && from != l.signalled
}

// locked tells that nobody can take over any more.
func (l *latch) locked() bool { return l.heard.IsValid() && l.heard == l.signalled }

// remote is where our packets go: to the source that is heard, or as long as there is none, where the far end said.
func (l *latch) remote() (to netip.AddrPort, ok bool) {
	to = l.signalled
	if l.heard.IsValid() {
		to = l.heard
	}
	return to, l.signalled.IsValid() && l.signalled.Port() != 0 && !l.signalled.Addr().IsUnspecified()
}
