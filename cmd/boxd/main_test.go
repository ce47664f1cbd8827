package main

import (
	"net"
	"net/netip"
	"testing"
)

// Others are told an address that they can reach: of IPv4, else of IPv6 as soon as sockets can have it, else there is no network.
func TestReachable(t *testing.T) {
	const young = "2001:db8::99" // nobody has said yet that it is not his (RFC 4862 5.4)
	usable := func(a netip.Addr) bool { return a.String() != young }
	for name, row := range map[string]struct {
		list []string
		want string
	}{
		"nothing":                 {nil, "127.0.0.1"},
		"no wire":                 {[]string{"127.0.0.1", "::1"}, "127.0.0.1"},
		"IPv4 and IPv6":           {[]string{"127.0.0.1", "2001:db8::10", "192.168.1.10", "fe80::1"}, "192.168.1.10"},
		"IPv6 alone":              {[]string{"127.0.0.1", "::1", "fe80::1", "2001:db8::10", "2001:db8::11"}, "2001:db8::10"},
		"a site's own":            {[]string{"fe80::1", "fd00::10"}, "fd00::10"},
		"no router":               {[]string{"169.254.1.1", "fe80::1"}, "127.0.0.1"},
		"a young one":             {[]string{young}, "127.0.0.1"},
		"a young one and another": {[]string{young, "fd00::10"}, "fd00::10"},
	} {
		var list []netip.Addr
		for _, a := range row.list {
			list = append(list, netip.MustParseAddr(a))
		}
		if got := reachable(list, usable); got.String() != row.want {
			t.Errorf("%s: %s, not %s", name, got, row.want)
		}
	}
	if !bindable(netip.MustParseAddr("127.0.0.1")) || bindable(netip.MustParseAddr("2001:db8::99")) {
		t.Error("what a socket can have is not told from what it cannot")
	}
}

// A browser reads the address of the page as it is written (RFC 3986 3.2.2).
func TestPageURL(t *testing.T) {
	for _, row := range []struct{ own, web, want string }{
		{"192.168.1.10", "[::]:80", "http://192.168.1.10"},
		{"192.168.1.10", "0.0.0.0:8080", "http://192.168.1.10:8080"},
		{"2001:db8::10", "[::]:80", "http://[2001:db8::10]"},
		{"2001:db8::10", "[::]:8080", "http://[2001:db8::10]:8080"},
		{"192.168.1.10", "10.0.0.5:8080", "http://10.0.0.5:8080"},
	} {
		web := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(row.web))
		if got := pageURL(netip.MustParseAddr(row.own), web); got != row.want {
			t.Errorf("%s at %s: %s, not %s", row.own, row.web, got, row.want)
		}
	}
}
