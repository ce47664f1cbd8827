package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/telephony/acd"
	"callbox/webui"
)

// A person sits at a phone through the day and does what people do. Its goroutine owns it and ends with the phone.
type person struct {
	day     *day
	phone   *sim.Phone
	agent   string // who mostly sits here
	random  *rand.Rand
	dialled string
	holding bool
	pressed int // of the keys that a sign-in needs
}

func (p *person) live() {
	var stage sim.Stage
	var due <-chan time.Time
	var act func()
	think := func() {
		var wait time.Duration
		wait, act = p.next(stage)
		due = time.After(wait)
	}
	for {
		select {
		case s, on := <-p.phone.Events():
			if !on {
				return
			}
			if s.Stage != stage {
				stage, p.holding, p.pressed = s.Stage, false, 0
				think()
			}
		case <-due:
			act()
			think()
		}
	}
}

// next is what the person is going to do, and in how long, if nothing else happens before.
func (p *person) next(stage sim.Stage) (time.Duration, func()) {
	switch stage {
	case sim.Calling:
		return upTo(p.random, time.Minute), p.hangUp
	case sim.Ringing:
		return p.whileRinging()
	case sim.Talking, sim.Held:
		return p.whileTalking()
	}
	return 20*time.Second + upTo(p.random, 3*time.Minute), p.call
}

func (p *person) whileRinging() (time.Duration, func()) {
	switch c := p.random.IntN(100); {
	case c < 60:
		return upTo(p.random, 8*time.Second), p.answer
	case c < 72: // at the very end of the queue's ring time, where answer and no answer meet
		return time.Duration(p.day.config.Queues[0].RingSeconds)*time.Second + upTo(p.random, 60*time.Millisecond) - 30*time.Millisecond, p.answer
	case c < 82:
		return upTo(p.random, 5*time.Second), p.hangUp
	case c < 90: // a break in mid-offer (pain 4)
		return upTo(p.random, 2*time.Second), func() { p.day.wish(p.agent, telephony.AgentBreak, "") }
	}
	return 2 * time.Minute, p.hangUp // longer than anybody rings, if the box does not stop it
}

func (p *person) whileTalking() (time.Duration, func()) {
	if p.dialled == "*11" && p.pressed < 2 {
		return 4 * time.Second, p.signIn
	}
	if p.holding {
		return upTo(p.random, 15*time.Second), func() { p.hold(false) }
	}
	switch c := p.random.IntN(100); {
	case c < 12:
		return upTo(p.random, 10*time.Second), func() { p.hold(true) }
	case c < 24:
		return upTo(p.random, 5*time.Second), func() { _ = p.phone.Press(fmt.Sprint(p.random.IntN(10))) }
	case c < 40:
		return upTo(p.random, 2*time.Second), p.hangUp
	case c < 52:
		return upTo(p.random, 20*time.Second), p.transfer
	}
	return upTo(p.random, 50*time.Second), p.hangUp
}

// A neighbour uses an ordinary telephone through the day: answers it, calls, asks somebody else in mid-call, and forgets a
// party on hold. Its goroutine ends when the shop is closed.
type neighbour struct {
	day    *day
	phone  *sim.Telephone
	random *rand.Rand
}

func (n *neighbour) live() {
	n.phone.Answer(sim.Answering{After: time.Second + upTo(n.random, 15*time.Second), TalkFor: upTo(n.random, 40*time.Second), Play: chatter()})
	for !n.day.closed.Load() {
		time.Sleep(20*time.Second + upTo(n.random, 2*time.Minute))
		if n.phone.Ringing() {
			continue
		}
		n.phone.Lift()
		n.dial()
		if n.random.IntN(3) == 0 {
			n.phone.Flash()
			n.dial()
		}
		if n.random.IntN(2) == 0 {
			n.phone.Flash()
			time.Sleep(upTo(n.random, 10*time.Second))
		}
		n.phone.HangUp()
	}
}

// dial presses a number and waits for what comes of it.
func (n *neighbour) dial() {
	time.Sleep(upTo(n.random, 4*time.Second))
	to := oneOf(n.random, "801", "805", "811", "812", "700", "*97", "110", "962345605", "962345601", "962345600", "9001212555", "7", "")
	_ = n.phone.Press(to) // more keys than a person presses are refused
	time.Sleep(upTo(n.random, 40*time.Second))
}

// What a person asks of the phone may come too late: then the phone refuses, and that is how it is.

func (p *person) answer() { _ = p.phone.Answer() }

func (p *person) hangUp() { _ = p.phone.Hangup() }

func (p *person) hold(on bool) {
	p.holding = on
	_ = p.phone.Hold(on)
}

// transfer puts the other through to whoever it may be, without asking there first.
func (p *person) transfer() { _ = p.phone.Transfer(numbers[p.random.IntN(len(numbers))]) }

func (p *person) signIn() {
	digits := "1002#"
	if p.pressed == 1 {
		digits = "7352#"
	}
	p.pressed++
	_ = p.phone.Press(digits)
}

// numbers are what people dial: each other, a queue, star codes, nobody, and outside numbers that answer, are busy, ring
// out, are vacant or not permitted (hal/sim/dial.go has the rule).
var numbers = []string{
	"801", "802", "803", "804", "805", "806", "700", "701", "*11", "*12", "*21", "*21", "*22", "*23", "799", "1",
	"962340055", "913800138055", "962340004", "962340001", "962340002", "962340003", "962340000", "0085212345678", "110",
}

func (p *person) call() {
	if p.day.closed.Load() || p.agent <= "1004" && p.random.IntN(3) > 0 {
		return // agents are there to be called
	}
	p.dialled = numbers[p.random.IntN(len(numbers))]
	_ = p.phone.Call(p.dialled)
}

// wish is an agent's wish on the page. Some come too late or fit no state; the box refuses those.
func (d *day) wish(agent string, s telephony.AgentState, phone telephony.Target) {
	_ = d.box.Exchange.Agents().Set(context.Background(), acd.Wish{Agent: agent, State: s, Phone: phone, By: "page"})
}

// changeMind is what agents do through the day; most come back to work.
func (d *day) changeMind(agent string) {
	switch c := d.chance.IntN(100); {
	case c < 66:
		d.wish(agent, telephony.AgentReady, "")
	case c < 76:
		d.wish(agent, telephony.AgentBreak, "")
	case c < 88:
		d.wish(agent, telephony.AgentBusy, "")
	case c < 94:
		d.wish(agent, telephony.AgentSignedOut, "")
	default:
		d.wish(agent, telephony.AgentReady, "phone:805")
	}
}

// order is what a supervisor asks of a call from the page.
func (d *day) order() {
	calls := d.box.Exchange.Live().Calls
	if len(calls) == 0 {
		return
	}
	id := calls[d.chance.IntN(len(calls))].ID
	if d.chance.IntN(3) == 0 {
		switching := []webui.CallOrder{
			{Do: "hold"},
			{Do: "retrieve"},
			{Do: "consult", To: "806"},
			{Do: "back"},
			{Do: "conference"},
			{Do: "transfer"},
			{Do: "transfer", To: "queue:sales"},
			{Do: "transfer", To: "962340055"},
			{Do: "monitor", Mode: "listen", Phone: "phone:806"},
			{Do: "monitor", Mode: "whisper", Phone: "phone:806"},
			{Do: "monitor", Mode: "barge", Phone: "phone:806"},
			{Do: "monitor", Mode: "leave", Phone: "phone:806"},
		}
		_ = d.box.Order(id, switching[d.chance.IntN(len(switching))], webui.By{Who: "supervisor"})
		return
	}
	orders := []string{"start", "stop", "pause", "resume", "pause", "start", "hangup"}
	order := orders[d.chance.IntN(len(orders))]
	if order == "hangup" {
		_ = d.box.Hangup(id, "", webui.By{Who: "supervisor"})
		return
	}
	_ = d.box.order("supervisor", id, order)
}

// A patientConn is a phone's socket that takes a refusal again only after a while. Sipgo (1.7.2, actAckResend) answers one
// that comes twice after T2 and holds the transaction's lock meanwhile; a third would wait for that lock, and a bubble's
// clock stands still for whoever waits for a lock.
type patientConn struct {
	net.PacketConn
	came map[string]time.Time
}

func (c *patientConn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := c.PacketConn.ReadFrom(b)
		if err != nil || !isRefusal(b[:n]) {
			return n, from, err
		}
		if key := string(b[:n]); time.Since(c.came[key]) > 5*time.Second { // T2 and a margin
			c.came[key] = time.Now()
			return n, from, nil
		}
	}
}

// isRefusal reports whether a datagram is a final response to INVITE but no 2xx.
func isRefusal(b []byte) bool {
	after, response := bytes.CutPrefix(b, []byte("SIP/2.0 "))
	return response && len(after) > 0 && after[0] >= '3' && bytes.Contains(after, []byte(" INVITE\r\n"))
}

// pullPlug takes a phone off the network without a word; whoever was in a call finds out by silence.
func (d *day) pullPlug(ext string) {
	if p := d.phones[ext]; p != nil {
		p.Vanish()
		delete(d.phones, ext)
	}
}

// cutOff loses everything to and from a phone, which goes on: it may come back into a call that the box has ended.
func (d *day) cutOff(ext string) {
	host := phoneHost(ext)
	d.net.SetDrop(func(from, to netip.AddrPort, _ []byte) bool { return from.Addr() == host || to.Addr() == host })
}
