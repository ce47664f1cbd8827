package sim

import (
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/q931"
)

// A trunk is one call over a span, as its office sees it.
type trunk struct {
	ref    q931.Ref
	slot   int
	party  *Party // nil: the number is not whole yet
	number string // what the box dialled, or what it has not been told yet of what a caller dialled
	asked  bool   // for more digits
	stage  trunkStage
	timer  *time.Timer
}

type trunkStage uint8

const (
	dialling   trunkStage = iota // the box still sends digits
	switching                    // the number is whole, and a way is looked for
	alerting                     // somebody is rung: the box, or whom it called
	conversing                   //
	clearingUp
)

// numberOf is what a number on a trunk looks like: the plan is the telephone network's and the type is not said.
func numberOf(digits string) q931.Number { return q931.Number{Digits: digits, Plan: q931.PlanISDN} }

// inBand says that there is something to hear.
func (o *office) inBand() []q931.Progress {
	return []q931.Progress{{Description: q931.InBandInformation, Location: q931.LocationPublicLocal}}
}

// offer places a call into the box, on the lowest bearer that is free; the box takes the highest first, so that the two
// seldom meet.
func (o *office) offer(p *Party) error {
	reply := make(chan error, 1)
	if err := o.post(func() { reply <- o.place(p) }); err != nil {
		return err
	}
	select {
	case err := <-reply:
		return err
	case <-o.stop:
		return errClosed
	}
}

func (o *office) place(p *Party) error {
	slot := o.free()
	ref, ok := o.control.FreeRef()
	if slot == 0 || !ok || !o.up {
		return ErrLineInUse
	}
	t := &trunk{ref: ref, slot: slot, party: p, stage: alerting}
	o.trunks[slot] = t
	p.ring(o)
	o.change(t, Calling)
	number := p.call.To
	if number == "" {
		number = o.service.Number
	}
	s := q931.Setup{
		Called: numberOf(number), Calling: callingOf(p.call), Bearer: q931.Speech, Display: p.call.Name,
		Channel: q931.Channel{Number: slot, Exclusive: true}, Complete: !o.service.Overlap,
	}
	if o.service.Overlap {
		s.Called.Digits, t.number = "", number
	}
	o.calls.Step(q931.Call{Ref: ref, Setup: s})
	return nil
}

// callingOf is how the network tells who calls.
func callingOf(c Call) q931.Number {
	n := numberOf(c.From)
	n.Screening = q931.ScreeningNetwork
	switch {
	case c.Withheld:
		n.Digits, n.Presentation = "", q931.PresentationRestricted
	case c.From == "":
		n.Presentation = q931.PresentationUnavailable
	}
	return n
}

func (o *office) free() int {
	for n, b := range o.slots {
		if b != nil && o.trunks[n] == nil {
			return n
		}
	}
	return 0
}

func (o *office) trunkOf(r q931.Ref) *trunk {
	for _, t := range o.trunks {
		if t != nil && t.ref == r {
			return t
		}
	}
	return nil
}

// hangUp ends the party's part.
func (o *office) hangUp(p *Party) {
	_ = o.post(func() {
		for _, t := range o.trunks {
			if t != nil && t.party == p && t.stage != clearingUp {
				o.end(t, goodbye(t.stage))
				o.clear(t, telephony.CauseNormal)
			}
		}
	})
}

func goodbye(s trunkStage) Stage {
	if s == conversing {
		return HungUp
	}
	return GaveUp
}

// after moves the call on when the time is over.
func (o *office) after(t *trunk, d time.Duration) {
	t.stopTimer()
	t.timer = time.AfterFunc(d, func() {
		_ = o.post(func() {
			if o.trunks[t.slot] == t {
				o.move(t)
			}
		})
	})
}

func (t *trunk) stopTimer() {
	if t.timer != nil {
		t.timer.Stop()
	}
}

// move is what a call's timer is for.
func (o *office) move(t *trunk) {
	switch t.stage {
	case dialling:
		if t.number == "" {
			o.clear(t, telephony.CauseBadNumber)
			return
		}
		o.through(t)
	case switching:
		o.reach(t)
	case alerting:
		if outcomeOf(t.number).answers == 0 {
			o.end(t, GaveUp)
			o.clear(t, telephony.CauseNoAnswer)
			return
		}
		o.calls.Step(q931.Connect{Ref: t.ref})
		o.converse(t)
	}
}

// through looks for a way to the number.
func (o *office) through(t *trunk) {
	o.slots[t.slot].disconnect()
	t.stage = switching
	o.calls.Step(q931.Proceed{Ref: t.ref, Channel: q931.Channel{Number: t.slot, Exclusive: true}})
	o.after(t, switchingTime)
}

// refusals are the causes that say what the tones of an analogue line say.
var refusals = map[dsp.Signal]telephony.Cause{
	dsp.Vacant: telephony.CauseUnallocated, dsp.Busy: telephony.CauseBusy, dsp.Congestion: telephony.CauseCongestion,
}

// reach rings the number, or says why not.
func (o *office) reach(t *trunk) {
	outcome := outcomeOf(t.number)
	t.party = newCalled(o, t.number, outcome)
	o.change(t, Calling)
	o.called.Store(t.party)
	if outcome.refusal != "" {
		o.end(t, Refused)
		o.clear(t, refusals[outcome.refusal])
		return
	}
	t.stage = alerting
	o.calls.Step(q931.Alert{Ref: t.ref, Progress: o.inBand()})
	o.slots[t.slot].connect(dsp.NewCadence(o.plan.Tone(dsp.Ringback)), nil)
	ring := outcome.answers
	if ring == 0 {
		ring = ringOutTime
	}
	o.after(t, ring)
}

// converse joins the box and the party.
func (o *office) converse(t *trunk) {
	t.stage = conversing
	t.party.answer()
	o.slots[t.slot].connect(&t.party.handset, &t.party.handset)
	o.change(t, Talking)
}

// clear ends the call towards the box; Released tells when the bearer is free again.
func (o *office) clear(t *trunk, c telephony.Cause) {
	t.stage = clearingUp
	t.stopTimer()
	o.slots[t.slot].disconnect()
	o.calls.Step(q931.Clear{Ref: t.ref, Cause: c})
}

// change tells the party's stage.
func (o *office) change(t *trunk, s Stage) {
	t.party.tell(s)
	o.list()
}

// end is the party's last news.
func (o *office) end(t *trunk, s Stage) {
	if t == nil || t.party == nil {
		return
	}
	t.party.end(s)
	t.party = nil
	o.list()
}

// list puts down who is on the span.
func (o *office) list() {
	var parties []*Party
	for _, t := range o.trunks {
		if t != nil && t.party != nil {
			parties = append(parties, t.party)
		}
	}
	o.current.Store(&parties)
}
