package q931

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"callbox/telephony"
	"callbox/telephony/machine"
)

// The timers, by the names that the recommendation gives them. Alerting has none: T301 is not needed where call control
// supervises alerting itself (table 9-1, note 2), as the box does for every kind of line. T317 watches over the clearing that
// a RESTART asks for, which takes no time here.
const (
	t302 = "T302" // digits of an incoming call
	t303 = "T303" // the answer to SETUP
	t304 = "T304" // the answer to digits of an outgoing call
	t305 = "T305" // RELEASE after DISCONNECT
	t306 = "T306" // the same, while a tone is played
	t308 = "T308" // RELEASE COMPLETE
	t309 = "T309" // the data link
	t310 = "T310" // news after CALL PROCEEDING
	t313 = "T313" // CONNECT ACKNOWLEDGE
	t316 = "T316" // RESTART ACKNOWLEDGE
	t322 = "T322" // the answer to STATUS ENQUIRY
)

// lasts says how long the timers run: tables 9-2 for the user and 9-1 for the network.
var lasts = map[string][2]time.Duration{
	t302: {User: 15 * time.Second, Network: 15 * time.Second},
	t303: {User: 4 * time.Second, Network: 4 * time.Second},
	t304: {User: 30 * time.Second, Network: 20 * time.Second},
	t305: {User: 30 * time.Second, Network: 30 * time.Second},
	t306: {Network: 30 * time.Second},
	t308: {User: 4 * time.Second, Network: 4 * time.Second},
	t309: {User: 90 * time.Second, Network: 90 * time.Second},
	t310: {User: 120 * time.Second, Network: 10 * time.Second}, // a user's is 30 to 120 s
	t313: {User: 4 * time.Second},
	t316: {User: 2 * time.Minute, Network: 2 * time.Minute},
	t322: {User: 4 * time.Second, Network: 4 * time.Second},
}

// The number of times that a message goes out before its timer gives up.
const (
	maxSetupsSent    = 2 // 5.1.1, 5.2.5.4
	maxReleasesSent  = 2 // 5.3.3
	maxRestartsSent  = 2 // 5.5.1
	maxEnquiriesSent = 3 // 5.8.10 leaves it to us
)

// A running timer.
type running struct {
	name   string
	octets []byte // what goes out again when it expires; nil: nothing
	sent   int    // how often it went out
}

// named is the timer's name as the host of the machine knows it: "T303 o17", o for a call reference of ours, t for one of theirs.
func (r Ref) named(timer string) machine.Timer { return machine.Timer(timer + " " + r.String()) }

// parse reads a name that named gave.
func parse(t machine.Timer) (timer string, r Ref, ok bool) {
	timer, who, _ := strings.Cut(string(t), " ")
	if len(who) < 2 || who[0] != 'o' && who[0] != 't' {
		return timer, Ref{}, false
	}
	value, err := strconv.ParseUint(who[1:], 10, 15)
	return timer, Ref{Value: uint16(value), Theirs: who[0] == 't'}, err == nil
}

// start starts a timer, anew if it runs.
func (c *call) start(timer string) { c.run(running{name: timer}) }

// ask sends a message that goes out again, with the same octets, when the timer expires.
func (c *call) ask(m *Message, timer string) {
	c.run(running{name: timer, octets: c.send(m), sent: 1})
}

// again repeats the message of a timer that expired, and reports whether it may, which is limit times in all.
func (c *call) again(r running, limit int) bool {
	if r.sent == limit {
		return false
	}
	r.sent++
	c.on.do(Send{r.octets})
	c.run(r)
	return true
}

func (c *call) run(r running) {
	c.forget(r.name)
	c.running = append(c.running, r)
	c.on.do(machine.Start{Timer: c.ref.named(r.name), After: lasts[r.name][c.on.side]})
}

func (c *call) stop(timer string) {
	if _, ran := c.forget(timer); ran {
		c.on.do(machine.Stop{Timer: c.ref.named(timer)})
	}
}

func (c *call) runs(timer string) bool { return c.index(timer) >= 0 }

func (c *call) index(timer string) int {
	return slices.IndexFunc(c.running, func(r running) bool { return r.name == timer })
}

func (c *call) forget(timer string) (r running, ran bool) {
	i := c.index(timer)
	if i < 0 {
		return running{}, false
	}
	r = c.running[i]
	c.running = slices.Delete(c.running, i, i+1)
	return r, true
}

// expired does what the table says for the expiry of a timer.
func (i *Interface) expired(t machine.Timer) {
	timer, ref, ok := parse(t)
	if timer == t316 {
		i.restartUnanswered()
		return
	}
	c := i.find(ref)
	if !ok || c == nil {
		return
	}
	if r, ran := c.forget(timer); ran {
		c.expired(r)
	}
}

func (c *call) expired(r running) {
	switch r.name {
	case t302: // whether the number will do is for the owner to say (5.1.3, 5.2.4)
		c.on.do(Digits{Ref: c.ref, Complete: true})
	case t303:
		if !c.again(r, maxSetupsSent) {
			c.giveUp(telephony.CauseNoResponse)
		}
	case t304: // 5.1.3, 5.2.4
		c.giveUp(telephony.CauseBadNumber)
	case t310: // 9.2, 5.2.5.4
		c.giveUp(telephony.CauseNoResponse)
	case t313: // 5.2.8
		c.because(telephony.CauseTimerExpiry)
		c.disconnect(nil)
	case t305, t306: // 5.3.3, 5.4.1
		c.release(c.why)
	case t308: // 5.3.3: the channel is not to be used until somebody has looked
		if !c.again(r, maxReleasesSent) {
			c.end(true)
		}
	case t309: // 5.8.9
		c.because(telephony.CauseOutOfOrder)
		c.end(false)
	case t322: // 5.8.10
		if !c.again(r, maxEnquiriesSent) {
			c.because(telephony.CauseTemporary)
			c.release(c.why)
		}
	}
}
