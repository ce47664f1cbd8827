package telephony

import "time"

// The box's one audio format inside: 8 kHz linear, in frames of 20 ms.
const (
	SampleRate   = 8000 // samples a second
	FrameSamples = 160  // samples a frame
	Tick         = 20 * time.Millisecond
)

// A Frame is 20 ms of one party, 16-bit linear at 8 kHz.
type Frame [FrameSamples]int16

// A Port is a party's mouth and ear. The matrix calls both once a tick, from one goroutine; neither ever waits or
// allocates.
type Port interface {
	// Hear fills the frame with what the party said since the last tick, silence included.
	Hear(*Frame)
	// Say gives the party what it is to hear next. The frame is the matrix's: copy what is kept.
	Say(*Frame)
}

// An Independent port touches nothing that another port does, so that the matrix may tick it on any of its loops. All others
// are ticked on one.
type Independent interface {
	Port
	Independent()
}

// A Source makes sound for a party: a prompt, music, a tone. The matrix calls Next once a tick.
type Source interface {
	// Next fills the frame and reports whether there is more to come; the last frame is padded with silence.
	Next(*Frame) (more bool)
}

// A Tap hears both directions of one party in the same tick: what it said and what it was told. Recorders and detectors
// are taps. Tap never waits and never allocates; the frames are the matrix's.
type Tap interface {
	Tap(said, told *Frame)
}

// A Timekeeper is a tap that is told, before the next tick, of how many were never made because the loop stood still for too long.
// What holds for Tap holds for Skip.
type Timekeeper interface {
	Tap
	Skip(ticks int)
}
