package main

import (
	"cmp"
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
	"callbox/telephony/sip/siptest"
)

// The places of the fraud: the carrier's, and a stranger's.
const (
	carrierAt  = "10.0.5.1:5060"
	strangerAt = "198.51.100.%d:5060"
	abroad     = "900441632960000" // by the rule "international"
)

// fraud is a box with a trunk, phones of every permit, and somebody who wants to call abroad at its cost.
type fraud struct {
	*world
	carrier *siptest.PacketConn
	count   int // strangers so far
}

// A swindle is one attempt. Those that need long to show take it by themselves.
type swindle struct {
	name string
	try  func(f *fraud)
}

// TestTollFraud makes every attempt in turn: none takes a line to the outside (reliability.md figure 11, rules 5 and 6,
// pain 45).
func TestTollFraud(t *testing.T) {
	total := 0
	for group, list := range map[string][]swindle{
		"strangers": strangers(), "trunks": trunkSwindles(), "passwords": passwordSwindles(), "registrations": registrationSwindles(),
		"permits": permitSwindles(), "callers": callerSwindles(), "calls": callSwindles(), "transfers": transferSwindles(),
	} {
		total += len(list)
		t.Run(group, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFraud(t)
				defer f.close()
				for _, s := range list {
					before := len(f.taken())
					s.try(f)
					time.Sleep(5 * time.Second)
					if now := f.taken(); len(now) > before {
						t.Errorf("%s: %v", s.name, now[before:])
					}
				}
			})
		})
	}
	if total < 60 {
		t.Errorf("%d attempts", total)
	}
}

// TestWhoMayCallAbroad is the control: a phone with the permit reaches the carrier by the same way.
func TestWhoMayCallAbroad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFraud(t)
		defer f.close()
		f.must(f.phone("801", nil).Call(abroad))
		time.Sleep(5 * time.Second)
		f.went("by a phone", 1)
		f.stranger().sendAs("801", phonePassword("801"), request{})
		f.went("by its password", 2)
	})
}

// TestWhoMayTransferAbroad is the control of the transfers: a phone with the permit puts its caller through.
func TestWhoMayTransferAbroad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFraud(t)
		defer f.close()
		f.talking("801", "fxo/1", 0)
		f.must(f.phones["801"].Transfer(abroad))
		time.Sleep(5 * time.Second)
		f.went("by a transfer", 1)
	})
}

// went demands that the trunk was taken for so many calls, and that the carrier heard of it. The carrier says nothing, and the box goes by
// another line after a while.
func (f *fraud) went(how string, calls int) {
	f.t.Helper()
	list := f.taken()
	trunks := 0
	for _, line := range list {
		if line == "trunk/ctc" {
			trunks++
		}
	}
	if trunks != calls || !slices.Contains(list, "INVITE") {
		f.t.Errorf("%s: %v", how, list)
	}
}

func newFraud(t *testing.T) *fraud {
	cfg := testConfig()
	cfg.Trunks = []telephony.Trunk{{
		ID: "ctc", Name: "电信", Way: telephony.BothWays, Host: carrierAt, Transport: "udp", DTMF: "auto", MaxCalls: 30,
		Numbers: []string{"62350000"},
	}}
	cfg.Groups[0].Lines = append([]string{"trunk/ctc"}, cfg.Groups[0].Lines...)
	for i, permit := range []telephony.Permit{telephony.PermitInternational, telephony.PermitNational, telephony.PermitLocal, telephony.PermitInternal} {
		cfg.Phones[i].Permit = permit
	}
	cfg.Rooms = []telephony.Room{{ID: "board", Name: "会议室", Number: "790", PIN: "5829", MaxParties: 4}}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err, err.Problems)
	}
	network := siptest.NewNetwork(1)
	return &fraud{carrier: network.Listen(carrierAt), world: newWorldOn(t, network, cfg)}
}

// taken is every line to the outside that was taken so far, and every call that came to the carrier.
func (f *fraud) taken() (list []string) {
	f.must(f.box.Store.Sync(context.Background()))
	for e := range f.box.Store.Entries(0, f.box.Store.LastSeq()) {
		if d, ok := e.Fact.(telephony.Dialed); ok && !strings.HasPrefix(d.Line, "phone/") {
			list = append(list, d.Line)
		}
	}
	invites := map[string]bool{} // by Call-ID, whatever is repeated
	for {
		buf := make([]byte, 4096)
		f.carrier.SetReadDeadline(time.Now().Add(time.Millisecond))
		n, _, err := f.carrier.ReadFrom(buf)
		if err != nil {
			break
		}
		if text := string(buf[:n]); strings.HasPrefix(text, "INVITE") {
			invites[callID.FindString(text)] = true
		}
	}
	for range invites {
		list = append(list, "INVITE")
	}
	return list
}

var (
	callID = regexp.MustCompile(`Call-ID: \S+`)
	nonce  = regexp.MustCompile(`nonce="(\w+)"`)
)

// A swindler speaks SIP from an address of his own.
type swindler struct {
	f    *fraud
	conn net.PacketConn
	at   string
	seq  int
}

// stranger is a new one, whom nobody has blocked yet.
func (f *fraud) stranger() *swindler {
	f.count++
	return f.swindlerAt(fmt.Sprintf(strangerAt, f.count))
}

func (f *fraud) swindlerAt(at string) *swindler {
	return &swindler{f: f, conn: f.net.Listen(at), at: at}
}

// A request is what a swindler sends. Empty fields are as a phone would have them.
type request struct {
	method, uri, from, to, contact string
	headers                        []string
}

// send sends a request and gives the last answer that comes within a second.
func (s *swindler) send(r request) (answer string) {
	s.seq++
	method := cmp.Or(r.method, "INVITE")
	uri := cmp.Or(r.uri, "sip:"+abroad+"@"+boxAddr)
	lines := append([]string{
		method + " " + uri + " SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/UDP %s;branch=z9hG4bK%s%d;rport", s.at, hash(s.at), s.seq),
		"Max-Forwards: 70",
		fmt.Sprintf("From: %s;tag=f%d", cmp.Or(r.from, "<sip:801@"+boxAddr+">"), s.seq),
		"To: " + cmp.Or(r.to, "<"+uri+">"),
		fmt.Sprintf("Call-ID: %s-%d", hash(s.at), s.seq),
		fmt.Sprintf("CSeq: %d %s", s.seq, method),
		"Contact: " + cmp.Or(r.contact, "<sip:x@"+s.at+">"),
	}, r.headers...)
	body := ""
	if method == "INVITE" {
		host, _, _ := net.SplitHostPort(s.at)
		body = "v=0\r\no=- 1 1 IN IP4 " + host + "\r\ns=-\r\nc=IN IP4 " + host + "\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8 0\r\n"
		lines = append(lines, "Content-Type: application/sdp")
	}
	text := strings.Join(lines, "\r\n") + fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	_, err := s.conn.WriteTo([]byte(text), net.UDPAddrFromAddrPort(netip.MustParseAddrPort(boxAddr+":5060")))
	s.f.must(err)
	for {
		buf := make([]byte, 4096)
		s.conn.SetReadDeadline(time.Now().Add(time.Second))
		n, _, err := s.conn.ReadFrom(buf)
		if err != nil {
			return answer
		}
		answer = string(buf[:n])
	}
}

func hash(parts ...string) string {
	sum := md5.Sum([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(sum[:])
}

// credentials are those of RFC 7616 for the challenge in an answer.
func credentials(answer, method, uri, user, password string) string {
	n := ""
	if found := nonce.FindStringSubmatch(answer); found != nil {
		n = found[1]
	}
	response := hash(hash(user, "callbox", password), n, "00000001", "c", "auth", hash(method, uri))
	return fmt.Sprintf(`Authorization: Digest username="%s", realm="callbox", nonce="%s", uri="%s", response="%s", algorithm=MD5, qop=auth, nc=00000001, cnonce="c"`,
		user, n, uri, response)
}

// sendAs sends a request twice: the second with the credentials that the answer to the first asks for.
func (s *swindler) sendAs(user, password string, r request) string {
	uri := cmp.Or(r.uri, "sip:"+abroad+"@"+boxAddr)
	answer := s.send(r)
	r.headers = append(r.headers, credentials(answer, cmp.Or(r.method, "INVITE"), uri, user, password))
	return s.send(r)
}
