package rtp

// A flow measures how unevenly packets come: the interarrival jitter of RFC 3550 6.4.1. Arrivals are seen by the tick, so
// its steps are 20 ms; on average over many packets it is right.
type flow struct {
	begun   bool
	transit uint32
	sixteen uint32 // 16 times the jitter, in samples (RFC 3550 A.8)
}

// note takes in by how much our time in samples is ahead of a packet's timestamp.
func (f *flow) note(transit uint32) {
	d := int32(transit - f.transit)
	f.transit = transit
	if !f.begun || d > ringSize || d < -ringSize { // the first, or a new time line
		f.begun = true
		return
	}
	f.sixteen += uint32(max(d, -d)) - (f.sixteen+8)>>4
}

// jitter is in timestamp units.
func (f *flow) jitter() uint32 { return f.sixteen >> 4 }
