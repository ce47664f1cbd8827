package fxo

import (
	"math"
	"slices"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// A testimony is what one witness said lately, and how sure it alone makes that the call is over.
type testimony struct {
	witness    telephony.Witness
	confidence float64
}

// sureEnough is how sure the box must be before it hangs up by itself. A wrong release costs a caller, a late one costs
// seconds.
const sureEnough = 0.9

// How sure each witness makes alone: estimates, of the share of its sights that were the end of a call.
const (
	sureOfLoopDrop = 0.98 // an exchange opens the loop for nothing else
	sureOfPolarity = 0.98 // on a line of which the configuration says that it does so
	sureOfTurn     = 0.7  // on any other: it may turn for an answer that was guessed long ago
	sureOfTone     = 0.95 // two periods of a tone that nobody talked into
	sureOfTalkOver = 0.7  // while somebody did: see toneConfidence
	sureOfSteady   = 0.95 // a dial tone that goes on and on
	sureOfDialTone = 0.5  // a moment of it: somebody's music, or a third party who dials
	sureOfSilence  = 0.6  // nothing was heard, which is no proof; the line's limit decides
	sureOfNotice   = 0.8  // and more, of what dsp.AnswerDetector says
)

// How long a tone must go on.
const (
	enoughPeriods = 2  // that nobody here talked into
	talkedPeriods = 4  // if somebody did
	steadyPeriods = 10 // seconds of dial tone
)

// toneConfidence says how sure a tone of the exchange makes that the call is over. Two periods of busy tone are enough while
// the box is silent. While it talks into them (music on hold, a prompt, one party of three who speaks to another) two may be
// its own echo, or somebody's handset that lies beside another one: then four are asked for (pain 34).
func toneConfidence(t tone, late bool) (telephony.Witness, float64) {
	switch t.Signal {
	case dsp.Busy, dsp.Congestion, dsp.Vacant:
		if t.quiet >= enoughPeriods || t.periods >= talkedPeriods {
			return telephony.ByBusyTone, sureOfTone
		}
		return telephony.ByBusyTone, sureOfTalkOver
	case dsp.Dial:
		switch {
		case late: // the answer came too late
			return telephony.ByDialTone, sureOfTone
		case t.quiet >= steadyPeriods:
			return telephony.ByDialTone, sureOfSteady
		}
		return telephony.ByDialTone, sureOfDialTone
	}
	return "", 0
}

// testify takes in what a witness says and hangs up when all who spoke lately make it sure enough. Witnesses see different
// things, so each takes its share of the doubt that the others leave.
func (p *protocol) testify(w telephony.Witness, confidence float64) {
	p.remember(testimony{w, confidence})
	strongest, doubt := p.heard[0], 1.0
	for _, t := range p.heard {
		doubt *= 1 - t.confidence
		if t.confidence > strongest.confidence {
			strongest = t
		}
	}
	if 1-doubt < sureEnough {
		p.start(doubted, doubtTime)
		return
	}
	p.hangUp(end{Cause: telephony.CauseNormal, Witness: strongest.witness, Confidence: math.Round(100*(1-doubt)) / 100})
}

// remember keeps a testimony, the surest of each witness.
func (p *protocol) remember(new testimony) {
	i := slices.IndexFunc(p.heard, func(t testimony) bool { return t.witness == new.witness })
	if i < 0 {
		p.heard = append(p.heard, new)
		return
	}
	p.heard[i].confidence = max(p.heard[i].confidence, new.confidence)
}
