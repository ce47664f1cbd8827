package fxo

import (
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
		tell(finding{what: foundTone, signal: dsp.Ringback})
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
func (w *silenceWatch) said(f *telephony.Frame) bool {
	if !w.quiet || dsp.Level(f) >= silenceDBm0 {
		w.ticks = 0
		return false
	}
	w.ticks++
	return w.ticks == w.limit
}
