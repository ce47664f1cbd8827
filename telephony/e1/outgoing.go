package e1

import (
	"strings"

	"callbox/telephony"
	"callbox/telephony/q931"
)

// Dial places a call to Order.To, up to 32 digits, * and #. It refuses with Busy when every bearer has a call and with
// Unavailable when the span is out of service. A call that the far end's crosses on the same bearer (glare) ends with
// CauseNoChannel: try again, or another line.
//
// The leg tells Ringing and Answered as the network does, and Progress when the network has something to be heard.
func (s *Span) Dial(o telephony.Order) (telephony.Leg, error) {
	if c := s.config.Load().Span(s.ID()); c != nil && c.Way == telephony.InOnly {
		return nil, telephony.Errorf(telephony.Unavailable, "中继 %s 只呼入：请改线路方向或用别的线路", "span %s takes calls in only: change its way, or use another line", s.ID())
	}
	if strings.Trim(o.To, "0123456789*#") != "" || o.To == "" || len(o.To) > telephony.MaxNumberLen {
		return nil, telephony.Errorf(telephony.Invalid, "号码 %q 不能在中继上拨出：请用 1 到 %d 位 0-9 * #", "%q cannot be dialled on a span: give 1 to %d of 0-9 * #", o.To, telephony.MaxNumberLen)
	}
	if s.vacant.Add(-1) < 0 { // else the bearer is promised
		s.vacant.Add(1)
		return nil, s.refusal()
	}
	g := s.newLeg()
	g.order, g.ours = o, true
	s.post(verb{leg: g, kind: dial})
	return g, nil
}

// refusal says why no bearer is to be had.
func (s *Span) refusal() error {
	if c := s.config.Load().Span(s.ID()); c != nil && c.Disabled {
		return telephony.Errorf(telephony.Unavailable, "中继 %s 已停用：请在线路页启用", "span %s is out of service: enable it on the page of lines", s.ID())
	}
	if live := s.live.Load(); live.DChannel != "up" {
		return telephony.Errorf(telephony.Unavailable, "中继 %s 不可用（告警 %s，D 信道中断）：请检查电缆和运营商线路", "span %s is out of service (alarm %s, D-channel down): check the cable and the carrier", s.ID(), live.Alarm)
	}
	return telephony.Errorf(telephony.Busy, "中继 %s 的话路全忙：请用别的线路或稍后再试", "every bearer of span %s is in use: use another line, or try later", s.ID())
}

// place sends the SETUP of a leg that Dial made (Q.931 5.1.1).
func (s *Span) place(g *leg) {
	n := s.choose()
	ref, ok := s.control.FreeRef()
	if n == 0 || !ok || !s.inService() || !s.take(g, n, telephony.ChannelOutgoing) {
		s.vacant.Add(1) // the promise of Dial cannot be kept: an incoming call was faster
		g.end(telephony.Released{Cause: telephony.CauseNoChannel})
		return
	}
	s.counted-- // the bearer was taken by the promise
	g.ref = ref
	s.legs[ref] = g
	setup := q931.Setup{
		Called: numberOf(g.order.To, s.settings.CalledType), Calling: presented(g.order.From, s.settings.CallingType),
		Bearer: q931.Speech, Channel: q931.Channel{Number: n, Exclusive: s.settings.Exclusive}, Complete: !s.settings.Overlap,
	}
	if s.settings.Overlap { // Q.931 5.1.3: the number follows when the network asks for it
		setup.Called.Digits, g.digits = "", g.order.To
	}
	s.calls.Step(q931.Call{Ref: ref, Setup: setup})
}

// sendDigits sends the number digit by digit (Q.931 5.1.3).
func (s *Span) sendDigits(g *leg, c q931.Channel) {
	s.move(g, c)
	digits := g.digits
	g.digits = ""
	for i := range len(digits) {
		s.calls.Step(q931.MoreDigits{Ref: g.ref, Digits: digits[i : i+1], Complete: i == len(digits)-1})
	}
}

// connected is the far end's answer.
func (s *Span) connected(g *leg) {
	s.circuits[g.slot].state = telephony.ChannelTalking
	g.tell(telephony.Answered{})
}

// inBand says to the far end that there is something to hear (Q.931 4.5.23).
func (s *Span) inBand() []q931.Progress {
	return []q931.Progress{{Description: q931.InBandInformation, Location: q931.LocationPrivateLocal}}
}
