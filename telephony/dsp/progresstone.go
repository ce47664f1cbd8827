package dsp

import (
	"math"
	"slices"
	"time"
)

// The limits of a cadence.
const (
	progressSlack = 0.1 // of each part of a cadence, and its edges more
	leastLasting  = 1500 * ms
	leastForRule  = 3 * time.Second // a tone without a break that ends a call must last so long
)

// A cadenced is a tone of the plan as the detector compares it.
type cadenced struct {
	signal Signal
	pitch  int
	beats  bool
	off    [2]float64 // Hz from each place
	parts  []int      // hops on, off, on, off, ...; nil: without a break
	edges  int        // hops by which a part may seem longer or shorter for its edges
	need   int        // how many parts must have been heard; of a tone without a break: hops
}

// releases tells whether the exchange sends the tone to a party whom the other one has left; ends, whether a call cannot
// go on after it.
func (s Signal) releases() bool { return s == Busy || s == Congestion }
func (s Signal) ends() bool     { return s.releases() || s == Vacant }

// add takes in a tone of the plan.
func (p *Progress) add(t Tone, places []float64) {
	c := cadenced{signal: t.Signal, edges: edgeHops}
	var of pitch
	of.patience, of.gain = 2, 1
	for i, part := range componentsOf(t) {
		at := placeOf(part.hz, places)
		of.places = append(of.places, at)
		c.off[i] = part.hz - places[at]
		if part.beat == 0 {
			continue
		}
		c.beats, of.beats = true, true
		of.patience = int(part.beat/2/hop) + 2
		c.edges += int(part.beat / 2 / hop) // where a beat falls on an edge
		passed := 0.0
		for _, l := range part.lines {
			passed += l.share * passband(l.hz-places[at])
		}
		of.gain = 1 / passed
	}
	c.pitch = p.pitchOf(of)
	for i, d := range t.Cadence {
		c.parts = append(c.parts, int(d/hop))
		if i%2 == 1 {
			p.longOff = max(p.longOff, c.parts[i]*5/4)
		}
	}
	p.tones = append(p.tones, c)
}

// pitchOf returns the number of the pitch, which is a new one if there is none with its places.
func (p *Progress) pitchOf(of pitch) int {
	for i := range p.pitches {
		if have := &p.pitches[i]; slices.Equal(have.places, of.places) {
			have.beats = have.beats || of.beats
			have.patience, have.gain = max(have.patience, of.patience), max(have.gain, of.gain)
			return i
		}
	}
	p.pitches = append(p.pitches, of)
	return len(p.pitches) - 1
}

// finish says how much of each tone must be heard, which depends on the others.
func (p *Progress) finish() {
	for i := range p.tones {
		if t := &p.tones[i]; t.parts == nil {
			t.need = p.needWithoutBreak(t)
		} else {
			t.need = p.needOf(t)
		}
	}
}

// needWithoutBreak is longer than any burst of the same pitch.
func (p *Progress) needWithoutBreak(t *cadenced) int {
	need := int(leastLasting / hop)
	if t.signal.ends() {
		need = int(leastForRule / hop)
	}
	for _, other := range p.tones {
		if other.pitch != t.pitch || other.beats != t.beats {
			continue
		}
		for i := 0; i < len(other.parts); i += 2 {
			need = max(need, other.parts[i]*23/20)
		}
	}
	return need
}

// needOf is two periods, or one of a cadence that is long or of more than one burst; and more than another tone, of
// which this one is a piece, can show.
func (p *Progress) needOf(t *cadenced) int {
	length := 0
	for _, hops := range t.parts {
		length += hops
	}
	periods := 2
	if len(t.parts) > 2 || length > int(2*time.Second/hop) && !t.signal.ends() {
		periods = 1
	}
	need := periods * len(t.parts)
	for _, other := range p.tones {
		if other.pitch == t.pitch && other.beats == t.beats && other.signal != t.signal && !(other.signal.releases() && t.signal.releases()) {
			need = max(need, t.runIn(&other))
		}
	}
	return need
}

// runIn returns how many parts of the tone must be heard so that they cannot be a piece of the other one's cadence; 0 if
// that is the same cadence.
func (t *cadenced) runIn(other *cadenced) int {
	if len(t.parts) != 2 {
		return 0
	}
	run, most := 0, 0
	for i := range 2 * len(other.parts) {
		if t.near(other.parts[i%len(other.parts)], i%2) {
			run++
		} else {
			run = 0
		}
		most = max(most, run)
	}
	if most >= 2*len(other.parts) {
		return 0
	}
	return most + 1
}

// near tells whether so many hops may be a part of the cadence.
func (t *cadenced) near(heard, part int) bool {
	meant := t.parts[part]
	return math.Abs(float64(heard-meant)) <= float64(meant)*progressSlack+float64(t.edges)
}

// withoutBreak tells whether the signal is a tone without a break.
func (p *Progress) withoutBreak(s Signal) bool {
	return slices.ContainsFunc(p.tones, func(t cadenced) bool { return t.signal == s && t.parts == nil })
}

// match returns the tone whose cadence the newest parts are, whichever part of it the first of them was: the tone that
// was told if it may be that one still, or else the one that says most.
func (p *Progress) match() (found Signal) {
	most := 0
	for i := range p.tones {
		t := &p.tones[i]
		if t.parts == nil || t.need > p.count || !p.fits(t) {
			continue
		}
		if t.signal == p.told {
			return p.told
		}
		if t.need > most {
			found, most = t.signal, t.need
		}
	}
	if found != "" {
		hops := 0
		for _, part := range p.parts[mostParts-most:] {
			hops += part.hops
		}
		p.begin(hops + p.gone - 1)
	}
	return found
}

func (p *Progress) fits(t *cadenced) bool {
	last := 0 // bursts are the even parts, gaps the odd
	if p.now == silent {
		last = 1
	}
	for ; last < len(t.parts); last += 2 {
		if t.fits(p.parts[mostParts-t.need:], last) {
			return true
		}
	}
	return false
}

// fits tells whether the parts heard are those of the tone, the newest being its part number last. A burst must be like
// the one a period before it.
func (t *cadenced) fits(heard []part, last int) bool {
	n := len(t.parts)
	for i := range heard {
		at, h := (last+1+i+n*mostParts-len(heard))%n, &heard[i]
		if !t.near(h.hops, at) || !t.sounds(&h.burst) {
			return false
		}
		if i >= n && !h.burst.like(&heard[i-n].burst, t.beats) {
			return false
		}
	}
	return true
}

// sounds tells whether a burst is of the tone, whatever its length.
func (t *cadenced) sounds(b *burst) bool {
	v := b.verdict(t.beats)
	return b.pitch == t.pitch && v.holds() &&
		math.Abs(v.off[0]-t.off[0]) <= progressOffset && math.Abs(v.off[1]-t.off[1]) <= progressOffset
}

// lasts tells whether a burst is of the tone and so long that there is no break in it.
func (t *cadenced) lasts(b *burst) bool { return b.verdict(t.beats).good >= t.need && t.sounds(b) }
