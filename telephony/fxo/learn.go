package fxo

import (
	"math"
	"slices"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// A tone that calls ended with is proposed from two calls of two on, or four of five: a person decides.
const (
	sureOfLesson = 0.65
	leastLessons = 2
)

// learn takes in the last seconds of a call that is over.
func (l *Line) learn(tail *dsp.Tail) {
	if _, err := l.learner.Learn(tail.Samples()); err != nil {
		return // most calls end by the box's hanging up, and with nothing
	}
	best, _ := l.learner.Lesson()
	l.lesson.Store(&lesson{best, l.learner.Spectrum()})
}

// ForgetTone lets the line learn anew.
func (l *Line) ForgetTone() {
	select {
	case l.unlearn <- struct{}{}:
	default: // it will
	}
}

// A lesson is what the line knows of the tone that ends its calls. It is never changed.
type lesson struct {
	dsp.Lesson
	spectrum dsp.Spectrum
}

// LearnedTone is what the ends of the line's calls have taught since the start of the box.
func (l *Line) LearnedTone() telephony.LearnedTone {
	t := telephony.LearnedTone{Line: l.ID()}
	config := l.config.Load()
	if c := config.Line(l.ID()); c != nil {
		t.Adopted = c.BusyTone
	}
	heard := l.lesson.Load()
	if heard == nil {
		return t
	}
	t.Calls, t.Of, t.Confidence = heard.Calls, heard.Of, math.Round(100*heard.Confidence)/100
	t.Tone, t.LevelDBm0 = lineTone(heard.Tone), math.Round(heard.Tone.LevelDBm0)
	for band, dBm0 := range heard.spectrum {
		t.Spectrum = append(t.Spectrum, telephony.ToneBand{Hz: heard.spectrum.Hz(band), DBm0: math.Round(dBm0)})
	}
	t.Known = slices.ContainsFunc(planOf(config, l.ID()), func(known dsp.Tone) bool {
		return slices.Contains(ends, known.Signal) && alike(lineTone(known), t.Tone)
	})
	t.Proposed = !t.Known && t.Calls >= leastLessons && t.Confidence >= sureOfLesson
	return t
}

// ends are the tones that end a call.
var ends = []dsp.Signal{dsp.Busy, dsp.Congestion, dsp.Vacant}

func lineTone(t dsp.Tone) (l telephony.LineTone) {
	for _, hz := range t.Freqs {
		l.Hz = append(l.Hz, int(math.Round(hz)))
	}
	for _, part := range t.Cadence {
		l.CadenceMS = append(l.CadenceMS, int(part.Milliseconds()))
	}
	return l
}

// alike tells whether a detector that knows one tone hears the other: within 5 % of its pitch, and 10 % of its cadence.
func alike(known, heard telephony.LineTone) bool {
	near := func(share float64) func(a, b int) bool {
		return func(a, b int) bool { return math.Abs(float64(a-b)) <= share*float64(a) }
	}
	return slices.EqualFunc(known.Hz, heard.Hz, near(0.05)) && slices.EqualFunc(known.CadenceMS, heard.CadenceMS, near(0.1))
}

// planOf is the country's tones, and the line's own.
func planOf(config *telephony.Config, line string) dsp.Plan {
	plan := dsp.PlanOf(config.Site.Tones)
	if plan == nil {
		plan = dsp.PlanOf("cn")
	}
	c := config.Line(line)
	if c == nil || len(c.BusyTone.Hz) == 0 {
		return plan
	}
	own := dsp.Tone{Signal: dsp.Busy, LevelDBm0: -10}
	for _, hz := range c.BusyTone.Hz {
		own.Freqs = append(own.Freqs, float64(hz))
	}
	for _, ms := range c.BusyTone.CadenceMS {
		own.Cadence = append(own.Cadence, time.Duration(ms)*time.Millisecond)
	}
	return append(slices.Clip(plan), own)
}
