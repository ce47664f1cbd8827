package rtp

import (
	"math"

	"callbox/telephony"
)

const (
	overlap    = 80   // 10 ms: how long one wave is led over into the other
	quietPower = 3600 // mean square of a sample below which a wave counts as silence: -55 dBov
	leastAlike = 0.9  // two waves that are led into each other; each second in which none were found asks 0.1 less
)

// stretch plays one tick of the stream in which a period of the voice is left out or put in, and tells whether it did.
func (j *jitterBuffer) stretch(f *telephony.Frame) bool {
	switch {
	case j.conceal.silent() || j.comfort.covers(j.next):
		j.trimSilence()
		return false
	case j.conceal.gone > 0 || max(j.trim, -j.trim) < shortPitch:
		return false
	}
	sign, ahead := 1, telephony.FrameSamples+longPitch // which way the other wave lies, and how far the two reach
	if j.trim < 0 {
		sign, ahead = -1, telephony.FrameSamples
	}
	if n, came := j.ring.run(j.next, ahead); !came || n < ahead {
		return false
	}
	var wave [longPitch + telephony.FrameSamples + longPitch]int16 // the last of the past, and what is ahead
	j.ring.read(wave[:], j.next-longPitch)
	lag, ok := j.lag(wave[:], sign)
	if !ok {
		return false
	}
	now, other := wave[longPitch:], wave[longPitch+sign*lag:]
	copy(f[:], other)
	for i := range overlap {
		f[i] = blend(now[i], other[i], i, overlap)
	}
	j.ring.mark(j.next, telephony.FrameSamples+sign*lag, false)
	j.next += uint32(telephony.FrameSamples + sign*lag)
	j.trim -= int32(sign * lag)
	j.unlike = 0
	return true
}

// trimSilence gains or loses all the time at once, where nothing is played.
func (j *jitterBuffer) trimSilence() {
	n := min(max(j.trim, -telephony.FrameSamples), telephony.FrameSamples)
	if silent, came := j.ring.run(j.next, int(max(n, 0))); n > 0 && (came || silent < int(n)) {
		return
	}
	j.next += uint32(n)
	j.trim -= n
}

// lag looks for the shift by which the wave is most like itself: in the middle of the range where a voice has its pitch.
func (j *jitterBuffer) lag(wave []int16, sign int) (lag int, ok bool) {
	now := wave[longPitch:]
	best := leastAlike - 0.1*float64(j.unlike)
	longest := int(min(max(j.trim, -j.trim), longPitch))
	for l := longest; l >= shortPitch; l -= 2 {
		if a := similarity(now[:overlap], wave[longPitch+sign*l:]); a > best {
			lag, best = l, a
		}
	}
	return lag, lag > 0
}

// similarity is the correlation of two waves, normalised by the power of both, looking at every second sample.
func similarity(a, b []int16) float64 {
	var product, first, second float64
	for i := 0; i < len(a); i += 2 {
		x, y := float64(a[i]), float64(b[i])
		product += x * y
		first += x * x
		second += y * y
	}
	if max(first, second) < quietPower*float64(len(a)/2) {
		return 1
	}
	return product / math.Sqrt(first*second)
}
