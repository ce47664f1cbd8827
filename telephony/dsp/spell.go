package dsp

import "time"

// A Spell is when a signal sounded and how: times are a receiver's own, from the first frame that it was given.
type Spell struct {
	Began     time.Duration // to within 10 ms
	Lasted    time.Duration // until now, if it sounds still
	LevelDBm0 float64       // of all its frequencies together
	TwistDB   float64       // by which the higher one of two is stronger
}

const (
	hop          = hopSamples * time.Second / time.Duration(sampleRate)
	windowLength = windowSamples * time.Second / time.Duration(sampleRate)
)

// now is how long the bank has listened.
func (b *bank) now() time.Duration {
	return time.Duration(b.block) * blockSamples * time.Second / time.Duration(sampleRate)
}

// A pairSpell is that of a signal of two frequencies while it is heard.
type pairSpell struct {
	began, ended time.Duration
	low, high    float64 // mean power
	windows      float64
}

// begin notes a signal that has filled so many windows; it need not fill the first to its very edge.
func (s *pairSpell) begin(b *bank, windows int, low, high float64) {
	*s = pairSpell{began: b.now() - time.Duration(windows-1)*hop - windowLength + hop/2}
	s.hear(b, low, high)
}

// hear notes that the newest window holds the signal, if only its end.
func (s *pairSpell) hear(b *bank, low, high float64) {
	s.ended = b.now() - windowLength/2 // in the last that holds it, it ends about the middle
	if (low+high)*4 > (s.low+s.high)*3 {
		s.windows++
		s.low += (low - s.low) / s.windows
		s.high += (high - s.high) / s.windows
	}
}

func (s *pairSpell) spell() Spell {
	return Spell{s.began, s.ended - s.began, levelOf(s.low + s.high), levelOf(s.high) - levelOf(s.low)}
}
