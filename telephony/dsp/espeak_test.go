package dsp

import (
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"testing"
)

// spoken is a text as espeak-ng says it: a voice that we did not make.
func spoken(t *testing.T, voice, text string, args ...string) sound {
	t.Helper()
	if os.Getenv("CALLBOX_REAL") == "" {
		t.Skip("this listens to espeak-ng: run it with CALLBOX_REAL=1 (Debian: espeak-ng)")
	}
	wav, err := exec.Command("espeak-ng", append(args, "-v", voice, "--stdout", text)...).Output()
	if err != nil || len(wav) < 44 {
		t.Fatalf("espeak-ng (Debian: espeak-ng): %v", err)
	}
	s := make(sound, (len(wav)-44)/2)
	for i := range s {
		s[i] = float64(int16(binary.LittleEndian.Uint16(wav[44+2*i:])))
	}
	return s.resample(float64(binary.LittleEndian.Uint32(wav[24:])) / sampleRate).to(-16)
}

// resample returns the sound at 8 kHz of one with so many times as many samples: a windowed sinc, 3.6 kHz wide.
func (s sound) resample(ratio float64) sound {
	const reach = 16 // zero crossings either way
	out := make(sound, int(float64(len(s))/ratio))
	cut := 0.9 / ratio
	for i := range out {
		at := float64(i) * ratio
		for k := int(at - reach/cut); k <= int(at+reach/cut); k++ {
			x := (at - float64(k)) * cut
			if k < 0 || k >= len(s) || math.Abs(x) >= reach {
				continue
			}
			h := 0.5 + 0.5*math.Cos(math.Pi*x/reach)
			if x != 0 {
				h *= math.Sin(math.Pi*x) / (math.Pi * x)
			}
			out[i] += s[k] * h * cut
		}
	}
	return out
}
