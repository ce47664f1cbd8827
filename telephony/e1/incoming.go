package e1

import (
	"slices"
	"strings"

	"callbox/telephony"
	"callbox/telephony/q931"
)

// Causes that are only between the two ends of a span (Q.850 2.2.7).
const (
	causeChannelUnacceptable telephony.Cause = 6
	causeChannelUnavailable  telephony.Cause = 44
	causeBadReference        telephony.Cause = 81
)

// incoming is a SETUP of the far end.
func (s *Span) incoming(in q931.Incoming) {
	cause := telephony.Cause(0)
	n := in.Setup.Channel.Number
	s.yield(n)
	switch {
	case s.settings.Disabled:
		cause = telephony.CauseOutOfOrder
	case !s.isVacant(n) && in.Setup.Channel.Exclusive && n != 0:
		cause = causeChannelUnavailable // Q.931 5.2.3.1
	case !s.isVacant(n):
		if n = s.choose(); n == 0 {
			cause = telephony.CauseNoChannel // Q.931 5.2.3.2
		}
	}
	if cause != 0 {
		s.calls.Step(q931.Clear{Ref: in.Ref, Cause: cause})
		return
	}
	g := s.newLeg()
	s.trace(g, false, s.setup)
	s.setup = nil
	g.ref, g.setup, g.digits = in.Ref, in.Setup, in.Setup.Called.Digits
	if !s.take(g, n, telephony.ChannelIncoming) {
		s.calls.Step(q931.Clear{Ref: in.Ref, Cause: telephony.CauseTemporary})
		return
	}
	s.legs[g.ref] = g
	s.collect(g, "", in.Setup.Complete)
}

// yield gives a bearer up to the network's call that crosses ours on it: the network's goes on (Q.931 5.7). Ours is refused by
// the network, and tried again elsewhere.
func (s *Span) yield(n int) {
	g := s.circuits[n].leg
	if s.sideNow() != network && g != nil && g.ours && !g.settled {
		s.give(g)
		g.slot = 0
	}
}

// collect takes digits of the number that a caller dialled, until it is whole (Q.931 5.2.4). The far end's exchange or T302
// says so where the box's own numbers do not.
func (s *Span) collect(g *leg, digits string, complete bool) {
	if g.arrived {
		return // digits beyond the number
	}
	g.digits += digits
	if s.settings.Overlap && !complete && !s.whole(g.digits) {
		if !g.asked {
			g.asked = true
			s.calls.Step(q931.AskDigits{Ref: g.ref, Channel: g.channel()})
		}
		return
	}
	g.arrived = true
	s.calls.Step(q931.Proceed{Ref: g.ref, Channel: g.channel()})
	s.office.Arrive(telephony.Arrival{
		Leg: g, Line: s.ID(), Called: g.digits,
		Caller: callerOf(g.setup.Calling, g.setup.Display, s.area), Redirecting: g.setup.Redirecting.Digits,
	})
}

// whole tells whether the digits are a number of ours that no longer one begins with. A carrier may send the last digits
// alone.
func (s *Span) whole(digits string) bool {
	ours := func(fits func(number string) bool) bool { return slices.ContainsFunc(s.settings.Numbers, fits) }
	return digits != "" && ours(func(n string) bool { return n == digits }) &&
		!ours(func(n string) bool { return len(n) > len(digits) && strings.HasPrefix(n, digits) })
}
