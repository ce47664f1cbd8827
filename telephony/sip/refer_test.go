package sip

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// talks is a call that the phone 801 has placed and that was answered.
func (u *ua) talks(id, number string) (*script, telephony.Leg) {
	u.w.t.Helper()
	call := u.call(id, "801", number)
	call.inviteWith(u.sdp())
	challenge := u.expect("401 INVITE").(*sipgo.Response)
	call.toTag = challenge.To().Params.GetOr("tag", "")
	call.ack("")
	call.toTag = ""
	call.inviteWith(u.credentials(challenge, "INVITE", "801", "secret801") + u.sdp())
	a := u.w.arrival()
	a.Leg.Answer()
	call.learn(u.expect("200 INVITE"))
	call.ack("")
	return call, a.Leg
}

// asks is the transfer that a leg tells of next.
func (w *world) asks(l telephony.Leg) telephony.Transfer {
	w.t.Helper()
	e, ok := (<-l.Events()).(telephony.Transfer)
	if !ok {
		w.t.Fatalf("%v asks for no transfer", l)
	}
	return e
}

// stands reads how a transfer stands, and answers.
func (u *ua) stands(state, status string) {
	u.w.t.Helper()
	m := u.expect("NOTIFY").(*sipgo.Request)
	if got := m.GetHeader("Subscription-State").Value(); got != state {
		u.w.t.Errorf("the subscription is %q, want %q", got, state)
	}
	if got := string(m.Body()); got != "SIP/2.0 "+status+"\r\n" {
		u.w.t.Errorf("the transfer stands at %q, want %q", got, status)
	}
	u.reply(m, 200, "", "")
}

func TestTransferIsAskedFor(t *testing.T) { // RFC 3515 2.4, A2.10
	for cause, status := range map[telephony.Cause]string{
		telephony.CauseNormal: "200 OK", telephony.CauseForbidden: "403 Forbidden", telephony.CauseUnallocated: "404 Not Found",
	} {
		inWorld(t, func(w *world) {
			phone := w.ua(phoneAt)
			call, leg := phone.talks("p1", "13800138000")
			call.within("REFER", "Refer-To: <sip:802@10.0.0.1>")
			phone.expect("202 REFER")
			phone.stands("active;expires=180", "100 Trying")
			asked := w.asks(leg)
			if asked.To != "802" || asked.Leg != "" {
				t.Errorf("asked %+v", asked)
			}
			call.within("REFER", "Refer-To: <sip:803@10.0.0.1>") // one after the other
			phone.expect("491 REFER")
			asked.Tell(cause)
			asked.Tell(telephony.CauseBusy) // the first word counts
			phone.stands("terminated;reason=noresource", status)
			leg.Release(telephony.CauseNormal)
			phone.expect("BYE")
		})
	}
}

// transferred is a phone whose transfer came to something, and whose call the box ends.
func (w *world) transferred() *ua {
	w.t.Helper()
	phone := w.ua(phoneAt)
	call, leg := phone.talks("p1", "13800138000")
	call.within("REFER", "Refer-To: <sip:802@10.0.0.1>")
	phone.expect("202 REFER")
	phone.stands("active;expires=180", "100 Trying")
	w.asks(leg).Tell(telephony.CauseNormal)
	leg.Release(telephony.CauseNormal)
	return phone
}

func TestTransferIsReportedBeforeTheEnd(t *testing.T) { // RFC 5589 6.1: the transferor learns what came of it
	inWorld(t, func(w *world) {
		phone := w.transferred()
		told := phone.expect("NOTIFY")
		phone.silent(time.Second / 4) // the BYE waits for the answer
		phone.reply(told, 200, "", "")
		phone.expect("BYE")
	})
}

func TestAPhoneThatDoesNotAnswerIsLetGo(t *testing.T) {
	inWorld(t, func(w *world) {
		phone := w.transferred()
		start := time.Now()
		phone.expect("BYE")
		if took := time.Since(start); took > reportTime+time.Second {
			t.Errorf("the BYE came after %v", took)
		}
	})
}

func TestTransferToAnotherCall(t *testing.T) { // RFC 5589 7.1: Replaces in Refer-To
	inWorld(t, func(w *world) {
		phone := w.ua(phoneAt)
		first, one := phone.talks("p1", "13800138000")
		second, two := phone.talks("p2", "802")
		named := func(c *script, from string) string {
			return url.QueryEscape(fmt.Sprintf("%s;to-tag=%s;from-tag=%s", c.id, c.toTag, from))
		}
		first.within("REFER", "Refer-To: <sip:802@10.0.0.1?Replaces="+named(second, "guessed")+">")
		phone.expect("481 REFER")
		first.within("REFER", "Refer-To: <sip:802@10.0.0.1?Replaces="+named(first, first.fromTag)+">") // itself
		phone.expect("481 REFER")
		first.within("REFER", "Refer-To: <sip:802@10.0.0.1?Replaces="+named(second, second.fromTag)+">")
		phone.expect("202 REFER")
		if asked := w.asks(one); asked.Leg != two.String() || asked.To != "" {
			t.Errorf("asked %+v, want the leg %v", asked, two)
		}
	})
}

func TestTransferIsRefused(t *testing.T) { // RFC 3515 2.4.2; reliability.md rule 6
	for extra, want := range map[string]string{
		"Refer-To: <sip:802@10.0.0.1>\nRefer-To: <sip:803@10.0.0.1>": "400 REFER",
		"Subject: nowhere":                               "400 REFER",
		"Refer-To: <http://10.0.0.1/>":                   "400 REFER",
		"Refer-To: <sip:10.0.0.1>":                       "484 REFER",
		"Refer-To: <sip:802@10.0.0.1;method=BYE>":        "403 REFER",
		"Refer-To: <sip:802@10.0.0.1?Replaces=%zz>":      "481 REFER",
		"Refer-To: <sip:802@10.0.0.1?Replaces=x;to-tag>": "481 REFER",
	} {
		inWorld(t, func(w *world) {
			phone := w.ua(phoneAt)
			call, _ := phone.talks("p1", "13800138000")
			call.within("REFER", extra)
			phone.expect(want)
		})
	}
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.answered()
		call.within("REFER", "Refer-To: <sip:00441632960000@10.0.0.1>")
		carrier.expect("403 REFER")
	})
}

func TestTakingAPlace(t *testing.T) { // RFC 3891 3
	inWorld(t, func(w *world) {
		phone, carrier := w.ua(phoneAt), w.ua(trunkAt)
		first, leg := phone.talks("p1", "13800138000")
		place := fmt.Sprintf("Replaces: p1;to-tag=%s;from-tag=%s", first.toTag, first.fromTag)
		takes := func(id, header string) {
			call := phone.call(id, "801", "802")
			call.inviteWith(header + phone.sdp())
			challenge := phone.expect("401 INVITE").(*sipgo.Response)
			call.toTag = challenge.To().Params.GetOr("tag", "")
			call.ack("")
			call.toTag = ""
			call.inviteWith(phone.credentials(challenge, "INVITE", "801", "secret801") + "\n" + header + phone.sdp())
		}
		takes("p2", place)
		if a := w.arrival(); a.Replaces != leg.String() {
			t.Errorf("it takes the place of %q, want %v", a.Replaces, leg)
		}
		takes("p3", "Replaces: p1;to-tag=guessed;from-tag=guessed")
		phone.expect("481 INVITE")
		takes("p5", place+";early-only")
		phone.expect("486 INVITE")
		takes("p4", place+"\n"+place)
		phone.expect("400 INVITE")
		call := carrier.call("c1", "13800138000", "62340000") // a trunk takes nobody's place
		call.inviteWith(place + carrier.sdp())
		carrier.expect("403 INVITE")
		w.noArrival()
	})
}

func TestFlashBehindAnAdapter(t *testing.T) { // RFC 2833 3.10: event 16
	for key, want := range map[byte]telephony.Event{'!': telephony.Flashed{}, '5': telephony.Digit{Key: '5'}} {
		if got := pressed(telephony.Digit{Key: key}); got != want {
			t.Errorf("%c is %#v, want %#v", key, got, want)
		}
	}
}
