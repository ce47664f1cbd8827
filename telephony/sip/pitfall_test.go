package sip

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// The eleven faults of sipgo v1.7.2 that reference/libraries.md measured. Each test shows that the box does not have it.

func TestPitfall01OrderLost(t *testing.T) {
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		const calls = 500
		var scripts []*script
		for i := range calls {
			c := carrier.call(fmt.Sprint("c", i), "13800138000", "62340000")
			c.inviteWith(carrier.sdp())
			c.cancel()
			scripts = append(scripts, c)
		}
		for range calls {
			w.expectEnd(w.arrival().Leg, "released 16, signalling")
		}
		seen := map[string]int{}
		for range calls * 3 {
			seen[title(carrier.read(time.Second))]++
		}
		if seen["200 CANCEL"] != calls || seen["487 INVITE"] != calls {
			t.Errorf("answers: %v", seen)
		}
		for _, c := range scripts {
			c.ackRefusal()
		}
		carrier.silent(time.Minute)
	})
}

func TestPitfall01EarlyCancelIsRemembered(t *testing.T) { // the network may turn them round as well
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.invite = 1
		call.cancel()
		carrier.expectNext("481 CANCEL")
		call.inviteWith(carrier.sdp())
		carrier.expectNext("487 INVITE")
		w.noArrival()
	})
}

func TestPitfall02CancelCrosses200(t *testing.T) {
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		leg, err := w.line("trunk/ctc").Dial(telephony.Order{To: "13800138000"})
		if err != nil {
			t.Fatal(err)
		}
		invite := carrier.expect("INVITE")
		carrier.reply(invite, 180, "a", "")
		w.expectEvents(leg, "ringing")
		leg.Release(telephony.CauseElsewhere)
		w.expectEnd(leg, "released 26 by box, signalling") // the call does not wait for what follows
		cancel := carrier.expect("CANCEL")
		carrier.reply(invite, 200, "a", carrier.sdp()) // before it saw the CANCEL
		carrier.reply(cancel, 200, "a", "")
		carrier.expectNext("ACK")
		bye := carrier.expectNext("BYE").(*sipgo.Request)
		if tag, _ := bye.To().Params.Get("tag"); tag != "a" {
			t.Errorf("BYE to tag %q", tag)
		}
		carrier.reply(bye, 200, "", "")
	})
}

func TestPitfall03ManyProvisionalAnswers(t *testing.T) {
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		leg, _ := w.line("trunk/ctc").Dial(telephony.Order{To: "13800138000"})
		invite := carrier.expect("INVITE")
		for range 50 {
			carrier.reply(invite, 180, "a", "")
			time.Sleep(time.Second)
		}
		carrier.reply(invite, 200, "a", carrier.sdp())
		w.expectEvents(leg, "ringing", "answered")
		carrier.expect("ACK")
	})
}

func TestPitfall04ForkedSecond2xx(t *testing.T) {
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		leg, _ := w.line("trunk/ctc").Dial(telephony.Order{To: "13800138000"})
		invite := carrier.expect("INVITE")
		carrier.reply(invite, 200, "a", carrier.sdp())
		w.expectEvents(leg, "answered")
		toTag := func(m sipgo.Message) string { tag, _ := m.To().Params.Get("tag"); return tag }
		if tag := toTag(carrier.expectNext("ACK")); tag != "a" {
			t.Errorf("first ACK to tag %q", tag)
		}
		carrier.reply(invite, 200, "b", carrier.sdp())
		if tag := toTag(carrier.expectNext("ACK")); tag != "b" {
			t.Errorf("second ACK to tag %q", tag)
		}
		bye := carrier.expectNext("BYE")
		if tag := toTag(bye); tag != "b" {
			t.Errorf("BYE to tag %q", tag)
		}
		carrier.reply(bye, 200, "", "")
		carrier.reply(invite, 200, "a", carrier.sdp()) // an echo, since our ACK was lost
		if tag := toTag(carrier.expectNext("ACK")); tag != "a" {
			t.Errorf("third ACK to tag %q", tag)
		}
		leg.Release(telephony.CauseNormal)
		if tag := toTag(carrier.expectNext("BYE")); tag != "a" {
			t.Errorf("last BYE to tag %q", tag)
		}
	})
}

func TestPitfall05No2xxForEver(t *testing.T) { // RFC 3261 13.3.1.4
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith(carrier.sdp())
		a := w.arrival()
		start := time.Now()
		a.Leg.Answer()
		var at []time.Duration
		for {
			m := carrier.read(time.Minute)
			if title(m) == "200 INVITE" {
				at = append(at, time.Since(start).Round(100*time.Millisecond))
			}
			if title(m) == "BYE" {
				break
			}
		}
		want := []time.Duration{0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500}
		for i := range want {
			want[i] *= time.Millisecond
		}
		if fmt.Sprint(at) != fmt.Sprint(want) {
			t.Errorf("200 at %v\n want %v", at, want)
		}
		if after := time.Since(start).Round(100 * time.Millisecond); after != 32*time.Second {
			t.Errorf("BYE after %v", after)
		}
		w.expectEnd(a.Leg, "released 102, timer")
	})
}

func TestPitfall06AckAfterOtherRequests(t *testing.T) {
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith("Supported: 100rel" + carrier.sdp())
		a := w.arrival()
		a.Leg.Alert()
		call.within("PRACK", rack(call.learn(carrier.expect("180 INVITE"))))
		carrier.expect("200 PRACK")
		a.Leg.Answer()
		carrier.expect("200 INVITE")
		call.ack("") // its number is the INVITE's, below the PRACK's
		carrier.silent(40 * time.Second)
		call.within("BYE", "")
		carrier.expect("200 BYE")
		w.expectEnd(a.Leg, "released 16, signalling")
	})
}

func TestPitfall06ReliableAnswersAreOfAnInviteAlone(t *testing.T) { // RFC 3262 3
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.answered()
		call.within("UPDATE", "Require: 100rel")
		res := carrier.expectNext("420 UPDATE")
		if h := res.GetHeaders("unsupported"); len(h) != 1 || h[0].Value() != "100rel" {
			t.Errorf("Unsupported: %v", h)
		}
	})
}

func TestPitfall07TargetRefresh(t *testing.T) { // RFC 3261 12.2.2
	for _, method := range []string{"INVITE", "UPDATE"} {
		t.Run(method, func(t *testing.T) {
			inWorld(t, func(w *world) {
				carrier := w.ua(trunkAt)
				call := carrier.call("c1", "13800138000", "62340000")
				leg := call.answered()
				moved := w.ua("10.0.0.9:5080")
				call.u = moved
				call.within(method, moved.sdp())
				if method == "INVITE" {
					call.invite = call.seq
				}
				moved.expect("200 " + method)
				if method == "INVITE" {
					call.ack("")
				}
				synctest.Wait()
				leg.Release(telephony.CauseNormal)
				bye := moved.expect("BYE").(*sipgo.Request)
				if bye.Recipient.HostPort() != "10.0.0.9:5080" {
					t.Errorf("BYE to %s", bye.Recipient.String())
				}
			})
		})
	}
}

func TestPitfall10APanicEndsOneCall(t *testing.T) {
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		good := carrier.call("good", "13800138000", "62340000").answered()
		bad := carrier.call("bad", "13800138001", "62340000").answered().(*leg)
		bad.post(confirmation{nil}) // a fault of ours: there is no ACK without a request
		bad.post(&serverTx{})
		w.expectEnd(bad, "released 41 by box, signalling")
		if len(w.office.panics()) != 1 {
			t.Errorf("journaled: %v", w.office.panics())
		}
		w.office.entries = nil
		good.Release(telephony.CauseNormal)
		carrier.expect("BYE")
		w.expectEnd(good, "released 16 by box, signalling")
	})
}
