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

	beepShortest = 6  // what is shorter is a vowel
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
	beep   int     // frames of the last pure tone
	phrase phraseWatch
}

func newSpeechWatch() *speechWatch { return &speechWatch{noise: noiseLeastDBm0} }

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
	case named || isPure(f):
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
	case s.talk == speechWord:
		return AnswerVoice, sureOfSpeech, "speech"
	case !s.waited && length == speechLong:
		return AnswerMachine, sureOfGreeting, "a long greeting"
	case !s.waited && length == 3*speechLong:
		return AnswerMachine, sureOfMonologue, "a monologue"
	}
	return "", 0, ""
}

func (s *speechWatch) quiet() (Answer, float64, string) {
	if s.pure >= beepShortest {
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
	s.pause, s.beep = 0, 0
	if s.pure++; s.pure == toneAlone && s.talk < speechWord && !named {
		return AnswerTone, sureOfTone, "a tone"
	}
	return "", 0, ""
}

// pureRest is the share of a frame's power that is no tone, at the most.
const pureRest = 0.12

// isPure tells whether a frame is one sine: each sample then is 2 cos w times the last less the one before.
func isPure(f *telephony.Frame) bool {
	var top, bottom, square float64
	for i := 2; i < len(f); i++ {
		ends, mid := float64(f[i])+float64(f[i-2]), float64(f[i-1])
		top += ends * mid
		bottom += mid * mid
		square += ends * ends
	}
	if bottom == 0 {
		return false
	}
	turn := top / bottom // 2 cos w
	return math.Abs(turn) < 2 && square-turn*top < pureRest*bottom
}
