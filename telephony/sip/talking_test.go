package sip

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
	"callbox/telephony/rtp"
)

func TestHoldAndBack(t *testing.T) { // RFC 3264 8.4, pain 39
	for name, hold := range map[string]string{
		"sendonly": "a=sendonly", "inactive": "a=inactive", "RFC 2543": "c=IN IP4 0.0.0.0",
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				carrier := w.ua(trunkAt)
				call := carrier.call("c1", "13800138000", "62340000")
				leg := call.answered()
				reinvite := func(lines ...string) string {
					call.within("INVITE", carrier.sdp(lines...))
					call.invite = call.seq
					body := string(carrier.expect("200 INVITE").(*sipgo.Response).Body())
					call.ack("")
					return body
				}
				answer := reinvite(hold)
				if want := map[string]string{"sendonly": "a=recvonly", "inactive": "a=inactive", "RFC 2543": "a=sendrecv"}[name]; !strings.Contains(answer, want) {
					t.Errorf("our answer\n%swants %s", answer, want)
				}
				w.expectEvents(leg, "held true")
				if answer := reinvite(); !strings.Contains(answer, "a=sendrecv") {
					t.Errorf("our answer\n%s", answer)
				}
				w.expectEvents(leg, "held false")
			})
		})
	}
}

func TestOffersThatChange(t *testing.T) { // RFC 3264 8
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		leg := call.answered()
		version := func(body []byte) string { return strings.Fields(string(body))[3] }
		offer := func(extra string) *sipgo.Response {
			call.within("INVITE", extra)
			call.invite = call.seq
			m := carrier.read(time.Second)
			call.ack("")
			return m.(*sipgo.Response)
		}
		first := offer(carrier.sdp())
		same := offer(carrier.sdp())
		if version(first.Body()) != version(same.Body()) {
			t.Error("the version rose although nothing changed")
		}
		other := offer(strings.Replace(carrier.sdp(), "8 0 101", "0 101", 1))
		if version(other.Body()) == version(same.Body()) || !strings.Contains(string(other.Body()), "RTP/AVP 0 101") {
			t.Errorf("mu-law was answered\n%s", other.Body())
		}
		if bad := offer(strings.Replace(carrier.sdp(), "8 0 101", "18 101", 1)); bad.StatusCode != 488 {
			t.Errorf("G.729 alone: %s", bad.StartLine())
		}
		video := offer(carrier.sdp() + "m=video 40000 RTP/AVP 31\na=rtpmap:31 H261/90000")
		if !strings.Contains(string(video.Body()), "m=video 0 RTP/AVP 31") {
			t.Errorf("video was answered\n%s", video.Body())
		}
		call.within("BYE", "")
		w.expectEnd(leg, "released 16, signalling") // through all of this the call stood
	})
}

func TestDelayedOffer(t *testing.T) { // RFC 3261 13.2.1: the offer in our 2xx, the answer in ACK
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith("")
		a := w.arrival()
		a.Leg.Progress() // cannot carry an offer
		if m := carrier.expect("180 INVITE"); len(m.Body()) != 0 {
			t.Errorf("180 with\n%s", m.Body())
		}
		a.Leg.Answer()
		ok := call.learn(carrier.expect("200 INVITE"))
		if !strings.Contains(string(ok.Body()), "m=audio 10000 RTP/AVP 8 0 101") {
			t.Errorf("our offer:\n%s", ok.Body())
		}
		call.ack(carrier.sdp())
		call.within("BYE", "")
		carrier.expect("200 BYE")
		w.expectEnd(a.Leg, "released 16, signalling")
	})
}

func TestDelayedOfferWithoutAnAnswer(t *testing.T) {
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith("")
		a := w.arrival()
		a.Leg.Answer()
		call.learn(carrier.expect("200 INVITE"))
		call.ack("")
		carrier.expect("BYE")
		w.expectEnd(a.Leg, "released 88, signalling")
	})
}

func TestEarlyMediaToACaller(t *testing.T) { // 183 and the same answer in 200
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith(carrier.sdp())
		a := w.arrival()
		a.Leg.Progress()
		early := carrier.expect("183 INVITE")
		a.Leg.Answer()
		if ok := call.learn(carrier.expect("200 INVITE")); string(ok.Body()) != string(early.Body()) || len(ok.Body()) == 0 {
			t.Errorf("183 said\n%s200 says\n%s", early.Body(), ok.Body())
		}
	})
}

func TestProvisionalAnswersEachMinute(t *testing.T) { // RFC 3261 13.3.1.1
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith(carrier.sdp())
		a := w.arrival()
		a.Leg.Alert()
		carrier.expect("180 INVITE")
		for range 5 {
			start := time.Now()
			carrier.expectNext("180 INVITE")
			if took := time.Since(start).Round(time.Second); took != time.Minute {
				t.Errorf("180 again after %v", took)
			}
		}
		call.cancel()
		answers := []string{title(carrier.read(time.Second)), title(carrier.read(time.Second))} // of two transactions, in any order
		if slices.Sort(answers); !slices.Equal(answers, []string{"200 CANCEL", "487 INVITE"}) {
			t.Errorf("answers: %v", answers)
		}
		w.expectEnd(a.Leg, "released 16, signalling")
	})
}

func TestReleaseBeforeTheAck(t *testing.T) { // RFC 3261 15: no BYE before the ACK
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith(carrier.sdp())
		a := w.arrival()
		a.Leg.Answer()
		call.learn(carrier.expect("200 INVITE"))
		a.Leg.Release(telephony.CauseNormal)
		w.expectEnd(a.Leg, "released 16 by box, signalling")
		carrier.expectNext("200 INVITE")
		call.ack("")
		carrier.expectNext("BYE")
	})
}

func TestByesThatCross(t *testing.T) { // RFC 3261 15.1.2
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		leg := call.answered()
		time.Sleep(time.Second)
		leg.Release(telephony.CauseNormal)
		call.within("BYE", "")
		carrier.expectNext("BYE")
		carrier.expectNext("200 BYE")
		w.expectEnd(leg, "released 16 by box, signalling")
	})
}

func TestSessionRefreshedByTheFarEnd(t *testing.T) { // RFC 4028 9, 10; pitfall 11
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith("Supported: timer\nSession-Expires: 300;refresher=uac" + carrier.sdp())
		a := w.arrival()
		a.Leg.Answer()
		ok := call.learn(carrier.expect("200 INVITE"))
		if h := ok.GetHeader("session-expires"); h == nil || h.Value() != "300;refresher=uac" || ok.GetHeader("require").Value() != "timer" {
			t.Errorf("200:\n%s", ok)
		}
		call.ack("")
		for range 5 {
			time.Sleep(150 * time.Second)
			call.within("UPDATE", "Supported: timer\nSession-Expires: 300;refresher=uac")
			if ok := carrier.expectNext("200 UPDATE").(*sipgo.Response); ok.GetHeader("session-expires").Value() != "300;refresher=uac" {
				t.Errorf("200:\n%s", ok)
			}
		}
		start := time.Now() // and then it is gone
		w.expectEnd(a.Leg, "released 102, timer")
		if took := time.Since(start).Round(time.Second); took != 268*time.Second {
			t.Errorf("given up after %v", took)
		}
		carrier.expect("BYE")
	})
}

func TestSessionRefreshedByUs(t *testing.T) { // RFC 4028 7.2
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		leg, invite := dialled(w, carrier)
		carrier.reply(invite, 200, "a", "Require: timer\nSession-Expires: 600;refresher=uac"+carrier.sdp())
		w.expectEvents(leg, "answered")
		carrier.expectNext("ACK")
		start := time.Now()
		again := carrier.expectNext("INVITE").(*sipgo.Request)
		if took := time.Since(start).Round(time.Second); took != 300*time.Second {
			t.Errorf("refreshed after %v", took)
		}
		if string(again.Body()) != string(invite.Body()) || again.GetHeader("session-expires").Value() != "600;refresher=uac" {
			t.Errorf("refresh:\n%s", again)
		}
		carrier.reply(again, 200, "a", "Require: timer\nSession-Expires: 600;refresher=uac"+carrier.sdp())
		carrier.expectNext("ACK")
		carrier.reply(carrier.expectNext("INVITE"), 481, "a", "") // it forgot us
		carrier.expectNext("ACK")
		carrier.expectNext("BYE")
		w.expectEnd(leg, "released 102, timer")
	})
}

func TestSessionIntervalTooSmall(t *testing.T) { // RFC 4028 9
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		carrier.call("c1", "1", "62340000").inviteWith("Supported: timer\nx: 30" + carrier.sdp())
		if res := carrier.expectNext("422 INVITE").(*sipgo.Response); res.GetHeader("min-se").Value() != "90" {
			t.Errorf("422:\n%s", res)
		}
	})
}

func TestGlare(t *testing.T) { // RFC 3261 14.1, 14.2; pitfall 11
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		leg, invite := dialled(w, carrier)
		carrier.reply(invite, 200, "a", "Require: timer\nSession-Expires: 600;refresher=uac"+carrier.sdp())
		w.expectEvents(leg, "answered")
		carrier.expectNext("ACK")
		ours := carrier.expectNext("INVITE")
		theirs := &script{
			u: carrier, id: invite.CallID().Value(), fromTag: "a", toTag: invite.From().Params.GetOr("tag", ""),
			user: "far", called: "x", branch: "glare",
		}
		theirs.inviteWith(carrier.sdp())
		carrier.expectNext("491 INVITE")
		theirs.ackRefusal()
		carrier.reply(ours, 491, "a", "")
		carrier.expectNext("ACK")
		start := time.Now()
		carrier.reply(carrier.expectNext("INVITE"), 200, "a", carrier.sdp())
		if took := time.Since(start); took < 2100*time.Millisecond || took > 4010*time.Millisecond {
			t.Errorf("tried again after %v", took) // we own the Call-ID
		}
		carrier.expectNext("ACK")
	})
}

func TestTwoInvitesAtOnce(t *testing.T) { // RFC 3261 14.2: 500 with Retry-After
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.answered()
		call.within("INVITE", carrier.sdp())
		carrier.expect("200 INVITE")
		call.within("INVITE", carrier.sdp())
		if res := carrier.expectNext("500 INVITE").(*sipgo.Response); res.GetHeader("retry-after") == nil {
			t.Errorf("500:\n%s", res)
		}
	})
}

func TestOldAndForeignRequests(t *testing.T) { // RFC 3261 12.2.2
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.answered()
		call.request("UPDATE", 1, "old", "")
		carrier.expectNext("500 UPDATE")
		stranger := *call
		stranger.fromTag = "guessed"
		stranger.request("BYE", 9, "foreign", "")
		carrier.expectNext("481 BYE")
		stranger.toTag = "guessed"
		stranger.request("BYE", 10, "unknown", "")
		carrier.expectNext("481 BYE")
		call.within("OPTIONS", "")
		carrier.expectNext("200 OPTIONS")
	})
}

func TestMethodsThatAreNotServed(t *testing.T) { // RFC 3261 8.2.1, 21.5.2; pitfall 11: REFER without a call
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		for method, want := range map[string]string{"REFER": "403 REFER", "SUBSCRIBE": "405 SUBSCRIBE", "FROBNICATE": "501 FROBNICATE", "BYE": "481 BYE", "OPTIONS": "200 OPTIONS"} {
			carrier.call(method, "1", "62340000").within(method, "")
			res := carrier.expectNext(want).(*sipgo.Response)
			if h := res.GetHeader("allow"); method != "BYE" && method != "REFER" && (h == nil || h.Value() != allowed) {
				t.Errorf("%s: Allow is %v", method, h)
			}
		}
	})
}

func TestMergedRequests(t *testing.T) { // RFC 3261 8.2.2.2
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith(carrier.sdp())
		w.arrival()
		call.request("INVITE", 1, "another-way", carrier.sdp())
		carrier.expect("482 INVITE")
	})
}

func TestKeysOnALine(t *testing.T) { // A1.8: RFC 4733 and in-band, pain 40
	offered, plain := "RTP/AVP 8 0 101", "RTP/AVP 8 0"
	for _, row := range []struct {
		dtmf, offer string
		events      bool // in our answer
		want        rtp.Params
	}{
		{"auto", offered, true, rtp.Params{EventPT: 101}},
		{"auto", plain, false, rtp.Params{InBandDTMF: true}},
		{"rfc4733", offered, true, rtp.Params{EventPT: 101}},
		{"rfc4733", plain, false, rtp.Params{}},
		{"inband", offered, false, rtp.Params{InBandDTMF: true}},
	} {
		t.Run(row.dtmf+" "+row.offer, func(t *testing.T) {
			m := newMedia(silentConn{}, boxHost, bothLaws, row.dtmf)
			body := "v=0\r\no=- 1 1 IN IP4 10.0.0.2\r\ns=-\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 30000 " + row.offer + "\r\na=rtpmap:101 telephone-event/8000\r\n"
			answer, err := m.answer([]byte(body))
			if err != nil || strings.Contains(string(answer), "telephone-event") != row.events {
				t.Errorf("answer, %v:\n%s", err, answer)
			}
			got := m.params()
			if got.EventPT != row.want.EventPT || got.InBandDTMF != row.want.InBandDTMF {
				t.Errorf("params %+v", got)
			}
			if offer := string(m.offer()); strings.Contains(offer, "telephone-event") != (row.dtmf != "inband") {
				t.Errorf("our offer:\n%s", offer)
			}
		})
	}
}

func TestOverload(t *testing.T) { // reliability.md rule 8
	inWorld(t, func(w *world) {
		w.stack.maxCalls = 3
		carrier := w.ua(trunkAt)
		var legs []telephony.Leg
		for i := range 3 {
			legs = append(legs, carrier.call(fmt.Sprint("c", i), "1", "62340000").answered())
		}
		after := map[string]bool{}
		for i := range 20 {
			carrier.call(fmt.Sprint("x", i), "1", "62340000").inviteWith(carrier.sdp())
			res := carrier.expect("503 INVITE").(*sipgo.Response)
			after[res.GetHeader("retry-after").Value()] = true
		}
		if len(after) < 2 {
			t.Errorf("everybody is told to come back after %v", after)
		}
		if _, err := w.line("trunk/ctc").Dial(telephony.Order{To: "1"}); code(err) != telephony.Busy {
			t.Errorf("dial: %v", err)
		}
		legs[0].Release(telephony.CauseNormal)
		w.expectEnd(legs[0], "released 16 by box, signalling")
		carrier.call("again", "1", "62340000").answered()
	})
}

func TestNoPortForSpeech(t *testing.T) {
	inWorld(t, func(w *world) {
		w.stack.opt.Media = func() (rtp.Conn, error) { return nil, telephony.Errorf(telephony.Busy, "", "none left") }
		carrier := w.ua(trunkAt)
		carrier.call("c1", "1", "62340000").inviteWith(carrier.sdp())
		carrier.expectNext("503 INVITE")
		if _, err := w.line("trunk/ctc").Dial(telephony.Order{To: "1"}); code(err) != telephony.Busy {
			t.Errorf("dial: %v", err)
		}
		w.expectState("trunk/ctc", "idle 0")
	})
}

func TestTheEndOfTheStack(t *testing.T) { // Run: those who talk get their BYE
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		leg := carrier.call("c1", "1", "62340000").answered()
		synctest.Wait()
		go w.stop()
		carrier.reply(carrier.expect("BYE"), 200, "", "")
		w.expectEnd(leg, "released 41 by box, signalling")
		if _, err := w.line("trunk/ctc").Dial(telephony.Order{To: "1"}); code(err) != telephony.Unavailable {
			t.Errorf("dial: %v", err)
		}
	})
}
