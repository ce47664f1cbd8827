package call

import (
	"slices"
	"strings"
	"testing"
	"time"

	"callbox/telephony"
	"callbox/telephony/acd"
)

// me is an order at the page by nobody in particular, for the call's agent.
var me = Hand{By: "wang"}

// served is a caller whom agent 1, of a queue, has answered at phone 801.
func (w *world) served() *world {
	w.t.Helper()
	w.ready("1")
	w.ring("queue:q")
	w.at("phone/801").tell(telephony.Answered{})
	return w
}

// does has been asked of the call, and came to something.
func (w *world) does(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	w.pass(telephony.Tick)
}

// refuses was asked of the call, and it did not.
func (w *world) refuses(err error, why telephony.Code) {
	w.t.Helper()
	if e, ok := err.(*telephony.Error); !ok || e.Code != why {
		w.t.Errorf("told %v, want %s", err, why)
	}
	w.pass(telephony.Tick)
}

// expect looks at the call's picture: its state and its parties, "fxo/1 talking, phone/801 1 away".
func (w *world) expect(state, parties string) {
	w.t.Helper()
	w.pass(telephony.Tick)
	w.mu.Lock()
	now := w.now
	w.mu.Unlock()
	var list []string
	for _, p := range now.Parties {
		list = append(list, strings.Join(strings.Fields(p.Line+" "+p.Agent+" "+string(p.State)), " "))
	}
	if got := strings.Join(list, ", "); now.State != state || got != parties {
		w.t.Errorf("%s: %s\nwant %s: %s", now.State, got, state, parties)
	}
}

// hears reports whether a party is told anything now.
func (w *world) hears(l *leg) bool {
	w.pass(telephony.Tick)
	l.port.heard.Store(false)
	w.pass(3 * time.Second)
	return l.port.heard.Load()
}

func (w *world) agentIs(id string, want telephony.AgentState) {
	w.t.Helper()
	if got := w.agent(id).State; got != want {
		w.t.Errorf("agent %s is %s, want %s", id, got, want)
	}
}

func TestHold(t *testing.T) { // A2.12
	play(t, nil, func(w *world) {
		w.upload("hold_music", 0xaa)
		w.served().does(w.call.Hold(me))
		w.expect("hold", "fxo/1 away, phone/801 1 talking")
		if !w.hears(w.caller) || w.hears(w.at("phone/801")) {
			t.Error("the caller is to hear music, and the agent nothing")
		}
		w.refuses(w.call.Hold(me), telephony.Conflict)
		w.refuses(w.call.Retrieve(Hand{Agent: "2"}), telephony.Forbidden)
		w.does(w.call.Retrieve(me))
		w.expect("talk", "fxo/1 talking, phone/801 1 talking")
		if w.hears(w.caller) {
			t.Error("the music goes on")
		}
		if held := facts[telephony.LegHeld](w); len(held) != 2 || !held[0].On || held[1].On || held[0].Leg != "phone/801#1" {
			t.Errorf("told %+v", held)
		}
	})
}

func TestConsultAndBack(t *testing.T) { // A2.12
	for _, answered := range []bool{true, false} {
		play(t, nil, func(w *world) {
			w.served().does(w.call.Consult(me, "phone:803"))
			w.expect("consult", "fxo/1 away, phone/801 1 talking, phone/803 called")
			if !w.hears(w.at("phone/801")) {
				t.Error("who consults hears no ringing")
			}
			if answered {
				w.at("phone/803").tell(telephony.Answered{})
				w.expect("consult", "fxo/1 away, phone/801 1 talking, phone/803 talking")
			}
			w.refuses(w.call.Consult(me, "phone:802"), telephony.Conflict)
			w.does(w.call.Back(me))
			w.expect("talk", "fxo/1 talking, phone/801 1 talking")
			if !w.at("phone/803").told("release") {
				t.Error("whom the agent consulted is still there")
			}
		})
	}
}

func TestConsultedPartyHangsUp(t *testing.T) {
	play(t, nil, func(w *world) {
		w.served().does(w.call.Consult(me, "phone:803"))
		w.at("phone/803").tell(telephony.Answered{})
		w.at("phone/803").end(telephony.CauseNormal)
		w.expect("talk", "fxo/1 talking, phone/801 1 talking")
	})
}

func TestConsultInVain(t *testing.T) { // busy, no answer, not permitted (A2.18)
	play(t, nil, func(w *world) {
		w.served().does(w.call.Consult(me, "phone:803"))
		w.at("phone/803").end(telephony.CauseBusy)
		w.expect("hold", "fxo/1 away, phone/801 1 talking")
		if !w.hears(w.at("phone/801")) {
			t.Error("who consults hears no busy tone")
		}
		w.does(w.call.Consult(me, "phone:802")) // again, while the caller waits
		w.pass(ringPhone)
		w.expect("hold", "fxo/1 away, phone/801 1 talking")
		w.refuse["outside:0012"] = telephony.Errorf(telephony.Forbidden, "不许", "not permitted")
		w.refuses(w.call.Consult(me, "outside:0012"), telephony.Forbidden)
		w.refuses(w.call.Consult(me, "queue:q"), telephony.Invalid)
		w.refuses(w.call.Consult(me, "agent:2"), telephony.Unavailable)
		w.does(w.call.Back(me))
		w.expect("talk", "fxo/1 talking, phone/801 1 talking")
	})
}

func TestConference(t *testing.T) { // A2.12: three talk, and any two of them go on
	for _, leaves := range []string{"fxo/1", "phone/801", "phone/802", "801 at the page"} {
		t.Run(leaves, func(t *testing.T) {
			play(t, func(c *telephony.Config) { c.Queues[0].WrapUpSeconds = 30 }, func(w *world) {
				w.ready("1", "2")
				w.ring("queue:q")
				w.at("phone/801").tell(telephony.Answered{})
				w.does(w.call.Consult(me, "agent:2"))
				w.at("phone/802").tell(telephony.Answered{})
				w.does(w.call.Conference(me))
				w.expect("conference", "fxo/1 talking, phone/801 1 talking, phone/802 2 talking")
				w.refuses(w.call.Transfer(me, "phone:803"), telephony.Conflict)
				left := "fxo/1 talking, phone/802 2 talking"
				switch leaves {
				case "fxo/1":
					w.caller.end(telephony.CauseNormal)
					left = "phone/801 1 talking, phone/802 2 talking"
				case "phone/801":
					w.at(leaves).end(telephony.CauseNormal)
				case "phone/802":
					w.at(leaves).end(telephony.CauseNormal)
					left = "fxo/1 talking, phone/801 1 talking"
				default:
					w.call.HangUp(Hand{By: "wang", Agent: "1"})
					w.pass(time.Second)
				}
				w.expect("talk", left)
				want := map[string]telephony.AgentState{"1": telephony.AgentTalking, "2": telephony.AgentTalking}
				if !strings.Contains(left, "801") {
					want["1"] = telephony.AgentWrapUp // its queue brought the call (pains 7, 9)
				}
				if !strings.Contains(left, "802") {
					want["2"] = telephony.AgentReady
				}
				for id, state := range want {
					w.agentIs(id, state)
				}
				for _, l := range append(w.legs(), w.caller) {
					l.end(telephony.CauseNormal)
				}
				if w.outcome() != telephony.OutcomeAnswered {
					t.Errorf("outcome %s", w.outcome())
				}
			})
		})
	}
}

func TestAttendedTransfer(t *testing.T) { // A2.10, A2.11; pains 9, 22
	for name, transfer := range map[string]func(w *world){
		"at the page":   func(w *world) { w.does(w.call.Transfer(me, "")) },
		"by hanging up": func(w *world) { w.at("phone/801").end(telephony.CauseNormal) },
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(c *telephony.Config) { c.Queues[0].WrapUpSeconds = 30 }, func(w *world) {
				w.ready("1", "2")
				w.ring("queue:q")
				w.at("phone/801").tell(telephony.Answered{})
				w.does(w.call.Consult(me, "phone:802"))
				w.at("phone/802").tell(telephony.Answered{})
				w.pass(time.Second)
				transfer(w)
				w.expect("talk", "fxo/1 talking, phone/802 2 talking")
				w.agentIs("1", telephony.AgentWrapUp)
				w.agentIs("2", telephony.AgentTalking)
				if f := facts[telephony.Transferred](w); len(f) != 1 || f[0].How != "attended" || f[0].Agent != "1" || f[0].To != "phone:802" {
					t.Errorf("told %+v", f)
				}
				w.at("phone/802").end(telephony.CauseNormal)
				if r := facts[telephony.RecordingStarted](w); len(r) != 1 {
					t.Errorf("%d recordings of one call", len(r))
				}
				w.agentIs("2", telephony.AgentReady)
			})
		})
	}
}

// TestAPhoneIsToldBeforeItIsLetGo: where an attended transfer is carried out by the other call, the phone that asked for it
// knows of it before the box hangs up, or the report would be lost (RFC 5589 7).
func TestAPhoneIsToldBeforeItIsLetGo(t *testing.T) {
	play(t, nil, func(w *world) {
		w.served()
		phone, told := w.at("phone/801"), false
		comes := w.leg("phone/803")
		w.does(w.call.receive(gift{
			leg: comes, line: "phone/803", target: "phone:803", answered: true, replaces: phone.name, reply: make(chan error, 1),
			taken: func() { told = !phone.told("release") },
		}))
		w.expect("talk", "fxo/1 talking, phone/803 talking")
		if !told || !phone.told("release") {
			t.Errorf("the phone was told in time: %t, and let go: %t", told, phone.told("release"))
		}
		comes.end(telephony.CauseNormal)
	})
}

func TestTransferBeforeTheAnswer(t *testing.T) { // the caller hears it ring from there on
	play(t, nil, func(w *world) {
		w.served().does(w.call.Consult(me, "phone:803"))
		w.at("phone/801").end(telephony.CauseNormal)
		w.expect("ringing", "fxo/1 talking, phone/803 called")
		if !w.hears(w.caller) {
			t.Error("the caller hears no ringing")
		}
		w.at("phone/803").tell(telephony.Answered{})
		w.expect("talk", "fxo/1 talking, phone/803 talking")
	})
}

func TestBlindTransfer(t *testing.T) { // A2.10: to a job number, a queue, an automatic flow, the outside
	for to, want := range map[telephony.Target]string{
		"phone:803": "ringing", "agent:2": "ringing", "queue:q": "queue", "menu:main": "menu", "outside:62340000": "ringing",
		"voicemail:m": "voicemail",
	} {
		t.Run(string(to), func(t *testing.T) {
			play(t, nil, func(w *world) {
				w.ready("1", "2")
				w.ring("queue:q")
				w.at("phone/801").tell(telephony.Answered{})
				w.does(w.call.Transfer(me, to))
				if got := w.state(); got != want {
					t.Errorf("the call is in %s, want %s", got, want)
				}
				if !w.legs()[0].told("release") {
					t.Error("the agent is still there")
				}
				if to != "queue:q" {
					w.agentIs("1", telephony.AgentReady)
				}
			})
		})
	}
}

func TestTransferIsRefused(t *testing.T) { // and the conversation goes on; rule 6
	play(t, nil, func(w *world) {
		w.served()
		for to, why := range map[telephony.Target]telephony.Code{
			"": telephony.Invalid, "phone:899": telephony.NotFound, "queue:x": telephony.NotFound, "hangup": telephony.Invalid,
			"feature:*11": telephony.Invalid, "outside:0012": telephony.Forbidden,
		} {
			w.refuses(w.call.Transfer(me, to), why)
		}
		var told []telephony.Cause
		ask := func(l *leg, to string) {
			l.tell(telephony.Transfer{To: to, Tell: func(c telephony.Cause) { told = append(told, c) }})
			w.pass(telephony.Tick)
		}
		ask(w.at("phone/801"), "0012")
		ask(w.caller, "62340000") // the customer
		w.at("phone/801").tell(telephony.Transfer{Leg: "phone/9#1", Tell: func(c telephony.Cause) { told = append(told, c) }})
		if want := []telephony.Cause{telephony.CauseForbidden, telephony.CauseForbidden, telephony.CauseTemporary}; !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
		w.expect("talk", "fxo/1 talking, phone/801 1 talking")
	})
}

// TestAPhoneIsToldWhatCameOfItsTransfer: the truth, when it is known, and not that something has begun.
func TestAPhoneIsToldWhatCameOfItsTransfer(t *testing.T) { // RFC 3515 2.4.5, RFC 5589 6
	answers := func(w *world) { w.at("phone/803").tell(telephony.Ringing{}, telephony.Answered{}) }
	for _, c := range []struct {
		name, to string
		shape    func(*telephony.Config)
		then     func(*world)
		told     telephony.Cause
		after    string // the state of the call
	}{
		{"answered", "803", nil, answers, telephony.CauseNormal, "talk"},
		{"busy, and the caller comes back", "803", nil, func(w *world) { w.at("phone/803").end(telephony.CauseBusy) }, telephony.CauseBusy, "ringing"},
		{"nobody answers", "803", nil, func(w *world) { w.pass(ringPhone + time.Second) }, telephony.CauseNoAnswer, "ringing"},
		{"the caller gives up", "803", nil, func(w *world) { w.caller.end(telephony.CauseNormal) }, telephony.CauseUnspecified, "ended"},
		{"busy, and somebody else answers", "802", func(c *telephony.Config) { c.Phone("802").Busy = "phone:803" }, func(w *world) {
			w.at("phone/802").end(telephony.CauseBusy)
			answers(w)
		}, telephony.CauseNormal, "talk"},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, c.shape, func(w *world) {
				w.served()
				asks, told := w.at("phone/801"), make(chan telephony.Cause, 2)
				asks.tell(telephony.Transfer{To: c.to, Tell: func(cause telephony.Cause) { told <- cause }})
				w.pass(time.Second)
				if len(told) != 0 || asks.told("release") || w.state() != "ringing" {
					t.Fatalf("told %d times before anything came of it, and the call is %s", len(told), w.state())
				}
				c.then(w)
				w.pass(telephony.Tick)
				if len(told) != 1 || !asks.told("release") || w.state() != c.after {
					t.Fatalf("told %d times, the call is %s", len(told), w.state())
				}
				if cause := <-told; cause != c.told {
					t.Errorf("told %v", cause)
				}
			})
		})
	}
	play(t, func(c *telephony.Config) { c.Queues[0].Number = "700" }, func(w *world) { // a queue takes the caller at once
		w.served()
		told := telephony.Cause(0)
		w.at("phone/801").tell(telephony.Transfer{To: "700", Tell: func(cause telephony.Cause) { told = cause }})
		w.pass(time.Second)
		if told != telephony.CauseNormal || w.state() != "queue" {
			t.Errorf("told %v, the call is %s", told, w.state())
		}
	})
}

// TestRecordingGoesOnWithoutItsCaller: where the party that a recording listens to puts the other through, or another takes its place, the
// recording listens to the one who stays, until the end (pain 22, A8.1).
func TestRecordingGoesOnWithoutItsCaller(t *testing.T) {
	for how, leaves := range map[string]func(*world) (comes *leg){
		"puts the other through": func(w *world) *leg {
			w.caller.tell(telephony.Transfer{To: "802", Tell: func(telephony.Cause) {}})
			w.pass(5 * time.Second)
			w.at("phone/802").tell(telephony.Answered{})
			return w.at("phone/802")
		},
		"is replaced": func(w *world) *leg {
			comes := w.leg("phone/802")
			w.does(w.call.receive(gift{
				leg: comes, line: "phone/802", target: "phone:802", answered: true, replaces: w.caller.name, reply: make(chan error, 1),
			}))
			w.pass(5 * time.Second)
			return comes
		},
	} {
		t.Run(how, func(t *testing.T) {
			play(t, func(c *telephony.Config) { c.Recording.PhonesToo = true }, func(w *world) {
				w.begin("phone/803", telephony.InternalCall, "phone:801")
				w.at("phone/801").tell(telephony.Answered{})
				w.pass(10 * time.Second)
				comes := leaves(w)
				w.pass(20 * time.Second)
				comes.end(telephony.CauseNormal)
				if r := facts[telephony.Recorded](w); len(r) != 1 || r[0].Length < 34*time.Second {
					t.Errorf("of a call of 35 s was recorded %+v", r)
				}
			})
		})
	}
}

func TestTransferInVainComesBack(t *testing.T) { // the caller is not lost
	play(t, nil, func(w *world) {
		w.served().does(w.call.Transfer(me, "phone:803"))
		first := w.at("phone/801")
		w.at("phone/803").end(telephony.CauseBusy)
		w.expect("ringing", "fxo/1 talking, phone/801 1 called")
		if w.at("phone/801") == first {
			t.Fatal("who transferred is not rung")
		}
		w.at("phone/801").tell(telephony.Answered{})
		w.expect("talk", "fxo/1 talking, phone/801 1 talking")
		w.at("phone/801").end(telephony.CauseNormal)
		if r := facts[telephony.Routed](w); r[len(r)-1].Rule != "transfer/recall busy" {
			t.Errorf("routed by %s", r[len(r)-1].Rule)
		}
	})
}

func TestWhoCallsTransfers(t *testing.T) { // A2.11: an outgoing call goes to a colleague
	play(t, nil, func(w *world) {
		w.ready("1", "2")
		w.begin("phone/801", telephony.Outbound, "outside:62340000")
		w.at("outside/62340000").tell(telephony.Answered{})
		w.agentIs("1", telephony.AgentTalking)
		w.does(w.call.Transfer(me, "agent:2"))
		w.expect("ringing", "outside/62340000 talking, phone/802 2 called")
		w.agentIs("1", telephony.AgentReady)
		w.at("phone/802").tell(telephony.Answered{})
		w.expect("talk", "outside/62340000 talking, phone/802 2 talking")
		w.pass(time.Second)
		w.at("outside/62340000").end(telephony.CauseNormal)
		w.agentIs("2", telephony.AgentReady)
		if r := facts[telephony.Recorded](w); len(r) != 1 {
			t.Errorf("%d recordings", len(r))
		}
	})
}

func TestPark(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload("hold_music", 0xaa)
		w.served().does(w.call.Park(me))
		w.expect("parked", "fxo/1 talking")
		if !w.hears(w.caller) {
			t.Error("a parked caller hears nothing")
		}
		w.does(w.call.PickUp(me, "phone:802"))
		w.at("phone/802").tell(telephony.Answered{})
		w.expect("talk", "fxo/1 talking, phone/802 talking")
		w.does(w.call.Park(Hand{})) // slot 1 is free again
		if f := facts[telephony.Parked](w); len(f) != 2 || f[1].Slot != 1 {
			t.Errorf("parked %+v", f)
		}
		w.pass(parkTime)
		w.expect("ringing", "fxo/1 talking, phone/802 called") // nobody came
		w.at("phone/802").tell(telephony.Answered{})
		w.expect("talk", "fxo/1 talking, phone/802 talking")
	})
}

func TestPickUp(t *testing.T) { // A2.14
	for name, ring := range map[string]func(*world){
		"what rings at a phone": func(w *world) { w.ring("phone:803") },
		"what a queue offers": func(w *world) {
			w.ready("1")
			w.ring("queue:q")
			w.at("phone/801").tell(telephony.Ringing{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				w.ready("2")
				w.does(w.house.Queues.Set(w.t.Context(), acd.Wish{Agent: "2", State: telephony.AgentBusy}))
				ring(w)
				w.does(w.call.PickUp(me, "phone:802"))
				rung := w.legs()[0]
				w.at("phone/802").tell(telephony.Answered{})
				w.expect("talk", "fxo/1 talking, phone/802 2 talking")
				if !rung.told("release") {
					t.Error("it rings on elsewhere")
				}
				w.agentIs("2", telephony.AgentTalking)
				if f := facts[telephony.PickedUp](w); len(f) != 1 || f[0].Agent != "2" {
					t.Errorf("told %+v", f)
				}
			})
		})
	}
}

func TestPickUpTooLate(t *testing.T) {
	play(t, nil, func(w *world) {
		w.ring("phone:803")
		w.does(w.call.PickUp(me, "phone:802"))
		w.at("phone/803").tell(telephony.Answered{})
		w.expect("talk", "fxo/1 talking, phone/803 talking")
		w.refuses(w.call.PickUp(me, "phone:802"), telephony.Conflict)
	})
}

func TestFlash(t *testing.T) { // A2.12 at an ordinary telephone
	play(t, nil, func(w *world) {
		w.served()
		agent := w.at("phone/801")
		agent.tell(telephony.Flashed{})
		w.expect("consult", "fxo/1 away, phone/801 1 talking")
		if !w.hears(agent) {
			t.Error("no dial tone")
		}
		agent.keys("803")
		w.expect("consult", "fxo/1 away, phone/801 1 talking, phone/803 called")
		agent.tell(telephony.Flashed{})
		w.expect("talk", "fxo/1 talking, phone/801 1 talking")
		agent.tell(telephony.Flashed{})
		agent.keys("62340000")
		w.pass(dialTime)
		w.at("outside/62340000").tell(telephony.Answered{})
		agent.tell(telephony.Flashed{})
		w.expect("conference", "fxo/1 talking, phone/801 1 talking, outside/62340000 talking")
		agent.end(telephony.CauseNormal)
		w.expect("talk", "fxo/1 talking, outside/62340000 talking")
	})
}

// TestFlashAndHangUp: who hangs up after a flash has put the caller through, to somebody who answered or who rings, or where
// nobody can be consulted.
func TestFlashAndHangUp(t *testing.T) { // A2.10
	t.Run("announced", func(t *testing.T) {
		play(t, nil, func(w *world) {
			w.served()
			agent := w.at("phone/801")
			agent.tell(telephony.Flashed{})
			agent.keys("803")
			w.at("phone/803").tell(telephony.Answered{})
			agent.end(telephony.CauseNormal)
			w.expect("talk", "fxo/1 talking, phone/803 talking")
			if f := facts[telephony.Transferred](w); len(f) != 1 || f[0].How != "attended" || f[0].To != "phone:803" {
				t.Errorf("told %+v", f)
			}
		})
	})
	t.Run("while it rings", func(t *testing.T) {
		play(t, nil, func(w *world) {
			w.served()
			agent := w.at("phone/801")
			agent.tell(telephony.Flashed{})
			agent.keys("803")
			agent.end(telephony.CauseNormal)
			w.expect("ringing", "fxo/1 talking, phone/803 called")
			w.at("phone/803").tell(telephony.Answered{})
			w.expect("talk", "fxo/1 talking, phone/803 talking")
		})
	})
	t.Run("by who called outside", func(t *testing.T) {
		play(t, nil, func(w *world) {
			w.begin("phone/802", telephony.Outbound, "outside:62340000")
			w.at("outside/62340000").tell(telephony.Answered{})
			w.caller.tell(telephony.Flashed{})
			w.caller.keys("803")
			w.at("phone/803").tell(telephony.Answered{})
			w.caller.end(telephony.CauseNormal)
			w.expect("talk", "outside/62340000 talking, phone/803 talking")
		})
	})
	t.Run("to a queue", func(t *testing.T) {
		play(t, func(c *telephony.Config) { c.Queues[0].Number = "700" }, func(w *world) {
			w.ready("2")
			w.ring("phone:803")
			w.at("phone/803").tell(telephony.Answered{})
			w.at("phone/803").tell(telephony.Flashed{})
			w.at("phone/803").keys("700")
			w.expect("queue", "fxo/1 talking, phone/802 2 called")
		})
	})
}

// TestForgottenOnHold: a telephone that hangs up with somebody on hold is rung.
func TestForgottenOnHold(t *testing.T) { // A2.12
	for _, c := range []struct {
		name   string
		begin  func(*world)
		holder func(*world) *leg
		others string // who waits
		agent  string // at the telephone
	}{
		{"who was called", func(w *world) { w.served() }, func(w *world) *leg { return w.at("phone/801") }, "fxo/1 talking", "1 "},
		{"who called", func(w *world) {
			w.begin("phone/801", telephony.Outbound, "outside:62340000")
			w.at("outside/62340000").tell(telephony.Answered{})
		}, func(w *world) *leg { return w.caller }, "outside/62340000 talking", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				c.begin(w)
				holder := c.holder(w)
				holder.tell(telephony.Flashed{})
				holder.keys("0012#") // in vain
				holder.end(telephony.CauseNormal)
				w.expect("ringing", c.others+", phone/801 "+c.agent+"called")
				again := w.at("phone/801")
				if again == holder {
					t.Fatal("nobody is called back")
				}
				again.tell(telephony.Answered{})
				w.expect("talk", c.others+", phone/801 "+c.agent+"talking")
			})
		})
	}
	t.Run("a telephone that was lost is not", func(t *testing.T) {
		play(t, nil, func(w *world) {
			w.served()
			agent := w.at("phone/801")
			agent.tell(telephony.Flashed{})
			agent.over(telephony.Released{Cause: telephony.CauseTemporary, Witness: telephony.ByMediaLoss})
			w.expect("queue", "fxo/1 talking")
		})
	})
}

func TestFlashInVain(t *testing.T) {
	play(t, nil, func(w *world) {
		w.served()
		agent := w.at("phone/801")
		w.caller.tell(telephony.Flashed{}) // a customer consults nobody
		w.expect("talk", "fxo/1 talking, phone/801 1 talking")
		agent.tell(telephony.Flashed{})
		agent.keys("0012#")
		w.expect("hold", "fxo/1 away, phone/801 1 talking")
		agent.tell(telephony.Flashed{})
		w.expect("talk", "fxo/1 talking, phone/801 1 talking")
		agent.tell(telephony.Flashed{})
		agent.keys(CodePark + "3#")
		w.expect("parked", "fxo/1 talking")
	})
}

func TestAttachedData(t *testing.T) { // A2.22
	play(t, nil, func(w *world) {
		w.served().does(w.call.Attach(me, map[string]string{"order": "7", "customer": "李"}))
		w.does(w.call.Transfer(me, "phone:803"))
		w.does(w.call.Attach(me, map[string]string{"order": ""}))
		if w.now.Data["customer"] != "李" || len(w.now.Data) != 1 {
			t.Errorf("the call has %v", w.now.Data)
		}
		many := map[string]string{}
		for i := range maxData {
			many["k"+string(rune('a'+i%26))+string(rune('a'+i/26))] = "v"
		}
		for _, bad := range []map[string]string{
			{"": "x"}, {"Order": "x"}, {strings.Repeat("k", 33): "x"}, {"k": strings.Repeat("v", 257)}, {"k": "\xff"}, many,
		} {
			w.refuses(w.call.Attach(me, bad), telephony.Invalid)
		}
		if len(w.now.Data) != 1 {
			t.Errorf("the call has %v", w.now.Data)
		}
	})
}

func TestForwards(t *testing.T) { // A2.15
	for _, c := range []struct {
		name  string
		shape func(*telephony.Config)
		to    telephony.Target
		ends  telephony.Cause // of the first leg; 0: none is to be
		want  string
	}{
		{"a phone, always", func(c *telephony.Config) { c.Phones[2].Always = "phone:802" }, "phone:803", 0, "phone/802"},
		{"a phone, busy", func(c *telephony.Config) { c.Phones[2].Busy = "outside:13900139000" }, "phone:803", telephony.CauseBusy, "outside/13900139000"},
		{"a phone, no answer", func(c *telephony.Config) { c.Phones[2].NoAnswer = "phone:802" }, "phone:803", telephony.CauseNoAnswer, "phone/802"},
		{"an agent, always", func(c *telephony.Config) { c.Agents[0].Always = "outside:13900139000" }, "agent:1", 0, "outside/13900139000"},
		{"an agent, busy", func(c *telephony.Config) { c.Agents[0].Busy = "phone:803" }, "agent:1", telephony.CauseBusy, "phone/803"},
		{"an agent who is signed out", func(c *telephony.Config) { c.Agents[1].NoAnswer = "phone:803" }, "agent:2", 0, "phone/803"},
		{"an agent's own before the phone's", func(c *telephony.Config) {
			c.Phones[0].Busy, c.Agents[0].Busy = "phone:802", "phone:803"
		}, "agent:1", telephony.CauseBusy, "phone/803"},
		{"the phone's where the agent has none", func(c *telephony.Config) { c.Phones[0].Busy = "phone:802" }, "agent:1", telephony.CauseBusy, "phone/802"},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, c.shape, func(w *world) {
				w.ready("1")
				w.ring(c.to)
				if c.ends != 0 {
					w.legs()[0].end(c.ends)
				}
				if legs := w.legs(); legs[len(legs)-1].line != c.want {
					t.Errorf("%s rings, want %s", legs[len(legs)-1].line, c.want)
				}
			})
		})
	}
}

func TestRoom(t *testing.T) { // A2.13
	room := func(pin string) func(c *telephony.Config) {
		return func(c *telephony.Config) {
			c.Rooms = []telephony.Room{{ID: "board", Name: "董事会", Number: "700", PIN: pin, MaxParties: 2}}
		}
	}
	play(t, room("5829"), func(w *world) {
		w.ring("room:board")
		w.caller.keys("5829#")
		w.expect("room", "fxo/1 talking")
		if r := w.house.Rooms.Live(w.cfg); len(r) != 1 || len(r[0].Calls) != 1 || r[0].Locked {
			t.Errorf("the rooms are %+v", r)
		}
		if !w.house.Rooms.Lock("board", true) || w.house.Rooms.Lock("other", true) {
			t.Error("a room in which somebody is can be locked, and no other")
		}
		if r := w.house.Rooms.Live(&telephony.Config{}); len(r) != 1 || len(r[0].Calls) != 1 || !r[0].Locked || !r[0].Closing || r[0].Name != "董事会" {
			t.Errorf("switched off, the rooms are %+v", r)
		}
		w.caller.end(telephony.CauseNormal)
		if r := w.house.Rooms.Live(w.cfg); len(r[0].Calls) != 0 || r[0].Locked {
			t.Errorf("the rooms are %+v", r)
		}
		if r := w.house.Rooms.Live(&telephony.Config{}); len(r) != 0 {
			t.Errorf("the rooms are %+v", r)
		}
	})
	play(t, room("5829"), func(w *world) {
		w.ring("room:board")
		w.caller.keys("5828#")
		w.pass(10 * time.Second)
		if len(facts[telephony.RoomEntered](w)) != 0 {
			t.Error("a wrong PIN opens the room")
		}
	})
}

// A5.13, A8.1: what somebody asks to be recorded is recorded where the queue of the call lets it be, whoever in the call asks, and whatever
// the box says of other calls.
func TestRecordingOnDemandKeepsToTheQueue(t *testing.T) {
	for _, c := range []struct {
		queue, box string
		purposes   string // of what was recorded
		refused    bool
	}{
		{"never", "on_demand", "", true},
		{"", "never", "", true},
		{"on_demand", "never", "on_demand", false},
		{"", "on_demand", "on_demand", false},
		{"always", "never", "call", false},
	} {
		for _, consults := range []bool{false, true} {
			play(t, func(cfg *telephony.Config) { cfg.Queues[0].Record, cfg.Recording.Record = c.queue, c.box }, func(w *world) {
				w.served()
				asker := "lihua"
				if consults { // the colleague who is consulted asks
					w.does(w.call.Consult(me, "phone:803"))
					w.at("phone/803").tell(telephony.Answered{})
					w.pass(telephony.Tick)
					asker = "wangwu"
				}
				if err := w.call.Record(asker); c.refused {
					w.refuses(err, telephony.Conflict)
				} else {
					w.does(err)
				}
				w.pass(time.Second)
				w.caller.end(telephony.CauseNormal)
				var purposes []string
				for _, r := range facts[telephony.RecordingStarted](w) {
					purposes = append(purposes, r.Purpose)
				}
				if got := strings.Join(purposes, " "); got != c.purposes {
					t.Errorf("%+v, consults %v: recorded %q", c, consults, got)
				}
			})
		}
	}
}

// A call that is put through to where nothing is recorded takes no recording on demand along.
func TestARecordingOnDemandEndsWhereNoneMayBe(t *testing.T) { // A8.1
	play(t, func(c *telephony.Config) { c.Recording.Record, c.Queues[0].Record = "never", "on_demand" }, func(w *world) {
		w.does(w.served().call.Record("page"))
		w.does(w.call.Transfer(me, "phone:803"))
		w.at("phone/803").tell(telephony.Answered{})
		w.pass(time.Second)
		w.refuses(w.call.Record("page"), telephony.Conflict)
		if begun, ended := facts[telephony.RecordingStarted](w), facts[telephony.Recorded](w); len(begun) != 1 || len(ended) != 1 {
			t.Errorf("began %+v, ended %+v", begun, ended)
		}
	})
}

// What somebody asked to be recorded is the rules' own once they ask for it too: it cannot be stopped any more.
func TestARecordingOnDemandBecomesTheRules(t *testing.T) { // A8.1, A5.13; seed 520 of the busy day
	play(t, func(c *telephony.Config) { c.Recording.Record, c.Queues[0].Record = "always", "on_demand" }, func(w *world) {
		w.does(w.served().call.Record("page"))
		w.does(w.call.Transfer(me, "phone:803"))
		w.at("phone/803").tell(telephony.Answered{})
		w.refuses(w.call.StopRecording("page"), telephony.Conflict)
		if begun, ended := facts[telephony.RecordingStarted](w), facts[telephony.Recorded](w); len(begun) != 1 || len(ended) != 0 {
			t.Errorf("began %+v, ended %+v", begun, ended)
		}
	})
}
