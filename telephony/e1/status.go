package e1

import (
	"cmp"
	"time"

	"callbox/hal"
	"callbox/telephony"
)

// show tells the office what the span is doing, if that is something else than before, and puts down its live picture.
func (s *Span) show() {
	live, vacant, busy := s.picture(), int32(0), 0
	for n := range bearers {
		if s.circuits[n].leg != nil {
			busy++
		}
		if s.inService() && s.isVacant(n) {
			vacant++
		}
	}
	s.vacant.Add(vacant - s.counted)
	s.counted = vacant
	s.live.Store(&live)
	now := telephony.LineStatus{ID: s.ID(), Name: cmp.Or(s.settings.Name, s.ID()), Busy: busy, Since: s.status.Since}
	if now.State, now.Detail = s.state(); now == s.status {
		return
	}
	if now.State != s.status.State {
		now.Since = time.Now()
	}
	s.status = now
	s.office.LineChanged(now)
}

// state is what the span is doing, and why it does nothing.
func (s *Span) state() (telephony.LineState, string) {
	alarm := s.port.Alarm()
	switch {
	case s.settings.Disabled:
		return telephony.LineBlocked, ""
	case !physical(alarm):
		return telephony.LineFault, alarms[alarm]
	case !s.up && s.tried:
		return telephony.LineFault, "the D-channel is down: the far end does not answer on layer 2"
	}
	detail := ""
	if alarm == hal.Yellow {
		detail = alarms[alarm]
	}
	state := telephony.LineIdle
	for n := range bearers {
		if c := &s.circuits[n]; c.leg != nil && busyness[lineStates[c.state]] > busyness[state] {
			state = lineStates[c.state]
		}
	}
	return state, detail
}

// inService tells whether calls can be had at all.
func (s *Span) inService() bool { return s.up && !s.settings.Disabled }

// lineStates is what a bearer's call makes of the whole line, and busyness which of them shows.
var (
	lineStates = map[telephony.ChannelState]telephony.LineState{
		telephony.ChannelOutgoing: telephony.LineDialing, telephony.ChannelIncoming: telephony.LineRinging,
		telephony.ChannelTalking: telephony.LineTalking, telephony.ChannelClearing: telephony.LineIdle,
	}
	busyness = map[telephony.LineState]int{
		telephony.LineDialing: 1, telephony.LineRinging: 2, telephony.LineTalking: 3,
	}
)

// alarms are the alarms in words (G.775, I.431 5.4).
var alarms = map[hal.SpanAlarm]string{
	hal.LOS:    "LOS, no signal: check the cable",
	hal.AIS:    "AIS, all ones: the carrier's equipment has a fault further on",
	hal.Red:    "RED, no frame alignment: check cable and framing",
	hal.Yellow: "YELLOW: the far end does not receive us",
}

// picture is the span as pages show it.
func (s *Span) picture() telephony.LiveSpan {
	live := telephony.LiveSpan{
		Span: s.ID(), Name: s.settings.Name, Side: s.sideNow(), Alarm: string(s.port.Alarm()), DChannel: "down", Since: s.since,
		Counters: telephony.SpanCounters{Odd: s.odds}, Channels: make([]telephony.LiveChannel, 0, 30),
	}
	if s.up {
		live.DChannel = "up"
	}
	for n := range bearers {
		live.Channels = append(live.Channels, s.channel(n))
	}
	return live
}

func (s *Span) channel(n int) telephony.LiveChannel {
	c := &s.circuits[n]
	live := telephony.LiveChannel{Number: n, State: telephony.ChannelIdle, Blocked: c.blocked, Since: c.since}
	switch {
	case c.leg != nil:
		live.State, live.Leg, live.Party = c.state, c.leg.name, c.leg.party()
	case c.blocked:
		live.State = telephony.ChannelBlocked
	case c.maintenance:
		live.State = telephony.ChannelMaintenance
	case !s.inService():
		live.State = telephony.ChannelDown
	}
	return live
}

// countersOf adds the driver's counters to what layers 2 and 3 found odd.
func countersOf(c hal.SpanCounters, odd uint64) telephony.SpanCounters {
	return telephony.SpanCounters{
		CodeViolations: c.CodeViolations, CRC: c.CRC, FarEndCRC: c.FarEndCRC, FrameSlips: c.FrameSlips,
		BadFCS: c.BadFCS, Aborts: c.Aborts, Overruns: c.Overruns, Odd: odd,
	}
}

// strange journals what should not have come; g may be nil.
func (s *Span) strange(g *leg, what string) {
	s.odds++
	if text, tell := s.odd.Count(what); tell {
		entry := telephony.Entry{Fact: telephony.Oddity{Where: s.ID(), What: text}}
		if g != nil {
			entry.Call = g.order.Call
		}
		s.office.Append(entry)
	}
}
