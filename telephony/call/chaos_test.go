package call

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"callbox/telephony"
	"callbox/telephony/acd"
)

// TestChaos lets everybody do anything at any moment, fifty times over. Whatever the order: the call ends once, whatever
// began has ended, and no agent is left in a call (pains 1, 2, 6, 8). A failing seed plays again the same, but for what is due in one instant.
func TestChaos(t *testing.T) {
	for seed := range uint64(50) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 7))
			play(t, func(c *telephony.Config) { shuffle(c, rnd) }, func(w *world) {
				w.ready("1", "2")
				w.ring([]telephony.Target{"menu:main", "queue:q", "phone:801", "agent:2", "voicemail:m", "room:board"}[rnd.IntN(6)])
				for range 60 {
					w.disturb(rnd)
				}
			})
		})
	}
}

// shuffle chooses among the rules that decide where a call goes on.
func shuffle(c *telephony.Config, rnd *rand.Rand) {
	targets := []telephony.Target{"", "queue:q", "menu:main", "voicemail:m", "phone:803", "return", "busy", "hangup", "prompt:holiday"}
	somewhere := func() telephony.Target { return targets[rnd.IntN(len(targets))] }
	q := &c.Queues[0]
	q.Strategy = []telephony.Strategy{telephony.RingAll, telephony.LongestIdle, telephony.TopDown}[rnd.IntN(3)]
	q.AnnounceAgent, q.WrapUpSeconds, q.SayPosition = rnd.IntN(2) == 0, rnd.IntN(10), rnd.IntN(2) == 0
	c.Rooms = []telephony.Room{{ID: "board", MaxParties: 2}}
	q.MaxWaitSeconds, q.OnTimeout, q.OnNobody, q.OnLeave = rnd.IntN(60), somewhere(), somewhere(), somewhere()
	c.Menus[0].OnFail = somewhere()
	for i := range c.Phones {
		c.Phones[i].NoAnswer, c.Phones[i].Busy = somewhere(), somewhere()
	}
	q.Poll = rnd.IntN(2) == 0
}

// command is one thing that somebody asks of the call, at the page or at a phone. Whether the call does it depends.
func (w *world) command(rnd *rand.Rand, p *leg) {
	h := Hand{By: "page", Agent: []string{"", "1", "2"}[rnd.IntN(3)]}
	phone := []telephony.Target{"phone:801", "phone:802", "phone:803"}[rnd.IntN(3)]
	to := append([]telephony.Target{"", "queue:q", "agent:1", "outside:1", "outside:00", "room:board", "menu:main"}, phone)[rnd.IntN(8)]
	mode := []Mode{Listen, Whisper, Barge, TakeOver, Leave}[rnd.IntN(5)]
	commands := []func() error{
		func() error { return w.call.Hold(h) },
		func() error { return w.call.Retrieve(h) },
		func() error { return w.call.Consult(h, phone) },
		func() error { return w.call.Back(h) },
		func() error { return w.call.Conference(h) },
		func() error { return w.call.Transfer(h, to) },
		func() error { return w.call.Park(h) },
		func() error { return w.call.PickUp(h, phone) },
		func() error { return w.call.Monitor(h, phone, mode) },
		func() error { return w.call.Attach(h, map[string]string{"n": string(phone)}) },
	}
	if n := rnd.IntN(len(commands) + 2); n < len(commands) {
		_ = commands[n]()
		return
	}
	if p == nil || rnd.IntN(2) == 0 {
		p = w.caller
	}
	p.sends([]telephony.Event{
		telephony.Flashed{},
		telephony.Digit{Key: '8'},
		telephony.Digit{Key: '0'},
		telephony.Digit{Key: '3'},
		telephony.Transfer{To: to.ID(), Tell: func(telephony.Cause) {}},
		telephony.Transfer{Leg: "x", Tell: func(telephony.Cause) {}},
		telephony.Held{On: rnd.IntN(2) == 0},
	}[rnd.IntN(7)])
}

// disturb is one thing that happens.
func (w *world) disturb(rnd *rand.Rand) {
	var p *leg
	if legs := w.legs(); len(legs) > 0 {
		p = legs[rnd.IntN(len(legs))]
	}
	switch n := rnd.IntN(19); {
	case n > 13:
		w.command(rnd, p)
	case n == 0:
		w.caller.sends(telephony.Digit{Key: "19#*"[rnd.IntN(4)]})
	case n == 1 && rnd.IntN(4) == 0:
		w.caller.over(telephony.Released{Cause: telephony.CauseNormal})
	case n == 2 && rnd.IntN(4) == 0:
		w.call.HangUp(Hand{By: "admin", Agent: []string{"", "1", "2"}[rnd.IntN(3)]})
	case n == 3:
		state := []telephony.AgentState{telephony.AgentReady, telephony.AgentBreak, telephony.AgentSignedOut}[rnd.IntN(3)]
		_ = w.house.Queues.Set(w.t.Context(), acd.Wish{Agent: []string{"1", "2"}[rnd.IntN(2)], State: state})
	case n == 4:
		_ = w.call.Record("page")
	case n == 5:
		w.call.PauseRecording(rnd.IntN(2) == 0, "page")
	case n < 9 && p != nil:
		p.sends([]telephony.Event{telephony.Ringing{}, telephony.Progress{}, telephony.Answered{}, telephony.Answered{}}[rnd.IntN(4)])
	case n < 11 && p != nil:
		p.over(telephony.Released{
			Cause:   []telephony.Cause{telephony.CauseNormal, telephony.CauseBusy, telephony.CauseNoAnswer, telephony.CauseAbsent}[rnd.IntN(4)],
			Witness: []telephony.Witness{telephony.BySignalling, telephony.ByMediaLoss}[rnd.IntN(2)],
		})
	case n < 12:
		w.pass(time.Duration(rnd.IntN(30)) * time.Second)
	default:
		w.pass(time.Duration(rnd.IntN(3)) * telephony.Tick)
	}
}
