package website

import (
	"strconv"

	"callbox/telephony"
	"callbox/telephony/rtp"
)

const eventBox = 64 // events that may wait for the call; the last place is kept for Released

// A leg is a visitor's end of a call. Its verbs post; the visitor's goroutine carries them out.
type leg struct {
	name     string
	session  *rtp.Session
	events   chan telephony.Event
	answers  chan struct{}        // once
	releases chan telephony.Cause // once
	over     bool                 // Released was told; the visitor's goroutine owns it
}

func newLeg(line string, s *rtp.Session) *leg {
	return &leg{
		name: line, session: s, events: make(chan telephony.Event, eventBox),
		answers: make(chan struct{}, 1), releases: make(chan telephony.Cause, 1),
	}
}

// number gives the leg its number on the line, before anybody knows it.
func (l *leg) number(n uint64) { l.name += "#" + strconv.FormatUint(n, 10) }

// String is the line's id and the leg's number.
func (l *leg) String() string { return l.name }

// Alert has nothing to tell: the visitor sees from the first moment that the box rings.
func (l *leg) Alert() {}

// Progress has nothing to open: the port carries speech before the call is born.
func (l *leg) Progress() {}

// Answer takes the call.
func (l *leg) Answer() {
	select {
	case l.answers <- struct{}{}:
	default: // it was asked for before
	}
}

// Press sends digits to the browser (RFC 4733).
func (l *leg) Press(digits string) { l.session.Press(digits) }

// Release ends the call.
func (l *leg) Release(c telephony.Cause) {
	select {
	case l.releases <- c:
	default:
	}
}

// Events tells what the visitor does.
func (l *leg) Events() <-chan telephony.Event { return l.events }

// Port is the visitor's mouth and ear.
func (l *leg) Port() telephony.Port { return l.session }

// tell passes an event on; what does not fit is dropped.
func (l *leg) tell(e telephony.Event) {
	if len(l.events) < cap(l.events)-1 {
		l.events <- e
	}
}

// release tells the end, once.
func (l *leg) release(r telephony.Released) {
	if l.over {
		return
	}
	l.over = true
	if q := l.session.Quality(); q.MOS > 0 || q.Fault != "" {
		l.tell(q)
	}
	l.session.Close()
	l.events <- r // tell left room
	close(l.events)
}
