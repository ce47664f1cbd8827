package rtp

import "math"

const (
	comfort       = 13 // payload type of comfort noise (RFC 3389)
	mostOrder     = 10 // reflection coefficients that are used; a far end that sends more is heard with fewer
	overload      = 32768
	unheardBelow  = 90 // -dBov: less than the smallest code of G.711
	comfortFaster = 1664525
	comfortOffset = 1013904223
)

// A comfortNoise is what a far end that sends nothing while its party is silent wants heard in the meantime (RFC 3389).
// It covers the time line from the packet that described it to the next speech.
type comfortNoise struct {
	on       bool
	from, to uint32
	open     bool // no speech came since
	level    float64
	order    int
	k        [mostOrder]float64 // reflection coefficients
	state    [mostOrder + 1]float64
	random   uint32
}

// describe takes in a packet of comfort noise (RFC 3389 3).
func (c *comfortNoise) describe(ts uint32, payload []byte) {
	if !c.on {
		c.from = ts
	}
	c.on, c.open = true, true
	c.order = min(len(payload)-1, mostOrder)
	gain := 1.0 // of the filter, which the excitation must make up for
	for i, b := range payload[1 : 1+c.order] {
		c.k[i] = max(-0.99, min(0.99, (float64(b)-127)/128))
		gain *= 1 - c.k[i]*c.k[i]
	}
	c.level = 0
	if db := float64(payload[0] & 0x7F); db < unheardBelow {
		c.level = overload * math.Pow(10, -db/20) * math.Sqrt(3*gain) // evenly spread noise of peak 1 has power 1/3
	}
}

// speech tells that speech came, which ends the silence.
func (c *comfortNoise) speech(ts uint32) {
	if c.open && int32(ts-c.from) > 0 {
		c.open, c.to = false, ts
	}
}

// covers tells whether a sample that did not come is part of the silence.
func (c *comfortNoise) covers(ts uint32) bool {
	if c.on && !c.open && int32(ts-c.to) >= 0 {
		c.on = false
	}
	return c.on && int32(ts-c.from) >= 0
}

// fill makes noise: the lattice filter of the coefficients, driven by noise without colour.
func (c *comfortNoise) fill(dst []int16) {
	for i := range dst {
		c.random = c.random*comfortFaster + comfortOffset
		v := c.level * float64(int32(c.random)) / (1 << 31)
		for n := c.order - 1; n >= 0; n-- {
			v -= c.k[n] * c.state[n]
			c.state[n+1] = c.state[n] + c.k[n]*v
		}
		c.state[0] = v
		dst[i] = int16(max(-32767, min(32767, v)))
	}
}
