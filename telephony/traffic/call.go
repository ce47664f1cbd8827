package traffic

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// The timers of SIP (RFC 3261 17.1.1.1).
const (
	timerT1 = 500 * time.Millisecond
	timerT2 = 4 * time.Second
	giveUp  = 64 * timerT1
)

// A Demand is calls to be brought.
type Demand struct {
	Called    func(n int) string // the number that the nth call dials, from 0
	Calls     int
	PerSecond float64
	Talk      time.Duration // from the answer until the caller hangs up; 0: until HangUp
}

// A demand is one that is being met.
type demand struct {
	Demand
	made int
	next time.Time // when the next call is due
}

// A call is one of the far end's, brought or taken.
type call struct {
	id       string
	taken    bool
	called   string
	local    string // From and To of our requests
	remote   string
	target   string // Request-URI of requests within the dialog: the box's contact
	seq      int
	stage    stage
	talk     time.Duration
	hangUp   time.Time     // when to; zero: when told
	pending  string        // a request that has no final answer
	asked    time.Time     // when it was sent first
	again    time.Time     // when it is to be sent again, if nothing has been heard
	interval time.Duration // until the time after that
	answer   string        // to the INVITE of a taken call
	stream   *stream       // nil: nothing is spoken
}

type stage uint8

const (
	inviting stage = iota
	talking
	leaving // our BYE is under way
)

// Bring begins to bring calls, beside those that are demanded already.
func (f *Far) Bring(d Demand) {
	f.ask(func() { f.demands = append(f.demands, &demand{Demand: d, next: time.Now()}) })
}

// HangUp ends every call that was brought, and brings no more of what was demanded.
func (f *Far) HangUp() {
	f.ask(func() {
		f.demands = nil
		for _, c := range f.calls {
			if !c.taken && c.stage == talking {
				f.bye(c)
			}
		}
	})
}

// meet does what is due of the demands.
func (f *Far) meet(now time.Time) {
	open := f.demands[:0]
	for _, d := range f.demands {
		for d.made < d.Calls && !now.Before(d.next) {
			f.invite(d.Called(d.made), d.Talk, now)
			d.made++
			d.next = d.next.Add(time.Duration(float64(time.Second) / d.PerSecond))
		}
		if d.made < d.Calls {
			open = append(open, d)
		}
	}
	f.demands = open
	f.register(now)
}

func (f *Far) invite(called string, talk time.Duration, now time.Time) {
	f.count++
	f.tally.Brought++
	c := &call{
		id: fmt.Sprintf("far-%d@%s", f.count, f.at), called: called, talk: talk, target: fmt.Sprintf("sip:%s@%s", called, f.box),
		local: fmt.Sprintf("<sip:1390000%04d@%s>;tag=%d", f.count%10000, f.at.Addr(), f.count), remote: fmt.Sprintf("<sip:%s@%s>", called, f.box.Addr()),
	}
	f.calls[c.id] = c
	f.request(c, "INVITE", f.speech.sdp(), now)
}

func (f *Far) bye(c *call) {
	c.stage = leaving
	f.silence(c)
	f.request(c, "BYE", "", time.Now())
}

// silence ends the speech of a call.
func (f *Far) silence(c *call) {
	if c.stream == nil {
		return
	}
	f.speech.end(c.stream)
	c.stream = nil
	if !c.taken {
		f.tally.Up--
	}
}

// request sends a request that wants an answer.
func (f *Far) request(c *call, method, body string, now time.Time) {
	c.seq++
	c.pending = f.text(c, method, body)
	c.asked, c.interval, c.again = now, timerT1, now.Add(timerT1)
	f.send(c.pending)
}

// text is a request of a call.
func (f *Far) text(c *call, method, body string) string {
	f.count++
	return fmt.Sprintf("%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKfar%d;rport\r\nMax-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\n"+
		"Call-ID: %s\r\nCSeq: %d %s\r\nContact: <sip:far@%s>\r\n%s", method, c.target, f.at, f.count, c.local, c.remote, c.id, c.seq, method, f.at, bodyOf(body))
}

func (f *Far) send(text string) {
	_ = unix.Sendto(f.sip, []byte(text), 0, &unix.SockaddrInet4{Addr: f.box.Addr().As4(), Port: int(f.box.Port())})
}

// readSIP takes in what came.
func (f *Far) readSIP() {
	var b [4096]byte
	for {
		n, _, err := unix.Recvfrom(f.sip, b[:], 0)
		if err != nil {
			return
		}
		m := parse(string(b[:n]))
		c := f.calls[m.header("Call-ID")]
		switch status := m.status(); {
		case status != 0 && m.method() == "REGISTER":
			f.registered(m, status)
		case status != 0 && c != nil:
			f.answered(c, m, status)
		case status == 0:
			f.asked(c, m)
		}
	}
}

// answered takes an answer of the box.
func (f *Far) answered(c *call, m message, status int) {
	invite := m.method() == "INVITE"
	if status < 200 {
		c.again = c.asked.Add(giveUp) // it works on it (RFC 3261 17.1.1.2)
		return
	}
	if invite && status < 300 && c.stage != inviting { // our ACK was lost
		f.send(f.ack(c))
		return
	}
	if c.pending == "" {
		return
	}
	f.tally.Slowest = max(f.tally.Slowest, time.Since(c.asked))
	switch {
	case !invite:
		delete(f.calls, c.id)
	case status < 300:
		f.begin(c, m)
	default:
		f.refused(c, m, status)
	}
	if c.stage != leaving {
		c.pending = ""
	}
}

// begin is the box's answer to a call that was brought.
func (f *Far) begin(c *call, m message) {
	f.tally.Answered++
	c.stage, c.remote, c.target = talking, m.header("To"), between(m.header("Contact"), "<", ">")
	f.send(f.ack(c))
	if at, ok := m.speechAt(); ok {
		c.stream = f.speech.begin(at)
		f.tally.Up++
	}
	if c.talk > 0 {
		c.hangUp = time.Now().Add(c.talk)
	}
}

// ack confirms a 200 (RFC 3261 13.2.2.4). It has the number of its INVITE.
func (f *Far) ack(c *call) string { return f.text(c, "ACK", "") }

// refused confirms what is no 200, within the transaction of the INVITE (RFC 3261 17.1.1.3).
func (f *Far) refused(c *call, m message, status int) {
	if status == 503 && m.header("Retry-After") != "" {
		f.tally.Refused++
	} else {
		f.tally.Unclean++
	}
	f.send(fmt.Sprintf("ACK %s SIP/2.0\r\nVia: %s\r\nMax-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d ACK\r\nContent-Length: 0\r\n\r\n",
		c.target, between(c.pending, "Via: ", "\r\n"), c.local, m.header("To"), c.id, c.seq))
	delete(f.calls, c.id)
}

// asked answers a request of the box.
func (f *Far) asked(c *call, m message) {
	method, _, _ := strings.Cut(m.first, " ")
	own := f.at.String()
	switch {
	case method == "ACK":
	case method == "INVITE" && c == nil:
		f.take(m)
	case method == "INVITE" && c.answer != "" && c.answerTo(m):
		f.send(c.answer)
	case method == "INVITE" && c != nil: // it describes its session anew
		c.moved(m, &f.speech)
		f.send(m.reply("200 OK", "", own, f.speech.sdp()))
	case method == "BYE" && c != nil:
		if !c.taken && c.stage == talking {
			f.tally.Dropped++
		}
		f.silence(c)
		delete(f.calls, c.id)
		fallthrough
	default:
		f.send(m.reply("200 OK", "far", own, ""))
	}
}

// answerTo reports whether a request is the very one that was answered.
func (c *call) answerTo(m message) bool {
	return strings.Contains(c.answer, "\r\nCSeq: "+m.header("CSeq")+"\r\n")
}

// moved follows where the box wants to hear.
func (c *call) moved(m message, s *speech) {
	if at, ok := m.speechAt(); ok && c.stream != nil && at.Port() != c.stream.far {
		s.end(c.stream)
		c.stream = s.begin(at)
	}
}

// take answers a call of the box at once.
func (f *Far) take(m message) {
	at, ok := m.speechAt()
	if !ok {
		f.send(m.reply("488 Not Acceptable Here", "far", f.at.String(), ""))
		return
	}
	f.tally.Taken++
	c := &call{id: m.header("Call-ID"), taken: true, stage: talking, stream: f.speech.begin(at)}
	c.answer = m.reply("200 OK", "far", f.at.String(), f.speech.sdp())
	f.calls[c.id] = c
	f.send(c.answer)
}

// repeat sends again what was not answered, gives up what never was, and hangs up what has talked for long enough.
func (f *Far) repeat(now time.Time) {
	for _, c := range f.calls {
		switch {
		case c.pending != "" && now.Sub(c.asked) >= giveUp:
			if c.stage == inviting {
				f.tally.Unheard++
			}
			delete(f.calls, c.id)
		case c.pending != "" && now.After(c.again):
			c.interval = min(2*c.interval, timerT2)
			c.again = now.Add(c.interval)
			f.send(c.pending)
		case c.stage == talking && !c.hangUp.IsZero() && now.After(c.hangUp):
			f.bye(c)
		}
	}
	f.roll.repeat(f, now)
}

// Addresses of the box and of a phone at it, for requests out of calls.
func aor(user string, box netip.AddrPort) string { return fmt.Sprintf("<sip:%s@%s>", user, box.Addr()) }
