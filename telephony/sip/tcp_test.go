package sip

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// A talker is a far end over TCP.
type talker struct {
	w    *world
	conn net.Conn
	r    *bufio.Reader
	at   string
}

// connect opens a stream to the box.
func (w *world) connect(from string) *talker {
	w.t.Helper()
	conn, err := w.net.Dial(context.Background(), netip.MustParseAddr(from), netip.MustParseAddrPort(boxAt))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { conn.Close() })
	return w.talk(conn)
}

func (w *world) talk(conn net.Conn) *talker {
	return &talker{w: w, conn: conn, r: bufio.NewReader(conn), at: conn.LocalAddr().String()}
}

func (p *talker) send(text string) {
	p.conn.SetWriteDeadline(time.Now().Add(time.Second))
	p.conn.Write(wire(text))
}

func (p *talker) expect(want string) sipgo.Message {
	p.w.t.Helper()
	p.conn.SetReadDeadline(time.Now().Add(time.Minute))
	raw, err := nextMessage(p.r, func() {})
	if err != nil {
		p.w.t.Fatalf("waited for %s: %v", want, err)
	}
	m, err := sipgo.ParseMessage(raw)
	if err != nil || title(m) != want {
		p.w.t.Fatalf("got %s, want %s (%v)", title(m), want, err)
	}
	return m
}

// closed says that the box closes the stream within a time.
func (p *talker) closed(within time.Duration) {
	p.w.t.Helper()
	p.conn.SetReadDeadline(time.Now().Add(within))
	if _, err := p.r.ReadByte(); err == nil || strings.Contains(err.Error(), "timeout") {
		p.w.t.Fatalf("the stream is open: %v", err)
	}
}

func (p *talker) register(id string, seq int, extra string) {
	p.send(fmt.Sprintf(`REGISTER sip:10.0.0.1 SIP/2.0
Via: SIP/2.0/TCP 10.0.0.3:5060;branch=z9hG4bK%s;rport
From: <sip:801@10.0.0.1>;tag=%s
To: <sip:801@10.0.0.1>
Call-ID: %s
CSeq: %d REGISTER
Contact: <sip:801@10.0.0.3:5060;transport=tcp>
Expires: 600
%s`, token(6), id, id, seq, extra))
}

func TestAPhoneOverTCP(t *testing.T) { // A1.21: the connection it opened is the way back
	inWorld(t, func(w *world) {
		phone := w.connect("10.0.0.3")
		phone.register("t1", 1, "")
		challenge := phone.expect("401 REGISTER").(*sipgo.Response)
		phone.register("t1", 2, (&ua{w: w}).credentials(challenge, "REGISTER", "801", "secret801"))
		phone.expect("200 REGISTER")
		w.expectState("phone/801", "idle 0")
		leg, err := w.line("phone/801").Dial(telephony.Order{})
		if err != nil {
			t.Fatal(err)
		}
		invite := phone.expect("INVITE").(*sipgo.Request)
		if invite.Via().Transport != "TCP" || invite.Contact().Address.UriParams.GetOr("transport", "") != "tcp" {
			t.Errorf("INVITE:\n%s", invite)
		}
		phone.send(answerTo(invite, 200, "a", "Contact: <sip:801@10.0.0.3:5060;transport=tcp>", (&ua{at: "10.0.0.3:5060"}).sdp()))
		phone.expect("ACK")
		w.expectEvents(leg, "answered")
		leg.Release(telephony.CauseNormal)
		phone.send(answerTo(phone.expect("BYE").(*sipgo.Request), 200, "", "", ""))
		w.expectEnd(leg, "released 16 by box, signalling")
		phone.conn.Close() // and then it is gone: to call it fails at once
		synctest.Wait()
		lost, err := w.line("phone/801").Dial(telephony.Order{})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		w.expectEnd(lost, "released 20, signalling")
		if took := time.Since(start); took > connectTime {
			t.Errorf("failed after %v", took)
		}
	})
}

func TestATrunkOverTCP(t *testing.T) {
	inConfiguredWorld(t, func(c *telephony.Config) {
		c.Trunks[0].Transport = "tcp"
		registering(c)
	}, func(w *world) {
		l := w.net.ListenStream(trunkAt)
		defer l.Close()
		accepted := make(chan net.Conn)
		go func() {
			if c, err := l.Accept(); err == nil {
				accepted <- c
			}
		}()
		carrier := w.talk(<-accepted)
		defer carrier.conn.Close()
		carrier.send(answerTo(carrier.expect("REGISTER").(*sipgo.Request), 200, "r", "Expires: 600", ""))
		w.expectState("trunk/ctc", "idle 0")
		if _, err := w.line("trunk/ctc").Dial(telephony.Order{To: "1"}); err != nil {
			t.Fatal(err)
		}
		carrier.expect("INVITE")
	})
}

func TestPitfall08LongRequestsGoByTCP(t *testing.T) { // RFC 3261 18.1.1
	long := telephony.Order{To: "13800138000"}
	makeLong := func(c *telephony.Config) { c.Trunks[0].User = strings.Repeat("account", 100) }
	t.Run("where TCP is taken", func(t *testing.T) {
		inConfiguredWorld(t, makeLong, func(w *world) {
			l := w.net.ListenStream(trunkAt)
			defer l.Close()
			if _, err := w.line("trunk/ctc").Dial(long); err != nil {
				t.Fatal(err)
			}
			conn, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if invite := w.talk(conn).expect("INVITE"); invite.Via().Transport != "TCP" {
				t.Errorf("Via: %s", invite.Via())
			}
		})
	})
	t.Run("and by UDP where it is not", func(t *testing.T) {
		inConfiguredWorld(t, makeLong, func(w *world) {
			carrier := w.ua(trunkAt)
			if _, err := w.line("trunk/ctc").Dial(long); err != nil {
				t.Fatal(err)
			}
			if invite := carrier.expect("INVITE"); invite.Via().Transport != "UDP" {
				t.Errorf("Via: %s", invite.Via())
			}
		})
	})
}

func TestFramingOfAStream(t *testing.T) { // RFC 3261 18.3, RFC 4475 3.1.2.3, 3.3.9, RFC 5626 3.5.1
	options := "OPTIONS sip:10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 10.0.0.3:5060;branch=z9hG4bK%d\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: o\r\nCSeq: 1 OPTIONS\r\n"
	write := func(p *talker, s string) {
		p.conn.SetWriteDeadline(time.Now().Add(time.Second))
		p.conn.Write([]byte(s))
	}
	t.Run("two at once and one in pieces", func(t *testing.T) {
		inWorld(t, func(w *world) {
			p := w.connect("10.0.0.3")
			whole := fmt.Sprintf(options, 1) + "l: 0\r\n\r\n"
			go write(p, "\r\n"+whole+fmt.Sprintf(options, 2)+"Content-Length: 4\r\n\r\nbody"+whole[:40])
			p.expect("200 OPTIONS")
			p.expect("200 OPTIONS")
			time.Sleep(time.Second)
			write(p, whole[40:])
			p.expect("200 OPTIONS")
		})
	})
	t.Run("a ping gets its pong", func(t *testing.T) {
		inWorld(t, func(w *world) {
			p := w.connect("10.0.0.3")
			write(p, "\r\n\r\n")
			p.conn.SetReadDeadline(time.Now().Add(time.Second))
			if line, err := p.r.ReadString('\n'); line != "\r\n" || err != nil {
				t.Errorf("%q, %v", line, err)
			}
		})
	})
	for name, length := range map[string]string{
		"no length": "", "below zero": "Content-Length: -1\r\n", "two lengths": "Content-Length: 0\r\nl: 5\r\n", "too long": "Content-Length: 65000\r\n",
	} {
		t.Run(name+" is refused and the stream closed", func(t *testing.T) {
			inWorld(t, func(w *world) {
				p := w.connect("10.0.0.3")
				write(p, fmt.Sprintf(options, 1)+length+"\r\n")
				p.expect("400 OPTIONS")
				p.closed(time.Second)
			})
		})
	}
	t.Run("a header without end", func(t *testing.T) {
		inWorld(t, func(w *world) {
			p := w.connect("10.0.0.3")
			go write(p, fmt.Sprintf(options, 1)+"X: "+strings.Repeat("x", 2*maxMessage))
			p.expect("400 OPTIONS")
			p.closed(time.Minute)
		})
	})
}

func TestIdleStreamsMakeRoom(t *testing.T) { // reliability.md figure 15
	inWorld(t, func(w *world) {
		var idle []*talker
		for i := range maxStreams {
			idle = append(idle, w.connect(fmt.Sprintf("198.51.%d.%d", i/200, i%200+1)))
		}
		late := w.connect("10.0.0.3")
		late.closed(time.Second)
		time.Sleep(firstMessageTime)
		idle[0].closed(time.Second)
		late = w.connect("10.0.0.3")
		late.register("t1", 1, "")
		late.expect("401 REGISTER")
	})
}

func TestOneHostHasSoManyStreams(t *testing.T) {
	inWorld(t, func(w *world) {
		for range maxStreamsPerHost {
			w.connect("198.51.100.7")
		}
		w.connect("198.51.100.7").closed(time.Second)
		neighbour := w.connect("10.0.0.3")
		neighbour.register("t1", 1, "")
		neighbour.expect("401 REGISTER")
	})
}
