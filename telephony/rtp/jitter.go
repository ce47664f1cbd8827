package rtp

import (
	"math"

	"callbox/telephony"
)

// Times in samples.
const (
	ringSize   = 4096 // 512 ms
	startDelay = 320  // 40 ms: what a stream begins with
	mostDelay  = 1600 // 200 ms: how far late packets may push it
	leastSpare = 160  // a packet that just misses our tick waits for the next: with less to spare, stretch
	mostSpare  = 480  // with more than 60 ms to spare, cut: the network is calm again, or the far end's clock is fast
	judgeTicks = 50   // the spare time is judged once a second
	mostLate   = 10   // so many late packets on end are a new time line
)

// hole marks a sample that has not come. No G.711 code decodes to it.
const hole = math.MinInt16

// A jitterBuffer puts packets back into the order and the even flow in which they were sent. Its ring is addressed by RTP
// timestamp, so packets of any length find their place, copies fall on themselves, and what is missing is a hole. How
// early the latest packet of each second comes is its spare time; from it the buffer learns when to wait longer, and how
// far the clock of the far end is from ours.
type jitterBuffer struct {
	ring    [ringSize]int16
	running bool
	next    uint32 // timestamp of the sample to be played next
	newest  uint32 // timestamp after the latest sample that came
	spare   int32  // the least of this second
	late    int    // packets of this second that came too late
	lateRun int    // late packets since one was in time
	ticks   int    // of this second
	trim    int32  // samples to be cut, or if negative put in, one a tick
	conceal concealer
}

// reset forgets the stream. What is concealed fades out all the same.
func (j *jitterBuffer) reset() { j.running = false }

// begin takes up a stream at its first packet.
func (j *jitterBuffer) begin(ts uint32) {
	for i := range j.ring {
		j.ring[i] = hole
	}
	j.running = true
	j.next, j.newest = ts-startDelay, ts
	j.late, j.lateRun, j.trim = 0, 0, 0
	j.judged()
}

// put takes in a packet's samples and tells whether they came in time to be played.
func (j *jitterBuffer) put(ts uint32, samples []int16) (inTime bool) {
	if !j.running {
		j.begin(ts)
	}
	spare := int32(ts - j.next)
	if spare < -ringSize || spare > ringSize-int32(len(samples)) {
		j.begin(ts) // the far end began a new time line
		spare = startDelay
	}
	if spare < 0 && !j.wait(ts) {
		return false
	} else if spare >= 0 {
		j.lateRun = 0
	}
	j.spare = min(j.spare, int32(ts-j.next))
	if end := ts + uint32(len(samples)); int32(end-j.newest) > 0 {
		j.newest = end
	}
	for i, s := range samples {
		j.ring[(ts+uint32(i))%ringSize] = s
	}
	return true
}

// wait is asked when a packet came too late. One alone is given up; if there are more, the buffer goes back to play them
// and from then on waits so much longer.
func (j *jitterBuffer) wait(ts uint32) bool {
	j.late++
	j.lateRun++
	if j.lateRun >= mostLate {
		j.begin(ts)
		return true
	}
	to := ts - leastSpare
	if j.late < 2 || int32(j.newest-to) > mostDelay {
		return false
	}
	j.next, j.trim = to, 0
	return true
}

// play is one tick of the stream.
func (j *jitterBuffer) play(f *telephony.Frame) (concealed int) {
	if !j.running {
		for i := range f {
			f[i] = hole
		}
		return j.conceal.mend(f[:])
	}
	if j.ticks++; j.ticks == judgeTicks {
		j.judge()
	}
	var room [telephony.FrameSamples + 1]int16
	switch {
	case j.trim > 0:
		j.trim--
		j.read(room[:])
		concealed = j.conceal.mend(room[:])
		cut(f, &room)
	case j.trim < 0:
		j.trim++
		short := room[:telephony.FrameSamples-1]
		j.read(short)
		concealed = j.conceal.mend(short)
		stretch(f, short)
	default:
		j.read(f[:])
		concealed = j.conceal.mend(f[:])
	}
	return concealed
}

// read takes the next samples out of the ring and leaves holes.
func (j *jitterBuffer) read(dst []int16) {
	for len(dst) > 0 {
		from := j.ring[j.next%ringSize:]
		n := copy(dst, from)
		for i := range from[:n] {
			from[i] = hole
		}
		dst = dst[n:]
		j.next += uint32(n)
	}
}

// judge looks at the second that has passed and decides what to trim.
func (j *jitterBuffer) judge() {
	switch {
	case j.spare == math.MaxInt32: // nothing came
	case j.spare > mostDelay: // far behind, after a stall: what waits is too old to be said
		j.skip(j.spare - startDelay)
		j.trim = 0
	case j.spare > mostSpare:
		j.trim = j.spare - startDelay
	case j.spare < leastSpare:
		j.trim = j.spare - leastSpare
	default:
		j.trim = 0
	}
	j.judged()
}

func (j *jitterBuffer) judged() { j.spare, j.late, j.ticks = math.MaxInt32, 0, 0 }

// skip leaves so many samples out.
func (j *jitterBuffer) skip(n int32) {
	for ; n > 0; n-- {
		j.ring[j.next%ringSize] = hole
		j.next++
	}
}

// cut leaves one sample out, where the wave is flattest.
func cut(f *telephony.Frame, from *[telephony.FrameSamples + 1]int16) {
	at := 1
	least := int32(math.MaxInt32)
	for i := 1; i < len(from)-1; i++ {
		if step := distance(from[i+1], from[i-1]); step < least {
			at, least = i, step
		}
	}
	copy(f[:at], from[:at])
	copy(f[at:], from[at+1:])
}

// stretch puts one sample in, where the wave is flattest.
func stretch(f *telephony.Frame, from []int16) {
	at := 1
	least := int32(math.MaxInt32)
	for i := 1; i < len(from); i++ {
		if step := distance(from[i], from[i-1]); step < least {
			at, least = i, step
		}
	}
	copy(f[:at], from[:at])
	f[at] = int16((int32(from[at-1]) + int32(from[at])) / 2)
	copy(f[at+1:], from[at:])
}

func distance(a, b int16) int32 {
	d := int32(a) - int32(b)
	return max(d, -d)
}
