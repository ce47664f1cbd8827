package dsp

import "callbox/telephony"

// A phraseWatch finds out that what is heard was heard before: an announcement plays the same recording again, and no
// person speaks with the same rise and fall twice. It compares the last seconds with those of 2 to 20 s ago, by the
// loudness of each frame and by how much of it is treble.
type phraseWatch struct {
	frames   [phraseFrames]phraseFrame
	squares  [phraseFrames]float32 // of the frames, fading, as each frame left it
	products [phraseFrames]float32 // of each lag, fading likewise
	smooth   phraseFrame
	mean     phraseFrame
	at       int // where the next frame goes
	seen     int // frames
	lag      int // of the last best match
	stays    int // frames for which it has stayed
}

// A phraseFrame is the loudness of a frame and its treble, in dB from the mean.
type phraseFrame [2]float32

func (a *phraseFrame) times(b *phraseFrame) float32 { return a[0]*b[0] + a[1]*b[1] }

const (
	phraseFrames    = 1000     // 20 s is the longest announcement
	phraseShortest  = 100      // 2 s
	phraseTreble    = 2        // weight of the treble
	phraseSmooth    = 0.5      // a frame, since a phrase may begin anywhere in one
	phraseFade      = 1.0 / 75 // a frame: 1.5 s
	phraseLike      = 0.85     // correlation; an hour of talk stayed below 0.8, and every notice came above 0.9
	phraseStays     = 50       // frames: 1 s
	phraseLeast     = 25       // dB squared: what does not rise and fall is no speech
	phraseLeastDBm0 = -50.0    // silence is below it, or
	phraseRangeDB   = 22.0     // so much weaker than what was heard of late
)

// hear takes in a frame and its level and reports once that what it belongs to repeats.
func (p *phraseWatch) hear(f *telephony.Frame, dBm0 float64) (repeats bool) {
	now := p.next(f, dBm0)
	square := p.squares[(p.at+phraseFrames-1)%phraseFrames]
	square += (now.times(&now) - square) * phraseFade
	lag, alike := p.compare(&now, square)
	p.frames[p.at], p.squares[p.at] = now, square
	p.at = (p.at + 1) % phraseFrames
	p.seen++
	if !alike || square < phraseLeast || max(lag, p.lag)-min(lag, p.lag) > 1 {
		p.lag, p.stays = lag, 0
		return false
	}
	p.lag = lag
	p.stays++
	return p.stays == phraseStays
}

// next returns the frame as it is compared. Silence is like nothing, or else all who pause would be alike.
func (p *phraseWatch) next(f *telephony.Frame, dBm0 float64) (now phraseFrame) {
	if dBm0 < max(phraseLeastDBm0, float64(p.mean[0])-phraseRangeDB) {
		return now
	}
	now = phraseFrame{float32(dBm0), float32(trebleOf(f)-dBm0) * phraseTreble}
	for k := range now {
		p.smooth[k] += (now[k] - p.smooth[k]) * phraseSmooth
		p.mean[k] += (p.smooth[k] - p.mean[k]) * phraseFade
		now[k] = p.smooth[k] - p.mean[k]
	}
	return now
}

// compare returns how many frames ago the last seconds were most like now, and whether that is alike. The correlation of
// each lag fades as the frames do, so a frame costs a product a lag.
func (p *phraseWatch) compare(now *phraseFrame, square float32) (lag int, alike bool) {
	best := float32(0) // the square of the correlation
	for l := phraseShortest; l < min(phraseFrames, p.seen); l++ {
		i := p.at - l
		if i < 0 {
			i += phraseFrames
		}
		product := p.products[l]
		product += (now.times(&p.frames[i]) - product) * phraseFade
		p.products[l] = product
		if product > 0 && product*product > best*square*p.squares[i] {
			lag, best = l, product*product/(square*p.squares[i])
		}
	}
	return lag, best > phraseLike*phraseLike
}

// trebleOf is the level of the differences between samples.
func trebleOf(f *telephony.Frame) float64 {
	sum := 0.0
	for i := 1; i < len(f); i++ {
		d := float64(f[i]) - float64(f[i-1])
		sum += d * d
	}
	return levelOf(sum / telephony.FrameSamples)
}
