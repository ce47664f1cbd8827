package sip

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
	"callbox/telephony/webrtc"
)

// A page is a browser that the box has taken as the phone of an extension.
type page struct {
	w    *world
	conn net.Conn
	over chan struct{} // closed when the box serves it no more
}

// fromPage is a pipe, of which each write is one message, with an address.
type fromPage struct{ net.Conn }

func (fromPage) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort("10.0.0.7:40000"))
}

func (w *world) page(extension string) *page {
	near, far := net.Pipe()
	p := &page{w, near, make(chan struct{})}
	go func() {
		defer close(p.over)
		w.stack.ServeBrowser(w.t.Context(), fromPage{far}, extension)
	}()
	w.t.Cleanup(func() { near.Close() })
	return p
}

func (p *page) send(text string) {
	p.conn.SetWriteDeadline(time.Now().Add(time.Second))
	p.conn.Write(wire(text))
}

func (p *page) expect(want string) sipgo.Message {
	p.w.t.Helper()
	room := make([]byte, maxMessage)
	p.conn.SetReadDeadline(time.Now().Add(time.Minute))
	n, err := p.conn.Read(room)
	if err != nil {
		p.w.t.Fatalf("waited for %s: %v", want, err)
	}
	m, err := sipgo.ParseMessage(room[:n])
	if err != nil || title(m) != want {
		p.w.t.Fatalf("got %s, want %s (%v)", title(m), want, err)
	}
	return m
}

// request is a request as JsSIP writes it.
func (p *page) request(method, user, uri, extra, body string) {
	p.send(fmt.Sprintf(`%s %s SIP/2.0
Via: SIP/2.0/WS p.invalid;branch=z9hG4bK%s
Max-Forwards: 69
From: <sip:%s@10.0.0.1>;tag=page
To: <%s>
Call-ID: page
CSeq: 1 %s
Contact: <sip:k1@p.invalid;transport=ws>
%s
%s`, method, uri, token(6), user, strings.Replace(uri, "sip:10.0.0.1", "sip:"+user+"@10.0.0.1", 1), method, extra, body))
}

func (p *page) register(user string) {
	p.request("REGISTER", user, "sip:10.0.0.1", "Expires: 600\n", "")
}

// offer is what Chromium offers, but for its many codecs.
const pageOffer = `v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:wGzb
a=ice-pwd:yVpRiAcDyBPfTJZOqbXK3W5q
a=ice-options:trickle
a=fingerprint:sha-256 01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F:20
a=setup:actpass
a=mid:0
a=sendrecv
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:126 telephone-event/8000
`

func onWire(sdp string) []byte { return []byte(strings.ReplaceAll(sdp, "\n", "\r\n")) }

// newPort is a port that nobody reads, as a goroutine at a socket would stop the bubble's clock.
func newPort(t *testing.T) *webrtc.Port {
	t.Helper()
	port, err := webrtc.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { port.Close() })
	return port
}

// A5.21: the page's session is the password of one phone alone, and what is registered goes with the connection.
func TestABrowserIsOnePhone(t *testing.T) {
	inConfiguredWorld(t, func(c *telephony.Config) {
		c.Phones = append(c.Phones, telephony.Phone{Extension: "802", Password: "secret802"})
	}, func(w *world) {
		p := w.page("801")
		p.register("802")
		p.expect("403 REGISTER")
		p.request("INVITE", "802", "sip:62340000@10.0.0.1", "", "")
		p.expect("403 INVITE")
		w.noArrival()
		p.conn.Write([]byte("\r\n\r\n"))
		room := make([]byte, 8)
		if n, _ := p.conn.Read(room); string(room[:n]) != "\r\n" {
			t.Errorf("RFC 7118 6: a sign of life is answered %q", room[:n])
		}
		w.expectState("phone/801", "offline 0")
		p.register("801")
		p.expect("200 REGISTER")
		w.expectState("phone/801", "idle 0")
		p.conn.Close()
		<-p.over
		w.expectState("phone/801", "offline 0")
	})
}

// RFC 8829 5.3: a browser's offer is answered by a lite agent that is the server of DTLS; a call without speech ends.
func TestABrowserCalls(t *testing.T) {
	port := newPort(t)
	inWorld(t, func(w *world) {
		w.stack.opt.Browsers = port.Open
		p := w.page("801")
		p.request("INVITE", "801", "sip:62340000@10.0.0.1", "", pageOffer)
		p.expect("100 INVITE")
		a := w.arrival()
		a.Leg.Answer()
		body := string(p.expect("200 INVITE").Body())
		for _, line := range []string{
			"a=ice-lite", "a=group:BUNDLE 0", "UDP/TLS/RTP/SAVPF 8 126", "a=mid:0", "a=setup:passive", "a=rtcp-mux", "a=fingerprint:sha-256 ",
			fmt.Sprintf("a=candidate:1 1 UDP 2130706431 10.0.0.1 %d typ host", port.LocalAddr().Port()), "a=ice-ufrag:", "a=ice-pwd:",
		} {
			if !strings.Contains(body, line) {
				t.Errorf("our answer has no %s:\n%s", line, body)
			}
		}
		w.expectEnd(a.Leg, "released 41, media_loss")
	})
}

// RFC 8839 4.4.1.1.1, RFC 8445 9: a browser with a new name for its agent begins its checks anew, and gets new credentials of
// ours; it comes by another connection, as after a change of networks.
func TestABrowserMoves(t *testing.T) {
	port := newPort(t)
	inWorld(t, func(w *world) {
		w.stack.opt.Browsers = port.Open
		p := w.page("801")
		p.request("INVITE", "801", "sip:62340000@10.0.0.1", "", pageOffer)
		p.expect("100 INVITE")
		a := w.arrival()
		a.Leg.Answer()
		answer := p.expect("200 INVITE").(*sipgo.Response)
		name := func(r sipgo.Message) string {
			_, rest, _ := strings.Cut(string(r.Body()), "a=ice-ufrag:")
			name, _, _ := strings.Cut(rest, "\r\n")
			return name
		}
		again := func(p *page, method string, seq int, body string) {
			p.send(fmt.Sprintf("%s sip:62340000@10.0.0.1 SIP/2.0\nVia: SIP/2.0/WS p.invalid;branch=z9hG4bK%s\nMax-Forwards: 69\n%s\n%s\n"+
				"Call-ID: page\nCSeq: %d %s\nContact: <sip:k1@p.invalid;transport=ws>\n\n%s", method, token(6), answer.From(), answer.To(), seq, method, body))
		}
		again(p, "ACK", 1, "")
		again(p, "INVITE", 2, pageOffer)
		if now := name(p.expect("200 INVITE")); now != name(answer) {
			t.Errorf("the same agent is answered as %s, and was as %s", now, name(answer))
		}
		again(p, "ACK", 2, "")
		p.conn.Close()
		<-p.over
		q := w.page("801")
		again(q, "INVITE", 3, strings.Replace(pageOffer, "ufrag:wGzb", "ufrag:xHac", 1))
		if now := name(q.expect("200 INVITE")); now == name(answer) || now == "" {
			t.Errorf("another agent is answered as %q", now)
		}
		again(q, "ACK", 3, "")
		a.Leg.Release(telephony.CauseNormal)
		q.expect("BYE")
		w.expectEnd(a.Leg, "released 16 by box, signalling")
	})
}

// What a browser has to say, it has to say.
func TestBrowsersDescriptions(t *testing.T) {
	for name, row := range map[string]struct{ old, now string }{
		"RFC 8122 5: no fingerprint":        {"a=fingerprint:sha-256 01", "a=x:sha-256 01"},
		"RFC 8122 5: another hash":          {"sha-256", "sha-1"},
		"RFC 8122 5: too short":             {":1E:1F:20", ""},
		"RFC 5763 5: it will be the server": {"actpass", "passive"},
		"RFC 8834 4.5: reports elsewhere":   {"a=rtcp-mux\n", ""},
		"RFC 8827 6.5: without DTLS":        {"UDP/TLS/RTP/SAVPF", "RTP/AVP"},
		"RFC 7874 3: no G.711":              {"SAVPF 111 0 8 126", "SAVPF 111"},
	} {
		body := onWire(strings.Replace(pageOffer, row.old, row.now, 1))
		if d, err := readSDP(body, coverBrowser); err == nil {
			t.Errorf("%s: %+v", name, d)
		}
	}
	d, err := readSDP(onWire(pageOffer), coverBrowser)
	if err != nil || d.web.mid != "0" || !d.web.bundle || d.web.print[31] != 0x20 || d.held() {
		t.Errorf("as it is: %+v, %v", d, err)
	}
}

// A5.19: a page that goes while it rings leaves nobody who could answer: the call is told at once, and looks for somebody else.
func TestABrowserGoesWhileItRings(t *testing.T) {
	port := newPort(t)
	inWorld(t, func(w *world) {
		w.stack.opt.Browsers = port.Open
		p := w.page("801")
		p.register("801")
		p.expect("200 REGISTER")
		leg, err := w.line("phone/801").Dial(telephony.Order{Call: "1-1", From: telephony.Caller{Number: "1"}})
		if err != nil {
			t.Fatal(err)
		}
		p.expect("INVITE")
		w.expectState("phone/801", "ringing 1")
		p.conn.Close()
		<-p.over
		w.expectEnd(leg, "released 20, signalling")
		w.expectState("phone/801", "offline 0")
	})
}

// A call to a browser is offered to the browser, even where the telephone on the desk came later.
func TestABrowserIsRung(t *testing.T) {
	port := newPort(t)
	inWorld(t, func(w *world) {
		w.stack.opt.Browsers = port.Open
		p := w.page("801")
		p.register("801")
		p.expect("200 REGISTER")
		leg, err := w.line("phone/801").Dial(telephony.Order{Call: "1-1", From: telephony.Caller{Number: "1"}})
		if err != nil {
			t.Fatal(err)
		}
		invite := p.expect("INVITE")
		if body := string(invite.Body()); !strings.Contains(body, "a=setup:actpass") || !strings.Contains(body, "SAVPF 8 0 101") {
			t.Errorf("our offer:\n%s", body)
		}
		leg.Release(telephony.CauseNormal)
		p.conn.Close()
		<-p.over
		w.stop()
		synctest.Wait()
	})
}
