package dsp

import (
	"math"
	"slices"
	"time"

	"callbox/telephony"
)

// The limits of the call-progress detector: those of GB/T 3380 for what an exchange sends, and of YD/T for what a line
// makes of it (-35 to -5 dBm0, 20 dB above noise). Levels and shares are of all of a tone's frequencies together.
const (
	progressLeastDBm0 = -37.0
	progressOffset    = 30.0 // Hz from nominal; 25 must be accepted
	progressDrift     = 8.0  // Hz within a burst
	progressWobble    = 1.7  // ratio of power within a burst
	progressShare     = 0.7  // of the power, within a burst
	progressGap       = 0.25 // of a burst's power is the most that may be heard in a gap
	progressSlack     = 0.1  // of each part of a cadence, and edgeHops more
	edgeHops          = 3    // how far from an edge a window sees it, with the edge's own length
	mostParts         = 16   // of a cadence, kept for comparison
)

// listened is what the detector reports.
var listened = []Signal{Dial, SpecialDial, Ringback, Busy, Congestion, Vacant}

// Progress listens to an exchange for the progress of a call: what it reports are tones of the plan and nothing else. An
// exchange's tone is pure, keeps its pitch and level from edge to edge, and keeps time; speech and music are not like
// that for long. It belongs to the goroutine that feeds it.
type Progress struct {
	bank    *bank
	pitches []pitch
	tones   []cadenced
	longOn  int // hops: longer than any burst, so a dial tone
	longOff int // hops: longer than any gap, so the end

	now    int  // the pitch that sounds, or silent
	next   int  // the pitch of the newest window
	length int  // hops for which now has sounded
	whole  bool // its beginning was heard
	steady int  // hops of the burst found good
	recent [edgeHops]hearing
	burst  hearing // the burst's first good window
	parts  [mostParts]int
	count  int // of parts, the newest last
	told   Signal
}

// silent is the pitch of no tone.
const silent = -1

// A pitch is the frequencies that sound together in a tone, as places in the bank.
type pitch []int

// A cadenced is a tone of the plan as the detector compares it.
type cadenced struct {
	signal Signal
	pitch  int
	parts  []int // hops on, off, on, off, ...
	need   int   // how many parts must have been heard
}

// A hearing is what one window holds.
type hearing struct {
	pitch int
	power float64 // of the pitch
	off   float64 // Hz from its first frequency
	total float64 // power of everything
}

// NewProgress returns a detector of the plan's dial, special dial, ringback, busy, congestion and vacant-number tones.
func NewProgress(plan Plan) *Progress {
	p := &Progress{now: silent, next: silent, recent: [edgeHops]hearing{{pitch: silent}, {pitch: silent}, {pitch: silent}}}
	var freqs []float64
	for _, t := range plan {
		if slices.Contains(listened, t.Signal) {
			freqs = p.add(t, freqs)
		}
	}
	p.bank = newBank(freqs...)
	return p
}

// add takes in a tone of the plan and returns the frequencies with those that are new.
func (p *Progress) add(t Tone, freqs []float64) []float64 {
	var of pitch
	for _, hz := range t.Freqs {
		i := slices.Index(freqs, hz)
		if i < 0 {
			i, freqs = len(freqs), append(freqs, hz)
		}
		of = append(of, i)
	}
	at := slices.IndexFunc(p.pitches, func(other pitch) bool { return slices.Equal(of, other) })
	if at < 0 {
		at, p.pitches = len(p.pitches), append(p.pitches, of)
	}
	c := cadenced{signal: t.Signal, pitch: at}
	for i, d := range t.Cadence {
		hops := samplesIn(d) / hopSamples
		c.parts = append(c.parts, hops)
		if i%2 == 0 {
			p.longOn = max(p.longOn, hops*3/2)
		} else {
			p.longOff = max(p.longOff, hops*5/4)
		}
	}
	c.need = periods(t.Cadence) * len(c.parts)
	p.tones = append(p.tones, c)
	return freqs
}

// periods returns how many periods of a cadence make sure of it: two, or one if it is long or of more than one burst.
func periods(cadence []time.Duration) int {
	length := time.Duration(0)
	for _, d := range cadence {
		length += d
	}
	if len(cadence) > 2 || length > 2*time.Second {
		return 1
	}
	return 2
}

// Frame takes in the next frame and reports a tone once, when it is sure: busy and congestion at the end of their second
// period, ringback and vacant number at the end of their first, dial tone when it has lasted longer than any burst. The
// same tone is reported again only after it ended.
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

// hear finds the pitch that makes up most of the window. A window that an edge cuts in the middle holds half of the
// tone's power in one frequency, so a share of a half puts the edges where they are, whatever the level.
func (p *Progress) hear() hearing {
	h := hearing{pitch: silent, total: p.bank.total()}
	if h.total < progressLeast/4 {
		return h
	}
	share := h.total / 2
	for i, of := range p.pitches {
		if power := p.power(of); power > share {
			h.pitch, h.power, share = i, power, power
			h.off = p.bank.tones[of[0]].offset()
		}
	}
	return h
}

var progressLeast = meanSquareOf(progressLeastDBm0)

// power returns the power of a pitch, or none if one of its frequencies is missing.
func (p *Progress) power(of pitch) float64 {
	sum, least := 0.0, math.MaxFloat64
	for _, i := range of {
		tone := &p.bank.tones[i]
		raw := tone.power()
		if raw < progressLeast/8 {
			return 0
		}
		off := tone.offset()
		if math.Abs(off) > 2*progressOffset { // an edge shifts it; judge will look closer
			return 0
		}
		raw /= passband(off)
		sum, least = sum+raw, min(least, raw)
	}
	if least*8 < sum {
		return 0
	}
	return sum
}

// step takes in the next window and returns the tone that is certain with it, if any.
func (p *Progress) step(h hearing) Signal {
	settled := p.recent[0]
	copy(p.recent[:], p.recent[1:])
	p.recent[edgeHops-1] = h
	before := p.next
	if p.next = h.pitch; h.pitch != p.now && h.pitch == before { // twice, since the very beginning of an edge is a splash
		return p.edge()
	}
	p.length++
	if p.length < 2*edgeHops {
		return ""
	}
	if p.now == silent {
		return p.gap(settled)
	}
	return p.within(settled)
}

// edge closes the part of the cadence that ends here and begins the next.
func (p *Progress) edge() (found Signal) {
	if p.now != silent && p.told == Dial {
		p.told = ""
	}
	if p.whole {
		copy(p.parts[:], p.parts[1:])
		p.parts[mostParts-1] = p.length
		p.count = min(p.count+1, mostParts)
		found = p.match()
	}
	if p.now != silent && p.next != silent { // from tone to tone without a gap: another story
		p.count = 0
	}
	p.now, p.length, p.steady, p.whole = p.next, 1, 0, true
	return found
}

// within judges a window inside a burst.
func (p *Progress) within(h hearing) Signal {
	if p.steady == 0 {
		p.burst = h
	}
	if h.power < progressLeast || h.power < progressShare*h.total || math.Abs(h.off) > progressOffset ||
		math.Abs(h.off-p.burst.off) > progressDrift ||
		h.power > p.burst.power*progressWobble || p.burst.power > h.power*progressWobble {
		p.spoil()
		return ""
	}
	if p.steady++; p.steady < p.longOn {
		return ""
	}
	return p.continuous()
}

// gap judges a window between bursts: an exchange is silent there.
func (p *Progress) gap(h hearing) Signal {
	if h.total > p.burst.power*progressGap || p.length > p.longOff {
		p.spoil()
	}
	return ""
}

// spoil forgets the cadence: what sounds is not an exchange's tone, or the tone has ended.
func (p *Progress) spoil() {
	p.count, p.steady, p.whole, p.told = 0, 0, false, ""
}

// continuous returns the tone of this pitch that has no cadence.
func (p *Progress) continuous() Signal {
	for i := range p.tones {
		if t := &p.tones[i]; t.pitch == p.now && len(t.parts) == 0 {
			return t.signal
		}
	}
	return ""
}

// match returns the tone whose cadence the newest parts are, whichever part of it the first of them was.
func (p *Progress) match() Signal {
	first := 0 // bursts are the even parts, gaps the odd
	if p.now == silent {
		first = 1
	}
	for i := range p.tones {
		t := &p.tones[i]
		if t.need == 0 || t.need > p.count || t.pitch != p.burst.pitch {
			continue
		}
		for last := first; last < len(t.parts); last += 2 {
			if t.fits(p.parts[mostParts-t.need:], last) {
				return t.signal
			}
		}
	}
	return ""
}

// fits tells whether the parts heard are those of the tone, the newest being its part number last.
func (t *cadenced) fits(heard []int, last int) bool {
	n := len(t.parts)
	for i, length := range heard {
		want := float64(t.parts[(last+1+i)%n])
		if math.Abs(float64(length)-want) > want*progressSlack+edgeHops {
			return false
		}
	}
	return true
}
