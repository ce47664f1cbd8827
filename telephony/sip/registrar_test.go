package sip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

const phoneContact = "<sip:801@" + phoneAt + ">"

func TestRegistrationComesAndGoes(t *testing.T) { // A1.21, RFC 3261 10.3
	inWorld(t, func(w *world) {
		phone := w.ua(phoneAt)
		res := phone.register("801", "secret801", phoneContact, 120)
		if res.StatusCode != 200 || res.Contact().Params.GetOr("expires", "") != "120" {
			t.Fatalf("registration:\n%s", res)
		}
		w.expectState("phone/801", "idle 0")
		if got := w.office.states["phone/801"].Detail; got != phoneAt {
			t.Errorf("detail %q, want the phone's address", got)
		}
		time.Sleep(119 * time.Second)
		w.expectState("phone/801", "idle 0")
		time.Sleep(3 * time.Second) // it does not come again: pain 6
		w.expectState("phone/801", "offline 0")

		phone.register("801", "secret801", phoneContact, 120)
		w.expectState("phone/801", "idle 0")
		if res := phone.register("801", "secret801", phoneContact, 0); res.StatusCode != 200 || res.Contact() != nil {
			t.Errorf("taking it back:\n%s", res)
		}
		w.expectState("phone/801", "offline 0")
	})
}

// Nobody registers in the name of a telephone that is plugged into the box, password or not.
func TestATelephoneInASocketDoesNotRegister(t *testing.T) {
	inWorld(t, func(w *world) {
		cfg := w.config
		cfg.Phones = []telephony.Phone{{Extension: "801", Port: "fxs/1", Password: "secret801"}}
		w.stack.Configure(&cfg)
		time.Sleep(time.Second)
		if res := w.ua(phoneAt).register("801", "secret801", phoneContact, 120); res.StatusCode < 400 {
			t.Errorf("registration:\n%s", res)
		}
	})
}

func TestRegistrationBounds(t *testing.T) {
	for name, row := range map[string]struct {
		contact string
		expires int
		want    int
		state   string
	}{
		"RFC 3261 10.3: too brief is told so":            {phoneContact, 5, 423, "offline 0"},
		"RFC 3261 10.3: too long is shortened":           {phoneContact, 999999, 200, "idle 0"},
		"RFC 3261 10.2.2: the star needs expires 0":      {"*", 60, 400, "offline 0"},
		"RFC 3261 10.2.2: the star takes all back":       {"*", 0, 200, "offline 0"},
		"a contact that is no SIP address":               {"<mailto:801@example.com>", 60, 400, "offline 0"},
		"five contacts at once":                          {strings.Repeat("<sip:801@10.0.0.3:5060>,", 4) + "<sip:801@10.0.0.4>", 60, 400, "offline 0"},
		"a contact with its own expires":                 {phoneContact + ";expires=60", 0, 200, "idle 0"},
		"RFC 4475 3.3.14: headers in a contact are kept": {"<sip:801@" + phoneAt + "?Route=%3Csip:10.9.9.9%3E>", 60, 200, "idle 0"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				phone := w.ua(phoneAt)
				res := phone.register("801", "secret801", row.contact, row.expires)
				if res.StatusCode != row.want {
					t.Errorf("got\n%s\nwant %d", res, row.want)
				}
				w.expectState("phone/801", row.state)
				if c := res.Contact(); c != nil && row.expires == 999999 && c.Params.GetOr("expires", "") != "3600" {
					t.Errorf("granted %s", c)
				}
			})
		})
	}
}

func TestContactsAreBounded(t *testing.T) {
	inWorld(t, func(w *world) {
		u := w.ua(phoneAt)
		for i := range 10 { // a phone that comes from another port each time it boots
			if res := u.register("801", "secret801", fmt.Sprintf("<sip:801@10.0.0.3:%d>", 6000+i), 300); res.StatusCode != 200 {
				t.Fatal(res.StartLine())
			}
		}
		list := w.line("phone/801").(*phone).bindings()
		if len(list) != maxContacts || list[0].uri.Port != 6009 {
			t.Errorf("%d contacts, newest %v", len(list), list[0].uri)
		}
	})
}

func TestAContactWithHeadersIsNotActedUpon(t *testing.T) { // RFC 4475 3.3.14
	inWorld(t, func(w *world) {
		phone := w.ua(phoneAt)
		phone.register("801", "secret801", "<sip:801@"+phoneAt+"?Route=%3Csip:10.9.9.9%3E>", 300)
		if _, err := w.line("phone/801").Dial(telephony.Order{}); err != nil {
			t.Fatal(err)
		}
		invite := phone.expect("INVITE").(*sipgo.Request)
		if len(invite.GetHeaders("route")) != 0 || len(invite.Recipient.Headers) != 0 {
			t.Errorf("INVITE:\n%s", invite)
		}
	})
}

func TestAPhoneBehindANAT(t *testing.T) { // RFC 3581, A1.21
	inWorld(t, func(w *world) {
		nat := w.ua("203.0.113.9:41234")
		res := nat.register("801", "secret801", "<sip:801@192.168.1.5:5060>", 300)
		via := res.Via()
		if via.Params.GetOr("received", "") != "203.0.113.9" || via.Params.GetOr("rport", "") != "41234" {
			t.Errorf("Via: %s", via)
		}
		leg, err := w.line("phone/801").Dial(telephony.Order{})
		if err != nil {
			t.Fatal(err)
		}
		invite := nat.expect("INVITE").(*sipgo.Request) // through the hole, to the address inside
		if invite.Recipient.Host != "192.168.1.5" {
			t.Errorf("INVITE to %s", invite.Recipient.String())
		}
		nat.send(answerTo(invite, 200, "n", "Contact: <sip:801@192.168.1.5:5060>", nat.sdp()))
		nat.expect("ACK")
		w.expectEvents(leg, "answered")
		leg.Release(telephony.CauseNormal)
		nat.expect("BYE")
	})
}

func TestAPhoneIsRegisteredByItsTo(t *testing.T) { // reliability.md rule 5: From and To bound to the account
	inConfiguredWorld(t, func(c *telephony.Config) {
		c.Phones = append(c.Phones, telephony.Phone{Extension: "802", Password: "secret801"}) // the same, as it happens
	}, func(w *world) {
		phone := w.ua(phoneAt)
		id := token(4)
		phone.sendRegister("801", id, 1, phoneContact, 300, "")
		res := phone.expect("401 REGISTER").(*sipgo.Response)
		phone.sendRegister("801", id, 2, phoneContact, 300, phone.credentials(res, "REGISTER", "802", "secret801"))
		phone.expect("403 REGISTER")
		w.expectState("phone/801", "offline 0")
	})
}

func TestAPhoneCallsWithItsPassword(t *testing.T) { // A1.10; reliability.md rule 5
	inWorld(t, func(w *world) {
		phone := w.ua(phoneAt)
		phone.register("801", "secret801", phoneContact, 300)
		call := phone.call("p1", "801", "13800138000")
		call.inviteWith(phone.sdp())
		challenge := call.u.expect("401 INVITE").(*sipgo.Response)
		w.noArrival()
		call.toTag = challenge.To().Params.GetOr("tag", "")
		call.ack("")
		call.toTag = ""
		call.inviteWith(phone.credentials(challenge, "INVITE", "801", "secret801") + phone.sdp())
		a := w.arrival()
		if a.Line != "phone/801" || a.Caller != (telephony.Caller{Number: "801", Name: "Reception"}) || a.Called != "13800138000" {
			t.Errorf("arrival %+v", a)
		}
		w.expectState("phone/801", "dialing 1")
		a.Leg.Answer()
		call.learn(phone.expect("200 INVITE"))
		call.ack("")
		call.within("BYE", "")
		w.expectEnd(a.Leg, "released 16, signalling")
	})
}
