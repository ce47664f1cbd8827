package record

import (
	"sync"
	"sync/atomic"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

const (
	blockTicks  = 25 // half a second: what a cut can cost beyond what the disk is working on
	blocks      = 12 // per recording, 96 KiB; the disk may stall for five seconds and a half before frames are dropped
	frameOctets = 2 * telephony.FrameSamples
	longestSkip = int(time.Minute / telephony.Tick) // a computer that stood still for longer was as good as off
)

// A Recording is one file in the making. Its verbs never wait for the disk.
type Recording struct {
	recorder *Recorder
	call     telephony.CallID
	paused   atomic.Bool
	free     chan *block // blocks that are not with the writer

	mu      sync.Mutex // guards what follows between the tick and Stop; the tick never waits for it
	stopped bool
	now     *block // is being filled
	gap     int    // frames before it that were dropped, or never made

	// What follows belongs to the writer.
	fact  telephony.Recorded
	file  file
	ended bool
}

// A block is half a second of both directions.
type block struct {
	used   int
	octets [blockTicks * frameOctets]byte
}

func newRecording(rec *Recorder, call telephony.CallID, fact telephony.Recorded) *Recording {
	r := &Recording{recorder: rec, call: call, fact: fact, free: make(chan *block, blocks)}
	for range blocks {
		r.free <- new(block)
	}
	return r
}

// ID names the recording for ever.
func (r *Recording) ID() string { return r.fact.Recording }

// Tap takes in one tick. A tick that meets Stop is not recorded.
func (r *Recording) Tap(said, told *telephony.Frame) {
	if !r.mu.TryLock() {
		return
	}
	defer r.mu.Unlock()
	if r.stopped || !r.room() {
		return
	}
	to := r.now.octets[r.now.used : r.now.used+frameOctets]
	if r.paused.Load() {
		copy(to, silence[:])
	} else {
		interleave(to, said, told)
	}
	if r.now.used += frameOctets; r.now.used == len(r.now.octets) {
		r.hand(false)
	}
}

// Skip leaves silence for ticks that were never made, so that what comes after them stands where it was said.
func (r *Recording) Skip(ticks int) {
	if !r.mu.TryLock() {
		return
	}
	defer r.mu.Unlock()
	if r.stopped {
		return
	}
	if r.now != nil && r.now.used > 0 {
		r.hand(false)
	}
	r.gap += min(ticks, longestSkip)
}

// room makes sure that there is a block to fill. While the writer has them all, frames are dropped.
func (r *Recording) room() bool {
	if r.now != nil {
		return true
	}
	select {
	case r.now = <-r.free:
		r.now.used = 0
		return true
	default:
		r.gap++
		return false
	}
}

// hand gives the block to the writer, if there is one. Were the writer's box full, it would be dropped.
func (r *Recording) hand(last bool) {
	if r.recorder.post(job{recording: r, gap: r.gap, block: r.now, last: last}) {
		r.now, r.gap = nil, 0
	} else if r.now != nil {
		r.gap += r.now.used / frameOctets
		r.now.used = 0
	}
}

// Pause makes the recording silent from the next tick on, or lets it run again; by is who asked for it. Time goes on.
func (r *Recording) Pause(on bool, by string) {
	if r.paused.Swap(on) != on {
		r.recorder.tell(r.call, telephony.RecordingPaused{Recording: r.fact.Recording, On: on, By: by})
	}
}

// Stop ends the recording and returns at once. Recorded is journaled when all of it is on disk. It may be called twice.
func (r *Recording) Stop() { r.stop() }

// stop tells whether the recording was running.
func (r *Recording) stop() (ran bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return false
	}
	r.stopped = true
	r.hand(true)
	return true
}

// silence is a block of both directions.
var silence = func() (s [blockTicks * frameOctets]byte) {
	for i := range s {
		s[i] = dsp.ALawSilence
	}
	return s
}()

// interleave codes both directions: left what was said, right what was told.
func interleave(to []byte, said, told *telephony.Frame) {
	var left, right [telephony.FrameSamples]byte
	dsp.EncodeALaw(left[:], said[:])
	dsp.EncodeALaw(right[:], told[:])
	to = to[:frameOctets]
	for i := range left {
		to[2*i], to[2*i+1] = left[i], right[i]
	}
}

var _ telephony.Timekeeper = (*Recording)(nil)
