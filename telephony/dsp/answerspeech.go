package dsp

import (
	"math"

	"callbox/telephony"
)

// How people and machines answer, in frames of 20 ms: a person says a word or two and waits; a greeting goes on, and ends
// with a beep; an announcement begins again. These are habits, not standards, and the confidences say so.
const (
	speechWord  = 10  // 200 ms make a word
	speechWait  = 40  // 800 ms of pause: it waits for us
	speechShort = 90  // 1.8 s: "hello, who is there?"
	speechLong  = 150 // 3 s: longer than people greet
	speechNever = 125 // 2.5 s without a sound

	beepShortest = 8 // 160 ms: what is shorter is a vowel, as is what follows a word
	beepLeastHz  = 380
	beepLongest  = 75 // 1.5 s
	beepAfter    = 50 // 1 s of greeting before it
	beepSilence  = 50 // and 1 s of silence after it, or it is a busy tone
	toneAlone    = 25 // 500 ms of a tone and nothing before it
)

const (
	sureOfSilence    = 0.9
	sureOfSpeech     = 0.5
	sureOfWait       = 0.85 // after a short greeting
	sureOfLongerWait = 0.6
	sureOfGreeting   = 0.6 // that is long
	sureOfMonologue  = 0.75
	sureOfBeep       = 0.95
	sureOfTone       = 0.7
	sureOfRepeat     = 0.9
)

// What is louder than silence: at the least, and above the noise of the line, which is the least level of late.
const (
	speechLeastDBm0 = -42.0
	speechAboveDB   = 10.0
	noiseLeastDBm0  = -65.0
	noiseMostDBm0   = -35.0
	noiseRiseDB     = 0.06 // a frame: 3 dB a second
)

// A speechWatch listens to the way of speaking, not to what is said.
type speechWatch struct {
	noise  float64 // dBm0, of the line
	clock  int     // frames since the beginning
	heard  bool    // anything
	begin  int     // the frame in which speech began
	talk   int     // frames of speech so far
	pause  int     // frames since
	waited bool    // the greeting is over
	pure   int     // frames of a pure tone that goes on
	apart  bool    // silence came before it
	turn   float64 // of its phase a sample, as sineOf has it
	beep   int     // frames of the last pure tone
	phrase phraseWatch
}

func newSpeechWatch() *speechWatch {
	return &speechWatch{noise: noiseLeastDBm0, phrase: phraseWatch{mean: phraseFrame{phraseLeastDBm0}}}
}

// hear takes in the next frame; named says that it holds a tone that has a name. It returns what it takes the party for
// when that is new, and why.
func (s *speechWatch) hear(f *telephony.Frame, named bool) (answer Answer, confidence float64, why string) {
	level := Level(f)
	s.noise = max(noiseLeastDBm0, min(s.noise+noiseRiseDB, level, noiseMostDBm0))
	loud := level > max(speechLeastDBm0, s.noise+speechAboveDB)
	s.clock++
	s.heard = s.heard || loud
	switch repeats := s.phrase.hear(f, level); {
	case repeats && s.talk >= speechWord: // and not a busy tone
		return AnswerNotice, sureOfRepeat, "a phrase that repeats"
	case !loud:
		return s.quiet()
	case named || s.pureAs(f):
		return s.tone(named)
	}
	if s.pure > 0 && s.pure < beepShortest { // a vowel
		s.talk += s.pure
	}
	s.pure, s.beep, s.pause = 0, 0, 0
	return s.speech()
}

func (s *speechWatch) speech() (Answer, float64, string) {
	if s.talk++; s.talk == 1 {
		s.begin = s.clock
	}
	length := s.clock - s.begin
	switch {
	case !s.waited && length >= 3*speechLong:
		return AnswerMachine, sureOfMonologue, "a monologue"
	case !s.waited && length >= speechLong:
		return AnswerMachine, sureOfGreeting, "a long greeting"
	case s.talk >= speechWord:
		return AnswerVoice, sureOfSpeech, "speech"
	}
	return "", 0, ""
}

func (s *speechWatch) quiet() (Answer, float64, string) {
	if s.pure >= beepShortest && s.apart && s.turn < beepTurn {
		s.beep = s.pure
	}
	s.pure = 0
	s.pause++
	length := s.clock - s.pause - s.begin
	switch {
	case !s.heard && s.clock == speechNever:
		return AnswerSilence, sureOfSilence, "no sound"
	case s.beep > 0 && s.beep < beepLongest && s.talk > beepAfter && s.pause == beepSilence:
		return AnswerMachine, sureOfBeep, "a beep after a greeting"
	case s.waited || s.talk < speechWord || s.pause != speechWait:
		return "", 0, ""
	}
	s.waited = true
	switch {
	case length < speechShort:
		return AnswerVoice, sureOfWait, "a short greeting and a wait"
	case length < speechLong:
		return AnswerVoice, sureOfLongerWait, "a greeting and a wait"
	}
	return AnswerMachine, sureOfGreeting, "a long greeting"
}

func (s *speechWatch) tone(named bool) (Answer, float64, string) {
	if s.pure == 0 {
		s.apart = s.pause > 0
	}
	s.pause, s.beep = 0, 0
	if s.pure++; s.pure == toneAlone && s.talk < speechWord && !named {
		return AnswerTone, sureOfTone, "a tone"
	}
	return "", 0, ""
}

const (
	pureRest  = 0.12 // share of a frame's power that is no tone, at the most: 16 dB of noise
	pureDrift = 0.02 // of the turn, from frame to frame: 10 Hz at 1000 Hz
)

// beepTurn is the turn of the lowest beep.
var beepTurn = 2 * math.Cos(2*math.Pi*beepLeastHz/sampleRate)

// pureAs tells whether the frame is a pure tone, and the same as the last one if that was one.
func (s *speechWatch) pureAs(f *telephony.Frame) bool {
	turn, rest := sineOf(f)
	same := s.pure == 0 || math.Abs(turn-s.turn) < pureDrift
	s.turn = turn
	return rest < pureRest && same
}

// sineOf fits a sine to a frame: each sample then is 2 cos w times the last less the one before. It returns 2 cos w and the
// share of the power that is left over.
func sineOf(f *telephony.Frame) (turn, rest float64) {
	var top, bottom, square float64
	for i := 2; i < len(f); i++ {
		ends, mid := float64(f[i])+float64(f[i-2]), float64(f[i-1])
		top += ends * mid
		bottom += mid * mid
		square += ends * ends
	}
	if bottom == 0 {
		return 0, 1
	}
	turn = top / bottom
	return turn, (square - turn*top) / bottom
}
