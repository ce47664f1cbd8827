package e1

import (
	"fmt"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/q921"
	"callbox/telephony/q931"
)

const (
	// establishPause is how long the box waits before it tries again to establish a data link that the far end did not
	// answer: a carrier that mends its side is found within that time (pain 41).
	establishPause = 5 * time.Second
	// repairPause is how often bearers whose release was never confirmed are restarted (pain 37).
	repairPause = time.Minute
)

// physical tells whether layer 1 carries the D-channel. With a remote alarm indication it does in one direction: layer 2 finds
// out what that is worth (I.431 5.4.3).
func physical(a hal.SpanAlarm) bool { return a == hal.Clear || a == hal.Yellow }

// signal takes in what the driver tells.
func (s *Span) signal(e hal.SpanEvent) {
	switch e := e.(type) {
	case hal.FrameReceived:
		s.link.Step(q921.Received{Octets: e.Octets})
	case hal.AlarmChanged:
		s.alarmed(e.Alarm)
	}
}

// alarmed follows layer 1. Calls that are up outlive a short alarm: Q.931 T309 decides (5.8.9).
func (s *Span) alarmed(a hal.SpanAlarm) {
	s.since = time.Now()
	if !physical(a) {
		s.link.Step(q921.PhysicalDown{})
		s.lost()
		return
	}
	s.link.Step(q921.PhysicalUp{})
	if !s.up {
		s.establish()
	}
}

// establish asks for the data link. Both ends may at once (Q.921 5.5.5).
func (s *Span) establish() {
	s.retry.Reset(establishPause)
	if !s.up && !s.settings.Disabled && physical(s.port.Alarm()) {
		s.link.Step(q921.Establish{})
	}
}

// linked does what layer 2 wants done.
func (s *Span) linked(a q921.Action) {
	switch a := a.(type) {
	case q921.Send:
		if err := s.port.Send(a.Octets); err != nil { // layer 2 sends again what matters
			s.strange(nil, "the D-channel did not take a frame: "+err.Error())
		}
	case q921.Established:
		s.established()
	case q921.Released:
		s.tried = true
		s.lost()
	case q921.Indicate:
		s.received(a.Octets)
	case q921.Fault:
		s.strange(nil, fmt.Sprintf("layer 2 error %c: %s", a.Code, a.What))
	}
}

func (s *Span) established() {
	if !s.up {
		s.up, s.since = true, time.Now()
	}
	s.calls.Step(q931.LinkUp{})
	if !s.greeted { // the far end may still hold calls of the box's last life
		s.greeted = true
		s.calls.Step(q931.Restart{})
	}
}

// lost tells call control that the data link is gone.
func (s *Span) lost() {
	if s.up {
		s.up, s.since = false, time.Now()
		s.calls.Step(q931.LinkDown{})
	}
}

// told does what call control wants done.
func (s *Span) told(a q931.Action) {
	switch a := a.(type) {
	case q931.Send:
		s.trace(s.legOf(a.Octets, true), true, a.Octets)
		s.link.Step(q921.Data{Octets: a.Octets})
	case q931.Establish:
		s.link.Step(q921.Establish{})
	case q931.Incoming:
		s.incoming(a)
	case q931.Restarted:
		s.restarted(a.Channels, true)
	case q931.RestartDone:
		s.restarted(a.Channels, !a.Failed)
	case q931.Odd:
		s.strange(s.legs[a.Ref], a.What)
	default:
		s.toldOf(a)
	}
}

// toldOf is what concerns a call that the span has.
func (s *Span) toldOf(a q931.Action) {
	switch a := a.(type) {
	case q931.Digits:
		s.about(a.Ref, func(g *leg) { s.collect(g, a.Digits, a.Complete) })
	case q931.DigitsWanted:
		s.about(a.Ref, func(g *leg) { s.sendDigits(g, a.Channel); g.early(a.Progress) })
	case q931.Proceeding:
		s.about(a.Ref, func(g *leg) { s.move(g, a.Channel); g.early(a.Progress) })
	case q931.Alerting:
		s.about(a.Ref, func(g *leg) { s.move(g, a.Channel); g.tell(telephony.Ringing{}); g.early(a.Progress) })
	case q931.Progressing:
		s.about(a.Ref, func(g *leg) { g.early(a.Progress) })
	case q931.Connected:
		s.about(a.Ref, func(g *leg) { s.move(g, a.Channel); s.connected(g) })
	case q931.Disconnecting:
		s.about(a.Ref, func(g *leg) { s.cleared(g, a.Cause) })
	case q931.Released:
		s.about(a.Ref, func(g *leg) { s.released(g, a) })
	}
}

func (s *Span) about(r q931.Ref, then func(*leg)) {
	if g := s.legs[r]; g != nil {
		then(g)
	}
}
