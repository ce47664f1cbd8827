package fxo

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"callbox/telephony"
)

// rescue ends the call in which the program went wrong and leaves the line to begin anew after its guard time.
func (l *Line) rescue(ctx context.Context) {
	what := recover()
	if what == nil {
		return
	}
	l.append(telephony.Panicked{Where: l.ID(), What: fmt.Sprint(what), Stack: string(debug.Stack())})
	l.abandon()
	select {
	case <-time.After(guardTime):
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

// abandon ends the call in progress and leaves the loop open.
func (l *Line) abandon() {
	if l.closed {
		l.closed = false
		l.path.echo.Store(nil)
		_ = l.port.Release() // a port that refuses now has nobody left to hear of it
	}
	if l.examined != nil {
		l.examined <- nil
		l.examined = nil
	}
	for _, g := range []**leg{&l.leg, &l.ordered} {
		if *g != nil {
			(*g).end(telephony.Released{Cause: telephony.CauseTemporary, ByBox: true})
			*g = nil
		}
	}
	l.hear(hear{what: nothing})
}

// drop ends the leg of an order that came too late.
func (l *Line) drop(v verb) {
	if _, order := v.event.(dial); order {
		v.leg.end(telephony.Released{Cause: telephony.CauseTemporary, ByBox: true})
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
