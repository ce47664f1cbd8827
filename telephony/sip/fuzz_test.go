package sip

import (
	"bufio"
	"bytes"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
	"callbox/telephony/rtp"
)

// nowhere is a socket that is never used but has an address.
type nowhere struct{ net.PacketConn }

func (nowhere) LocalAddr() net.Addr { return &net.UDPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 5060} }

func addTorture(f *testing.F) {
	for _, row := range allTorture(f) {
		raw, err := os.ReadFile(row.file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
}

// FuzzMessage takes a message from the wire through everything that looks at it before a call knows of it.
func FuzzMessage(f *testing.F) {
	addTorture(f)
	s := New(Options{UDP: nowhere{}, Office: newOffice()})
	from := hop{network: "UDP", addr: netip.MustParseAddrPort("192.0.2.7:5060")}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := parse(raw)
		if err != nil {
			if strings.HasPrefix(err.Error(), "the parser failed") {
				t.Logf("sipgo panics: %v", err) // held, and known
			}
			if answer := refusal(raw, err); answer != nil && !bytes.HasPrefix(answer, []byte("SIP/2.0 4")) {
				t.Errorf("refusal:\n%s", answer)
			}
			return
		}
		causeFor(m)
		sessionExpires(m)
		req, ok := m.(*sipgo.Request)
		if !ok || req.Via() == nil {
			return
		}
		stamp(req, from)
		answerHop(req, from)
		if validate(req, from) != nil {
			octets(s.answer(req, 400, s.tagOf(req)))
			return
		}
		serverKey(req)
		inviteKey(req)
		credentialsFor(req)
		origin := origin{trunk: newTrunk(s, &telephony.Trunk{ID: "t", Host: "192.0.2.7"})}
		caller := origin.callerOf(req)
		if len(caller.Number) > telephony.MaxNumberLen || strings.ContainsAny(caller.Name+origin.calledOf(req), "\r\n\x00") {
			t.Errorf("caller %+v", caller)
		}
		rebind(nil, req, from, time.Now())
		d := answering(req, from)
		again, err := parse(octets(s.request(&d, sipgo.BYE, 1)))
		if err != nil {
			return // what the far end calls itself may be unspeakable; it gets its own back
		}
		if _, ok := again.(*sipgo.Request); !ok {
			t.Errorf("a BYE became %T", again)
		}
	})
}

// FuzzSDP reads a description and answers it; what the box writes it can read.
func FuzzSDP(f *testing.F) {
	f.Add([]byte("v=0\r\no=- 1 1 IN IP4 10.0.0.2\r\ns=-\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendonly\r\nm=video 0 RTP/AVP 31\r\n"))
	f.Add([]byte("v=0\r\no=- 1 1 IN IP6 ::1\r\ns=-\r\nt=0 0\r\nm=audio 2 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\n"))
	f.Add([]byte("v=0\r\no=- 1 1 IN IP4 10.0.0.2\r\ns=-\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 30000 RTP/SAVP 8\r\n" +
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20\r\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := readSDP(body, coverEither)
		if err != nil {
			return
		}
		c, ok := d.choose(bothLaws)
		if !ok {
			t.Fatal("a description without a codec was read")
		}
		a := audioLine{local: netip.MustParseAddrPort("10.0.0.1:10000"), codecs: []rtp.Codec{c}, eventPT: d.eventPT, dir: reversed(d.dir), proto: d.lines[d.audio].proto}
		if d.key.suite != "" {
			a.keys = []key{d.key}
		}
		again, err := readSDP(a.write(1, 1, d.lines, d.audio), coverEither)
		if err != nil || len(again.lines) != len(d.lines) || again.eventPT != d.eventPT || again.key.suite != d.key.suite {
			t.Errorf("our answer to\n%s\ncannot be read: %v", body, err)
		}
	})
}

func FuzzDigest(f *testing.F) {
	f.Add(`Digest username="Mufasa", realm="a, \"b\"", nonce="x", uri="/", qop=auth, nc=00000001, cnonce="c", response="r"`)
	f.Add(`Digest realm=callbox,nonce="`)
	f.Fuzz(func(t *testing.T, value string) {
		p, ok := parseDigest(value)
		if !ok {
			return
		}
		p.digest("INVITE", "secret")
		answer, err := answerChallenge(p, "INVITE", "sip:10.0.0.1", "801", "secret")
		if err == nil {
			if again, ok := parseDigest(answer); !ok || again["response"] == "" {
				t.Errorf("our credentials cannot be read: %s", answer)
			}
		}
	})
}

// FuzzStream cuts messages out of a stream: whatever comes, a message is bounded and the cutting ends.
func FuzzStream(f *testing.F) {
	addTorture(f)
	f.Add([]byte("\r\n\r\nOPTIONS sip:a SIP/2.0\r\nl: 3\r\n\r\nabcBYE sip:a SIP/2.0\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := bufio.NewReader(bytes.NewReader(raw))
		for {
			m, err := nextMessage(r, func() {})
			if err != nil {
				return
			}
			if len(m) == 0 || len(m) > maxMessage {
				t.Fatalf("a message of %d octets", len(m))
			}
		}
	})
}
