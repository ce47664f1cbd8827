package fxo

import (
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// An operator sits on the line during one phase of a call: it listens for what the phase asks for, and keys digits. The
// media loop owns it, from the tick on at which it is first used; what it finds goes into a bounded box that is
// thrown away with it, so that nothing heard in one phase is taken for something of the next.
type operator struct {
	found  chan finding
	digits chan keying

	caller  *dsp.CallerIDReceiver // the detectors that the phase needs; nil: none
	dtmf    *dsp.DTMFReceiver
	tones   *dsp.Progress
	answer  *answerWatch
	silence *silenceWatch
	playing *dsp.Cadence // in place of speech; nil: nothing

	keying keying // what is being sent
	echo   int    // ticks for which what is heard may be what we said
	own    telephony.Frame
}

// keying is digits on their way out.
type keying struct {
	*dsp.DTMFGenerator
	number bool // the number called: its end is told
}

// A finding is an event that an operator heard. It is a value, so that telling it allocates nothing.
type finding struct {
	what   found
	key    byte
	signal dsp.Signal
	caller dsp.CallerID
}

type found uint8

const (
	foundCaller found = iota
	foundTone
	foundVoice
	foundDigit
	foundSilence
	foundSent
)

// The bounds of an operator's boxes: a digit lasts 80 ms at least, and the line's goroutine never waits.
const (
	findings = 32
	keyings  = 16
)

// echoTicks is how long the line's echo of what we said goes on.
const echoTicks = 5

// newOperator makes an operator for a phase.
func newOperator(what heard, plan dsp.Plan, silence time.Duration) *operator {
	o := &operator{found: make(chan finding, findings), digits: make(chan keying, keyings)}
	switch what {
	case callerID:
		o.caller = dsp.NewCallerIDReceiver()
	case tones:
		o.tones, o.answer = dsp.NewProgress(plan), &answerWatch{}
	case speech:
		o.tones, o.dtmf = dsp.NewProgress(plan), dsp.NewDTMFReceiver()
		o.silence = newSilenceWatch(silence)
	case busyTone:
		o.playing = dsp.NewCadence(plan.Tone(dsp.Busy))
	}
	return o
}

func (o *operator) tell(f finding) {
	select {
	case o.found <- f:
	default: // nobody has listened for 32 findings: the line is going down
	}
}

// key queues digits and reports whether there was room.
func (o *operator) key(k keying) bool {
	select {
	case o.digits <- k:
		return true
	default:
		return false
	}
}

// hear takes in 20 ms of the far end.
func (o *operator) hear(f *telephony.Frame) {
	if o.caller != nil {
		if id, ok := o.caller.Frame(f); ok {
			o.tell(finding{what: foundCaller, caller: id})
		}
	}
	if o.tones != nil {
		o.hearTones(f)
	}
	if o.dtmf != nil && o.echo == 0 {
		if key, ok := o.dtmf.Frame(f); ok {
			o.tell(finding{what: foundDigit, key: key})
		}
	}
	if o.silence != nil {
		o.silence.heard(f)
	}
	o.echo = max(o.echo-1, 0)
}

func (o *operator) hearTones(f *telephony.Frame) {
	signal, ok := o.tones.Frame(f)
	if ok {
		o.tell(finding{what: foundTone, signal: signal})
	}
	if o.answer == nil {
		return
	}
	sound := o.tones.Sound()
	if sound == dsp.Other && o.echo > 0 { // an agent who says hello into the ringback tone has not been answered
		sound = dsp.Quiet
	}
	o.answer.hear(signal, sound, o.tell)
}

// say gives the frame that goes out: f, or digits in its place.
func (o *operator) say(f *telephony.Frame) *telephony.Frame {
	if o.keying.DTMFGenerator == nil {
		select {
		case o.keying = <-o.digits:
		default:
		}
	}
	if o.keying.DTMFGenerator != nil {
		more := o.keying.Next(&o.own)
		if !more && o.keying.number {
			o.tell(finding{what: foundSent})
		}
		if !more {
			o.keying = keying{}
		}
		f, o.echo = &o.own, echoTicks
	}
	if o.playing != nil {
		o.playing.Next(&o.own)
		f = &o.own
	}
	if o.answer != nil && dsp.Level(f) > silenceDBm0 {
		o.echo = echoTicks
	}
	if o.silence != nil && o.silence.said(f) {
		o.tell(finding{what: foundSilence})
	}
	return f
}

// event is the finding as the machine takes it.
func (f finding) event() event {
	switch f.what {
	case foundCaller:
		return identified{telephony.CleanCaller(telephony.Caller{Number: f.caller.Number, Name: f.caller.Name, Withheld: f.caller.Withheld})}
	case foundTone:
		return tone{f.signal}
	case foundVoice:
		return voice{}
	case foundDigit:
		return digit{f.key}
	case foundSilence:
		return silent{}
	}
	return sent{}
}
