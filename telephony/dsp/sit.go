package dsp

import "time"

// A special information tone is three rising tones before a spoken notice: 950, 1400 and 1800 Hz, 330 +/- 70 ms each, with
// gaps of 30 ms at most (ITU-T E.180). North America tells the reason by their exact frequencies (Bellcore): the first is
// 913.8 or 985.2 Hz, the second 1370.6 or 1428.5 Hz.
const (
	sitShortest, sitLongest = 240 * time.Millisecond, 420 * time.Millisecond
	sitGap                  = 10   // hops; a window makes 30 ms up to twice as long
	sitExact                = 15.0 // Hz from 950 and 1400 are a reason
)

// The names of a special information tone.
const (
	sitAny       = "SIT"
	sitIntercept = "SIT intercept"   // the number was changed or is out of service
	sitVacant    = "SIT vacant code" // there is no such number
	sitReorder   = "SIT reorder"     // the call failed on its way
	sitNoCircuit = "SIT no circuit"  // all lines are busy
)

// A sitWatch puts bursts of tone together.
type sitWatch struct {
	first, second toneBurst
}

// ended takes in a burst that has ended.
func (s *sitWatch) ended(b toneBurst) { s.first, s.second = s.second, b }

// found names the tone that is complete with the burst that sounds now, or nothing.
func (s *sitWatch) found(third toneBurst) string {
	if s.first.tone != toneSIT1 || s.second.tone != toneSIT2 || third.tone != toneSIT3 ||
		!s.first.inSIT() || !s.second.inSIT() || third.length() < sitShortest ||
		s.second.from-s.first.from-s.first.hops > sitGap || third.from-s.second.from-s.second.hops > sitGap {
		return ""
	}
	s.first.tone = noTone // it is told once
	low1, high1 := s.first.off < -sitExact, s.first.off > sitExact
	low2, high2 := s.second.off < -sitExact, s.second.off > sitExact
	switch {
	case low1 && low2:
		return sitIntercept
	case high1 && low2:
		return sitVacant
	case low1 && high2:
		return sitReorder
	case high1 && high2:
		return sitNoCircuit
	}
	return sitAny
}

func (b *toneBurst) inSIT() bool { return b.length() >= sitShortest && b.length() <= sitLongest }
