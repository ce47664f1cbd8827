package dsp

import (
	"slices"
	"time"

	"callbox/telephony"
)

// The limits of the call-progress detector: those of GB/T 3380 for what an exchange sends, and of YD/T for what a line
// makes of it (-35 to -5 dBm0, 20 dB above noise). Levels and shares are of all of a tone's frequencies together.
const (
	progressLeastDBm0 = -37.0
	progressFloor     = 1 / 6.0 // of a burst's power is the least that belongs to it: the rest is an echo in its gaps
	progressGap       = 0.25    // of a burst's power is the most that a quiet window of a gap holds
	edgeHops          = 3       // how far from an edge a window sees it, with the edge's own length
	mostParts         = 16      // of a cadence, kept for comparison
)

var progressLeast = meanSquareOf(progressLeastDBm0)

// listened is what the detector reports.
var listened = []Signal{Dial, SpecialDial, Ringback, Busy, Congestion, Vacant, CallWaiting}

// Progress listens to an exchange for the progress of a call: what it reports are tones of the plan and nothing else. An
// exchange's tone is pure, keeps its pitch and level from edge to edge and from burst to burst, and keeps time; speech and
// music are not like that for long. It belongs to the goroutine that feeds it.
type Progress struct {
	bank    *bank
	pitches []pitch
	tones   []cadenced
	longOff int // hops: longer than any gap, so the end

	now    int // the pitch that sounds, or silent
	gone   int // hops since it was heard last
	length int // hops for which now has sounded
	last   hearing
	recent [beatHops]hearing // the newest last
	burst  burst             // the one that sounds, or the last one
	loud   int               // windows of the gap that were not quiet
	whole  bool              // the beginning of this part was heard
	parts  [mostParts]part
	count  int // of parts, the newest last
	told   Signal
	spell  Spell // of told, or of the tone before
}

// silent is the pitch of no tone.
const silent = -1

// A part is a burst or a gap that has ended.
type part struct {
	hops  int
	burst burst // of a gap: the one before it
}

// NewProgress returns a detector of the plan's dial, special dial, ringback, busy, congestion, vacant-number and
// call-waiting tones.
func NewProgress(plan Plan) *Progress {
	p := &Progress{now: silent, last: hearing{pitch: silent}}
	for i := range p.recent {
		p.recent[i].pitch = silent
	}
	var tones []Tone
	for _, t := range plan {
		if slices.Contains(listened, t.Signal) && !t.InTurn {
			tones = append(tones, t)
		}
	}
	places := placesOf(tones)
	p.bank = newBank(places...)
	for _, t := range tones {
		p.add(t, places)
	}
	p.finish()
	return p
}

// Frame takes in the next frame and reports a tone once, when it is sure: busy and congestion at the end of their second
// period, ringback at the end of its first, dial tone when it has lasted longer than any burst. The same tone is reported
// again only after it ended.
func (p *Progress) Frame(f *telephony.Frame) (found Signal, ok bool) {
	for hop := range hopsPerFrame {
		p.bank.hear((*[hopSamples]int16)(f[hop*hopSamples:]))
		if s := p.step(p.hear()); s != "" && s != p.told {
			p.told = s
			found, ok = s, true
		}
	}
	return found, ok
}

// step takes in the next window and returns the tone that is certain with it, if any.
func (p *Progress) step(h hearing) Signal {
	settled := p.recent[beatHops-edgeHops]
	copy(p.recent[:], p.recent[1:])
	p.recent[beatHops-1] = h
	twice := h.pitch == p.last.pitch // since the very beginning of an edge is a splash
	p.last = h
	p.length++
	if h.pitch == p.now && !p.outdone(h) {
		p.gone = 0
		if p.told != "" && p.now != silent {
			p.spell.Lasted = p.bank.now() - windowLength/2 - p.spell.Began
		}
	} else if p.gone++; twice && p.gone >= p.patience(h.pitch) {
		return p.edge(h.pitch)
	}
	switch {
	case p.length < 2*edgeHops:
		return ""
	case p.now == silent:
		return p.gap(settled)
	}
	return p.within(settled)
}

// patience is how many windows of another pitch, or of none, end what sounds. A tone that beats falls silent for moments,
// and at its edges any tone is a splash of other pitches.
func (p *Progress) patience(next int) int {
	switch {
	case p.now == silent:
		return 2
	case next == silent:
		return p.pitches[p.now].patience
	}
	return 2 * edgeHops
}

// outdone tells whether a window of the same pitch is so much louder that what sounded until now was an echo, which ends.
// The level of a tone that beats is not known sooner than after a beat.
func (p *Progress) outdone(h hearing) bool {
	if p.now == silent {
		return false
	}
	least := 1
	if p.pitches[p.now].beats {
		least = beatHops
	}
	v := &p.burst.steady
	return v.good >= least && v.holds() && v.power < h.power*progressFloor
}

// edge closes the part of the cadence that ended when its pitch was heard last, and begins the next.
func (p *Progress) edge(next int) (found Signal) {
	ended := p.length - p.gone + 1 // a window sees half of what comes
	if p.now != silent && next != silent && ended <= 2*edgeHops {
		p.now, p.gone, p.burst = next, 0, burst{pitch: next} // it was the splash
		return ""
	}
	if p.now != silent && p.withoutBreak(p.told) {
		p.told = ""
	}
	switch good := p.good(); {
	case p.whole && good:
		copy(p.parts[:], p.parts[1:])
		p.parts[mostParts-1] = part{ended, p.burst}
		p.count = min(p.count+1, mostParts)
		found = p.match()
	case !good:
		p.spoil()
	}
	if p.now != silent && next != silent { // from tone to tone without a gap: another story
		p.count = 0
	}
	p.length, p.now, p.gone, p.loud = p.gone-1, next, 0, 0
	p.whole = p.bank.block > 2*windowBlocks // or it began before the first frame
	if next != silent {
		p.burst = burst{pitch: next}
	}
	return found
}

// begin notes a tone that began so many hops ago. A window sees an edge when it is in its middle.
func (p *Progress) begin(hops int) {
	p.spell = Spell{Began: p.bank.now() - windowLength/2 - time.Duration(hops)*hop, LevelDBm0: levelOf(p.burst.power())}
	p.spell.Lasted = p.bank.now() - windowLength/2 - p.spell.Began
}

// Spell returns when the newest tone began and until when it was heard, and how loud. One that was heard from its middle
// on is said to have begun with the first part that was whole.
func (p *Progress) Spell() Spell { return p.spell }

// good tells whether the part that ends may be one of an exchange's tone: a burst that was of one piece, or a gap that was
// quiet. The echo of a word does not spoil it.
func (p *Progress) good() bool {
	if p.now == silent {
		return p.loud*5 <= p.length
	}
	return p.burst.steady.holds() || p.burst.beating.holds()
}

// within judges a window inside a burst.
func (p *Progress) within(h hearing) Signal {
	if p.gone > 0 {
		return "" // this may be its end
	}
	p.burst.steady.judge(h.of(p.now))
	if pitch := &p.pitches[p.now]; pitch.beats && p.length >= beatHops+edgeHops {
		p.burst.beating.judge(p.mean(pitch))
	}
	for i := range p.tones {
		if t := &p.tones[i]; t.parts == nil && t.pitch == p.now && t.lasts(&p.burst) {
			if t.signal != p.told {
				p.begin(p.length)
			}
			return t.signal
		}
	}
	return ""
}

// gap judges a window between bursts: an exchange is silent there.
func (p *Progress) gap(h hearing) Signal {
	if h.total > p.burst.power()*progressGap {
		p.loud++
	}
	if p.length > p.longOff {
		p.spoil()
	}
	return ""
}

// spoil forgets the cadence: what sounds is not an exchange's tone, or the tone has ended.
func (p *Progress) spoil() {
	p.count, p.whole, p.told, p.burst = 0, false, "", burst{pitch: silent}
}
