package dsp

import (
	"time"

	"callbox/telephony"
)

// TailLength is how much of a line a Tail remembers: six periods of the slowest busy tone, and a word before it.
const TailLength = 12 * time.Second

// A Tail remembers what was heard last on a line, so that the tone after a call can be learned when the call is over. It
// belongs to the goroutine that feeds it.
type Tail struct {
	frames [TailLength / telephony.Tick]telephony.Frame
	count  int // of all frames
}

// Frame takes in the next frame.
func (t *Tail) Frame(f *telephony.Frame) {
	t.frames[t.count%len(t.frames)] = *f
	t.count++
}

// Samples returns a copy of what is remembered, the oldest first.
func (t *Tail) Samples() []int16 {
	n := min(t.count, len(t.frames))
	samples := make([]int16, 0, n*telephony.FrameSamples)
	for i := t.count - n; i < t.count; i++ {
		samples = append(samples, t.frames[i%len(t.frames)][:]...)
	}
	return samples
}
