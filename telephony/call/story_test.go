package call

import (
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
	"callbox/telephony/acd"

	"github.com/google/go-cmp/cmp"
)

// stages bring a call into each of its states; the outcome is the one that the caller's hang-up gives there.
var stages = []struct {
	name, state string
	shape       func(*telephony.Config)
	reach       func(*world)
	hangup      telephony.Outcome
}{
	{"A3.1 menu", "menu", nil, func(w *world) { w.ring("menu:main") }, telephony.OutcomeLostInMenu},
	{"A4.1 queue", "queue", nil, func(w *world) { w.ring("queue:q") }, telephony.OutcomeLostInQueue},
	{"A4.2 agents ring", "queue", nil, func(w *world) {
		w.ready("1", "2")
		w.ring("queue:q")
		w.at("phone/801").tell(telephony.Ringing{})
	}, telephony.OutcomeLostInQueue},
	{"A5.3 introduction", "introduction", func(c *telephony.Config) { c.Queues[0].AnnounceAgent = true }, func(w *world) {
		w.ready("1")
		w.ring("queue:q")
		w.at("phone/801").tell(telephony.Answered{})
	}, telephony.OutcomeAnswered},
	{"A2.1 talk", "talk", nil, func(w *world) {
		w.ready("1")
		w.ring("queue:q")
		w.at("phone/801").tell(telephony.Answered{})
	}, telephony.OutcomeAnswered},
	{"A2.8 a phone rings", "ringing", nil, func(w *world) { w.ring("phone:803") }, telephony.OutcomeLostRinging},
	{"A2.16 duty mobile talks", "talk", nil, func(w *world) {
		w.ring("outside:13900139000")
		w.at("outside/13900139000").tell(telephony.Answered{})
	}, telephony.OutcomeForwarded},
	{"A9.1 mailbox greets", "voicemail", nil, func(w *world) { w.ring("voicemail:m") }, telephony.OutcomeLostInMenu},
	{"A9.1 message", "voicemail", nil, func(w *world) {
		w.ring("voicemail:m")
		w.pass(20 * time.Second)
	}, telephony.OutcomeVoicemail},
	{"A2.16 notice", "announcement", nil, func(w *world) { w.ring("prompt:holiday") }, telephony.OutcomeLostInMenu},
	{"a notice why not", "refused", nil, func(w *world) {
		w.ring("menu:main")
		w.refuse["phone:801"] = telephony.Errorf(telephony.Unavailable, "无", "not there")
		w.caller.keys("9") // leads nowhere
		w.call.Config.Menus[0].Keys[0].To = "phone:801"
		w.pass(15 * time.Second)
		w.caller.keys("1")
	}, telephony.OutcomeNoAnswer},
	{"A5.1 star code", "feature", nil, func(w *world) {
		w.begin("phone/803", telephony.InternalCall, "feature:*11")
	}, telephony.OutcomeSelfService},
	{"A2.12 hold", "hold", nil, func(w *world) { w.served().does(w.call.Hold(me)) }, telephony.OutcomeAnswered},
	{"A2.12 consultation rings", "consult", nil, func(w *world) {
		w.served().does(w.call.Consult(me, "phone:803"))
	}, telephony.OutcomeAnswered},
	{"A6.1 a supervisor listens", "talk", nil, func(w *world) {
		w.served().does(w.call.Monitor(me, "phone:803", Listen))
		w.at("phone/803").tell(telephony.Answered{})
	}, telephony.OutcomeAnswered},
	{"A2.10 transfer rings", "ringing", nil, func(w *world) {
		w.served().does(w.call.Transfer(me, "phone:803"))
	}, telephony.OutcomeAnswered},
	{"parked", "parked", nil, func(w *world) { w.served().does(w.call.Park(me)) }, telephony.OutcomeAnswered},
	{"A2.13 room", "room", func(c *telephony.Config) {
		c.Rooms = []telephony.Room{{ID: "board", MaxParties: 3}}
	}, func(w *world) {
		w.ring("room:board")
		w.pass(telephony.Tick) // in which the caller changes bridges
	}, telephony.OutcomeAnswered},
	{"A5.18 poll", "poll", asks, func(w *world) { w.served().at("phone/801").end(telephony.CauseNormal) }, telephony.OutcomeAnswered},
}

func TestCallerHangsUp(t *testing.T) { // in each state with the right outcome (A11.3)
	for _, s := range stages {
		t.Run(s.name, func(t *testing.T) {
			play(t, s.shape, func(w *world) {
				s.reach(w)
				if got := w.state(); got != s.state {
					w.t.Fatalf("the call is in state %q, want %q", got, s.state)
				}
				w.caller.end(telephony.CauseNormal)
				if got := w.outcome(); got != s.hangup {
					w.t.Errorf("outcome %q, want %q", got, s.hangup)
				}
			})
		})
	}
}

func TestBoxStops(t *testing.T) { // in each state: interrupted, and soon, whatever the far ends say
	for _, s := range stages {
		for _, silent := range []bool{false, true} {
			name := s.name
			if silent {
				name += ", far ends keep silent"
			}
			t.Run(name, func(t *testing.T) {
				play(t, s.shape, func(w *world) {
					s.reach(w)
					w.silent = silent
					w.stop()
					w.pass(stopTime + time.Second)
					want := telephony.OutcomeInterrupted
					if s.state == "poll" {
						want = telephony.OutcomeAnswered // the agent was done
					}
					if e := facts[telephony.CallEnded](w); len(e) != 1 || e[0].Outcome != want || e[0].By != "box" {
						w.t.Errorf("told %+v, want %s by the box", e, want)
					}
				})
			})
		}
	}
}

func TestBoxStopsWhileACallClears(t *testing.T) {
	play(t, nil, func(w *world) {
		w.ring("phone:803")
		w.silent = true
		w.caller.end(telephony.CauseNormal)
		w.pass(time.Second)
		w.stop()
		w.pass(stopTime + time.Second)
		if got := w.outcome(); got != telephony.OutcomeLostRinging {
			w.t.Errorf("outcome %q, want lost_ringing: what was reached before the stop", got)
		}
	})
}

func TestSomebodyHangsUpForTheCaller(t *testing.T) {
	for _, s := range stages {
		t.Run(s.name, func(t *testing.T) {
			play(t, s.shape, func(w *world) {
				s.reach(w)
				w.call.HangUp(Hand{By: "admin"})
				w.pass(time.Second)
				if e := facts[telephony.CallEnded](w); len(e) != 1 || e[0].By != "admin" {
					w.t.Errorf("told %+v, want an end by admin", e)
				}
			})
		})
	}
}

func TestFarEndThatNeverSaysReleased(t *testing.T) {
	play(t, nil, func(w *world) {
		w.silent = true
		w.ready("1")
		w.ring("queue:q")
		w.at("phone/801").tell(telephony.Answered{})
		w.caller.end(telephony.CauseNormal)
		w.pass(clearTime)
		if w.outcome() != telephony.OutcomeAnswered {
			w.t.Error("the call waits for ever")
		}
	})
}

func TestPanicLeavesNothingBehind(t *testing.T) {
	for _, c := range []struct {
		where string
		story func(*world)
	}{
		{"reach", func(w *world) { w.ring("phone:801") }},
		{"spoke", func(w *world) { // an agent has answered, another still rings, the recording runs
			w.ready("1", "2")
			w.ring("queue:q")
			w.at("phone/801").tell(telephony.Answered{})
		}},
	} {
		t.Run(c.where, func(t *testing.T) {
			play(t, nil, func(w *world) {
				w.panics = c.where
				c.story(w)
				w.pass(time.Second)
				if got := w.outcome(); got != telephony.OutcomeFailed {
					w.t.Errorf("outcome %q, want failed", got)
				}
				if !w.caller.told("release") {
					w.t.Error("the caller's leg was left behind")
				}
			})
		})
	}
}

func TestPanicWhileAgentsRing(t *testing.T) { // the stay and the offers end too
	play(t, nil, func(w *world) {
		w.panics = "note"
		w.ready("1", "2")
		w.ring("queue:q")
		w.call.post(heard{nil, telephony.Answered{}}) // nobody's event: the call trips over it
		w.caller.tell()
	})
}

func TestBrokenMediaEndTheCall(t *testing.T) {
	play(t, nil, func(w *world) {
		w.ring("menu:main")
		w.caller.port.broken.Store(true)
		w.pass(time.Second)
		if got := w.outcome(); got != telephony.OutcomeFailed {
			w.t.Errorf("outcome %q, want failed", got)
		}
	})
}

func TestTwoAnswersInOneInstant(t *testing.T) { // pain 1
	play(t, nil, func(w *world) {
		w.ready("1", "2")
		w.ring("queue:q")
		a, b := w.at("phone/801"), w.at("phone/802")
		a.sends(telephony.Answered{})
		b.sends(telephony.Answered{})
		w.pass(time.Second)
		bridged := facts[telephony.Bridged](w)
		if len(bridged) != 1 {
			w.t.Fatalf("%d bridges, want 1", len(bridged))
		}
		winner, loser := "1", "2"
		if bridged[0].Agent == "2" {
			winner, loser = "2", "1"
		}
		if s := w.agent(winner).State; s != telephony.AgentTalking {
			w.t.Errorf("the agent who was first is %s", s)
		}
		if s := w.agent(loser).State; s != telephony.AgentReady {
			w.t.Errorf("the agent who was second is %s", s)
		}
		results := map[telephony.OfferResult]int{}
		for _, e := range facts[telephony.OfferEnded](w) {
			results[e.Result]++
		}
		if results[telephony.OfferAnswered] != 1 || results[telephony.OfferElsewhere] != 1 {
			w.t.Errorf("the offers ended %v, want one answered and one elsewhere", results)
		}
	})
}

func TestTargetsThatPointAtEachOther(t *testing.T) { // overflow of hops
	play(t, func(c *telephony.Config) {
		c.Phones[0].NoAnswer, c.Phones[1].NoAnswer = "phone:802", "phone:801"
	}, func(w *world) {
		for _, p := range []telephony.Target{"phone:801", "phone:802"} {
			w.refuse[p] = telephony.Errorf(telephony.Unavailable, "无", "not there")
		}
		w.ring("phone:801")
		if got := w.outcome(); got != telephony.OutcomeFailed {
			w.t.Errorf("outcome %q, want failed", got)
		}
		if n := len(facts[telephony.Routed](w)); n != maxHops+1 {
			w.t.Errorf("sent on %d times, want %d", n, maxHops+1)
		}
	})
}

func TestNobodyOnALineThatCannotSaySo(t *testing.T) { // pain 33: a menu that leads to itself does not hold a line for ever
	play(t, func(c *telephony.Config) { c.Menus[0].OnFail = "menu:main" }, func(w *world) {
		w.ring("menu:main")
		w.pass(3 * time.Hour)
		if got := w.outcome(); got != telephony.OutcomeNoAnswer {
			w.t.Errorf("outcome %q after three hours of silence, want no_answer", got)
		}
	})
}

// pain 33: two lines that tell nothing, joined by a forward, do not keep each other for ever.
func TestForwardBetweenLinesThatTellNothing(t *testing.T) {
	const duty = "outside:13900139006"
	for _, row := range []struct {
		name     string
		in, out  telephony.LineConfig
		longest  time.Duration
		outlives bool
	}{
		{"the shorter limit of the two", telephony.LineConfig{}, telephony.LineConfig{LongestMinutes: 2}, 2 * time.Minute, false},
		{"one has none", telephony.LineConfig{LongestMinutes: -1}, telephony.LineConfig{LongestMinutes: 1}, time.Minute, false},
		{"neither has one", telephony.LineConfig{LongestMinutes: -1}, telephony.LineConfig{LongestMinutes: -1}, 3 * time.Minute, true},
		{"one of them turns the battery", telephony.LineConfig{LongestMinutes: 1}, telephony.LineConfig{PolarityAnswer: true}, 3 * time.Minute, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.in.ID, row.out.ID = "fxo/1", "outside/13900139006"
			play(t, func(c *telephony.Config) { c.Lines = []telephony.LineConfig{row.in, row.out} }, func(w *world) {
				w.ring(duty)
				w.at(row.out.ID).tell(telephony.Answered{})
				w.pass(row.longest - time.Second)
				if w.state() != "talk" {
					t.Fatalf("state %q before the limit", w.state())
				}
				w.pass(2 * time.Second)
				if over := w.state() != "talk"; over == row.outlives {
					t.Errorf("state %q after it", w.state())
				}
			})
		})
	}
}

func TestAgentLostInTalk(t *testing.T) { // pain 6
	play(t, func(c *telephony.Config) { c.Queues[0].MaxWaiting = 1 }, func(w *world) {
		w.ready("1")
		w.ring("queue:q")
		first := w.at("phone/801")
		first.tell(telephony.Answered{})
		w.pass(time.Minute)
		first.over(telephony.Released{Cause: telephony.CauseTemporary, Witness: telephony.ByMediaLoss})
		w.pass(5 * time.Second)
		if w.state() != "queue" || len(w.legs()) != 1 {
			w.t.Fatalf("state %q with %d legs, want queue, and the lost phone left alone", w.state(), len(w.legs()))
		}
		w.ready("2")
		w.at("phone/802").tell(telephony.Answered{})
		left := facts[telephony.Unqueued](w)
		if len(left) != 2 || left[1].Waited != 5*time.Second {
			w.t.Errorf("told %+v, want a second stay of 5 s", left)
		}
	})
}

func TestQueueThatWasLeftHasNoClaim(t *testing.T) {
	play(t, func(c *telephony.Config) {
		c.Queues[0].MaxWaitSeconds, c.Queues[0].OnTimeout, c.Queues[0].Record = 20, "phone:802", "never"
	}, func(w *world) {
		if err := w.house.Queues.Set(w.t.Context(), acd.Wish{Agent: "2", State: telephony.AgentBusy, Reason: string(telephony.OfferNoAnswer)}); err != nil {
			w.t.Fatal(err)
		}
		w.ring("queue:q")
		w.pass(21 * time.Second)
		p := w.at("phone/802")
		p.tell(telephony.Answered{})
		if s := w.agent("2").State; s != telephony.AgentTalking {
			w.t.Errorf("the agent who took the overflow is %s, want talking", s)
		}
		if len(facts[telephony.RecordingStarted](w)) != 1 {
			w.t.Error("the queue's rule keeps a call that is no longer its own from being recorded")
		}
		p.over(telephony.Released{Cause: telephony.CauseTemporary, Witness: telephony.ByMediaLoss})
		w.pass(time.Second)
		if got := w.outcome(); got != telephony.OutcomeAnswered {
			w.t.Errorf("outcome %q in state %s, want answered: the queue was left", got, w.state())
		}
	})
}

func TestLateEndOfAVainLegFreesNobody(t *testing.T) {
	play(t, func(c *telephony.Config) { c.Phones[0].NoAnswer = "queue:q" }, func(w *world) {
		w.ready("1")
		w.silent = true
		w.ring("phone:801")
		first := w.at("phone/801")
		w.pass(21 * time.Second) // no answer; the queue rings the same agent
		w.at("phone/801").tell(telephony.Answered{})
		first.end(telephony.CauseNoAnswer)
		if s := w.agent("1").State; s != telephony.AgentTalking {
			w.t.Errorf("the agent is %s, want talking", s)
		}
	})
}

func TestMessageAfterAConversation(t *testing.T) { // A9.1: it is in the mailbox whatever went before
	play(t, nil, func(w *world) {
		w.ready("1")
		w.ring("queue:q")
		p := w.at("phone/801")
		p.tell(telephony.Answered{})
		w.pass(time.Minute)
		p.over(telephony.Released{Witness: telephony.ByMediaLoss})
		w.pass(time.Second)
		w.caller.keys("9")
		w.pass(20 * time.Second)
		w.caller.keys("#")
		if n := len(facts[telephony.VoicemailLeft](w)); n != 1 {
			w.t.Errorf("%d messages, want 1", n)
		}
	})
}

func TestMessageIsShown(t *testing.T) { // A9.1: as recorded, from its beginning to its end
	play(t, nil, func(w *world) {
		w.ring("voicemail:m")
		if w.records() {
			w.t.Error("the greeting is shown as recorded")
		}
		w.pass(20 * time.Second)
		if !w.records() {
			w.t.Error("the message is not shown as recorded")
		}
		w.caller.keys("#")
		if w.records() {
			w.t.Error("what follows the message is shown as recorded")
		}
	})
}

func TestMessageTooShort(t *testing.T) {
	play(t, nil, func(w *world) {
		w.ring("voicemail:m")
		for len(facts[telephony.RecordingStarted](w)) == 0 {
			w.pass(telephony.Tick)
		}
		w.caller.keys("#")
		w.pass(time.Minute)
		if n := len(facts[telephony.VoicemailLeft](w)); n != 0 || w.outcome() != telephony.OutcomeNoAnswer {
			w.t.Errorf("%d messages and outcome %q, want none and no_answer", n, w.outcome())
		}
	})
}

func TestSignInByPhone(t *testing.T) { // A5.1: a PIN of twelve digits, and one digit too many
	for _, c := range []struct {
		pin  string
		want telephony.AgentState
	}{
		{"739251846205", telephony.AgentReady},
		{"7392518462050", telephony.AgentSignedOut},
		{"739251846206", telephony.AgentSignedOut},
	} {
		t.Run(c.pin, func(t *testing.T) {
			play(t, nil, func(w *world) {
				w.begin("phone/803", telephony.InternalCall, "feature:*11")
				w.caller.keys("1#" + c.pin + "#")
				if s := w.agent("1").State; s != c.want {
					w.t.Errorf("agent 1 is %s, want %s", s, c.want)
				}
			})
		})
	}
}

func TestPlaceIsSaidAfterTheGreeting(t *testing.T) { // A4.4, once where the queue names no interval
	for _, say := range []bool{true, false} {
		play(t, func(c *telephony.Config) {
			c.Queues[0].SayPosition = say
			c.Queues[0].Music = "nothing"
		}, func(w *world) {
			w.upload("position_next", 0xaa) // loud
			w.ring("queue:q")
			w.pass(3 * time.Second)
			if got := w.caller.port.heard.Load(); got != say {
				w.t.Errorf("something was said: %v, want %v", got, say)
			}
		})
	}
}

func TestGlare(t *testing.T) { // a ring that crosses our dialling costs a line, not the call
	play(t, nil, func(w *world) {
		w.begin("phone/803", telephony.Outbound, "outside:62340000")
		w.at("outside/62340000").end(telephony.CauseNoChannel)
		if n := len(w.legs()); n != 2 {
			w.t.Fatalf("%d lines were tried, want 2", n)
		}
		for range maxRedials {
			w.at("outside/62340000").end(telephony.CauseNoChannel)
		}
		if got := w.outcome(); got != telephony.OutcomeCongestion {
			w.t.Errorf("outcome %q, want congestion", got)
		}
	})
}

func TestAnotherLineAfterAFault(t *testing.T) { // A1.18, RFC 3263 4.3: within the same call
	const signal, timer = telephony.BySignalling, telephony.ByTimer
	for _, c := range []struct {
		name  string
		heard telephony.Event // before the end
		end   telephony.Released
		again bool
	}{
		{"503", nil, telephony.Released{Cause: telephony.CauseCongestion, Witness: signal}, true},
		{"408", nil, telephony.Released{Cause: telephony.CauseTimerExpiry, Witness: signal}, true},
		{"nobody answers", nil, telephony.Released{Cause: telephony.CauseNoResponse, Witness: timer}, true},
		{"no way there", nil, telephony.Released{Cause: telephony.CauseNetworkFault, Witness: signal}, true},
		{"480: it is the party", nil, telephony.Released{Cause: telephony.CauseNoResponse, Witness: signal}, false},
		{"busy", nil, telephony.Released{Cause: telephony.CauseBusy, Witness: signal}, false},
		{"after it rang", telephony.Ringing{}, telephony.Released{Cause: telephony.CauseCongestion, Witness: signal}, false},
		{"after a notice", telephony.Progress{}, telephony.Released{Cause: telephony.CauseCongestion, Witness: signal}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				w.begin("phone/803", telephony.Outbound, "outside:62340000")
				l := w.at("outside/62340000")
				if c.heard != nil {
					l.tell(c.heard)
				}
				l.over(c.end)
				synctest.Wait()
				want := [][]string{nil}
				if c.again {
					want = append(want, []string{"outside/62340000"})
				}
				if diff := cmp.Diff(want, w.avoids); diff != "" {
					t.Error("lines to avoid:", diff)
				}
			})
		})
	}
	play(t, nil, func(w *world) { // and where there is no other, the caller is told of the line that was tried
		w.begin("phone/803", telephony.Outbound, "outside:62340000")
		w.refuse = map[telephony.Target]error{"outside:62340000": telephony.Errorf(telephony.Unavailable, "", "in alarm")}
		w.at("outside/62340000").end(telephony.CauseNetworkFault)
		if got := facts[telephony.CallEnded](w); len(got) != 1 || got[0].Cause != telephony.CauseNetworkFault {
			t.Errorf("the end: %+v", got)
		}
	})
}

func TestOutcomesOfTheUnreached(t *testing.T) { // telephony.Outcome, by what the far end says
	for _, c := range []struct {
		cause telephony.Cause
		want  telephony.Outcome
	}{
		{telephony.CauseBusy, telephony.OutcomeBusy},
		{telephony.CauseRejected, telephony.OutcomeBusy},
		{telephony.CauseNoAnswer, telephony.OutcomeNoAnswer},
		{telephony.CauseAbsent, telephony.OutcomeNoAnswer},
		{telephony.CauseUnallocated, telephony.OutcomeRefused},
		{telephony.CauseForbidden, telephony.OutcomeRefused},
		{telephony.CauseCongestion, telephony.OutcomeCongestion},
		{telephony.CauseOutOfOrder, telephony.OutcomeFailed},
		{telephony.CauseTemporary, telephony.OutcomeFailed},
		{telephony.CauseTimerExpiry, telephony.OutcomeFailed},
	} {
		t.Run(c.cause.String(), func(t *testing.T) {
			play(t, nil, func(w *world) {
				w.ring("phone:803")
				w.at("phone/803").end(c.cause)
				if got := w.outcome(); got != c.want {
					w.t.Errorf("outcome %q, want %q", got, c.want)
				}
			})
		})
	}
}

func TestErrorsOfTheSwitchboard(t *testing.T) {
	refusal := func(c telephony.Code) error { return telephony.Errorf(c, "无", "no") }
	for _, c := range []struct {
		name string
		to   telephony.Target
		code telephony.Code
		want telephony.Cause
	}{
		{"A2.2 a phone that is not registered", "phone:803", telephony.Unavailable, telephony.CauseAbsent},
		{"A2.2 a phone with all its calls", "phone:803", telephony.Busy, telephony.CauseBusy},
		{"A1.18 no line is free", "outside:6234", telephony.Busy, telephony.CauseNoChannel},
		{"A1.18 the last line is in alarm", "outside:6234", telephony.Unavailable, telephony.CauseNoChannel},
		{"A2.20 no rule", "outside:6234", telephony.NotFound, telephony.CauseUnallocated},
		{"A2.18 not permitted", "outside:6234", telephony.Forbidden, telephony.CauseForbidden},
		{"A2.20 not a number", "outside:6234", telephony.Invalid, telephony.CauseBadNumber},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				w.refuse[c.to] = refusal(c.code)
				w.ring(c.to)
				if e := facts[telephony.CallEnded](w); len(e) != 1 || e[0].Cause != c.want {
					w.t.Errorf("told %+v, want cause %v", e, c.want)
				}
			})
		})
	}
}

func TestWhatEndsACallIsJournaled(t *testing.T) { // idea 9: a target that ends the call is a decision too
	for to, want := range map[telephony.Target]telephony.Outcome{
		"hangup": telephony.OutcomeNoAnswer, "busy": telephony.OutcomeNoAnswer,
	} {
		t.Run(string(to), func(t *testing.T) {
			play(t, func(c *telephony.Config) { c.Phones[2].NoAnswer = to }, func(w *world) {
				w.ring("phone:803")
				w.at("phone/803").end(telephony.CauseNoAnswer)
				if r := facts[telephony.Routed](w); len(r) != 2 || r[1].Target != to || w.outcome() != want {
					w.t.Errorf("told %+v and outcome %q, want %s and %q", r, w.outcome(), to, want)
				}
			})
		})
	}
}

func TestMenusAndTheWayBack(t *testing.T) { // A3.30
	menu := func(id string, keys ...telephony.Key) telephony.Menu {
		return telephony.Menu{ID: id, Collect: telephony.CollectSingle, FirstSeconds: 5, NextSeconds: 3, Tries: 3, Keys: keys}
	}
	shape := func(c *telephony.Config) {
		c.Menus = []telephony.Menu{
			menu("main", telephony.Key{Keys: "1", To: "menu:sub"}),
			menu("sub", telephony.Key{Keys: "1", To: "queue:q"}, telephony.Key{Keys: "2", To: "menu:main"}, telephony.Key{Keys: "0", To: "return"}),
		}
		c.Queues[0].OnLeave = "return"
	}
	for _, c := range []struct{ name, keys, want string }{
		{"return goes to the menu before", "10", "main"},
		{"out of a queue, to the menu that led there", "119", "sub"},
		{"and from there to the one before", "1190", "main"},
		{"a way round is not the way back", "12121190", "main"},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, shape, func(w *world) {
				w.ring("menu:main")
				for _, k := range c.keys {
					w.caller.keys(string(k))
					w.pass(time.Second)
				}
				m := facts[telephony.MenuEntered](w)
				if got := m[len(m)-1].Menu; got != c.want {
					w.t.Errorf("the caller is in %s, want %s", got, c.want)
				}
			})
		})
	}
}

func TestTheLanguageOfACallerIsShown(t *testing.T) { // A5.4: that of the line, and of the menu that was chosen
	play(t, func(c *telephony.Config) {
		c.Site.Language = "zh"
		c.Menus = append(c.Menus, telephony.Menu{ID: "english", Language: "en", Keys: []telephony.Key{{Keys: "1", To: "queue:q"}}, FirstSeconds: 5, NextSeconds: 3, Tries: 3})
		c.Menus[0].Keys = append(c.Menus[0].Keys, telephony.Key{Keys: "8", To: "menu:english"})
	}, func(w *world) {
		shown := func() string {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.now.Language
		}
		w.ring("menu:main")
		if got := shown(); got != "zh" {
			w.t.Errorf("in the first menu the caller hears %q", got)
		}
		w.caller.keys("8")
		w.pass(time.Second)
		if got := shown(); got != "en" {
			w.t.Errorf("in the English menu the caller hears %q", got)
		}
	})
}

func TestTypedAheadIsForTheNextMenuOnly(t *testing.T) { // A3.4
	play(t, func(c *telephony.Config) {
		c.Menus[0].Shortcuts = []telephony.Key{{Keys: "12345", To: "voicemail:m"}}
		c.Queues[0].OnLeave = "menu:main"
	}, func(w *world) {
		w.ring("menu:main")
		w.caller.keys("1244") // 1 leads to the queue; 244 was typed ahead of nothing
		w.pass(5 * time.Second)
		w.caller.keys("9")
		w.pass(time.Second)
		if keys := facts[telephony.MenuKey](w); len(keys) != 1 {
			w.t.Errorf("the menu took %+v, want the keys of the first visit only", keys)
		}
	})
}

func TestOnlyTheCallerIsIdentified(t *testing.T) {
	play(t, nil, func(w *world) {
		w.ring("phone:803")
		w.at("phone/803").tell(telephony.Identified{Caller: telephony.Caller{Number: "666"}})
		w.caller.tell(telephony.Identified{Caller: telephony.Caller{Number: "021-6234\x00", Name: "a\nb"}})
		got := facts[telephony.CallerIdentified](w)
		if want := (telephony.Caller{Number: "0216234", Name: "ab"}); len(got) != 1 || got[0].Caller != want {
			w.t.Errorf("told %+v, want %+v once", got, want)
		}
	})
}

func TestAnAgentsOwnCall(t *testing.T) { // A8.1: it is recorded as the agent's; acd knows it, and lets go at its end
	play(t, nil, func(w *world) {
		w.ready("1")
		w.begin("phone/801", telephony.Outbound, "outside:62340000")
		w.at("outside/62340000").tell(telephony.Answered{})
		if a := w.agent("1"); a.State != telephony.AgentTalking || a.Call != "1-1" {
			w.t.Errorf("the agent is %s in call %q, want talking in 1-1", a.State, a.Call)
		}
		if r := facts[telephony.RecordingStarted](w); len(r) != 1 || r[0].Agent != "1" {
			w.t.Errorf("recorded %+v, want as agent 1's", r)
		}
		w.caller.end(telephony.CauseNormal)
		if s := w.agent("1").State; s != telephony.AgentReady {
			w.t.Errorf("the agent is %s after the call, want ready", s)
		}
	})
}

func TestAMailboxWithoutAPINStaysShut(t *testing.T) { // A9.1
	play(t, nil, func(w *world) { // there is no mailroom: to ask it would be a panic
		w.begin("phone/803", telephony.InternalCall, "feature:"+CodeMailbox)
		w.caller.keys("#")
		w.pass(10 * time.Second)
		if got := facts[telephony.Announced](w); len(got) != 1 || got[0].Prompt != "wrong" {
			w.t.Errorf("heard %+v, want wrong", got)
		}
	})
}
