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
	lasting *toneWatch
	wire    *toneWatch // on the line with its echo
	voices  *answerWatch
	answer  *dsp.AnswerDetector
	waiting *waitingWatch
	silence *silenceWatch
	survey  *survey
	tail    *dsp.Tail    // of the line with its echo
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
	tone   tone
	answer dsp.AnswerFinding
	caller dsp.CallerID
	lossDB float64
	tail   *dsp.Tail
	survey *survey
}

type found uint8

const (
	foundCaller found = iota
	foundTone
	foundVoice
	foundAnswer
	foundWaiting
	foundEcho
	foundTail
	foundLine
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
		o.tones = dsp.NewProgress(plan)
	case answers:
		o.tones, o.voices, o.answer = dsp.NewProgress(plan), &answerWatch{}, dsp.NewAnswerDetector()
	case speech:
		o.dtmf = dsp.NewDTMFReceiver()
		o.lasting, o.wire = newToneWatch(plan), newToneWatch(plan)
		o.waiting = newWaitingWatch()
		o.silence = newSilenceWatch(silence)
		o.tail = &dsp.Tail{}
	case line:
		o.survey = newSurvey()
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

// hear takes in 20 ms of the far end; what passes between the exchange and the box alone it takes out.
func (o *operator) hear(f *telephony.Frame) {
	if o.caller != nil {
		if id, ok := o.caller.Frame(f); ok {
			o.tell(finding{what: foundCaller, caller: id})
		}
	}
	if o.tones != nil {
		o.hearTones(f)
	}
	o.hearEnd(o.lasting, f)
	if o.survey != nil && o.survey.hear(f) {
		o.tell(finding{what: foundLine, survey: o.survey})
		o.survey = nil
	}
	if o.answer != nil {
		o.hearAnswer(f)
	}
	if o.dtmf != nil && o.echo == 0 {
		if key, ok := o.dtmf.Frame(f); ok {
			o.tell(finding{what: foundDigit, key: key})
		}
	}
	if o.silence != nil {
		o.silence.heard(f)
	}
	if o.waiting != nil {
		if id, ok := o.waiting.hear(f); ok {
			o.tell(finding{what: foundWaiting, caller: id})
		}
	}
	o.echo = max(o.echo-1, 0)
}

var noSound telephony.Frame

// hearWire takes in the same 20 ms with the line's echo in it. A canceller that is told to say the far end's busy tone back
// to it, by another line, takes some of it out: whoever waits for the end of the call hears both.
func (o *operator) hearWire(f *telephony.Frame) { o.hearEnd(o.wire, f) }

func (o *operator) hearEnd(w *toneWatch, f *telephony.Frame) {
	if w == nil {
		return
	}
	if t, ok := w.hear(f); ok {
		o.tell(finding{what: foundTone, tone: t})
	}
}

func (o *operator) hearTones(f *telephony.Frame) {
	signal, ok := o.tones.Frame(f)
	if ok {
		o.tell(finding{what: foundTone, tone: tone{Signal: signal, dBm0: o.tones.Spell().LevelDBm0}})
	}
	if o.voices == nil {
		return
	}
	sound := o.tones.Sound()
	if sound == dsp.Other && o.echo > 0 { // an agent who says hello into the ringback tone has not been answered
		sound = dsp.Quiet
	}
	o.voices.hear(signal, sound, o.tell)
}

// hearAnswer listens for who answers; what may be our own echo is silence.
func (o *operator) hearAnswer(f *telephony.Frame) {
	if o.echo > 0 {
		f = &noSound
	}
	if found, ok := o.answer.Frame(f); ok {
		o.tell(finding{what: foundAnswer, answer: found})
	}
}

// say gives the frame that goes out: f, or digits in its place.
func (o *operator) say(f *telephony.Frame) *telephony.Frame {
	if o.keying.DTMFGenerator == nil {
		select {
		case o.keying = <-o.digits:
		default:
		}
	}
	switch {
	case o.keying.DTMFGenerator != nil:
		f = o.press()
	case o.survey != nil:
		o.survey.say(&o.own)
		f = &o.own
	case o.playing != nil:
		o.playing.Next(&o.own)
		f = &o.own
	case o.waiting != nil && o.waiting.busy():
		o.waiting.say(&o.own)
		f = &o.own
	}
	loud := dsp.Level(f) >= silenceDBm0
	if o.voices != nil && loud {
		o.echo = echoTicks
	}
	if o.lasting != nil {
		o.lasting.said(loud)
		o.wire.said(loud)
	}
	if o.silence != nil && o.silence.said(loud) {
		o.tell(finding{what: foundSilence})
	}
	return f
}

// press is 20 ms of the digits on their way out.
func (o *operator) press() *telephony.Frame {
	more := o.keying.Next(&o.own)
	if !more && o.keying.number {
		o.tell(finding{what: foundSent})
	}
	if !more {
		o.keying = keying{}
	}
	o.echo = echoTicks
	return &o.own
}

// event is the finding as the machine takes it.
func (f finding) event() event {
	switch f.what {
	case foundCaller:
		return identified{callerOf(f.caller)}
	case foundTone:
		return f.tone
	case foundVoice:
		return voice{}
	case foundAnswer:
		return answering{f.answer}
	case foundWaiting:
		return waits{callerOf(f.caller)}
	case foundLine:
		return f.survey.result()
	case foundEcho:
		return measured{f.lossDB}
	case foundDigit:
		return digit{f.key}
	case foundSilence:
		return silent{}
	}
	return sent{}
}

func callerOf(id dsp.CallerID) telephony.Caller {
	return telephony.CleanCaller(telephony.Caller{Number: id.Number, Name: id.Name, Withheld: id.Withheld})
}
