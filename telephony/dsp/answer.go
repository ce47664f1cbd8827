package dsp

import (
	"time"

	"callbox/telephony"
)

// An Answer is who or what seems to be at the other end of a call.
type Answer string

const (
	AnswerSilence Answer = "silence"
	AnswerVoice   Answer = "voice"   // a person
	AnswerMachine Answer = "machine" // a recorded greeting that waits for a message
	AnswerNotice  Answer = "notice"  // an announcement of the network: a vacant number, a phone that is switched off
	AnswerTone    Answer = "tone"    // a tone that is none of those below
	AnswerFax     Answer = "fax"
	AnswerModem   Answer = "modem"
)

// An AnswerFinding is what an AnswerDetector takes the other end for. The confidence is the share of calls in which it may
// be expected to be right, and an honest guess: nothing here understands a word.
type AnswerFinding struct {
	Answer     Answer
	Confidence float64 // 0.5: hardly more than a guess .. 1
	Signal     string  // what gave it away: the name of a tone in its standard, or of the way of speaking
}

// How sure each tone makes.
const (
	sureOfFlags    = 0.99 // T.30 flags come from nothing else
	sureOfSIT      = 0.98
	sureOfCNG      = 0.9  // one burst; 0.98 after two
	sureOfCalling  = 0.85 // V.25 calling tone
	sureOfReversal = 0.9  // V.25 with reversals: a modem that asks the network's cancellers to step aside
	sureOfANSam    = 0.7  // V.8: a modem, or a fax machine of V.34, which sends the same
	sureOfCED      = 0.75 // T.30 CED: or an old modem, which sends the same
	sureOfBell     = 0.85
)

// An AnswerDetector listens from the answer on, or from the end of dialling on where a line does not tell of the answer, and
// says what is heard as soon as it may be guessed, and again when a better guess is possible: whoever must decide waits
// for the confidence that the decision needs. An announcement is taken for a long greeting until it begins again. It belongs
// to the goroutine that feeds it.
type AnswerDetector struct {
	tones  *toneWatch
	ans    ansWatch
	sit    sitWatch
	cng    int // bursts
	flags  *V21Receiver
	speech *speechWatch
	told   AnswerFinding
}

// NewAnswerDetector returns a detector that has heard nothing yet.
func NewAnswerDetector() *AnswerDetector {
	return &AnswerDetector{tones: newToneWatch(), flags: NewV21Receiver(), speech: newSpeechWatch()}
}

// Frame takes in the next frame and reports a finding when it is new or has become surer.
func (d *AnswerDetector) Frame(f *telephony.Frame) (finding AnswerFinding, ok bool) {
	if d.flags.Frame(f) {
		ok = d.tell(AnswerFax, sureOfFlags, "V.21 flags") || ok
	}
	for hop := range hopsPerFrame {
		ended, clear := d.tones.hear((*[hopSamples]int16)(f[hop*hopSamples:]))
		if ended.tone != noTone {
			ok = d.burst(ended) || ok
		}
		ok = d.sounds(clear) || ok
	}
	if answer, confidence, signal := d.speech.hear(f, d.tones.now.tone != noTone); answer != "" {
		ok = d.tell(answer, confidence, signal) || ok
	}
	return d.told, ok
}

// tell keeps a finding if it is surer than the last, or another as sure as it: people and machines may follow each other.
func (d *AnswerDetector) tell(answer Answer, confidence float64, signal string) bool {
	surer := confidence > d.told.Confidence || confidence == d.told.Confidence && answer != d.told.Answer
	if !surer && d.told.Answer != AnswerSilence { // after which anything is news
		return false
	}
	d.told = AnswerFinding{Answer: answer, Confidence: confidence, Signal: signal}
	return true
}

// burst judges a tone that has ended.
func (d *AnswerDetector) burst(b toneBurst) bool {
	d.sit.ended(b)
	length := b.length()
	switch {
	case b.tone == toneANS:
		d.ans = ansWatch{}
	case b.tone == toneCNG && length > 400*time.Millisecond && length < 600*time.Millisecond: // T.30 4.1: 0.5 s +/- 15 %
		d.cng++
		return d.tell(AnswerFax, min(0.98, sureOfCNG+0.08*float64(d.cng-1)), "CNG")
	case b.tone == toneCalling && length > 475*time.Millisecond && length < 725*time.Millisecond: // V.25: 0.5-0.7 s
		return d.tell(AnswerModem, sureOfCalling, "V.25 calling tone")
	}
	return false
}

// sounds judges a tone that goes on.
func (d *AnswerDetector) sounds(clear bool) bool {
	now := d.tones.now
	switch now.tone {
	case toneANS:
		d.ans.hear(&d.tones.bank.tones[toneANS], now.off, clear)
		return d.ans.count%ansEnough == 0 && d.answerTone()
	case toneBell:
		return now.length() > time.Second && d.tell(AnswerModem, sureOfBell, "2225 Hz")
	case toneSIT3:
		if name := d.sit.found(now); name != "" {
			return d.tell(AnswerNotice, sureOfSIT, name)
		}
	}
	return false
}

// answerTone names a tone of 2100 Hz that has lasted long enough.
func (d *AnswerDetector) answerTone() bool {
	switch reversed, modulated := d.ans.reversals > 0, d.ans.modulated(); {
	case reversed && modulated:
		return d.tell(AnswerModem, sureOfANSam, "ANSam with reversals")
	case modulated:
		return d.tell(AnswerModem, sureOfANSam, "ANSam")
	case reversed:
		return d.tell(AnswerModem, sureOfReversal, "ANS with reversals")
	}
	return d.tell(AnswerFax, sureOfCED, "CED")
}
