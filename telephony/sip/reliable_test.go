package sip

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// header is the first value of a message's header, or "".
func header(m sipgo.Message, name string) string {
	for _, h := range m.GetHeaders(name) {
		return h.Value()
	}
	return ""
}

// rack is the header by which a PRACK confirms a provisional answer.
func rack(m sipgo.Message) string {
	return "RAck: " + header(m, "rseq") + " " + m.(*sipgo.Response).CSeq().Value()
}

func TestEarlyMediaIsConfirmed(t *testing.T) { // RFC 3262 3
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith("Supported: 100rel" + carrier.sdp())
		a := w.arrival()
		a.Leg.Progress()
		early := call.learn(carrier.expect("183 INVITE"))
		if header(early, "require") != "100rel" || !isSDP(early) {
			t.Fatalf("the answer is not reliable:\n%s", early)
		}
		start := time.Now()
		for _, wait := range []time.Duration{500 * time.Millisecond, 1500 * time.Millisecond, 3500 * time.Millisecond} {
			if again := carrier.expectNext("183 INVITE"); header(again, "rseq") != header(early, "rseq") {
				t.Error("an echo has a number of its own")
			}
			if d := time.Since(start).Round(100 * time.Millisecond); d != wait {
				t.Errorf("an echo came after %v, want %v", d, wait)
			}
		}
		a.Leg.Answer() // has to wait: the description is not confirmed
		if m := carrier.expectNext("183 INVITE"); m == nil {
			t.Fatal("no echo")
		}
		call.within("PRACK", rack(early))
		carrier.expectNext("200 PRACK")
		ok := carrier.expectNext("200 INVITE")
		if isSDP(ok) {
			t.Errorf("a second answer to one offer:\n%s", ok)
		}
		call.ack("")
		call.within("BYE", "")
		carrier.expect("200 BYE")
		w.expectEnd(a.Leg, "released 16, signalling")
	})
}

func TestOneReliableAnswerAtATime(t *testing.T) { // RFC 3262 3
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith("Require: 100rel" + carrier.sdp())
		a := w.arrival()
		a.Leg.Alert()
		ringing := call.learn(carrier.expect("180 INVITE"))
		a.Leg.Progress()
		carrier.expectNext("180 INVITE") // its echo; the 183 waits
		call.within("PRACK", "RAck: 1 1 INVITE")
		carrier.expectNext("481 PRACK")
		call.within("PRACK", rack(ringing))
		carrier.expectNext("200 PRACK")
		early := carrier.expectNext("183 INVITE")
		var n, m uint32
		fmt.Sscan(header(ringing, "rseq"), &n)
		if fmt.Sscan(header(early, "rseq"), &m); m != n+1 {
			t.Errorf("RSeq %d after %d", m, n)
		}
		call.within("PRACK", rack(early))
		carrier.expectNext("200 PRACK")
		call.within("PRACK", rack(early))
		carrier.expectNext("481 PRACK") // it is confirmed already
		a.Leg.Release(telephony.CauseBusy)
		carrier.expect("486 INVITE")
	})
}

func TestReliableAnswerThatNobodyConfirms(t *testing.T) { // RFC 3262 3: 64*T1, then 5xx
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith("Supported: 100rel" + carrier.sdp())
		a := w.arrival()
		start := time.Now()
		a.Leg.Progress()
		carrier.expect("504 INVITE")
		if d := time.Since(start).Round(time.Second); d != 32*time.Second {
			t.Errorf("given up after %v", d)
		}
		w.expectEnd(a.Leg, "released 102 by box, signalling")
	})
}

func TestOfferInAReliableAnswer(t *testing.T) { // RFC 3262 5: our offer in the first, the answer in its PRACK
	for name, c := range map[string]struct {
		verb   func(telephony.Leg)
		status string
	}{
		"180": {telephony.Leg.Alert, "180 INVITE"},
		"183": {telephony.Leg.Progress, "183 INVITE"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				carrier := w.ua(trunkAt)
				call := carrier.call("c1", "13800138000", "62340000")
				call.inviteWith("Supported: 100rel")
				a := w.arrival()
				c.verb(a.Leg)
				early := call.learn(carrier.expect(c.status))
				if !strings.Contains(string(early.Body()), "m=audio 10000 RTP/AVP 8 0 101") {
					t.Fatalf("our offer:\n%s", early.Body())
				}
				call.within("PRACK", rack(early)+carrier.sdp())
				carrier.expectNext("200 PRACK")
				call.within("UPDATE", carrier.sdp("a=sendonly")) // RFC 3311: the early session may change
				if m := carrier.expectNext("200 UPDATE"); !strings.Contains(string(m.Body()), "a=recvonly") {
					t.Errorf("the answer to an early offer:\n%s", m.Body())
				}
				w.expectEvents(a.Leg, "held true")
				a.Leg.Answer()
				if ok := carrier.expectNext("200 INVITE"); isSDP(ok) {
					t.Errorf("another offer:\n%s", ok.Body())
				}
				call.ack("")
				call.within("BYE", "")
				w.expectEnd(a.Leg, "released 16, signalling")
			})
		})
	}
	t.Run("no answer", func(t *testing.T) {
		inWorld(t, func(w *world) {
			carrier := w.ua(trunkAt)
			call := carrier.call("c1", "13800138000", "62340000")
			call.inviteWith("Supported: 100rel")
			a := w.arrival()
			a.Leg.Progress()
			call.within("PRACK", rack(call.learn(carrier.expect("183 INVITE"))))
			carrier.expect("488 INVITE")
			w.expectEnd(a.Leg, "released 88 by box, signalling")
		})
	})
}

func TestUpdateBeforeTheOfferIsAnswered(t *testing.T) { // RFC 3311 5.2
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith(carrier.sdp())
		a := w.arrival()
		a.Leg.Alert()
		call.learn(carrier.expect("180 INVITE"))
		call.within("UPDATE", carrier.sdp())
		if m := carrier.expect("500 UPDATE"); header(m, "retry-after") == "" {
			t.Error("no Retry-After")
		}
		call.within("UPDATE", "") // a new address alone
		carrier.expect("200 UPDATE")
	})
}

// provisional answers an INVITE of the box for a branch, reliably.
func (u *ua) provisional(invite sipgo.Message, status int, tag string, rseq int, extra string) {
	u.reply(invite, status, tag, fmt.Sprintf("Require: 100rel\nRSeq: %d\n%s", rseq, extra))
}

func TestWeConfirmReliableAnswers(t *testing.T) { // RFC 3262 4
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		leg, invite := dialled(w, carrier)
		if !has(invite, "100rel", "supported") {
			t.Error("the box does not say that it confirms provisional answers")
		}
		carrier.provisional(invite, 183, "a", 7, carrier.sdp())
		prack := carrier.expect("PRACK").(*sipgo.Request)
		if got := header(prack, "rack"); got != "7 1 INVITE" || prack.Recipient.String() != "sip:far@"+trunkAt {
			t.Errorf("RAck %q to %s", got, &prack.Recipient)
		}
		carrier.reply(prack, 200, "a", "")
		w.expectEvents(leg, "progress")
		carrier.provisional(invite, 183, "a", 7, carrier.sdp()) // an echo
		carrier.provisional(invite, 180, "a", 9, "")            // before its turn
		carrier.silent(100 * time.Millisecond)
		carrier.provisional(invite, 180, "a", 8, "")
		prack = carrier.expect("PRACK").(*sipgo.Request)
		if got := header(prack, "rack"); got != "8 1 INVITE" {
			t.Errorf("RAck %q", got)
		}
		carrier.reply(prack, 200, "a", "")
		w.expectEvents(leg, "ringing")
		carrier.reply(invite, 200, "a", "") // its description came before
		carrier.expect("ACK")
		w.expectEvents(leg, "answered")
		leg.Release(telephony.CauseNormal)
		bye := carrier.expect("BYE").(*sipgo.Request)
		if bye.CSeq().SeqNo <= prack.CSeq().SeqNo {
			t.Errorf("BYE %d after PRACK %d", bye.CSeq().SeqNo, prack.CSeq().SeqNo)
		}
		carrier.reply(bye, 200, "a", "")
	})
}

// codec is what a leg sends its speech in.
func codec(l telephony.Leg) string {
	synctest.Wait()
	return l.(*leg).media.far.codecs[0].Name
}

func TestForkedProvisionalAnswers(t *testing.T) { // RFC 3261 13.2.2.4: the one that answers is heard
	inWorld(t, func(w *world) {
		carrier, other := w.ua(trunkAt), w.ua("10.0.0.2:5062")
		leg, invite := dialled(w, carrier)
		from := func(u *ua, status int, tag string, rseq int, body string) {
			extra := ""
			if rseq > 0 {
				extra = fmt.Sprintf("Require: 100rel\nRSeq: %d\n", rseq)
			}
			carrier.send(answerTo(invite, status, tag, "Contact: <sip:far@"+u.at+">", extra+body))
		}
		from(carrier, 183, "a", 1, carrier.sdp())
		carrier.reply(carrier.expect("PRACK"), 200, "a", "")
		from(other, 183, "b", 1, strings.Replace(carrier.sdp(), "8 0 101", "0", 1))
		other.reply(other.expect("PRACK"), 200, "b", "")
		w.expectEvents(leg, "progress")
		if c := codec(leg); c != "pcmu" {
			t.Errorf("the last branch is not heard: %s", c)
		}
		from(carrier, 200, "a", 0, "")
		carrier.expect("ACK")
		w.expectEvents(leg, "answered")
		if c := codec(leg); c != "pcma" {
			t.Errorf("who answered is not heard: %s", c)
		}
		from(other, 200, "b", 0, "") // the other answered as well
		other.expect("ACK")
		bye := other.expect("BYE")
		if c := header(bye, "reason"); !strings.Contains(c, "elsewhere") {
			t.Errorf("Reason %s", c)
		}
		other.reply(bye, 200, "b", "")
	})
}

func TestEarlyUpdateOfACalledParty(t *testing.T) { // RFC 3311 5.2
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		leg, invite := dialled(w, carrier)
		carrier.provisional(invite, 183, "a", 1, carrier.sdp())
		carrier.reply(carrier.expect("PRACK"), 200, "a", "")
		w.expectEvents(leg, "progress")
		update := func(tag string, seq int) {
			carrier.send(fmt.Sprintf(`UPDATE %s SIP/2.0
Via: SIP/2.0/UDP %s;branch=z9hG4bKu%s%d;rport
Max-Forwards: 70
From: <sip:x@10.0.0.2>;tag=%s
To: %s
Call-ID: %s
CSeq: %d UPDATE
Contact: <sip:far@%s>%s`, &invite.Contact().Address, carrier.at, tag, seq, tag, invite.From().Value(), invite.CallID().Value(), seq, carrier.at, carrier.sdp()))
		}
		update("a", 2)
		if m := carrier.expect("200 UPDATE"); !isSDP(m) {
			t.Error("the offer is not answered")
		}
		update("stranger", 1)
		carrier.expect("491 UPDATE")
	})
}
