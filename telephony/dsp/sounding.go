package dsp

// A Sound is what is heard at one moment, whatever came before it.
type Sound uint8

// The kinds of sound that Progress tells apart.
const (
	Quiet Sound = iota // nothing as loud as a tone must be
	Pitch              // most of it is of a frequency of the plan's tones
	Other              // speech, music, noise
)

// Sound is what the last frame ended with. A tone is a Pitch from its first moments on, long before its cadence makes it
// a Signal; speech is one too for moments.
func (p *Progress) Sound() Sound {
	switch {
	case p.last.total < progressLeast:
		return Quiet
	case p.last.pitch != silent || p.now != silent: // a tone that beats falls silent for moments
		return Pitch
	}
	return Other
}
