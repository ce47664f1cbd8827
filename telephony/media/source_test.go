package media

import (
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// A Clip is a sound of known length that can be played again. The samples stay the caller's and must not change.
type Clip struct {
	fill   func(dst []int16, at int)
	length int // in samples
	at     int
}

// PCM is a clip of 16-bit samples at 8 kHz.
func PCM(samples []int16) *Clip {
	return &Clip{length: len(samples), fill: func(dst []int16, at int) { copy(dst, samples[at:]) }}
}

// ALaw is a clip of A-law octets at 8 kHz.
func ALaw(octets []byte) *Clip {
	return &Clip{length: len(octets), fill: func(dst []int16, at int) { dsp.DecodeALaw(dst, octets[at:at+len(dst)]) }}
}

// Silence is a clip of nothing, to pause between others.
func Silence(d time.Duration) *Clip {
	return &Clip{length: int(d * telephony.SampleRate / time.Second), fill: func(dst []int16, _ int) { clear(dst) }}
}

// Next fills the frame and reports whether there is more to come.
func (c *Clip) Next(f *telephony.Frame) (more bool) {
	n := c.read(f[:])
	clear(f[n:])
	return c.at < c.length
}

func (c *Clip) read(dst []int16) int {
	n := min(len(dst), c.length-c.at)
	c.fill(dst[:n], c.at)
	c.at += n
	return n
}

// Loop plays the clips one after the other, again and again, without a gap: music, or an announcement and a Silence.
func Loop(clips ...*Clip) telephony.Source { return &looped{clips: clips} }

type looped struct {
	clips []*Clip
	now   int
}

func (l *looped) Next(f *telephony.Frame) (more bool) {
	rest := f[:]
	for empty := 0; len(rest) > 0 && empty < len(l.clips); empty++ { // clips that are all empty are silence
		c := l.clips[l.now]
		n := c.read(rest)
		if rest = rest[n:]; n > 0 {
			empty = -1
		}
		if c.at == c.length {
			c.at, l.now = 0, (l.now+1)%len(l.clips)
		}
	}
	clear(rest)
	return true
}

// ramp is samples that count up.
func ramp(from, n int) []int16 {
	s := make([]int16, n)
	for i := range s {
		s[i] = int16(from + i)
	}
	return s
}
