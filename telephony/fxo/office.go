package fxo

import (
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// do is one action of the machine.
func (l *Line) do(a action) {
	switch a := a.(type) {
	case seize:
		l.closed = true
		l.cancelEcho(!a.bare)
		l.memory.rangOut()
		l.tried(l.port.Seize())
	case open:
		l.closed = false
		l.path.echo.Store(nil)
		l.tried(l.port.Release())
	case press:
		l.tried(l.port.Flash())
	case pulse:
		l.tried(l.port.Pulse(a.digits))
	case hear:
		l.hear(a)
	case send:
		l.send(a.digits)
	case take:
		l.leg, l.ordered = l.ordered, nil
		l.memory.begin(false)
	case refuse:
		l.ordered.end(telephony.Released{Cause: a.Cause})
		l.ordered = nil
		l.setFree()
	case arrive:
		if l.closed { // the loop tripped the ring, of which nothing was noted
			l.memory.begin(true)
		}
		l.leg = l.newLeg()
		l.memory.named(a.Caller)
		l.office.Arrive(telephony.Arrival{Leg: l.leg, Line: l.ID(), Caller: a.Caller})
	case tell:
		if late, ok := a.Event.(telephony.Identified); ok {
			l.memory.named(late.Caller)
		}
		l.leg.tell(a.Event)
	case end:
		l.memory.over(telephony.Released(a))
		l.leg.end(telephony.Released(a))
		l.leg = nil
	case report:
		l.reportExam(diagnose(l.ID(), a.LineMeasures, l.memory.sum()))
	case decline:
		l.reportExam(nil)
	case show:
		l.show(a)
	case odd:
		if what, tell := l.odd.Count(string(a)); tell {
			l.append(telephony.Oddity{Where: l.ID(), What: what})
		}
	}
}

// reportExam answers whoever asked for an exam.
func (l *Line) reportExam(r *telephony.LineReport) {
	l.examined <- r
	l.examined = nil
	l.setFree()
}

// cancelEcho has the line's echo taken out from here on, or left: by the card, or else by the box. Of two cancellers the second
// would have nothing to learn from but what the first does.
func (l *Line) cancelEcho(on bool) {
	if c := l.config.Load().Line(l.ID()); c != nil && c.Echo == "off" {
		on = false
	}
	l.path.echo.Store(nil)
	if !l.port.CancelEcho(on) && on {
		l.path.echo.Store(&canceller{EchoCanceller: dsp.NewEchoCanceller()})
	}
}

// tried tells the machine when the port refused.
func (l *Line) tried(err error) {
	if err != nil {
		l.host.Step(failed{err})
	}
}

// hear puts an operator on the line who listens for what the phase needs.
func (l *Line) hear(h hear) {
	l.path.operator.Store(newOperator(h.what, l.plan, h.silence))
	switch {
	case h.what == nothing && l.deafen != nil:
		l.deafen()
		l.deafen = nil
	case h.what != nothing && l.deafen == nil:
		l.deafen = l.listen(&standIn{path: &l.path})
	}
}

// send has the operator dial; Dial has looked at the digits.
func (l *Line) send(digits string) {
	tones, err := dsp.NewDTMF(digits)
	if err != nil {
		l.host.Step(failed{err})
		return
	}
	l.path.operator.Load().key(keying{tones, true})
}

// show tells the office what the line is doing, if that is something else than before.
func (l *Line) show(s show) {
	was := l.status.Load()
	now := telephony.LineStatus{ID: l.ID(), Name: l.ID(), State: s.state, Busy: s.busy, Detail: s.detail, Since: was.Since}
	if c := l.config.Load().Line(l.ID()); c != nil {
		now.Name = c.Name
	}
	if now != *was {
		if now.State != was.State {
			now.Since = time.Now()
		}
		l.status.Store(&now)
		l.office.LineChanged(now)
	}
	l.setFree()
}

func (l *Line) setFree() { l.free.Store(l.status.Load().State == telephony.LineIdle) }

func (l *Line) append(f telephony.Fact) {
	entry := telephony.Entry{Fact: f}
	if l.leg != nil {
		entry.Call = l.leg.call
	}
	l.office.Append(entry)
}
