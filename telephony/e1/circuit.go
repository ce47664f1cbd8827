package e1

import (
	"time"

	"callbox/telephony"
	"callbox/telephony/q931"
)

// A circuit is one bearer of the span, which outlives its calls: what it is fit for is never inferred from a call. The span's
// goroutine owns it.
type circuit struct {
	leg         *leg // who has it, or nil
	state       telephony.ChannelState
	since       time.Time
	blocked     bool // by people
	maintenance bool // its last release was never confirmed (Q.931 5.3.3)
}

// bearers calls yield for each timeslot that carries calls.
func bearers(yield func(int) bool) {
	for n := 1; n < 32; n++ {
		if n != 16 && !yield(n) {
			return
		}
	}
}

// isVacant tells whether a new call can have the bearer.
func (s *Span) isVacant(n int) bool {
	if n < 1 || n > 31 || n == 16 {
		return false
	}
	c := &s.circuits[n]
	return c.leg == nil && !c.blocked && !c.maintenance
}

// choose gives a bearer for a new call in the order of the configuration, or 0.
func (s *Span) choose() int {
	for i := range 31 {
		n := i + 1
		switch s.settings.Select {
		case "descending":
			n = 31 - i
		case "round_robin":
			n = (s.last+i)%31 + 1
		}
		if s.isVacant(n) {
			s.last = n
			return n
		}
	}
	return 0
}

// take gives a bearer to a leg.
func (s *Span) take(g *leg, n int, state telephony.ChannelState) bool {
	slot := s.port.Timeslot(n)
	if err := slot.Open(); err != nil {
		s.strange(g, "the bearer could not be opened: "+err.Error())
		return false
	}
	g.slot = n
	g.port.slot.Store(&slot)
	c := &s.circuits[n]
	c.leg, c.state, c.since = g, state, time.Now()
	return true
}

// move gives a leg the bearer that the far end chose instead (Q.931 5.1.2).
func (s *Span) move(g *leg, c q931.Channel) {
	g.settled = true
	if c.Number == 0 || c.Number == g.slot {
		return
	}
	if !s.isVacant(c.Number) {
		s.clear(g, causeChannelUnacceptable)
		return
	}
	state := s.circuits[g.slot].state
	s.give(g)
	if !s.take(g, c.Number, state) {
		s.clear(g, telephony.CauseTemporary)
	}
}

// give takes the bearer from a leg.
func (s *Span) give(g *leg) {
	c := &s.circuits[g.slot]
	if c.leg != g {
		return
	}
	g.port.slot.Store(nil)
	if err := s.port.Timeslot(g.slot).Close(); err != nil {
		s.strange(g, "the bearer could not be closed: "+err.Error())
	}
	c.leg, c.since = nil, time.Now()
}

// restart makes bearers usable again whose release was never confirmed.
func (s *Span) restart() {
	s.repair.Reset(repairPause)
	for n := range bearers {
		if s.up && s.circuits[n].maintenance {
			s.calls.Step(q931.Restart{Channels: []int{n}})
		}
	}
}

// restarted is the end of a restart, of these channels or of all.
func (s *Span) restarted(channels []int, fit bool) {
	if len(channels) == 0 {
		for n := range bearers {
			channels = append(channels, n)
		}
	}
	for _, n := range channels {
		if c := &s.circuits[n]; fit && c.maintenance {
			c.maintenance, c.since = false, time.Now()
		}
	}
}
