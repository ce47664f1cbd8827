package dsp

import (
	"math"
	"math/rand/v2"
	"time"

	"callbox/telephony"
)

// A sound is samples under construction; tests build what a line would carry and play it frame by frame.
type sound []float64

func silence(d time.Duration) sound { return make(sound, samplesIn(d)) }

// sine is a bare sine, with no soft edges, at the given level.
func sine(hz, dBm0 float64, d time.Duration) sound {
	s := silence(d)
	for i := range s {
		s[i] = Peak(dBm0) * math.Sin(2*math.Pi*hz*float64(i)/sampleRate+hz)
	}
	return s
}

// plus mixes other into s from its beginning.
func (s sound) plus(other sound) sound {
	for i := range min(len(s), len(other)) {
		s[i] += other[i]
	}
	return s
}

// then appends sounds.
func (s sound) then(others ...sound) sound {
	for _, o := range others {
		s = append(s, o...)
	}
	return s
}

// noise adds white noise over 0-4 kHz of the given level.
func (s sound) noise(dBm0 float64, seed uint64) sound {
	r := rand.New(rand.NewPCG(seed, 1))
	rms := math.Sqrt(meanSquareOf(dBm0))
	for i := range s {
		s[i] += rms * r.NormFloat64()
	}
	return s
}

// frames companded as a line does it, the last one padded.
func (s sound) frames() []telephony.Frame {
	out := make([]telephony.Frame, (len(s)+telephony.FrameSamples-1)/telephony.FrameSamples)
	var octets [telephony.FrameSamples]byte
	for i, v := range s {
		out[i/telephony.FrameSamples][i%telephony.FrameSamples] = saturate(v)
	}
	for i := range out {
		EncodeALaw(octets[:], out[i][:])
		DecodeALaw(out[i][:], octets[:])
	}
	return out
}

// play records a source for so long, or until it ends.
func play(src telephony.Source, d time.Duration) sound {
	var s sound
	var f telephony.Frame
	for more := true; more && len(s) < samplesIn(d); {
		more = src.Next(&f)
		for _, v := range f {
			s = append(s, float64(v))
		}
	}
	return s
}

// level of the whole, in dBm0.
func (s sound) level() float64 {
	sum := 0.0
	for _, v := range s {
		sum += v * v
	}
	return levelOf(sum / float64(len(s)))
}

// to scales the whole to a level.
func (s sound) to(dBm0 float64) sound {
	g := math.Pow(10, (dBm0-s.level())/20)
	for i := range s {
		s[i] *= g
	}
	return s
}

// speech is a talker as far as a detector can tell: a glottal pulse train of moving pitch through three moving formants,
// fricative noise, syllables and pauses.
func speech(seed uint64, d time.Duration) sound {
	r := rand.New(rand.NewPCG(seed, 2))
	s := silence(d)
	base := 85 + 170*r.Float64()
	var state [3][2]float64
	phase := 0.0
	for at := 0; at < len(s); {
		length := samplesIn(time.Duration(60+r.IntN(300)) * ms)
		kind := r.Float64()
		formant := [3]float64{250 + 650*r.Float64(), 800 + 1600*r.Float64(), 2200 + 1000*r.Float64()}
		glide := [3]float64{1 + 0.3*r.NormFloat64(), 1 + 0.3*r.NormFloat64(), 1}
		pitch, slope := base*(0.8+0.5*r.Float64()), 0.3*r.NormFloat64()
		for i := 0; i < length && at < len(s); i, at = i+1, at+1 {
			x, part := 0.0, float64(i)/float64(length)
			switch {
			case kind < 0.65: // voiced
				phase += pitch * (1 + slope*part) / sampleRate
				if phase >= 1 {
					phase--
					x = 1
				}
				x += 0.005 * r.NormFloat64()
			case kind < 0.8: // fricative
				x = 0.15 * r.NormFloat64()
			}
			x *= math.Sin(math.Pi * part)
			sum := 0.0
			for k := range state {
				f := min(3800, max(150, formant[k]*(1+(glide[k]-1)*part)))
				pole := math.Exp(-math.Pi * (50 + 40*float64(k)) / sampleRate)
				y := x + 2*pole*math.Cos(2*math.Pi*f/sampleRate)*state[k][0] - pole*pole*state[k][1]
				state[k][0], state[k][1] = y, state[k][0]
				sum += y / float64(k+1)
			}
			s[at] = sum
		}
	}
	return s.to(-16)
}

// music is three voices of a scale with overtones, decay and vibrato; one of them is a bare sine, as a flute nearly is.
func music(seed uint64, d time.Duration) sound {
	r := rand.New(rand.NewPCG(seed, 3))
	s := silence(d)
	for voice := range 3 {
		overtones, decay := 2+r.IntN(5), 0.5+3*r.Float64()
		vibrato := 0.01 * r.Float64()
		if voice == 0 {
			overtones = 1
		}
		beat := samplesIn(time.Duration(120+r.IntN(500)) * ms)
		for at := 0; at < len(s); at += beat {
			note := 220 * math.Pow(2, float64(r.IntN(30))/12)
			if r.IntN(4) == 0 {
				continue
			}
			phase := 0.0
			for i := 0; i < beat && at+i < len(s); i++ {
				t := float64(i) / sampleRate
				phase += 2 * math.Pi * note * (1 + vibrato*math.Sin(2*math.Pi*5.5*t)) / sampleRate
				for o := range overtones {
					if note*float64(o+1) < 3800 {
						s[at+i] += math.Exp(-decay*t) * math.Sin(phase*float64(o+1)) / float64(o+1)
					}
				}
			}
		}
	}
	return s.to(-16)
}
