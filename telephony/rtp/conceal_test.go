package rtp

import (
	"math"
	"math/rand/v2"
	"testing"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// voice is a voiced sound of the given pitch: eight harmonics, each weaker than the one before.
func voice(at, n int, pitchHz float64) []int16 {
	s := make([]int16, n)
	for i := range s {
		v := 0.0
		for h := 1.0; h <= 8; h++ {
			v += 4000 / h * math.Sin(2*math.Pi*h*pitchHz*float64(at+i)/telephony.SampleRate+h*h)
		}
		s[i] = int16(v)
	}
	return s
}

// ratio is how many dB the signal is stronger than the difference of another from it.
func ratio(signal, other []int16) float64 {
	var s, d float64
	for i, v := range signal {
		e := float64(v) - float64(other[i])
		s += float64(v) * float64(v)
		d += e * e
	}
	return 10 * math.Log10(s/d)
}

// A voice goes on through a lost packet in step with itself, as deep or high as it was (G.711 Appendix I).
func TestAVoiceGoesOnThroughAGap(t *testing.T) {
	for _, pitch := range []float64{70, 95, 140, 190, 250, 390} {
		var j jitterBuffer
		j.conceal.gone = fadeBy
		var heard, said []int16
		for tick := range 20 {
			s := voice(tick*160, 160, pitch)
			if tick != 10 {
				put(&j, uint32(tick*160), s)
			}
			said = append(said, s...)
			var f telephony.Frame
			j.play(&f)
			heard = append(heard, f[:]...)
		}
		heard = heard[startDelay:] // it is played so much later
		const gap = 10 * 160
		if r := ratio(said[gap:gap+80], heard[gap:gap+80]); r < 10 {
			t.Errorf("%v Hz: the first 10 ms of the gap are right by %.1f dB", pitch, r)
		}
		if r := ratio(said[gap:gap+160], heard[gap:gap+160]); r < 5 {
			t.Errorf("%v Hz: the gap is right by %.1f dB", pitch, r)
		}
		if r := ratio(said[gap+320:gap+640], heard[gap+320:gap+640]); r < 90 {
			t.Errorf("%v Hz: what comes after the gap was changed", pitch)
		}
	}
}

// Where the network becomes faster by 40 ms or slower by 20, time is gained or lost by whole periods of the voice: nothing is
// concealed, and no sample steps further than the voice itself does.
func TestStretchKeepsTheVoice(t *testing.T) {
	for _, row := range []struct {
		story string
		ahead int // packets
	}{{"faster", 2}, {"slower", -1}} {
		for _, pitch := range []float64{70, 140, 250} {
			var j jitterBuffer
			j.conceal.gone = fadeBy
			var limit, steepest int32
			whole := voice(0, 400, pitch)
			for i, v := range whole[1:] {
				limit = max(limit, distance(v, whole[i]))
			}
			concealed, sent, last := 0, 0, int16(0)
			for tick := range 150 {
				for due := tick + row.ahead*min(tick/10, 1); sent <= due; sent++ {
					put(&j, uint32(sent*160), voice(sent*160, 160, pitch))
				}
				var f telephony.Frame
				if made := j.play(&f); tick > 3 {
					concealed += made
					for _, v := range f {
						steepest, last = max(steepest, distance(v, last)), v
					}
				}
				last = f[len(f)-1]
			}
			spare := int32(uint32(sent*160-160) - j.next + 160)
			if concealed > 0 || steepest > limit*5/4 || spare < leastSpare || spare > mostSpare {
				t.Errorf("%s, %v Hz: %d samples concealed, steps of %d where the voice has %d, %d samples to spare",
					row.story, pitch, concealed, steepest, limit, spare)
			}
		}
	}
}

// Noise is never like itself: time is gained in it all the same, if later.
func TestStretchInNoise(t *testing.T) {
	var j jitterBuffer
	rng := rand.New(rand.NewPCG(1, 2))
	spare := int32(0)
	for tick := range 1000 {
		s := make([]int16, 160)
		for i := range s {
			s[i] = int16(rng.IntN(8000) - 4000)
		}
		put(&j, uint32(tick*160+min(tick, 1)*320), s)
		var f telephony.Frame
		j.play(&f)
		spare = int32(uint32(tick*160+320) - j.next + 160)
	}
	if spare > mostSpare {
		t.Errorf("%d samples to spare after 20 s", spare)
	}
}

// A far end that changes its source or its time line in mid-word is heard to do so without a gap and without a click.
func TestANewTimelineJoinsTheOld(t *testing.T) {
	for _, row := range []struct {
		story string
		ssrc  uint32
		ts    uint32
	}{{"another source", 99, 1 << 30}, {"another time line", 7, 1 << 30}} {
		s, w := newSession(Params{})
		p := newPhone(w, far)
		steepest, last, at := int32(0), int16(0), 0
		for tick := range 60 {
			if tick == 30 {
				p.SSRC, p.Timestamp, p.SequenceNumber = row.ssrc, row.ts, p.SequenceNumber+uint16(row.ssrc)
			}
			octets := make([]byte, 160)
			dsp.EncodeALaw(octets, voice(at, 160, 100))
			at += 160
			p.send(octets)
			p.Timestamp += 160
			var f telephony.Frame
			s.Hear(&f)
			for _, v := range f {
				if tick > 3 {
					steepest = max(steepest, distance(v, last))
				}
				last = v
			}
		}
		if st := s.Stats(); steepest > 1800 || st.Concealed > 160 {
			t.Errorf("%s: steps of %d, %+v", row.story, steepest, st)
		}
	}
}
