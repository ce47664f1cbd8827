package sim

import (
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// How patient the exchange is with somebody who dials, and how long it takes to find a way.
const (
	firstDigitWait = 10 * time.Second
	nextDigitWait  = 4 * time.Second
	switchingTime  = 500 * time.Millisecond
	ringOutTime    = time.Minute
	maxDigits      = 32
)

// An outcome is what becomes of a call by the box.
type outcome struct {
	refusal dsp.Signal    // the tone that refuses it; empty: it rings
	answers time.Duration // after so long of ringing; 0: never
	talks   time.Duration // and hangs up after so long; 0: when the box does
}

// twoRings is to the end of the second burst of ringback tone.
const twoRings = 6 * time.Second

// answered is the outcome of any number without a rule: answered after two rings by somebody who says back what the box
// says, until the box hangs up.
var answered = outcome{answers: twoRings}

// outcomes is the rule by the last two digits of the called number: 00 is no number, 01 busy, 02 no way through, 03 rings
// out, 04 is answered after two rings and hangs up five seconds later. Every other number has the outcome answered.
var outcomes = map[string]outcome{
	"00": {refusal: dsp.Vacant},
	"01": {refusal: dsp.Busy},
	"02": {refusal: dsp.Congestion},
	"03": {},
	"04": {answers: twoRings, talks: 5 * time.Second},
}

// whole are the numbers that need no wait for a further digit: emergency and service numbers, mobiles, local numbers and
// toll numbers of the eight-digit areas (China's numbering plan, YD/T 1009).
var whole = []telephony.Pattern{"11[0,9]", "12[0,2]", "1[3-9]XXXXXXXXX", "[2-8]XXXXXXX", "010XXXXXXXX", "02XXXXXXXXX"}

// emergency numbers answer always.
var emergency = []telephony.Pattern{"11[0,9]", "12[0,2]"}

func outcomeOf(number string) outcome {
	if matches(emergency, number) || len(number) < 2 {
		return answered
	}
	if o, ok := outcomes[number[len(number)-2:]]; ok {
		return o
	}
	return answered
}

func matches(patterns []telephony.Pattern, number string) bool {
	for _, p := range patterns {
		if p.Match(number) {
			return true
		}
	}
	return false
}

// dialTone takes the box's digits and finds whom they reach.
func (l *line) dialTone() state {
	number, came := l.collect()
	if came == elapsed && number == "" {
		return l.after(l.toneUntilReleased(dsp.Busy)) // nothing was dialled
	}
	if came == elapsed {
		came = l.await(switchingTime, released)
	}
	if came != elapsed {
		return l.after(came)
	}
	return l.reach(number, outcomeOf(number))
}

// collect plays dial tone until the first digit and returns the number when it is whole or the digits stop.
func (l *line) collect() (number string, came kind) {
	r := &register{receiver: dsp.NewDTMFReceiver(), inbox: l.inbox}
	l.tone(dsp.Dial, r)
	wait := firstDigitWait
	for len(number) < maxDigits && !matches(whole, number) {
		if came = l.await(wait, dialled, released); came != dialled {
			return number, came
		}
		l.connect(nil, r)
		number += string(l.came.digit)
		wait = nextDigitWait
	}
	return number, elapsed
}

// reach rings the number, or plays why not.
func (l *line) reach(number string, o outcome) state {
	p := newCalled(l, number, o)
	l.join(p)
	l.called.Store(p)
	if o.refusal != "" {
		l.end(Refused)
		return l.after(l.toneUntilReleased(o.refusal))
	}
	l.tone(dsp.Ringback, nil)
	ring := o.answers
	if ring == 0 {
		ring = ringOutTime
	}
	switch came := l.await(ring, released); {
	case came != elapsed:
		return l.after(came)
	case o.answers == 0:
		l.end(GaveUp)
		return l.after(l.toneUntilReleased(dsp.Busy))
	}
	return l.talking
}

// A register hears the digits that the box dials. The media loop owns it; it posts to the line and never waits.
type register struct {
	receiver *dsp.DTMFReceiver
	inbox    chan<- event
}

func (r *register) hear(b *hal.Block) {
	digit, ok := r.receiver.Frame((*telephony.Frame)(b))
	if !ok {
		return
	}
	select {
	case r.inbox <- event{kind: dialled, digit: digit}:
	default: // the line is flooded; a real register misses digits too
	}
}
