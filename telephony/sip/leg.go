package sip

import (
	"sync/atomic"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// A leg is one party of one call over SIP. Its goroutine (run) owns everything but what is said to be constant: the verbs
// and the desk post to it. It is released the moment the box or the far end says so; the goroutine may stay behind for
// the messages that are still to come.
type leg struct {
	dialog // id and tag are constant

	stack  *Stack
	line   *line
	name   string
	media  *media
	events chan telephony.Event
	verbs  chan any      // each verb once
	box    chan any      // from the desk and from transactions
	done   chan struct{} // closed with the goroutine
	asked  [4]atomic.Bool
	clock  *clock

	farTag    atomic.Pointer[string] // the far end's tag; nil: there is no dialog yet
	up        atomic.Bool            // the call was answered
	released  bool
	held      bool           // the far end has put us on hold
	referral  *referral      // nil: none
	reporting *sipgo.Request // the last NOTIFY of one, until it is answered
	timer     sessionTimer
	account   account         // for a challenge
	tried     int             // challenges answered since the last success
	byeCause  telephony.Cause // for a BYE or CANCEL that has to wait
	in        invited
	out       asking
}

// invited is what a leg keeps of the INVITEs that came to it (uas.go, talking.go).
type invited struct {
	first    firstRequest // constant; zero for an outgoing leg
	key      string       // constant: the first one's transaction, which a CANCEL names; empty for an outgoing leg
	arrival  telephony.Arrival
	tx       *serverTx       // of the last
	pending  *sipgo.Response // the provisional answer that stands, 180 or 183
	reliable reliable        // provisional answers that the caller confirms
	final    *sipgo.Response // our 2xx that is not confirmed yet
	interval time.Duration   // until it goes out again
	delayed  bool            // it holds our offer, and the ACK will hold the answer
	hangup   bool            // BYE once the ACK is there (RFC 3261 15)
}

// asking is what a leg keeps of its own requests (uac.go, talking.go, leaving.go).
type asking struct {
	order      outgoing
	tx         *clientTx        // of the last
	proceeds   bool             // a provisional answer came: CANCEL may go
	rang       bool             // Ringing was told
	early      bool             // Progress was told
	branches   branches         // the early dialogs, by the far ends' tags
	unheard    []*unheardInvite // INVITEs to places that were given up; no more than the trunk has addresses
	reoffering bool             // a re-INVITE is not answered yet
	ack        *path            // of the last 2xx, for its echoes
	acked      uint32           // its number
	forks      time.Time        // until when other forks of the first INVITE may answer
}

// An unheardInvite is one that its place said nothing to.
type unheardInvite struct {
	tx        *clientTx
	cancelled bool
}

// The messages that reach a leg's box, beside a *serverTx for a request within the dialog.
type (
	confirmation struct{ req *sipgo.Request } // an ACK
	cancelled    struct{ req *sipgo.Request }
	answered     struct {
		req *sipgo.Request // ours
		res *sipgo.Response
		err error // instead of res: nobody answered, or there is no way to the far end
	}
	wayGone   struct{ at hop } // the connection of a browser
	mediaLost struct{}
	unsecured struct{} // a browser and the box came to no keys
	abandoned struct{} // the sockets are closed
)

// The verbs.
type (
	verbAlert    struct{}
	verbProgress struct{}
	verbAnswer   struct{}
	verbRelease  struct{ cause telephony.Cause }
)

const (
	eventBox = 64 // events that may wait for the call; the last two places are kept for Released
	legBox   = 32
)

func newLeg(s *Stack, d dialog, m *media) *leg {
	return &leg{
		dialog: d, stack: s, media: m, clock: newClock(),
		events: make(chan telephony.Event, eventBox), verbs: make(chan any, 4), box: make(chan any, legBox),
		done: make(chan struct{}),
	}
}

// String is the line's id and the number of the leg on it.
func (l *leg) String() string { return l.name }

// Events tells what the far end does.
func (l *leg) Events() <-chan telephony.Event { return l.events }

// Port is the party's mouth and ear.
func (l *leg) Port() telephony.Port { return l.media.Session }

// Press sends digits as was negotiated.
func (l *leg) Press(digits string) { l.media.Press(digits) }

// Alert answers 180.
func (l *leg) Alert() { l.ask(0, verbAlert{}) }

// Progress answers 183 with our side of the session.
func (l *leg) Progress() { l.ask(1, verbProgress{}) }

// Answer answers 200.
func (l *leg) Answer() { l.ask(2, verbAnswer{}) }

// Release ends the leg: by an answer, a CANCEL or a BYE.
func (l *leg) Release(c telephony.Cause) { l.ask(3, verbRelease{c}) }

// ask posts a verb the first time it is asked for, so that the box of verbs cannot be full.
func (l *leg) ask(n int, verb any) {
	if l.asked[n].CompareAndSwap(false, true) {
		l.verbs <- verb
	}
}

// post hands the leg a message and returns at once. It reports false when the leg cannot take it.
func (l *leg) post(m any) bool {
	select {
	case l.box <- m:
		return true
	default:
		return false
	}
}

// abandon ends the goroutine when nothing can be sent or heard any more.
func (l *leg) abandon() {
	select {
	case l.box <- abandoned{}:
	case <-l.done:
	}
}

// begin sends a request of ours and has its answers posted. Final answers are never lost to a full box.
func (l *leg) begin(req *sipgo.Request, to hop) *clientTx {
	return l.stack.begin(l, req, to, func(res *sipgo.Response, err error) {
		if res != nil && res.IsProvisional() {
			l.post(answered{req, res, nil})
			return
		}
		select {
		case l.box <- answered{req, res, err}:
		case <-l.done:
		}
	})
}

// A state waits for what is next and gives the state after it; nil ends the leg.
type state func(*leg) state

// run is the leg's goroutine.
func (l *leg) run(s state) {
	defer func() {
		l.clock.stopAll()
		l.stack.legs.remove(l)
		close(l.done)
	}()
	defer l.rescue()
	for s != nil {
		s = s(l)
	}
	l.release(telephony.Released{Cause: telephony.CauseTemporary, Witness: telephony.BySignalling}) // if no state did
}

// rescue ends this call, and only this, when the program has a fault in it.
func (l *leg) rescue() {
	if p := recover(); p != nil {
		l.stack.panicked(l.name, p)
		l.release(telephony.Released{Cause: telephony.CauseTemporary, ByBox: true, Witness: telephony.BySignalling})
	}
}

// next waits for whatever is next: an alarm, a verb, a message, the loss of media. Keys are passed on here.
func (l *leg) next() any {
	for {
		if a, ok := l.clock.expired(); ok {
			return a
		}
		digits, lost, faults, secured := l.media.Digits(), l.media.Lost(), l.media.Faults(), l.media.secured()
		if l.released {
			digits, lost, faults, secured = nil, nil, nil, nil
		}
		select {
		case v := <-l.verbs:
			return v
		case m := <-l.box:
			if _, end := m.(abandoned); !end {
				return m
			}
			l.clock.set(alarmGone, 0)
			return alarmGone
		case <-l.clock.timer.C:
		case d := <-digits:
			l.tell(pressed(d))
		case f := <-faults:
			l.tell(telephony.Speech{Fault: f})
		case s := <-secured:
			if s.Err != nil {
				l.stack.odd(l.name, s.Err.Error())
				return unsecured{}
			}
			l.media.securedBy(s)
		case <-lost:
			return mediaLost{}
		}
	}
}

// pressed is what the far end did with a key. A telephone behind an adapter can flash.
func pressed(d telephony.Digit) telephony.Event {
	if d.Key == '!' {
		return telephony.Flashed{}
	}
	return d
}

// tell passes an event on. What does not fit is dropped; two places are kept for Released and what stands before it.
func (l *leg) tell(e telephony.Event) {
	if !l.released && len(l.events) < cap(l.events)-1 {
		l.events <- e
	}
}

// release tells the end, once: the call is free of this leg from here on, whatever the far end still has to say.
func (l *leg) release(r telephony.Released) {
	if l.released {
		return
	}
	if q := l.media.Quality(); q.MOS > 0 || q.Fault != "" {
		l.tell(q)
	}
	l.released = true
	l.media.Close()
	l.events <- r // tell left room
	close(l.events)
	l.line.remove(l)
	l.stack.calls.Add(-1)
}

// releasedByBox is the event of a release that the box asked for.
func releasedByBox(c telephony.Cause) telephony.Released {
	return telephony.Released{Cause: c, ByBox: true, Witness: telephony.BySignalling}
}

// releasedBy is the event of a release that a message of the far end says.
func releasedBy(m sipgo.Message) telephony.Released {
	return telephony.Released{Cause: causeFor(m), Witness: telephony.BySignalling}
}

// enter puts the leg on its line and counts it.
func (l *leg) enter(on *line, state telephony.LineState, limit int) bool {
	name, ok := on.add(l, state, limit)
	if ok {
		l.line, l.name = on, name
		l.stack.calls.Add(1)
	}
	return ok
}
