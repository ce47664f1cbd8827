package sip

import (
	"fmt"
	"testing"

	sipgo "github.com/emiago/sipgo/sip"
)

// registersBy is a phone that registers over a stream of its own, with what its contact and its request say beside the usual.
func (w *world) registersBy(from, contact, extra string) (*talker, *sipgo.Response) {
	w.t.Helper()
	phone, id := w.connect(from), token(4)
	ask := func(seq int, credentials string) {
		phone.send(fmt.Sprintf(`REGISTER sip:10.0.0.1 SIP/2.0
Via: SIP/2.0/TCP %s;branch=z9hG4bK%s;rport
From: <sip:801@10.0.0.1>;tag=%s
To: <sip:801@10.0.0.1>
Call-ID: %s
CSeq: %d REGISTER
Contact: <sip:801@%s;transport=tcp>%s
Expires: 600
%s%s`, phone.at, token(6), id, id, seq, phone.at, contact, extra, credentials))
	}
	ask(1, "")
	ask(2, (&ua{w: w}).credentials(phone.expect("401 REGISTER").(*sipgo.Response), "REGISTER", "801", "secret801"))
	return phone, phone.expect("200 REGISTER").(*sipgo.Response)
}

const ofThisPhone = `;+sip.instance="<urn:uuid:6985f15f-f2b4-853c-37e1-7bac006a77c6>"`

func TestAPhoneKeepsItsWayOpen(t *testing.T) { // RFC 5626 6
	for _, row := range []struct {
		name, contact, extra string
		granted              bool
	}{
		{"it says how", ofThisPhone + ";reg-id=1", "Supported: path, outbound\n", true},
		{"in the short form", ofThisPhone + ";reg-id=1", "k: outbound\n", true},
		{"it does not know how", ofThisPhone + ";reg-id=1", "", false},
		{"it does not say which phone it is", ";reg-id=1", "Supported: outbound\n", false},
		{"it does not say which way", ofThisPhone, "Supported: outbound\n", false},
		{"a way has a number from one up", ofThisPhone + ";reg-id=0", "Supported: outbound\n", false},
		{"somebody is in between", ofThisPhone + ";reg-id=1", "Supported: outbound\nVia: SIP/2.0/TCP 192.168.1.9;branch=z9hG4bKx\n", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				_, res := w.registersBy("10.0.0.3", row.contact, row.extra)
				if got := header(res, "require") == "outbound" && header(res, "flow-timer") == "30"; got != row.granted {
					t.Errorf("granted: %v\n%s", got, res)
				}
			})
		})
	}
}

func TestAPhoneThatComesAgainTakesItsOwnPlace(t *testing.T) { // RFC 5626 6: however often its way was cut, it rings once
	inWorld(t, func(w *world) {
		for range 3 {
			w.registersBy("10.0.0.3", ofThisPhone+";reg-id=1", "Supported: outbound\n")
		}
		_, second := w.registersBy("10.0.0.3", ofThisPhone+";reg-id=2", "Supported: outbound\n")
		if n := len(second.GetHeaders("contact")); n != 2 {
			t.Errorf("%d contacts of one phone with two ways:\n%s", n, second)
		}
	})
}
