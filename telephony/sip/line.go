package sip

import (
	"strconv"
	"sync"
	"time"

	"callbox/telephony"
)

// A line is what a phone and a trunk have in common: a name, the legs on it, and a state that the office is told each
// time it changes. It outlives its legs.
type line struct {
	id     string
	office telephony.Office

	mu     sync.Mutex
	name   string
	rest   telephony.LineState // what it is when nothing is on it: idle, offline, fault, blocked
	detail string
	legs   map[*leg]telephony.LineState // ringing, dialing or talking
	born   uint64                       // legs since the start
	told   telephony.LineStatus
	gone   bool // taken out of the configuration: nothing more is told
}

func newLine(id string, office telephony.Office) *line {
	return &line{id: id, office: office, legs: map[*leg]telephony.LineState{}}
}

// ID is the line's name, such as "phone/801".
func (l *line) ID() string { return l.id }

// change alters the line and tells the office if that shows. The office's verb returns at once, so it is called with
// the lock held: states are told in order.
func (l *line) change(alter func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	alter()
	now := telephony.LineStatus{
		ID: l.id, Name: l.name, State: l.state(), Busy: len(l.legs), Detail: l.detail, Since: l.told.Since,
	}
	if now == l.told || l.gone {
		return
	}
	if now.State != l.told.State {
		now.Since = time.Now()
	}
	l.told = now
	l.office.LineChanged(now)
}

// state is the line's most busy leg, or what it is at rest.
func (l *line) state() telephony.LineState {
	state := l.rest
	for _, s := range l.legs {
		if busyness[s] > busyness[state] {
			state = s
		}
	}
	return state
}

var busyness = map[telephony.LineState]int{
	telephony.LineDialing: 1, telephony.LineRinging: 2, telephony.LineTalking: 3,
}

// add puts a leg on the line and gives its name, "phone/801#12". It refuses when there are already max legs; 0 is no
// bound.
func (l *line) add(leg *leg, state telephony.LineState, limit int) (name string, ok bool) {
	l.change(func() {
		if ok = limit == 0 || len(l.legs) < limit; ok {
			l.born++
			name = l.id + "#" + strconv.FormatUint(l.born, 10)
			l.legs[leg] = state
		}
	})
	return name, ok
}

// move tells that a leg on the line is now talking.
func (l *line) move(leg *leg, state telephony.LineState) {
	l.change(func() {
		if _, on := l.legs[leg]; on {
			l.legs[leg] = state
		}
	})
}

func (l *line) remove(leg *leg) { l.change(func() { delete(l.legs, leg) }) }

// setRest changes what the line is when nothing is on it.
func (l *line) setRest(state telephony.LineState, detail string) {
	l.change(func() { l.rest, l.detail = state, detail })
}

// retire silences the line after it left the configuration. Its legs live on.
func (l *line) retire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gone = true
}

// atRest is what the line is when nothing is on it, and why.
func (l *line) atRest() (telephony.LineState, string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rest, l.detail
}
