package media

import (
	"testing"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"

	"github.com/google/go-cmp/cmp"
)

// ramp is samples that count up.
func ramp(from, n int) []int16 {
	s := make([]int16, n)
	for i := range s {
		s[i] = int16(from + i)
	}
	return s
}

// drain plays a source to its end, but no longer than the given frames.
func drain(s telephony.Source, frames int) (heard []int16, ended bool) {
	for range frames {
		var f telephony.Frame
		for i := range f {
			f[i] = 99 // a source must fill the frame
		}
		more := s.Next(&f)
		if heard = append(heard, f[:]...); !more {
			return heard, true
		}
	}
	return heard, false
}

func padded(s []int16, frames int) []int16 {
	return append(s[:len(s):len(s)], make([]int16, frames*telephony.FrameSamples-len(s))...)
}

func TestSources(t *testing.T) {
	octets := make([]byte, 200)
	samples := ramp(1, 200)
	dsp.EncodeALaw(octets, samples)
	dsp.DecodeALaw(samples, octets)
	for _, row := range []struct {
		story  string
		source telephony.Source
		heard  []int16
		ended  bool
	}{
		{"whole frames", PCM(ramp(1, 480)), ramp(1, 480), true},
		{"the last frame is padded", PCM(ramp(1, 500)), padded(ramp(1, 500), 4), true},
		{"nothing is one silent frame", PCM(nil), padded(nil, 1), true},
		{"A-law", ALaw(octets), padded(samples, 2), true},
		{"a pause", Silence(30 * time.Millisecond), padded(nil, 2), true},
		{"a sequence", Sequence(PCM(ramp(1, 170)), PCM(ramp(1, 3))), append(padded(ramp(1, 170), 2), padded(ramp(1, 3), 1)...), true},
		{"an empty sequence", Sequence(), padded(nil, 1), true},
		{"a loop has no gap", Loop(PCM(ramp(1, 150)), PCM(ramp(151, 50))), append(append(append(ramp(1, 200), ramp(1, 200)...), ramp(1, 200)...), ramp(1, 40)...), false},
		{"a loop of nothing is silence", Loop(PCM(nil), PCM(nil)), padded(nil, 4), false},
		{"an empty clip in a loop", Loop(PCM(nil), PCM(ramp(1, 320))), append(ramp(1, 320), ramp(1, 320)...), false},
		{"again and again", Repeat(func() telephony.Source { return PCM(ramp(1, 320)) }), append(ramp(1, 320), ramp(1, 320)...), false},
	} {
		t.Run(row.story, func(t *testing.T) {
			heard, ended := drain(row.source, 4)
			if diff := cmp.Diff(row.heard, heard); diff != "" || ended != row.ended {
				t.Errorf("ended %v; (-want +got)\n%s", ended, diff)
			}
		})
	}
}
