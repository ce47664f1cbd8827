package fxo

import (
	"slices"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// An answerWatch tells what the call-progress detector does not: that ringback tone goes on, and that something sounds
// which is no tone. The media loop owns it.
type answerWatch struct {
	last  dsp.Signal // the newest tone that was certain
	pitch int        // ticks for which a tone's pitch has sounded
	other int        // ticks of other sounds, not farther apart than a second
	quiet int        // ticks since the last of them
}

// Both are far longer than a click or the edge of a tone.
const (
	ringbackTicks = 25 // 500 ms of a burst of one second
	voiceTicks    = 12 // 240 ms
)

const secondTicks = int(time.Second / telephony.Tick)

// hear takes in what was found in a tick.
func (w *answerWatch) hear(signal dsp.Signal, sound dsp.Sound, tell func(finding)) {
	if signal != "" {
		w.last = signal
	}
	if sound == dsp.Pitch {
		w.pitch++
	} else {
		w.pitch = 0
	}
	if w.pitch == ringbackTicks && w.last == dsp.Ringback {
		tell(finding{what: foundTone, tone: tone{Signal: dsp.Ringback}})
	}
	if sound != dsp.Other {
		if w.quiet++; w.quiet > secondTicks {
			w.other = 0
		}
		return
	}
	w.quiet = 0
	if w.other++; w.other == voiceTicks {
		tell(finding{what: foundVoice})
	}
}

// A silenceWatch tells when nobody was heard for a limit, the box included: a caller who is played music is not alone.
// The media loop owns it.
type silenceWatch struct {
	limit int // ticks
	ticks int
	quiet bool // in this tick, up to now
}

// silenceDBm0 is above the noise of a line and below any speech.
const silenceDBm0 = -45

// newSilenceWatch returns a watch, or nil if there is no limit.
func newSilenceWatch(limit time.Duration) *silenceWatch {
	if limit == 0 {
		return nil
	}
	return &silenceWatch{limit: int(limit / telephony.Tick)}
}

func (w *silenceWatch) heard(f *telephony.Frame) { w.quiet = dsp.Level(f) < silenceDBm0 }

// said takes in the other half of the tick and reports when the limit is reached.
func (w *silenceWatch) said(loud bool) bool {
	if !w.quiet || loud {
		w.ticks = 0
		return false
	}
	w.ticks++
	return w.ticks == w.limit
}

// A toneWatch tells how long a tone of the exchange goes on in a call, and how much of it the box did not talk into. The
// media loop owns it.
type toneWatch struct {
	tones  *dsp.Progress
	now    tone          // as it was told last
	period time.Duration // of that
	clock  time.Duration // of the detector
	quiet  time.Duration // since the box said anything
}

func newToneWatch(plan dsp.Plan) *toneWatch { return &toneWatch{tones: dsp.NewProgress(plan)} }

// hear takes in a tick and tells a tone when it is found, and with each period more.
func (w *toneWatch) hear(f *telephony.Frame) (t tone, ok bool) {
	found, _ := w.tones.Frame(f)
	w.clock += telephony.Tick
	spell := w.tones.Spell()
	since := w.clock - spell.Began
	switch {
	case found != "":
		w.now, w.period = tone{Signal: found}, periodOf(found, since)
	case w.now.Signal == "":
		return tone{}, false
	case since > spell.Lasted+w.period: // it has ended
		w.now = tone{}
		return tone{}, false
	}
	// Cadences may be 10 % off.
	periods := func(d time.Duration) int { return int((d + w.period/5) / w.period) }
	t = tone{Signal: w.now.Signal, periods: periods(since), quiet: periods(min(since, w.quiet))}
	if found == "" && t.periods <= w.now.periods {
		return tone{}, false
	}
	w.now = t
	return t, true
}

// periodOf is how long a period is of a tone that was just found: those that end a call the detector knows at the end of
// their second. Others are counted in seconds.
func periodOf(s dsp.Signal, since time.Duration) time.Duration {
	if slices.Contains(ends, s) {
		return max(since/2, telephony.Tick)
	}
	return time.Second
}

// said takes in the other half of the tick.
func (w *toneWatch) said(loud bool) {
	if w.quiet += telephony.Tick; loud {
		w.quiet = 0
	}
}

// A waitingWatch hears out an exchange that tells of another caller in the call (Telcordia GR-30, YD/T 1277.1): an alert,
// which the box acknowledges as a telephone does, and the caller's identity. Neither party hears any of it. The media loop
// owns it.
type waitingWatch struct {
	alert  *dsp.CallerIDAlertReceiver
	caller *dsp.CallerIDReceiver
	ack    dsp.DTMFGenerator // the next one
	acking bool
	left   int // ticks in which the identity may come
}

// waitingTicks is how long the parties are cut off at the most: 60 ms of acknowledgement, 500 ms until the message begins and
// half a second of it (GR-30 3.2).
const waitingTicks = int(1200 * time.Millisecond / telephony.Tick)

func newWaitingWatch() *waitingWatch {
	return &waitingWatch{alert: dsp.NewCallerIDAlertReceiver(), caller: dsp.NewCallerIDReceiver()}
}

func (w *waitingWatch) busy() bool { return w.left > 0 }

// hear takes in a tick, which it clears while the exchange speaks to the box alone, and reports an identity.
func (w *waitingWatch) hear(f *telephony.Frame) (id dsp.CallerID, ok bool) {
	if !w.busy() {
		if w.alert.Frame(f) {
			w.ack, w.acking, w.left = freshAck, true, waitingTicks
		}
		return id, false
	}
	w.left--
	if id, ok = w.caller.Frame(f); ok {
		w.left = 0
	}
	clear(f[:])
	return id, ok
}

// say is what the box says meanwhile: the acknowledgement, then nothing.
func (w *waitingWatch) say(f *telephony.Frame) {
	clear(f[:])
	if w.acking {
		w.acking = w.ack.Next(f)
	}
}

// freshAck is copied for each alert, since nothing is made on the tick.
var freshAck = *dsp.NewCallerIDAck()

// A survey measures a line that should be quiet: first what is heard, and then what comes back of a test signal. The media
// loop owns it until it is done.
type survey struct {
	ticks int
	meter *dsp.Meter
	probe *dsp.EchoProbe
	said  bool // the probe is through
}

// When the parts of a survey begin: a digit must have died away, and two seconds tell hum from noise.
const (
	surveyMeter = int(400 * time.Millisecond / telephony.Tick)
	surveyProbe = surveyMeter + int(2200*time.Millisecond/telephony.Tick)
	probeDBm0   = -20
)

func newSurvey() *survey { return &survey{meter: dsp.NewMeter(), probe: dsp.NewEchoProbe(probeDBm0)} }

// hear takes in a tick and reports the end of the survey.
func (s *survey) hear(f *telephony.Frame) (done bool) {
	s.ticks++
	switch {
	case s.ticks <= surveyMeter:
	case s.ticks <= surveyProbe:
		s.meter.Frame(f)
	default:
		s.probe.Frame(f)
		return s.said
	}
	return false
}

// say is what the line is given in the same tick.
func (s *survey) say(f *telephony.Frame) {
	clear(f[:])
	if s.ticks > surveyProbe && !s.said {
		s.said = !s.probe.Next(f)
	}
}

// result is for the end, and for whoever may take his time.
func (s *survey) result() measurement { return measurement{s.meter.Reading(), s.probe.Result()} }
