package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"callbox/telephony"
)

// realIPv6: the box is on a wire of its own that has IPv6 alone. The page is there, a carrier's call is answered, and every address in the
// answer is the box's of that wire, in brackets where a port may follow (RFC 3261 25.1, RFC 4566 5.7).
func realIPv6(t *testing.T, program string) {
	if os.Getuid() != 0 {
		t.Skip("a network namespace takes root")
	}
	const own = "2001:db8::10"
	b := prepareBox(t, program)
	b.wrap = []string{"unshare", "--net", "sh", "-c", "ip link set lo up && ip link add wire type veth peer name far && ip link set far up && ip address add " + own + "/64 dev wire nodad && " +
		`ip link set wire up && exec "$0" "$@"`}
	b.options = []string{"--http", ":8080", "--sip", ":5060"}
	b.start()
	t.Cleanup(b.stop)
	b.configure(func(cfg *telephony.Config) {
		cfg.Trunks = []telephony.Trunk{{
			ID: "six", Name: "six", Way: telephony.BothWays, Host: "six.example.cn", Transport: "udp", Sources: []string{own}, Numbers: []string{"02162340000"}, MaxCalls: 5, DTMF: "auto",
		}}
		cfg.Groups, cfg.Outbound, cfg.Routes = nil, nil, []telephony.Route{{ID: "all", To: "room:six"}}
		cfg.Rooms = []telephony.Room{{ID: "six", Name: "six", Number: "9000", MaxParties: 5}}
	})
	b.onItsWire(func() {
		page, err := net.Dial("tcp", "["+own+"]:8080") // package http would dial on another thread
		if err != nil {
			t.Error(err)
			return
		}
		defer page.Close()
		page.SetDeadline(time.Now().Add(patience))
		fmt.Fprintf(page, "GET /api/status HTTP/1.1\r\nHost: [%s]:8080\r\n\r\n", own)
		if line, err := bufio.NewReader(page).ReadString('\n'); err != nil || !strings.Contains(line, " 200 ") {
			t.Errorf("the page says %q, %v", line, err)
		}
		c, err := net.DialUDP("udp", &net.UDPAddr{IP: net.ParseIP(own), Port: 5062}, &net.UDPAddr{IP: net.ParseIP(own), Port: 5060})
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(patience))
		body := "v=0\r\no=- 1 1 IN IP6 " + own + "\r\ns=-\r\nc=IN IP6 " + own + "\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n"
		fmt.Fprintf(c, "INVITE sip:02162340000@[%[1]s] SIP/2.0\r\nVia: SIP/2.0/UDP [%[1]s]:5062;branch=z9hG4bKsix;rport\r\nMax-Forwards: 70\r\n"+
			"From: <sip:13800138000@[%[1]s]>;tag=six\r\nTo: <sip:02162340000@[%[1]s]>\r\nCall-ID: six\r\nCSeq: 1 INVITE\r\n"+
			"Contact: <sip:13800138000@[%[1]s]:5062>\r\nContent-Type: application/sdp\r\nContent-Length: %[2]d\r\n\r\n%[3]s", own, len(body), body)
		var said string
		for in := make([]byte, 4096); !strings.HasPrefix(said, "SIP/2.0 200") || !strings.Contains(said, "1 INVITE"); {
			n, err := c.Read(in)
			if err != nil {
				t.Errorf("no answer: %v; the last was\n%s", err, said)
				return
			}
			said = string(in[:n])
		}
		for _, want := range []string{"c=IN IP6 " + own + "\r\n", "@[" + own + "]:5060", "Via: SIP/2.0/UDP [" + own + "]:5062"} {
			if !strings.Contains(said, want) {
				t.Errorf("%q is not in\n%s", want, said)
			}
		}
		if strings.Contains(said, "127.0.0.1") || strings.Contains(said, "IP4") {
			t.Errorf("another address is in\n%s", said)
		}
	})
}

// onItsWire runs something in the network of the box's process, on a thread that ends with it.
func (b *realBox) onItsWire(do func()) {
	b.t.Helper()
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		wire, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", b.process.Process.Pid))
		if err == nil {
			err = unix.Setns(int(wire.Fd()), unix.CLONE_NEWNET)
			wire.Close()
		}
		if err == nil {
			do()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		b.t.Fatal(err)
	}
}
