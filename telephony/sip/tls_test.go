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
