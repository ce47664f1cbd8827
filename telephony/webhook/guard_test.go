package webhook

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"callbox/telephony"
)

// TestClosed (SSRF by webhook): what a webhook may reach. A company's own network is open on purpose.
func TestClosed(t *testing.T) {
	own := []netip.Addr{netip.MustParseAddr("192.168.1.10"), netip.MustParseAddr("2001:db8::10")}
	for address, want := range map[string]*forbidden{
		"127.0.0.1": errSelf, "127.8.9.10": errSelf, "::1": errSelf, "0.0.0.0": errSelf, "::": errSelf,
		"192.168.1.10": errSelf, "2001:db8::10": errSelf,
		"::ffff:127.0.0.1": errSelf, "::ffff:192.168.1.10": errSelf, "::127.0.0.1": errKind,
		"169.254.169.254": errKind, "169.254.1.1": errKind, "::ffff:169.254.169.254": errKind, "fe80::1": errKind, "fe80::1%eth0": errKind,
		"224.0.0.1": errKind, "239.255.255.250": errKind, "ff02::1": errKind, "255.255.255.255": errKind, "240.0.0.1": errKind, "0.1.2.3": errKind,
		"64:ff9b::7f00:1": errKind, "64:ff9b:1::7f00:1": errKind, "2002:7f00:1::": errKind, "2001:0:1::": errKind,

		"192.168.1.20": nil, "10.0.0.1": nil, "172.16.5.5": nil, "fd00::20": nil, "100.64.0.1": nil,
		"203.0.113.9": nil, "2001:db8::20": nil, "::ffff:192.168.1.20": nil,
	} {
		if got := closed(netip.MustParseAddr(address), own); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
	if closed(netip.Addr{}, nil) == nil {
		t.Error("no address passes")
	}
}

// TestGuardedDial: on a real network the guard sees the address behind a name, and nothing is connected to.
func TestGuardedDial(t *testing.T) {
	far := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was reached") }))
	far.Config.ConnState = func(net.Conn, http.ConnState) { t.Error("it was connected to") }
	far.TLS = &tls.Config{}
	far.StartTLS()
	defer far.Close()
	_, port, _ := net.SplitHostPort(far.Listener.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		w := New(Options{Newest: func() uint64 { return 1 }})
		w.change(t.Context(), []telephony.Webhook{{ID: "x", URL: "https://" + host + ":" + port + "/", Secret: secret, Disabled: true}})
		if d, err := w.Test(t.Context(), "x", "admin"); err != nil || d.Problem != errSelf.why {
			t.Errorf("%s: %+v, %v", host, d, err)
		}
	}
}
