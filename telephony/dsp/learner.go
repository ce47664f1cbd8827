package dsp

import (
	"errors"
	"math"
	"slices"
	"time"
)

// A Learner finds out by what tone an exchange says that a call is over. It is given what was heard at the end of calls, a
// Tail of each, and proposes the tone that most of them ended with. It is no detector: it works on a whole call at its
// end, and not on the media tick.
type Learner struct {
	lessons  []lesson // the oldest first
	spectrum Spectrum // of the newest
}

// A lesson is a tone and how many calls ended with it.
type lesson struct {
	tone  Tone
	calls int
}

// A Lesson is what a Learner proposes.
type Lesson struct {
	Tone       Tone    // in the form of a plan, as its busy tone
	Calls      int     // that ended with it
	Of         int     // calls that ended with any tone
	Confidence float64 // 0 to 1: two calls of two give 0.67, nine of ten 0.82
}

// The bounds of what is learned: a busy or congestion tone repeats within three seconds, and is silent for less than half
// of that. Ringback tone is not like that.
const (
	learnLeastDBm0 = -40.0
	learnSlack     = 0.12 // of a part, from one period to the next
	learnEdge      = 12   // ms by which noise moves an edge
	learnLongest   = 1500 // ms of a part
	learnShortest  = 80   // ms of a burst, which a spectrum must fit into
	learnBursts    = 4    // of a period at the most
	learnFade      = 3.0  // dB by which a half of a burst may be off the mean
	learnSameHz    = 10.0 // Hz by which a burst, or a call, may be off another
	mostLessons    = 8    // tones that are kept; a line has two or three
)

// Why nothing is learned of a call, for the line's page.
var (
	errNoCadence = errors.New("nothing at the end of the call comes and goes regularly")
	errNoTone    = errors.New("what comes and goes at the end of the call is no tone of one or two frequencies")
)

// Learn takes in the end of a call and returns the tone that was in it, or why there was none.
func (l *Learner) Learn(samples []int16) (Tone, error) {
	bursts, cadence, err := cadenceOf(samples)
	if err != nil {
		return Tone{}, err
	}
	spectrum := spectrumOf(samples, bursts...)
	t := Tone{Signal: Busy, Freqs: spectrum.tones(), Cadence: cadence}
	t.LevelDBm0 = math.Round(levelIn(samples, bursts...) - levelOfShares(t.Freqs))
	for _, b := range bursts {
		if !t.soundsIn(samples, b) {
			return Tone{}, errNoTone
		}
	}
	l.spectrum = spectrum
	l.note(t)
	return t, nil
}

// soundsIn tells whether a burst is of the tone from its beginning to its end: music is of another pitch each time, or
// fades.
func (t Tone) soundsIn(samples []int16, b stretch) bool {
	spectrum, middle, level := spectrumOf(samples, b), (b.from+b.to)/2, t.LevelDBm0+levelOfShares(t.Freqs)
	for _, half := range []stretch{{b.from, middle}, {middle, b.to}} {
		if math.Abs(levelIn(samples, half)-level) > learnFade {
			return false
		}
	}
	freqs := spectrum.tones()
	return freqs != nil && sameFreqs(t.Freqs, freqs)
}

// levelOfShares is how much louder all frequencies are than each.
func levelOfShares(freqs []float64) float64 { return 10 * math.Log10(float64(max(1, len(freqs)))) }

// levelIn returns the mean level of stretches in dBm0.
func levelIn(samples []int16, of ...stretch) float64 {
	level := 0.0
	for _, s := range of {
		level += meanSquare(samples[s.from:s.to]) / float64(len(of))
	}
	return levelOf(level)
}

func sameFreqs(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(a, b float64) bool { return math.Abs(a-b) <= learnSameHz })
}

// note counts a call for the tone, a new one if it is like none before.
func (l *Learner) note(t Tone) {
	i := slices.IndexFunc(l.lessons, func(k lesson) bool { return k.tone.resembles(t) })
	if i < 0 {
		if len(l.lessons) == mostLessons {
			rarest := 0
			for i := range l.lessons {
				if l.lessons[i].calls < l.lessons[rarest].calls {
					rarest = i
				}
			}
			l.lessons = slices.Delete(l.lessons, rarest, rarest+1)
		}
		l.lessons = append(l.lessons, lesson{t, 1})
		return
	}
	l.lessons[i].calls++
	l.lessons[i].tone.approach(t, float64(l.lessons[i].calls))
}

// Lesson returns the tone that most calls ended with.
func (l *Learner) Lesson() (best Lesson, ok bool) {
	all := 0
	for _, k := range l.lessons {
		all += k.calls
		if k.calls > best.Calls {
			best.Tone, best.Calls = k.tone, k.calls
		}
	}
	best.Of = all
	best.Confidence = float64(best.Calls) / float64(all+1)
	return best, best.Calls > 0
}

// Spectrum is that of the newest tone.
func (l *Learner) Spectrum() Spectrum { return l.spectrum }

// resembles tells whether two calls ended with the same tone.
func (t Tone) resembles(other Tone) bool {
	return sameFreqs(t.Freqs, other.Freqs) && slices.EqualFunc(t.Cadence, other.Cadence, alike)
}

// approach makes a tone the mean of n calls, of which other is the last.
func (t *Tone) approach(other Tone, n float64) {
	for i := range t.Freqs {
		t.Freqs[i] = math.Round(t.Freqs[i] + (other.Freqs[i]-t.Freqs[i])/n)
	}
	for i := range t.Cadence {
		t.Cadence[i] += time.Duration(float64(other.Cadence[i]-t.Cadence[i]) / n).Round(ms)
	}
	t.LevelDBm0 += (other.LevelDBm0 - t.LevelDBm0) / n
}

// alike tells whether two parts of a cadence are of one length.
func alike(a, b time.Duration) bool {
	return (a - b).Abs() <= time.Duration(learnSlack*float64(max(a, b)))+learnEdge*ms
}
