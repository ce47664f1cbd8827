package dsp

import "math"

// The limits of a burst, of each window in it and of one burst against another.
const (
	progressOffset = 30.0 // Hz from nominal; 25 must be accepted
	progressDrift  = 8.0  // Hz within a burst
	progressWobble = 1.7  // ratio of power within a burst
	progressFade   = 2.3  // ratio of power from burst to burst: an echo of the same pitch adds to some and takes from others
	progressShare  = 0.7  // of the power
	beatDepth      = 0.5  // of its mean is what a beat falls below
)

// A burst is what was found of the tone that sounds: that it is steady, that it beats, or neither.
type burst struct {
	pitch           int
	steady, beating verdict
}

// A verdict is the windows of a burst that are alike, and how many are not.
type verdict struct {
	good, bad int
	power     float64    // of the good ones, the newest counting most
	off       [2]float64 // Hz from each place
}

// judge takes in the next window. One that is much louder begins the burst anew: what was before was an echo.
func (v *verdict) judge(h hearing) {
	if v.power < h.power*progressFloor {
		*v = verdict{}
	}
	off := [2]float64{h.offset(0), h.offset(1)}
	if h.power < progressLeast || h.power < progressShare*h.total || v.good > 0 && !v.like(h.power, off, progressWobble) {
		v.bad++
		return
	}
	v.good++
	weight := 1 / float64(min(v.good, 16))
	v.power += (h.power - v.power) * weight
	for i := range v.off {
		v.off[i] += (off[i] - v.off[i]) * weight
	}
}

// like tells whether a power and offsets are those of the verdict, the power up to a ratio.
func (v *verdict) like(power float64, off [2]float64, ratio float64) bool {
	return power < v.power*ratio && v.power < power*ratio &&
		math.Abs(off[0]-v.off[0]) <= progressDrift && math.Abs(off[1]-v.off[1]) <= progressDrift
}

// holds tells whether the windows are of one piece: a word of the box's own voice that comes back on the line may hide
// one of six.
func (v *verdict) holds() bool { return v.good > 0 && v.bad*5 <= v.good }

// power of the burst; of a burst that is no tone's, nothing.
func (b *burst) power() float64 {
	if b.steady.holds() {
		return b.steady.power
	}
	return b.beating.power
}

// verdict is the one that a tone asks for.
func (b *burst) verdict(beats bool) *verdict {
	if beats {
		return &b.beating
	}
	return &b.steady
}

// like tells whether two bursts are of one level and pitch.
func (b *burst) like(other *burst, beats bool) bool {
	v, o := b.verdict(beats), other.verdict(beats)
	return v.like(o.power, o.off, progressFade)
}
