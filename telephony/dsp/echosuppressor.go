package dsp

import "math"

// An echoSuppressor puts the line's own noise in the place of what a canceller leaves, while that is no more than it can
// have left of an echo (G.168: the non-linear processor, and comfort noise). While the near end talks it lets everything
// pass.
type echoSuppressor struct {
	echo, left float32 // powers of the last 32 ms
	floor      float32 // of the line's noise
	hold       int     // blocks for which the near end is taken to talk on
	gain       float32 // of what passes: 0 none .. 1 all
	random     uint32
}

const (
	suppressShare = 0.06         // of the echo's power is more than a canceller leaves: -12 dB
	suppressHold  = 25           // blocks: 100 ms
	suppressClose = 1.0 / 8      // by which the gain falls in a block
	floorRise     = 1.003        // factor by which the floor may rise in a block: 3 dB a second
	mostFloor     = 32 * 60 * 60 // a block's energy of noise at -50 dBm0: what is louder is not made up
)

// suppress works on a block that is left after so much energy of echo was taken out.
func (s *echoSuppressor) suppress(left *[echoBlock]float32, echo float32) {
	now := energy(left)
	s.echo += (echo - s.echo) / 8
	s.left += (now - s.left) / 8
	s.floor = min(max(s.floor, 1)*floorRise, s.left, mostFloor)
	if s.left > suppressShare*s.echo {
		s.hold = suppressHold
	}
	from, to := s.gain, float32(1)
	if s.hold--; s.hold < 0 {
		s.hold, to = 0, max(0, from-suppressClose)
	}
	s.gain = to
	if from == 1 && to == 1 {
		return
	}
	loud := float32(math.Sqrt(float64(3 * s.floor / echoBlock))) // of noise of equal chance from -loud to loud
	for i, v := range left {
		gain := from + (to-from)*float32(i)/echoBlock
		left[i] = gain*v + (1-gain)*loud*s.noise()
	}
}

// noise returns the next of a row of numbers from -1 to 1 (Numerical Recipes: a linear congruence).
func (s *echoSuppressor) noise() float32 {
	s.random = s.random*1664525 + 1013904223
	return float32(int32(s.random)) / (1 << 31)
}
