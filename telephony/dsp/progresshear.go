package dsp

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// How tones are heard. Frequencies that a window of 20 ms cannot tell apart are one place in the bank; where two of them
// sound together, or one is modulated, the place beats, and is judged by its mean over several windows.
const (
	beatSpan  = 70.0 // Hz: nearer ones beat
	placeSpan = 30.0 // Hz: tones so near share a place; national tones that differ by less mean the same
	beatHops  = 12   // 60 ms hold a period of every modulation in use but that of Japan, and most of that
	twist     = 8    // ratio by which one frequency of a pair may be weaker than all
)

// A pitch is the places in the bank that sound together in a tone.
type pitch struct {
	places   []int
	beats    bool    // in some tone
	patience int     // windows without it that end it
	gain     float64 // of the mean power, for what the window takes of frequencies beside the place
}

// A hearing is what one window holds, or the mean of several.
type hearing struct {
	pitch int
	power float64       // of the pitch
	raw   float64       // of it at its places alone
	turn  [2]complex128 // of each of its places from the last window to this
	total float64       // power of everything
}

// hear finds the pitch that makes up most of the window. A window that an edge cuts in the middle holds half of the
// tone's power in one frequency, so a share of a half puts the edges where they are, whatever the level. What is much
// weaker than the burst before it is an echo: of the tone of another line that this one is joined to.
func (p *Progress) hear() hearing {
	h := hearing{pitch: silent, total: p.bank.total()}
	if h.total < progressLeast/4 {
		return h
	}
	least := max(h.total/2, p.burst.power()*progressFloor)
	for i := range p.pitches {
		if power, raw := p.power(&p.pitches[i]); power > least && raw > h.raw {
			h.pitch, h.power, h.raw = i, power, raw
		}
	}
	if h.pitch != silent {
		for i, at := range p.pitches[h.pitch].places {
			h.turn[i] = p.bank.tones[at].moved()
		}
	}
	return h
}

// power returns the power of a pitch, or none if one of its frequencies is missing. Of several pitches that share a place
// the raw power, which is not mended for what is beside the place, is greatest for the nearest.
func (p *Progress) power(of *pitch) (power, raw float64) {
	least := math.MaxFloat64
	for _, i := range of.places {
		tone := &p.bank.tones[i]
		one := tone.power()
		if one < progressLeast/twist {
			return 0, 0
		}
		off := math.Abs(tone.offset())
		switch mended := one; {
		case off <= 2*progressOffset && len(of.places) == 1, off <= progressOffset+10:
			mended /= passband(off)
			power, least = power+mended, min(least, mended)
		case of.beats: // in the moment in which it turns over, a beat is anywhere
			power, least = power+one, min(least, one)
		default: // an edge shifts it; the judge looks closer
			return 0, 0
		}
		raw += one
	}
	if least*twist < power {
		return 0, 0
	}
	return power, raw
}

// of is the hearing as one of a pitch, which it may not be.
func (h hearing) of(pitch int) hearing {
	if h.pitch != pitch {
		h.power, h.raw = 0, 0
	}
	return h
}

// mean of the newest windows of a pitch that beats.
func (p *Progress) mean(of *pitch) hearing {
	m := hearing{pitch: p.now}
	least := math.MaxFloat64
	for i := range p.recent {
		h := p.recent[i].of(p.now)
		m.total += h.total / beatHops
		m.power += h.raw / beatHops
		for k := range m.turn {
			m.turn[k] += h.turn[k]
		}
		least = min(least, h.raw)
	}
	if least > beatDepth*m.power { // this one is steady
		m.power = 0
	}
	m.power *= of.gain
	return m
}

// offset returns how far the pitch is from its place in Hz.
func (h *hearing) offset(place int) float64 { return hzOf(h.turn[place]) }

// A component is what a tone has in one place: a frequency, or several that beat.
type component struct {
	hz    float64
	beat  time.Duration // period; 0: it is steady
	lines []line
}

// A line is one of the frequencies of a component and its share of the power.
type line struct{ hz, share float64 }

// componentsOf returns what a tone sounds like, one or two components from low to high.
func componentsOf(t Tone) (all []component) {
	if t.ModulatedHz > 0 {
		c, m := t.Freqs[0], t.ModulatedHz
		return []component{{c, period(m), []line{{c - m, 1 / 6.0}, {c, 4 / 6.0}, {c + m, 1 / 6.0}}}}
	}
	freqs := slices.Sorted(slices.Values(t.Freqs))
	for i := 0; i < len(freqs); i++ {
		if hz := freqs[i]; i+1 < len(freqs) && freqs[i+1]-hz < beatSpan {
			i++
			all = append(all, component{(hz + freqs[i]) / 2, period(freqs[i] - hz), []line{{hz, 0.5}, {freqs[i], 0.5}}})
		} else {
			all = append(all, component{hz: hz, lines: []line{{hz, 1}}})
		}
	}
	return all
}

func period(hz float64) time.Duration { return time.Duration(float64(time.Second) / hz) }

// placesOf returns the frequencies that a bank must listen at to hear the tones. Those that are near each other share a
// place, which is in the middle of what beats there, since that is wider.
func placesOf(tones []Tone) (places []float64) {
	var all []component
	for _, t := range tones {
		all = append(all, componentsOf(t)...)
	}
	slices.SortFunc(all, func(a, b component) int { return cmp.Compare(a.hz, b.hz) })
	for i := 0; i < len(all); {
		first, place := all[i].hz, 0.0
		for ; i < len(all) && all[i].hz-first <= placeSpan; i++ {
			if all[i].beat != 0 {
				place = all[i].hz
			}
		}
		if place == 0 {
			place = (first + all[i-1].hz) / 2
		}
		places = append(places, place)
	}
	return places
}

// placeOf returns the place nearest to a frequency.
func placeOf(hz float64, places []float64) int {
	best := 0
	for i, p := range places {
		if math.Abs(p-hz) < math.Abs(places[best]-hz) {
			best = i
		}
	}
	return best
}
