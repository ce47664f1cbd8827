package call

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"callbox/telephony"
)

func TestMonitor(t *testing.T) { // A6.1, A6.2
	play(t, nil, func(w *world) {
		w.served().does(w.call.Monitor(me, "phone:803", Listen))
		w.expect("talk", "fxo/1 talking, phone/801 1 talking, phone/803 called")
		w.at("phone/803").tell(telephony.Answered{})
		w.expect("talk", "fxo/1 talking, phone/801 1 talking, phone/803 listen")
		w.does(w.call.Monitor(me, "phone:803", Whisper))
		w.expect("talk", "fxo/1 talking, phone/801 1 talking, phone/803 whisper")
		w.does(w.call.Monitor(me, "phone:803", Barge))
		w.expect("conference", "fxo/1 talking, phone/801 1 talking, phone/803 talking")
		w.at("phone/803").end(telephony.CauseNormal)
		w.expect("talk", "fxo/1 talking, phone/801 1 talking")
		w.does(w.call.Monitor(me, "phone:802", Listen))
		w.at("phone/802").tell(telephony.Answered{})
		w.does(w.call.Monitor(me, "phone:802", Leave))
		w.expect("talk", "fxo/1 talking, phone/801 1 talking")
		w.refuses(w.call.Monitor(me, "phone:802", Leave), telephony.Forbidden)
		w.refuses(w.call.Monitor(me, "phone:801", Listen), telephony.Conflict)
		w.mayMix = telephony.Errorf(telephony.Busy, "", "too much load")
		w.refuses(w.call.Monitor(me, "phone:802", Listen), telephony.Busy)
		w.mayMix = nil
		w.refuses(w.call.Monitor(me, "outside:1", Listen), telephony.Invalid)
	})
}

func TestMonitorLeavesWithTheConversation(t *testing.T) {
	play(t, nil, func(w *world) {
		w.served().does(w.call.Monitor(me, "phone:803", Listen))
		w.at("phone/803").tell(telephony.Answered{})
		w.does(w.call.Transfer(me, "phone:802"))
		w.expect("ringing", "fxo/1 talking, phone/802 called")
	})
}

func TestTakeOver(t *testing.T) { // A6.2
	play(t, func(c *telephony.Config) { c.Queues[0].WrapUpSeconds = 30 }, func(w *world) {
		w.served().does(w.call.Monitor(me, "phone:803", TakeOver))
		w.at("phone/803").tell(telephony.Answered{})
		w.expect("talk", "fxo/1 talking, phone/803 talking")
		w.agentIs("1", telephony.AgentWrapUp)
		if f := facts[telephony.Transferred](w); len(f) != 1 || f[0].How != "take_over" {
			t.Errorf("told %+v", f)
		}
	})
}

// modes are those of the live picture and of the journal: "phone/803 boss whisper", "listen whisper -".
func (w *world) modes() (live, told string) {
	w.mu.Lock()
	parties := w.now.Parties
	w.mu.Unlock()
	for _, p := range parties {
		if p.Mode != "" {
			live += strings.Join([]string{p.Line, p.By, p.Mode}, " ")
		}
	}
	var list []string
	for _, f := range facts[telephony.Monitored](w) {
		list = append(list, cmp.Or(f.Mode, "-"))
	}
	return live, strings.Join(list, " ")
}

// TestMonitorGoesOn: every mode follows every other, the picture shows the supervisor's own, and the journal each in turn.
func TestMonitorGoesOn(t *testing.T) { // A6.1, A6.2
	const (
		beside = "fxo/1 talking, phone/801 1 talking, phone/803 "
		inside = beside + "talking"
		gone   = "fxo/1 talking, phone/801 1 talking"
		taken  = "fxo/1 talking, phone/803 talking"
	)
	at := map[Mode][2]string{
		Listen: {"talk", beside + "listen"}, Whisper: {"talk", beside + "whisper"}, Barge: {"conference", inside},
		TakeOver: {"talk", taken}, Leave: {"talk", gone},
	}
	for _, modes := range [][]Mode{
		{Listen, Whisper, Barge, Listen, Leave},
		{Listen, Barge, Whisper, Barge, Leave},
		{Whisper, Listen, TakeOver},
		{Whisper, Barge, TakeOver},
		{Barge, Leave},
		{Barge, Listen, Whisper, Leave},
		{Barge, Barge, Listen, Listen, Leave},
		{Barge, TakeOver},
	} {
		var names []string
		for _, m := range modes {
			names = append(names, string(m))
		}
		t.Run(strings.Join(names, " "), func(t *testing.T) {
			play(t, nil, func(w *world) {
				boss := Hand{By: "boss"}
				w.served().does(w.call.Monitor(boss, "phone:803", modes[0]))
				if live, told := w.modes(); live != "phone/803 boss "+names[0] || told != "" {
					t.Errorf("while it rings: %q, told %q", live, told)
				}
				w.at("phone/803").tell(telephony.Answered{})
				for i, mode := range modes {
					if i > 0 {
						w.does(w.call.Monitor(boss, "phone:803", mode))
					}
					w.expect(at[mode][0], at[mode][1])
					monitors := mode == Listen || mode == Whisper || mode == Barge
					if live, _ := w.modes(); monitors != (live == "phone/803 boss "+string(mode)) || !monitors && live != "" {
						t.Errorf("%s is shown as %q", mode, live)
					}
				}
				want := strings.Join(slices.Compact(names), " ")
				if _, told := w.modes(); told != strings.Replace(want, "leave", "-", 1) {
					t.Errorf("told %q, want %q", told, want)
				}
				if modes[len(modes)-1] == TakeOver {
					w.refuses(w.call.Monitor(boss, "phone:803", Listen), telephony.Conflict) // a party like any other
					w.refuses(w.call.Monitor(boss, "phone:803", Leave), telephony.Forbidden)
				}
			})
		})
	}
}

// TestWhomAMonitorStaysWith: a supervisor who talks with the customer when the agent goes has the agent's place; who would
// leave somebody on hold behind does not go back to listening.
func TestWhomAMonitorStaysWith(t *testing.T) { // A6.2
	barged := func(w *world) {
		w.ready("2")
		w.served().does(w.call.Monitor(Hand{By: "boss"}, "phone:802", Barge))
		w.at("phone/802").tell(telephony.Answered{})
		w.expect("conference", "fxo/1 talking, phone/801 1 talking, phone/802 2 talking")
	}
	back := func(w *world) error { return w.call.Monitor(Hand{By: "boss"}, "phone:802", Listen) }
	play(t, nil, func(w *world) {
		barged(w)
		w.at("phone/801").end(telephony.CauseNormal)
		w.expect("talk", "fxo/1 talking, phone/802 2 talking")
		if live, told := w.modes(); live != "" || told != "barge -" {
			t.Errorf("shown as %q, told %q", live, told)
		}
		w.refuses(back(w), telephony.Conflict)
	})
	play(t, nil, func(w *world) {
		barged(w)
		w.does(w.call.Hold(Hand{Agent: "2"}))
		w.refuses(back(w), telephony.Conflict)
		w.does(w.call.Retrieve(Hand{Agent: "2"}))
		w.does(back(w))
		w.expect("talk", "fxo/1 talking, phone/801 1 talking, phone/802 2 listen")
	})
	play(t, nil, func(w *world) { // whom the agent consulted, and not the supervisor, goes on with the customer
		barged(w)
		w.does(w.call.Consult(Hand{Agent: "1"}, "phone:803"))
		w.at("phone/803").tell(telephony.Answered{})
		w.at("phone/801").end(telephony.CauseNormal)
		w.expect("conference", "fxo/1 talking, phone/802 2 talking, phone/803 talking")
		if f := facts[telephony.Bridged](w); f[len(f)-1].B != w.at("phone/803").name {
			t.Errorf("bridged %+v", f)
		}
		w.does(back(w))
	})
}

// TestAMonitorIsFreeWithTheConversation: a supervisor who is an agent, too, has no call any more when it goes elsewhere, and
// the journal says when the listening ended.
func TestAMonitorIsFreeWithTheConversation(t *testing.T) { // A6.1
	for name, ends := range map[string]func(*world){
		"put through": func(w *world) { w.does(w.call.Transfer(me, "phone:803")) },
		"hung up":     func(w *world) { w.caller.end(telephony.CauseNormal) },
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				w.ready("2")
				w.served().does(w.call.Monitor(Hand{By: "boss"}, "phone:802", Whisper))
				w.at("phone/802").tell(telephony.Answered{})
				w.agentIs("2", telephony.AgentTalking)
				ends(w)
				w.agentIs("2", telephony.AgentReady)
				if live, told := w.modes(); live != "" || told != "whisper -" {
					t.Errorf("shown as %q, told %q", live, told)
				}
			})
		})
	}
}
