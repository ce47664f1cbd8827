package fxs

import (
	"errors"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// do is one action of the machine.
func (l *Line) do(a action) {
	switch a := a.(type) {
	case ring:
		l.tried(l.port.Ring(a.on))
	case open:
		l.tried(l.port.Disconnect())
	case play, identify:
		l.sound(a)
	case listen:
		l.hear(a.on)
	case take, refuse, arrive:
		l.assign(a)
	case tell:
		l.leg.tell(a.Event)
	case end:
		l.leg.end(telephony.Released(a))
		l.leg = nil
		l.path.owner.Store(nil)
	case look:
		l.light()
	case show:
		l.show(a)
		l.free.Store(a.state == telephony.LineIdle)
	case odd:
		if what, tell := l.odd.Count(string(a)); tell {
			l.append(telephony.Oddity{Where: l.ID(), What: what})
		}
	}
}

// assign gives legs their places.
func (l *Line) assign(a action) {
	switch a := a.(type) {
	case take:
		l.leg, l.ordered = l.ordered, nil
	case refuse:
		l.ordered.end(telephony.Released{Cause: a.Cause, Witness: telephony.BySignalling})
		l.ordered = nil
		return
	case arrive:
		l.leg = l.newLeg(l.ID())
		l.office.Arrive(telephony.Arrival{Leg: l.leg, Line: l.ID(), Caller: l.caller(), Called: a.called})
	}
	l.path.owner.Store(l.leg)
}

// caller is what the telephone is called by others.
func (l *Line) caller() telephony.Caller {
	p := l.config.Load().PhoneAt(l.port.Name())
	if p == nil {
		return telephony.Caller{}
	}
	return telephony.CleanCaller(telephony.Caller{Number: p.Extension, Name: p.Name})
}

// sound lets the telephone hear something in place of its party.
func (l *Line) sound(a action) {
	switch a := a.(type) {
	case identify:
		l.path.operator.play(dsp.EncodeCallerID(dsp.CallerID{
			Number: a.Number, Name: a.Name, Date: time.Now().In(l.config.Load().Location()).Format("01021504"),
			Withheld: a.Withheld, Absent: a.Number == "" && !a.Withheld,
		}, dsp.FormMDMF))
	case play:
		if a.signal == "" {
			l.path.operator.play(nil)
			return
		}
		l.path.operator.play(dsp.NewCadence(l.plan.Tone(a.signal)))
	}
}

// tried tells the machine when the port refused; that a card cannot open its loop is no fault.
func (l *Line) tried(err error) {
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		l.host.Step(failed{err})
	}
}

// hear begins or ends to listen to the telephone.
func (l *Line) hear(on bool) {
	switch {
	case !on && l.deafen != nil:
		l.deafen()
		l.deafen = nil
	case on && l.deafen == nil:
		l.deafen = l.listen(&standIn{path: &l.path})
	}
}

// light lights the message lamp, or puts it out.
func (l *Line) light() {
	p := l.config.Load().PhoneAt(l.port.Name())
	if l.messages == nil || p == nil {
		return
	}
	if on := l.messages(p.Extension); on != l.lit {
		l.lit = on
		l.tried(l.port.Lamp(on))
	}
}

func (l *Line) append(f telephony.Fact) {
	entry := telephony.Entry{Fact: f}
	if l.leg != nil {
		entry.Call = l.leg.call
	}
	l.office.Append(entry)
}
