package rtp

import "math/bits"

// ringSize is how many samples a ring holds: 512 ms, and a power of two, so that timestamps wrap with it.
const ringSize = 4096

// A ring holds a stream's samples by their RTP timestamps: packets of any length find their place, copies fall on
// themselves, and what has not come is known. What was played stays until it is written over, as the past from which gaps
// are filled.
type ring struct {
	came    [ringSize / 64]uint64 // a bit for each sample that came and was not played yet
	samples [ringSize]int16
}

// reserve marks n samples as come and gives their places, in two pieces where the ring ends between them.
func (r *ring) reserve(ts uint32, n int) (first, second []int16) {
	r.mark(ts, n, true)
	at := int(ts % ringSize)
	first = r.samples[at:min(at+n, ringSize)]
	return first, r.samples[:n-len(first)]
}

// mark says of n samples whether they came.
func (r *ring) mark(ts uint32, n int, came bool) {
	for n > 0 {
		at := ts % ringSize
		bit := int(at % 64)
		count := min(n, 64-bit)
		mask := ^uint64(0) >> (64 - count) << bit
		if came {
			r.came[at/64] |= mask
		} else {
			r.came[at/64] &^= mask
		}
		ts += uint32(count)
		n -= count
	}
}

// run tells whether the sample came, and for how many from there on, up to so many, the answer is the same.
func (r *ring) run(ts uint32, most int) (n int, came bool) {
	came = r.came[ts%ringSize/64]>>(ts%64)&1 == 1
	for n < most {
		at := (ts + uint32(n)) % ringSize
		word := r.came[at/64]
		if !came {
			word = ^word
		}
		left := 64 - int(at%64)
		same := min(bits.TrailingZeros64(^(word >> (at % 64))), left)
		n += same
		if same < left {
			break
		}
	}
	return min(n, most), came
}

// read copies the samples from a timestamp on, whether they came or not.
func (r *ring) read(dst []int16, ts uint32) {
	n := copy(dst, r.samples[ts%ringSize:])
	copy(dst[n:], r.samples[:])
}

// write puts down samples that did not come.
func (r *ring) write(ts uint32, src []int16) {
	n := copy(r.samples[ts%ringSize:], src)
	copy(r.samples[:], src[n:])
}
