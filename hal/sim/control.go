package sim

import (
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/q921"
	"callbox/telephony/q931"
)

// told does what call control wants done, and takes in what the box said.
func (o *office) told(a q931.Action) {
	switch a := a.(type) {
	case q931.Send:
		o.link.Step(q921.Data{Octets: a.Octets})
	case q931.Establish:
		o.link.Step(q921.Establish{})
	case q931.Incoming:
		o.dialled(a)
	case q931.Digits:
		if t := o.trunkOf(a.Ref); t != nil && t.stage == dialling {
			o.collect(t, a.Digits, a.Complete)
		}
	case q931.DigitsWanted:
		if t := o.trunkOf(a.Ref); t != nil {
			o.sendDigits(t)
		}
	case q931.Connected:
		if t := o.trunkOf(a.Ref); t != nil && t.stage == alerting {
			o.converse(t)
		}
	case q931.Disconnecting:
		o.calls.Step(q931.Clear{Ref: a.Ref, Cause: telephony.CauseNormal})
	case q931.Released:
		if t := o.trunkOf(a.Ref); t != nil {
			o.release(t)
		}
	}
}

// dialled is a call of the box.
func (o *office) dialled(in q931.Incoming) {
	c := in.Setup.Channel
	switch {
	case c.Number == 0:
		c.Number = o.free()
	case o.slots[c.Number] != nil && o.trunks[c.Number] != nil && !c.Exclusive:
		c.Number = o.free()
	}
	if c.Number == 0 || o.trunks[c.Number] != nil {
		o.calls.Step(q931.Clear{Ref: in.Ref, Cause: causeChannelTaken})
		return
	}
	t := &trunk{ref: in.Ref, slot: c.Number, stage: dialling}
	o.trunks[t.slot] = t
	if in.Setup.Called.Digits == "" && !in.Setup.Complete {
		o.slots[t.slot].connect(dsp.NewCadence(o.plan.Tone(dsp.Dial)), nil)
		o.askDigits(t, firstDigitWait, o.inBand()...)
		return
	}
	o.collect(t, in.Setup.Called.Digits, in.Setup.Complete)
}

// causeChannelTaken is "requested circuit/channel not available" (Q.850 2.2.7.2.10).
const causeChannelTaken telephony.Cause = 44

// collect takes digits that the box sent, until the number is whole or no more come.
func (o *office) collect(t *trunk, digits string, complete bool) {
	t.number += digits
	if complete || matches(whole, t.number) || len(t.number) >= maxDigits {
		o.through(t)
		return
	}
	o.slots[t.slot].disconnect()
	o.askDigits(t, nextDigitWait)
}

// askDigits waits for more digits, and says so the first time (Q.931 5.2.4).
func (o *office) askDigits(t *trunk, wait time.Duration, hear ...q931.Progress) {
	if !t.asked {
		t.asked = true
		o.calls.Step(q931.AskDigits{Ref: t.ref, Channel: q931.Channel{Number: t.slot, Exclusive: true}, Progress: hear})
	}
	o.after(t, wait)
}

// sendDigits sends the box the number that a caller dialled, one digit after the other.
func (o *office) sendDigits(t *trunk) {
	for _, d := range t.number {
		o.calls.Step(q931.MoreDigits{Ref: t.ref, Digits: string(d)})
	}
	t.number = ""
}

// release is the end of a call: its bearer is free.
func (o *office) release(t *trunk) {
	t.stopTimer()
	o.slots[t.slot].disconnect()
	o.trunks[t.slot] = nil
	o.end(t, Released)
}
