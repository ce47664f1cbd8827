package sip

import (
	"net/netip"
	"testing"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// dialled places a call over the trunk and gives its leg and its INVITE.
func dialled(w *world, carrier *ua) (telephony.Leg, *sipgo.Request) {
	w.t.Helper()
	leg, err := w.line("trunk/ctc").Dial(telephony.Order{To: "13800138000"})
	if err != nil {
		w.t.Fatal(err)
	}
	return leg, carrier.expect("INVITE").(*sipgo.Request)
}

func TestEarlyMedia(t *testing.T) { // RFC 3960 3.1
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		leg, invite := dialled(w, carrier)
		carrier.reply(invite, 183, "a", carrier.sdp())
		w.expectEvents(leg, "progress")
		carrier.reply(invite, 180, "a", "")
		w.expectEvents(leg, "ringing")
		carrier.reply(invite, 200, "a", carrier.sdp())
		w.expectEvents(leg, "answered")
	})
}

func TestFarEndRefuses(t *testing.T) { // RFC 3398 8.2.6.1
	for name, row := range map[string]struct {
		status int
		extra  string
		want   string
	}{
		"busy":                       {486, "", "released 17, signalling"},
		"no such number":             {404, "", "released 1, signalling"},
		"not there":                  {480, "", "released 18, signalling"},
		"declined":                   {603, "", "released 21, signalling"},
		"no common codec":            {488, "", "released 88, signalling"},
		"overload":                   {503, "", "released 42, signalling"},
		"a status of a later time":   {499, "", "released 127, signalling"},
		"redirection is a rejection": {302, "Contact: <sip:elsewhere@192.0.2.1>", "released 21, signalling"},
		"the Reason knows better":    {480, `Reason: SIP;cause=480, Q.850;cause=20;text="absent"`, "released 20, signalling"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				carrier := w.ua(trunkAt)
				leg, invite := dialled(w, carrier)
				carrier.reply(invite, row.status, "a", row.extra)
				carrier.expectNext("ACK")
				w.expectEnd(leg, row.want)
				carrier.reply(invite, row.status, "a", row.extra) // our ACK was lost
				carrier.expectNext("ACK")
			})
		})
	}
}

func TestNobodyAnswersTheInvite(t *testing.T) { // RFC 3261 17.1.1.2 timers A and B
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		start := time.Now()
		leg, _ := dialled(w, carrier)
		for range 6 {
			carrier.expectNext("INVITE")
		}
		w.expectEnd(leg, "released 18, timer")
		if took := time.Since(start).Round(time.Second); took != 32*time.Second {
			t.Errorf("gave up after %v", took)
		}
	})
}

func TestTimerC(t *testing.T) { // RFC 3261 16.6; pitfall 11: a leg that rings for ever ends
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		leg, invite := dialled(w, carrier)
		carrier.reply(invite, 180, "a", "")
		w.expectEvents(leg, "ringing")
		start := time.Now()
		cancel := carrier.expect("CANCEL")
		if took := time.Since(start).Round(time.Second); took != ringLimit {
			t.Errorf("CANCEL after %v", took)
		}
		w.expectEnd(leg, "released 19, timer")
		carrier.reply(cancel, 200, "a", "")
		carrier.reply(invite, 487, "a", "")
		carrier.expect("ACK")
	})
}

func TestCancelWaitsForAProvisionalAnswer(t *testing.T) { // RFC 3261 9.1
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		leg, invite := dialled(w, carrier)
		leg.Release(telephony.CauseNormal)
		w.expectEnd(leg, "released 16 by box, signalling") // but the call does not wait
		carrier.expectNext("INVITE")                       // the echo
		carrier.reply(invite, 100, "", "")
		cancel := carrier.expectNext("CANCEL").(*sipgo.Request)
		if cancel.Via().Value() != invite.Via().Value() || cancel.CSeq().SeqNo != invite.CSeq().SeqNo {
			t.Errorf("CANCEL does not fit its INVITE:\n%s", cancel)
		}
		carrier.reply(cancel, 200, "a", "")
		carrier.reply(invite, 487, "a", "")
		carrier.expectNext("ACK")
		carrier.silent(time.Second)
	})
}

func TestCancelThatIsNeverAnswered(t *testing.T) { // RFC 3261 9.1: 64*T1
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		leg, invite := dialled(w, carrier)
		carrier.reply(invite, 180, "a", "")
		w.expectEvents(leg, "ringing")
		leg.Release(telephony.CauseNormal)
		w.expectEnd(leg, "released 16 by box, signalling")
		time.Sleep(time.Minute)
		w.noLegs()
	})
}

func TestAByeThatGetsNoAnswer(t *testing.T) { // pain 6
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		leg := carrier.call("c1", "13800138000", "62340000").answered()
		w.net.SetDrop(func(netip.AddrPort, netip.AddrPort, []byte) bool { return true })
		start := time.Now()
		leg.Release(telephony.CauseNormal)
		w.expectEnd(leg, "released 16 by box, signalling")
		if took := time.Since(start); took > time.Second {
			t.Errorf("the call waited %v for the leg", took)
		}
		time.Sleep(time.Minute)
		w.noLegs()
	})
}

func TestALostByeIsSeenByTheSilence(t *testing.T) { // pain 6: freed in media time
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		leg := carrier.call("c1", "13800138000", "62340000").answered()
		stop := w.listen(leg.Port())
		defer stop()
		start := time.Now()
		w.expectEvents(leg, "speech no_packets")
		if took := time.Since(start); took > 6*time.Second {
			t.Errorf("told that no speech comes after %v", took)
		}
		w.expectEnd(leg, "released 41, media_loss")
		if took := time.Since(start).Round(time.Second); took != 30*time.Second {
			t.Errorf("freed after %v", took)
		}
		carrier.expect("BYE")
	})
}

func TestAChallengedBye(t *testing.T) {
	inConfiguredWorld(t, func(c *telephony.Config) { c.Trunks[0].User, c.Trunks[0].Password = "62340000", "s" }, func(w *world) {
		carrier := w.ua(trunkAt)
		leg := carrier.call("c1", "13800138000", "62340000").answered()
		leg.Release(telephony.CauseNormal)
		carrier.reply(carrier.expect("BYE"), 407, "", "Proxy-Authenticate: "+bookChallenge[len("WWW-Authenticate: "):])
		second := carrier.expectNext("BYE").(*sipgo.Request)
		if len(second.GetHeaders("proxy-authorization")) != 1 {
			t.Errorf("BYE:\n%s", second)
		}
	})
}

// A call whose source is forged asks for its BYE elsewhere, to get an answer there by which a password can be guessed.
func TestAChallengeFromElsewhereIsNotMet(t *testing.T) {
	inConfiguredWorld(t, func(c *telephony.Config) { c.Trunks[0].User, c.Trunks[0].Password = "62340000", "s" }, func(w *world) {
		carrier, thief := w.ua(trunkAt), w.ua("198.51.100.7:5060")
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith("Record-Route: <sip:198.51.100.7;lr>" + carrier.sdp())
		leg := w.arrival().Leg
		leg.Answer()
		call.learn(carrier.expect("200 INVITE"))
		call.ack("")
		leg.Release(telephony.CauseNormal)
		thief.reply(thief.expect("BYE"), 407, "", "Proxy-Authenticate: "+bookChallenge[len("WWW-Authenticate: "):])
		thief.silent(time.Minute)
	})
}

func TestAnAnswerWithoutACodec(t *testing.T) {
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		leg, invite := dialled(w, carrier)
		carrier.reply(invite, 200, "a", "")
		carrier.expectNext("ACK") // the dialog has to be taken down as it stands
		carrier.expectNext("BYE")
		w.expectEnd(leg, "released 88, signalling")
	})
}

func TestTheRouteIsKept(t *testing.T) { // RFC 3261 12.1.2, 12.2.1.1
	inWorld(t, func(w *world) {
		carrier, proxy := w.ua(trunkAt), w.ua("10.0.0.30:5060")
		leg, invite := dialled(w, carrier)
		carrier.reply(invite, 200, "a", "Record-Route: <sip:10.0.0.31;lr>, <sip:10.0.0.30;lr>"+carrier.sdp())
		w.expectEvents(leg, "answered")
		ack := proxy.expectNext("ACK").(*sipgo.Request)
		routes := ack.GetHeaders("route")
		if len(routes) != 2 || routes[0].Value() != "<sip:10.0.0.30;lr>" || ack.Recipient.String() != "sip:far@10.0.0.2:5060" {
			t.Errorf("ACK:\n%s", ack)
		}
	})
}

func TestAStrictRouter(t *testing.T) { // RFC 3261 12.2.1.1, last example
	inWorld(t, func(w *world) {
		carrier, proxy := w.ua(trunkAt), w.ua("10.0.0.30:5060")
		_, invite := dialled(w, carrier)
		carrier.reply(invite, 200, "a", "Record-Route: <sip:10.0.0.30>"+carrier.sdp())
		ack := proxy.expectNext("ACK").(*sipgo.Request)
		routes := ack.GetHeaders("route")
		if len(routes) != 1 || routes[0].Value() != "<sip:far@10.0.0.2:5060>" || ack.Recipient.String() != "sip:10.0.0.30" {
			t.Errorf("ACK:\n%s", ack)
		}
	})
}

func TestAutoAnswer(t *testing.T) { // A1.22
	inWorld(t, func(w *world) {
		phone := w.ua(phoneAt)
		phone.register("801", "secret801", phoneContact, 300)
		if _, err := w.line("phone/801").Dial(telephony.Order{AutoAnswer: true}); err != nil {
			t.Fatal(err)
		}
		invite := phone.expect("INVITE")
		for name, want := range map[string]string{
			"call-info": "<sip:10.0.0.1>;answer-after=0", "alert-info": "<http://10.0.0.1>;info=alert-autoanswer",
		} {
			if h := invite.GetHeaders(name); len(h) != 1 || h[0].Value() != want {
				t.Errorf("%s: %v", name, h)
			}
		}
	})
}

func TestAPhoneThatIsBusyDecidesItself(t *testing.T) {
	inWorld(t, func(w *world) {
		phone := w.ua(phoneAt)
		phone.register("801", "secret801", phoneContact, 300)
		first, _ := w.line("phone/801").Dial(telephony.Order{})
		phone.reply(phone.expect("INVITE"), 200, "a", phone.sdp())
		phone.expect("ACK")
		w.expectEvents(first, "answered")
		second, err := w.line("phone/801").Dial(telephony.Order{})
		if err != nil {
			t.Fatal(err)
		}
		w.expectState("phone/801", "talking 2")
		phone.reply(phone.expect("INVITE"), 486, "b", "")
		w.expectEnd(second, "released 17, signalling")
		w.expectState("phone/801", "talking 1")
	})
}

func TestAHostileNameStaysInItsHeader(t *testing.T) {
	inWorld(t, func(w *world) {
		phone := w.ua(phoneAt)
		phone.register("801", "secret801", phoneContact, 300)
		evil := telephony.Caller{Number: "1>\r\nX-Evil: 1", Name: "\"<sip:x@y>\r\nX-Evil: 1\\"}
		if _, err := w.line("phone/801").Dial(telephony.Order{From: evil}); err != nil {
			t.Fatal(err)
		}
		if invite := phone.expect("INVITE"); len(invite.GetHeaders("x-evil")) != 0 || invite.From().Address.User != "11" {
			t.Errorf("INVITE:\n%s", invite)
		}
	})
}
