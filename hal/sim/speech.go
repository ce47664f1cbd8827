package sim

import (
	"callbox/hal"
	"callbox/telephony"
)

// A Speech is a Source of recorded samples, said once.
type Speech struct{ rest []int16 }

// NewSpeech says the samples, 8 kHz; none is a Source that is silent.
func NewSpeech(samples []int16) *Speech { return &Speech{samples} }

// Next fills the frame and reports whether there is more to come.
func (s *Speech) Next(f *telephony.Frame) (more bool) {
	n := copy(f[:], s.rest)
	clear(f[n:])
	s.rest = s.rest[n:]
	return len(s.rest) > 0
}

// A mirror says what it hears half a second later, and softer so that it does not sing with the box's own echo.
type mirror struct {
	blocks [25]hal.Block
	at     int
}

// Next is what was heard half a second ago.
func (m *mirror) Next(f *telephony.Frame) bool {
	m.at = (m.at + 1) % len(m.blocks)
	*f = telephony.Frame(m.blocks[m.at])
	clear(m.blocks[m.at][:])
	return true
}

func (m *mirror) hear(b *hal.Block) {
	for i, s := range b {
		m.blocks[m.at][i] = s / 2
	}
}
