package sim

import (
	"slices"
	"sync/atomic"

	"callbox/hal"
)

// A teller tells the owner of a span what happened, in order. When the owner does not read, frames beyond SpanEventBox are
// forgotten, and of alarms all but the newest. Its goroutine (run) owns what waits.
type teller struct {
	in, out chan hal.SpanEvent
	stop    <-chan struct{}
	lost    atomic.Uint64 // frames that were forgotten, or were none
	waiting []hal.SpanEvent
}

func newTeller(stop <-chan struct{}) *teller {
	return &teller{in: make(chan hal.SpanEvent), out: make(chan hal.SpanEvent), stop: stop}
}

func (t *teller) run() {
	for {
		var out chan<- hal.SpanEvent
		var next hal.SpanEvent
		if len(t.waiting) > 0 {
			out, next = t.out, t.waiting[0]
		}
		select {
		case out <- next:
			t.waiting = t.waiting[1:]
		case e := <-t.in:
			t.keep(e)
		case <-t.stop:
			return
		}
	}
}

func (t *teller) keep(e hal.SpanEvent) {
	if isAlarm(e) {
		t.waiting = slices.DeleteFunc(t.waiting, isAlarm)
	} else if len(t.waiting) >= hal.SpanEventBox {
		t.lost.Add(1)
		return
	}
	t.waiting = append(t.waiting, e)
}

func isAlarm(e hal.SpanEvent) bool {
	_, alarm := e.(hal.AlarmChanged)
	return alarm
}

func (t *teller) tell(e hal.SpanEvent) {
	select {
	case t.in <- e:
	case <-t.stop:
	}
}

// frame tells a frame of the far end; the octets stay the caller's.
func (t *teller) frame(octets []byte) {
	t.tell(hal.FrameReceived{Octets: append([]byte(nil), octets...)})
}

func (t *teller) alarmed(a hal.SpanAlarm) { t.tell(hal.AlarmChanged{Alarm: a}) }
