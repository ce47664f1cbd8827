package rtp

import (
	"math"

	"callbox/telephony"
)

// Times in samples.
const (
	startDelay = 240  // 30 ms: what a stream begins with
	mostDelay  = 1600 // 200 ms: how far late packets may push it
	leastSpare = 160  // a packet that just misses our tick waits for the next: with less to spare, lengthen
	mostSpare  = 480  // with more than 60 ms to spare, shorten: the network is calm again, or the far end's clock is fast
	judgeTicks = 50   // the spare time is judged once a second
	mostLate   = 10   // so many late packets on end are a new time line
)

// A jitterBuffer puts packets back into the order and the even flow in which they were sent. How early the latest packet of
// each second comes is its spare time; from it the buffer learns when to wait longer, and how far the clock of the far end
// is from ours. It gains or loses time by whole periods of the voice, where that is not heard (stretch.go).
type jitterBuffer struct {
	running bool
	afresh  bool   // the next packet is of another source
	next    uint32 // timestamp of the sample to be played next
	newest  uint32 // timestamp after the latest sample that came
	spare   int32  // the least of this second
	late    int    // packets of this second that came too late
	lateRun int    // late packets since one was in time
	ticks   int    // of this second
	depth   int32  // from next to newest when all that had come was read
	trim    int32  // samples to be left out, or if negative put in
	unlike  int    // seconds in which no two waves were alike enough to do so
	comfort comfortNoise
	conceal concealer
	ring    ring
}

// reset forgets the stream. What was heard last fades out all the same.
func (j *jitterBuffer) reset() { j.running, j.comfort.on = false, false }

// begin takes up a stream at its first packet. What waits of the stream before is played first, and its end is the past of
// this one: a far end that changes its source or its time line is heard to do so without a gap.
func (j *jitterBuffer) begin(ts uint32) {
	waits := int32(0)
	if j.running {
		waits = min(max(int32(j.newest-j.next), 0), mostDelay)
	}
	var moved [pastSize + mostDelay]int16
	kept := moved[:pastSize+waits]
	j.ring.read(kept, j.next-pastSize)
	j.next, j.newest = ts-uint32(max(waits, startDelay)), ts
	clear(j.ring.came[:])
	j.ring.write(j.next-pastSize, kept)
	j.ring.mark(j.next, int(waits), true)
	j.running, j.afresh = true, false
	j.comfort.on = false
	j.late, j.lateRun, j.trim, j.depth = 0, 0, 0, math.MaxInt32
	j.judged()
}

// room makes room for a packet of n samples and gives their places, if they come in time to be played.
func (j *jitterBuffer) room(ts uint32, n int) (first, second []int16, inTime bool) {
	if !j.running || j.afresh {
		j.begin(ts)
	}
	spare := int32(ts - j.next)
	if spare < -ringSize || spare > ringSize-pastSize-int32(n) {
		j.begin(ts) // the far end began a new time line
		spare = startDelay
	}
	if spare >= 0 {
		j.lateRun = 0
	} else if !j.wait(ts) {
		return nil, nil, false
	}
	j.spare = min(j.spare, int32(ts-j.next))
	if end := ts + uint32(n); int32(end-j.newest) > 0 {
		j.newest = end
	}
	j.comfort.speech(ts)
	first, second = j.ring.reserve(ts, n)
	return first, second, true
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
	j.jump(to)
	return true
}

// ahead tells that the stream has come as far as it usually has by the tick, so that asking for more would be in vain, which
// costs a third of a packet.
func (j *jitterBuffer) ahead() bool { return j.running && int32(j.newest-j.next) >= j.depth }

// settle notes how far the stream has come when nothing more was to be read.
func (j *jitterBuffer) settle() {
	if j.depth = int32(j.newest - j.next); j.depth < telephony.FrameSamples { // it has stopped
		j.depth = math.MaxInt32
	}
}

// play is one tick of the stream. Concealed are the samples that were made up for speech that is missing.
func (j *jitterBuffer) play(f *telephony.Frame) (concealed int) {
	if !j.running {
		return j.conceal.fill(f[:], j.past)
	}
	if j.ticks++; j.ticks == judgeTicks {
		j.judge()
	}
	if j.trim != 0 && j.stretch(f) {
		return 0
	}
	for rest := f[:]; len(rest) > 0; {
		n, came := j.ring.run(j.next, len(rest))
		part := rest[:n]
		switch {
		case came:
			j.hear(part)
		case j.comfort.covers(j.next):
			j.comfort.fill(part)
			j.ring.write(j.next, part)
		default:
			concealed += j.conceal.fill(part, j.past)
			j.ring.write(j.next, part)
		}
		j.next += uint32(n)
		rest = rest[n:]
	}
	return concealed
}

// hear takes the next samples, which came, out of the ring.
func (j *jitterBuffer) hear(dst []int16) {
	j.ring.read(dst, j.next)
	j.ring.mark(j.next, len(dst), false)
	if j.conceal.gone > 0 {
		j.conceal.join(dst)
		j.ring.write(j.next, dst)
	}
}

// past gives the newest samples that were played.
func (j *jitterBuffer) past(dst []int16) { j.ring.read(dst, j.next-uint32(len(dst))) }

// judge looks at the second that has passed and decides what to trim.
func (j *jitterBuffer) judge() {
	if j.trim != 0 {
		j.unlike++
	}
	switch {
	case j.spare == math.MaxInt32: // nothing came
	case j.spare > mostDelay: // far behind, after a stall: what waits is too old to be said
		late := int(j.spare - startDelay)
		j.ring.mark(j.next, late, false)
		j.jump(j.next + uint32(late))
	case j.spare > mostSpare:
		j.trim = j.spare - startDelay
	case j.spare < leastSpare:
		j.trim = j.spare - (leastSpare+startDelay)/2
	default:
		j.trim, j.unlike = 0, 0
	}
	j.judged()
}

func (j *jitterBuffer) judged() { j.spare, j.late, j.ticks = math.MaxInt32, 0, 0 }

// jump goes on elsewhere in the stream. The wave is led over as after a gap.
func (j *jitterBuffer) jump(to uint32) {
	if j.conceal.gone == 0 {
		var one [1]int16
		j.conceal.fill(one[:], j.past)
	}
	j.next, j.trim = to, 0
}
