package fxs

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"callbox/telephony"
)

// restartTime is how long a telephone is left alone after a fault of the program.
const restartTime = 2 * time.Second

// rescue ends the call in which the program went wrong and leaves the line to begin anew.
func (l *Line) rescue(ctx context.Context) {
	what := recover()
	if what == nil {
		return
	}
	l.append(telephony.Panicked{Where: l.ID(), What: fmt.Sprint(what), Stack: string(debug.Stack())})
	l.abandon()
	select {
	case <-time.After(restartTime):
	case <-ctx.Done():
	}
}

// shut ends the line.
func (l *Line) shut() {
	l.free.Store(false)
	l.abandon()
	close(l.ended)
	l.dropAll()
}

// abandon ends the calls in progress.
func (l *Line) abandon() {
	_ = l.port.Ring(false) // a port that refuses now has nobody left to hear of it
	for _, g := range []**leg{&l.leg, &l.ordered} {
		if *g != nil {
			(*g).end(telephony.Released{Cause: telephony.CauseTemporary, ByBox: true, Witness: telephony.BySignalling})
			*g = nil
		}
	}
	l.path.owner.Store(nil)
	l.path.operator.play(nil)
	l.hear(false)
}

// drop ends the leg of an order that came too late.
func (l *Line) drop(v verb) {
	if _, order := v.event.(dial); order {
		v.leg.end(telephony.Released{Cause: telephony.CauseTemporary, ByBox: true, Witness: telephony.BySignalling})
	}
}

func (l *Line) dropAll() {
	for {
		select {
		case v := <-l.verbs:
			l.drop(v)
		default:
			return
		}
	}
}
