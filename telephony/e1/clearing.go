package e1

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"callbox/telephony"
	"callbox/telephony/q931"
)

// A leg ends when one side says so. Its bearer is not free before both have (Q.931 5.3), and no call waits for that.

// clear ends a call on the box's side.
func (s *Span) clear(g *leg, c telephony.Cause) {
	s.part(g, telephony.Released{Cause: c, ByBox: true, Witness: telephony.BySignalling})
	s.calls.Step(q931.Clear{Ref: g.ref, Cause: c})
}

// cleared is the far end's DISCONNECT. Tones that it may offer are not waited for: who called hears the box's own.
func (s *Span) cleared(g *leg, c telephony.Cause) {
	s.part(g, telephony.Released{Cause: c, Witness: telephony.BySignalling})
	s.calls.Step(q931.Clear{Ref: g.ref, Cause: telephony.CauseNormal})
}

func (s *Span) part(g *leg, r telephony.Released) {
	s.circuits[g.slot].state = telephony.ChannelClearing
	g.end(r)
}

// released is the end of a call at both ends: its bearer is free, unless the far end never said that it let go.
func (s *Span) released(g *leg, r q931.Released) {
	delete(s.legs, g.ref)
	s.circuits[g.slot].maintenance = r.Maintenance
	s.give(g)
	why := telephony.Released{Cause: r.Cause, ByBox: r.ByUs, Witness: telephony.BySignalling}
	switch {
	case g.ours && (r.Cause == causeChannelUnavailable || r.Cause == causeChannelUnacceptable):
		why.Cause = telephony.CauseNoChannel // glare: another bearer will do (Q.931 5.7)
	case r.Cause == causeBadReference: // the far end forgot the call while the link was down
		why.Cause = telephony.CauseTemporary
	case r.ByUs: // nobody asked for it: a timer did
		why.ByBox, why.Witness = false, telephony.ByTimer
	}
	g.end(why)
	if r.Maintenance && s.up && g.slot != 0 {
		s.calls.Step(q931.Restart{Channels: []int{g.slot}})
	}
}

// guardTime keeps a span whose program went wrong from going wrong again at once.
const guardTime = 2 * time.Second

// rescue ends the calls of a span in which the program went wrong, and lets it begin anew after its guard time.
func (s *Span) rescue(ctx context.Context) {
	what := recover()
	if what == nil {
		return
	}
	s.office.Append(telephony.Entry{Fact: telephony.Panicked{Where: s.ID(), What: fmt.Sprint(what), Stack: string(debug.Stack())}})
	s.abandon(telephony.CauseTemporary)
	select {
	case <-time.After(guardTime):
	case <-ctx.Done():
	}
}

// abandon ends the calls in progress without waiting for the far end, which a restart of the interface will tell.
func (s *Span) abandon(c telephony.Cause) {
	for _, g := range s.legs {
		if s.up {
			s.calls.Step(q931.Clear{Ref: g.ref, Cause: c})
		}
	}
	for _, g := range s.legs {
		s.give(g)
		g.end(telephony.Released{Cause: c, ByBox: true})
	}
	clear(s.legs)
	s.up = false
}

// shut ends the span.
func (s *Span) shut() {
	s.vacant.Store(0)
	close(s.ended)
	s.dropAll()
}

// drop ends the leg of an order that came too late.
func (s *Span) drop(v verb) {
	if v.kind == dial {
		v.leg.end(telephony.Released{Cause: telephony.CauseTemporary, ByBox: true})
	}
}

func (s *Span) dropAll() {
	for {
		select {
		case v := <-s.verbs:
			s.drop(v)
		default:
			return
		}
	}
}
