package sip

import (
	"fmt"
	"strings"
	"testing"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
	"callbox/telephony/rtp"
	"callbox/telephony/sip/siptest"
)

// BenchmarkParse is a message from its octets to the desk's door.
func BenchmarkParse(b *testing.B) {
	u := &ua{at: trunkAt}
	raw := wire(`INVITE sip:62340000@10.0.0.1 SIP/2.0
Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bKb1;rport
Max-Forwards: 70
From: "Li" <sip:13800138000@10.0.0.2>;tag=f1
To: <sip:62340000@10.0.0.1>
Call-ID: b1
CSeq: 1 INVITE
Contact: <sip:13800138000@10.0.0.2>` + u.sdp())
	b.ReportAllocs()
	for b.Loop() {
		m, err := parse(raw)
		if err != nil || validate(m.(*sipgo.Request), hop{network: "UDP"}) != nil {
			b.Fatal("refused")
		}
	}
}

// BenchmarkCall is a whole call from a trunk: INVITE, 100, 200, ACK, BYE, 200.
func BenchmarkCall(b *testing.B) {
	n := siptest.NewNetwork(1)
	o := newOffice()
	s := New(Options{
		Office: o, UDP: n.Listen(boxAt), Advertise: boxHost, Media: func() (rtp.Conn, error) { return silentConn{}, nil },
	})
	s.Configure(&telephony.Config{Trunks: []telephony.Trunk{{ID: "ctc", Way: telephony.BothWays, Host: trunkAt, Sources: []string{"10.0.0.0/8"}}}})
	go s.Run(b.Context())
	var carriers []*siptest.PacketConn // as many as it takes for none of them to be held as a flood
	for i := range 64 {
		carriers = append(carriers, n.Listen(fmt.Sprintf("10.1.0.%d:5060", i+1)))
	}
	carrier := carriers[0]
	box := s.transport.udp.LocalAddr()
	buf := make([]byte, 1<<16)
	expect := func(want string) string {
		for {
			k, _, err := carrier.ReadFrom(buf)
			if err != nil {
				b.Fatal(err)
			}
			if strings.HasPrefix(string(buf[:k]), want) {
				return string(buf[:k])
			}
		}
	}
	u := &ua{at: trunkAt}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		carrier = carriers[i%len(carriers)]
		head := func(method, branch, tag string, seq int) string {
			return fmt.Sprintf("%s sip:62340000@10.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.9.9.9:5060;branch=z9hG4bK%s%d;rport\nFrom: <sip:138@10.0.0.2>;tag=f\nTo: <sip:62340000@10.0.0.1>%s\nCall-ID: b%d\nCSeq: %d %s\nContact: <sip:10.0.0.2>",
				method, branch, i, tag, i, seq, method)
		}
		carrier.WriteTo(wire(head("INVITE", "i", "", 1)+u.sdp()), box)
		a := <-o.arrivals
		a.Leg.Answer()
		ok := expect("SIP/2.0 200")
		_, tag, _ := strings.Cut(ok[strings.Index(ok, "To: "):], ";tag=")
		tag, _, _ = strings.Cut(tag, "\r\n")
		carrier.WriteTo(wire(head("ACK", "a", ";tag="+tag, 1)), box)
		carrier.WriteTo(wire(head("BYE", "b", ";tag="+tag, 2)), box)
		expect("SIP/2.0 200 OK")
		for range a.Leg.Events() {
		}
	}
}
