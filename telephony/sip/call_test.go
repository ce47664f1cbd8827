package sip

import (
	"strings"
	"testing"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

func TestCallFromATrunk(t *testing.T) { // A1.8, A1.9
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith(carrier.sdp())
		carrier.expectNext("100 INVITE")
		a := w.arrival()
		if a.Line != "trunk/ctc" || a.Caller.Number != "13800138000" || a.Called != "62340000" || a.Leg.String() != "trunk/ctc#1" {
			t.Errorf("arrival: %+v", a)
		}
		w.expectState("trunk/ctc", "dialing 1")
		a.Leg.Alert()
		carrier.expectNext("180 INVITE")
		a.Leg.Answer()
		ok := call.learn(carrier.expectNext("200 INVITE"))
		if !strings.Contains(string(ok.Body()), "m=audio 10000 RTP/AVP 8 101") {
			t.Errorf("our answer:\n%s", ok.Body())
		}
		w.expectState("trunk/ctc", "talking 1")
		call.ack("")
		call.within("BYE", "Reason: Q.850;cause=16")
		carrier.expectNext("200 BYE")
		w.expectEnd(a.Leg, "released 16, signalling")
		w.expectState("trunk/ctc", "idle 0")
	})
}

func TestTheBoxHangsUp(t *testing.T) {
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		leg := carrier.call("c1", "13800138000", "62340000").answered()
		time.Sleep(time.Second)
		leg.Release(telephony.CauseNormal)
		bye := carrier.expect("BYE")
		if got := bye.GetHeaders("reason"); len(got) != 1 || !strings.HasPrefix(got[0].Value(), "Q.850;cause=16;") {
			t.Errorf("reason: %v", got)
		}
		w.expectEnd(leg, "released 16 by box, signalling")
		carrier.reply(bye, 200, "", "")
	})
}

func TestACallerIsRefusedWithTheCause(t *testing.T) {
	for cause, want := range map[telephony.Cause]string{
		telephony.CauseBusy: "486 INVITE", telephony.CauseUnallocated: "404 INVITE", telephony.CauseCongestion: "503 INVITE",
		telephony.CauseForbidden: "403 INVITE", telephony.CauseNormal: "480 INVITE",
	} {
		t.Run(cause.String(), func(t *testing.T) {
			inWorld(t, func(w *world) {
				carrier := w.ua(trunkAt)
				call := carrier.call("c1", "13800138000", "62340000")
				call.inviteWith(carrier.sdp())
				a := w.arrival()
				a.Leg.Release(cause)
				res := call.learn(carrier.expect(want))
				if c, ok := reasonOf(res); !ok || c != cause {
					t.Errorf("Reason says %v, %v", c, ok)
				}
				call.ackRefusal()
				w.expectEnd(a.Leg, eventText(telephony.Released{Cause: cause, ByBox: true, Witness: telephony.BySignalling}))
			})
		})
	}
}

func TestCallToAPhone(t *testing.T) { // A1.10, A1.20, A1.21
	inWorld(t, func(w *world) {
		w.expectState("phone/801", "offline 0")
		if _, err := w.line("phone/801").Dial(telephony.Order{}); err == nil {
			t.Error("a phone that is not there was dialled")
		}
		phone := w.ua(phoneAt)
		if res := phone.register("801", "secret801", "<sip:801@"+phoneAt+">", 300); res.StatusCode != 200 {
			t.Fatalf("registration: %d", res.StatusCode)
		}
		w.expectState("phone/801", "idle 0")
		leg, err := w.line("phone/801").Dial(telephony.Order{Call: "1-1", From: telephony.Caller{Number: "13800138000", Name: "Li"}})
		if err != nil {
			t.Fatal(err)
		}
		invite := phone.expect("INVITE").(*sipgo.Request)
		if invite.Recipient.User != "801" || invite.From().Address.User != "13800138000" || invite.From().DisplayName != "Li" {
			t.Errorf("INVITE:\n%s", invite)
		}
		w.expectState("phone/801", "ringing 1")
		phone.reply(invite, 180, "p1", "")
		w.expectEvents(leg, "ringing")
		phone.reply(invite, 200, "p1", phone.sdp())
		w.expectEvents(leg, "answered")
		w.expectState("phone/801", "talking 1")
		phone.expect("ACK")
		leg.Release(telephony.CauseNormal)
		phone.reply(phone.expect("BYE"), 200, "", "")
		w.expectEnd(leg, "released 16 by box, signalling")
		w.expectState("phone/801", "idle 0")
	})
}
