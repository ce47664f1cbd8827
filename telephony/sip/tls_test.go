package sip

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

const carrierTLS = "10.0.0.9:5061"

// selfSigned is a certificate by nobody that others know, and its fingerprint.
func selfSigned(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().AddDate(10, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: k}, strings.ToUpper(hex.EncodeToString(sum[:]))
}

func TestATrunkOverTLS(t *testing.T) { // RFC 3261 26.2, RFC 5922 7
	cert, fingerprint := selfSigned(t)
	for _, row := range []struct {
		name, fingerprint string
		trusted           bool
	}{
		{"the certificate of the fingerprint", fingerprint, true},
		{"its fingerprint with colons", strings.Join(chunks(fingerprint, 2), ":"), true},
		{"another certificate", strings.Repeat("0", 64), false},
		{"a certificate that nobody vouches for", "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			inConfiguredWorld(t, func(c *telephony.Config) {
				registering(c)
				c.Trunks[0].Host, c.Trunks[0].Transport, c.Trunks[0].Fingerprint = "10.0.0.9", "tls", row.fingerprint
			}, func(w *world) {
				l := tls.NewListener(w.net.ListenStream(carrierTLS), &tls.Config{Certificates: []tls.Certificate{cert}})
				defer l.Close()
				conn, err := l.Accept()
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				p := w.talk(conn)
				if !row.trusted {
					p.closed(time.Minute)
					w.expectState("trunk/ctc", "fault 0")
					return
				}
				req := p.expect("REGISTER").(*sipgo.Request)
				if req.Via().Transport != "TLS" || !strings.Contains(req.Contact().Address.String(), "transport=tls") {
					t.Errorf("the request:\n%s", req)
				}
				p.send(answerTo(req, 200, "r", "", "Expires: 600"))
				w.expectState("trunk/ctc", "idle 0")
			})
		})
	}
}

func chunks(s string, n int) (parts []string) {
	for ; len(s) > 0; s = s[n:] {
		parts = append(parts, s[:n])
	}
	return parts
}

func TestNoKeysButOverTLS(t *testing.T) { // a phone that has to be encrypted and is not over TLS
	required := func(c *telephony.Config) { c.Phones[0].Encryption = telephony.EncryptionRequired }
	inConfiguredWorld(t, required, func(w *world) {
		phone := w.ua("10.0.0.3:5060")
		phone.register("801", "secret801", "sip:801@10.0.0.3:5060", 600)
		if _, err := w.line("phone/801").Dial(telephony.Order{}); code(err) != telephony.Unavailable {
			t.Errorf("it was called: %v", err)
		}
		for id, body := range map[string]string{"an offer": phone.sdp(), "none": ""} {
			call := phone.call(id[:2], "801", "802")
			call.inviteWith(body)
			res := phone.expect("401 INVITE").(*sipgo.Response)
			call.ackRefusal()
			call.inviteWith(phone.credentials(res, "INVITE", "801", "secret801") + "\n" + body)
			refusal := phone.expect("488 INVITE").(*sipgo.Response)
			if h := refusal.GetHeader("warning"); h == nil || !strings.Contains(h.Value(), "TLS") {
				t.Errorf("%s: the refusal does not say why:\n%s", id, refusal)
			}
			call.ackRefusal()
		}
	})
}

func TestWhereKeysMayGo(t *testing.T) {
	for _, row := range []struct {
		encryption telephony.Encryption
		network    string
		want       cover
	}{
		{"", "TLS", coverNone},
		{telephony.EncryptionOffered, "TLS", coverEither},
		{telephony.EncryptionRequired, "TLS", coverAlways},
		{"", "UDP", coverNone},
		{telephony.EncryptionOffered, "TCP", coverNone},
		{telephony.EncryptionRequired, "UDP", coverUnsafe},
	} {
		if got := coverOf(row.encryption, row.network); got != row.want {
			t.Error(fmt.Sprint(row.encryption, " over ", row.network, ": ", got))
		}
	}
}

// A phone to which TLS is a scheme: it registers SIPS, calls SIPS, and is called so (RFC 3261 26.2.2, RFC 5630 5.1.1).
func TestAPhoneThatSpeaksSIPS(t *testing.T) {
	inWorld(t, func(w *world) {
		plain, err := w.net.Dial(w.t.Context(), netip.MustParseAddr("10.0.0.3"), netip.MustParseAddrPort(boxTLS))
		if err != nil {
			t.Fatal(err)
		}
		conn := tls.Client(plain, &tls.Config{InsecureSkipVerify: true}) // the box's own certificate is nobody's here
		w.t.Cleanup(func() { conn.Close() })
		phone := w.talk(conn)
		phone.send(sips("REGISTER", "sips:10.0.0.1", 1, ""))
		challenge := phone.expect("401 REGISTER").(*sipgo.Response)
		phone.send(sips("REGISTER", "sips:10.0.0.1", 2, (&ua{w: w}).credentials(challenge, "REGISTER", "801", "secret801")))
		phone.expect("200 REGISTER")
		w.expectState("phone/801", "idle 0")

		if _, err := w.line("phone/801").Dial(telephony.Order{}); err != nil {
			t.Fatal(err)
		}
		invite := phone.expect("INVITE").(*sipgo.Request)
		if to, us := invite.Recipient.String(), invite.Contact().Address.String(); to != "sips:801@10.0.0.3:5061" || us != "sips:10.0.0.1:5061" {
			t.Errorf("it is called at %s by %s", to, us)
		}
		phone.send(answerTo(invite, 486, "a", "", ""))
		phone.expect("ACK")

		phone.send(sips("INVITE", "sips:802@10.0.0.1", 3, (&ua{at: "10.0.0.3:5061"}).sdp()))
		challenge = phone.expect("401 INVITE").(*sipgo.Response)
		phone.send(sips("INVITE", "sips:802@10.0.0.1", 4, (&ua{w: w}).credentials(challenge, "INVITE", "801", "secret801")+(&ua{at: "10.0.0.3:5061"}).sdp()))
		phone.expect("100 INVITE")
		w.arrival().Leg.Alert()
		if us := phone.expect("180 INVITE").(*sipgo.Response).Contact().Address.String(); us != "sips:10.0.0.1:5061" {
			t.Errorf("it is to call back %s", us)
		}

		open := w.connect("10.0.0.4")
		open.send(sips("OPTIONS", "sips:10.0.0.1", 1, ""))
		open.expect("416 OPTIONS")
	})
}

// sips is a request of that phone.
func sips(method, uri string, seq int, extra string) string {
	to := uri
	if method == "REGISTER" {
		to = "sips:801@10.0.0.1"
	}
	return fmt.Sprintf(`%s %s SIP/2.0
Via: SIP/2.0/TLS 10.0.0.3:5061;branch=z9hG4bK%s;rport
Max-Forwards: 70
From: <sips:801@10.0.0.1>;tag=%s
To: <%s>
Call-ID: %s
CSeq: %d %s
Contact: <sips:801@10.0.0.3:5061>
Expires: 600
%s`, method, uri, token(6), method, to, method, seq, method, extra)
}
