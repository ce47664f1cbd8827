package rtp

import (
	"net/netip"
	"testing"
)

func TestALockedSocketHearsNobodyElse(t *testing.T) {
	for _, addr := range []string{"127.0.0.1", "::1"} {
		t.Run(addr, func(t *testing.T) {
			ours, theirs, stranger := listenOn(t, addr), listenOn(t, addr), listenOn(t, addr)
			var room [8]byte
			heard := func(from Conn) bool {
				_ = from.WriteTo([]byte("x"), ours.LocalAddr())
				n, _, _ := ours.TryRead(room[:])
				return n > 0
			}
			ours.Lock(theirs.LocalAddr())
			if heard(stranger) || !heard(theirs) {
				t.Error("a locked socket hears a stranger, or not the far end")
			}
			if err := ours.WriteTo([]byte("y"), theirs.LocalAddr()); err != nil {
				t.Error(err)
			}
			if n, from, _ := theirs.TryRead(room[:]); n == 0 || from != ours.LocalAddr() {
				t.Errorf("from %v", from)
			}
			ours.Lock(netip.AddrPort{})
			if !heard(stranger) || !heard(theirs) {
				t.Error("an opened socket does not hear everybody")
			}
		})
	}
}

// The kernel tells once, in the place of a datagram, that a far end has closed its port (udp(7)): speech that waits behind
// that is heard all the same.
func TestAClosedFarEndCostsNoDatagram(t *testing.T) {
	ours, theirs := listenOn(t, "127.0.0.1"), listenOn(t, "127.0.0.1")
	ours.Lock(theirs.LocalAddr())
	_ = theirs.WriteTo([]byte("late"), ours.LocalAddr())
	theirs.Close()
	_ = ours.WriteTo([]byte("x"), theirs.LocalAddr())
	var room [8]byte
	if n, _, ok := ours.TryRead(room[:]); !ok || string(room[:n]) != "late" {
		t.Error("the last datagram was not read")
	}
}

func TestTheSessionLocksOnlyOntoTheSignalledAddress(t *testing.T) {
	s, w := newSession(Params{})
	hears(s, newPhone(w, nat), 0, 10)
	if w.lock.IsValid() {
		t.Error("locked onto an address that the signalled one may still take over from")
	}
	p := newPhone(w, far)
	p.SSRC = 8
	if hears(s, p, 0, 10); w.lock != far {
		t.Errorf("locked onto %v", w.lock)
	}
	moved := netip.MustParseAddrPort("192.0.2.77:5000")
	s.Configure(Params{Remote: moved, Codec: PCMA})
	if hear(s); w.lock.IsValid() {
		t.Error("a re-INVITE with another address did not open the connection")
	}
}
