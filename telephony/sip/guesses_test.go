package sip

import (
	"net/netip"
	"testing"
	"time"
)

func TestAGuesserOfIPv6HasOneNetwork(t *testing.T) { // reliability.md figure 9
	g, now := guesses{}, time.Now()
	at := netip.MustParseAddr("2001:db8:0:1::1")
	for range guessesPerAddress { // each guess from another address, at another account
		g.wrong(at, at.String(), now)
		at = at.Next()
	}
	if !g.blocked(netip.MustParseAddr("2001:db8:0:1:ffff::7%eth0"), false, "801", now) {
		t.Error("the network is let on")
	}
	for _, neighbour := range []string{"2001:db8:0:2::1", "192.0.2.1"} {
		if g.blocked(netip.MustParseAddr(neighbour), false, "801", now) {
			t.Errorf("%s is blocked too", neighbour)
		}
	}
}
