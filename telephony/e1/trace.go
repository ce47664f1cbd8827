package e1

import (
	"callbox/telephony"
	"callbox/telephony/q931"
)

// received gives call control a message of the far end. It is traced first, so that the story of a call has it before what it
// causes; a SETUP has its leg only when call control has read it.
func (s *Span) received(octets []byte) {
	if g := s.legOf(octets, false); g != nil {
		s.trace(g, false, octets)
	} else {
		s.setup = octets
	}
	s.calls.Step(q931.Received{Octets: octets})
	if s.setup != nil {
		s.trace(nil, false, s.setup)
		s.setup = nil
	}
}

// legOf is the leg that a message is about, or nil.
func (s *Span) legOf(octets []byte, sent bool) *leg {
	m, err := q931.Decode(octets)
	if err != nil || s.tracer == nil {
		return nil
	}
	return s.legs[q931.Ref{Value: m.Value, Theirs: m.Flag == sent}]
}

// trace keeps a message; g may be nil: it belongs to no call.
func (s *Span) trace(g *leg, sent bool, octets []byte) {
	if s.tracer == nil {
		return
	}
	t := telephony.Trace{Line: s.ID(), Protocol: telephony.ProtocolQ931, Sent: sent, Octets: octets}
	if g != nil {
		t.Leg = g.name
	}
	s.tracer.Trace(t)
}
