package fxo

import (
	"strings"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// Dial takes the line and dials Order.To, up to 32 of 0-9 A-D * # and comma for a pause of 2 s. It refuses with Busy when
// the line has a call or rings (glare), and with Unavailable when it is out of service. A ring that crosses the order ends
// the leg with CauseNoChannel: try another line.
//
// The leg tells Progress when the digits are out, Ringing when ringback tone is heard, and Answered: by the battery where
// the configuration says that the exchange turns it, and otherwise by a guess (see calling).
func (l *Line) Dial(o telephony.Order) (telephony.Leg, error) {
	if err := l.mayDial(o.To); err != nil {
		return nil, err
	}
	if !l.free.CompareAndSwap(true, false) {
		return nil, l.notFree()
	}
	leg := l.newLeg()
	leg.call = o.Call
	l.post(verb{leg, dial{o.To}})
	return leg, nil
}

// mayDial looks at the order alone.
func (l *Line) mayDial(to string) error {
	c := l.config.Load().Line(l.ID())
	if c != nil && c.Way == telephony.InOnly {
		return telephony.Errorf(telephony.Unavailable, "线路 %s 只呼入：请改线路方向或用别的线路", "line %s takes calls in only: change its way, or use another line", l.ID())
	}
	if _, err := dsp.NewDTMF(to); err != nil || to == "" || len(to) > telephony.MaxNumberLen {
		return telephony.Errorf(telephony.Invalid, "号码 %q 不能在模拟线路上拨出：请用 1 到 %d 位 0-9 * # A-D", "%q cannot be dialled on an analogue line: give 1 to %d of 0-9 * # A-D", to, telephony.MaxNumberLen)
	}
	if c != nil && c.Dial == "pulse" && strings.Trim(to, "0123456789") != "" {
		return telephony.Errorf(telephony.Invalid, "线路 %s 用脉冲拨号，只能拨 0-9", "line %s dials by pulses, which have 0-9 only", l.ID())
	}
	return nil
}

// notFree says why the line is not free.
func (l *Line) notFree() error {
	switch s := l.status.Load(); s.State {
	case telephony.LineBlocked, "":
		return telephony.Errorf(telephony.Unavailable, "线路 %s 已停用：请在线路页启用", "line %s is out of service: enable it on the page of lines", l.ID())
	case telephony.LineFault:
		return telephony.Errorf(telephony.Unavailable, "线路 %s 没有馈电：请检查外线插头", "line %s has no battery: check its plug", l.ID())
	default:
		return telephony.Errorf(telephony.Busy, "线路 %s 正在使用：请用别的线路或稍后再试", "line %s is in use: use another line, or try later", l.ID())
	}
}
