package dsp

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"callbox/telephony"
	"callbox/telephony/wav"
)

// spoken is what espeak-ng makes of a text: real speech as far as a detector can tell, and none of ours.
func spoken(t *testing.T, text string, args ...string) sound {
	say := exec.Command("espeak-ng", append(args, "--stdout", "--stdin")...)
	say.Stdin = strings.NewReader(text)
	said, err := say.Output()
	if err != nil {
		t.Fatalf("espeak-ng %v: %v", args, err)
	}
	samples, err := wav.Decode(bytes.NewReader(said))
	if err != nil {
		t.Fatal(err)
	}
	s := make(sound, len(samples))
	for i, v := range samples {
		s[i] = float64(v)
	}
	return s.to(-16)
}

// TestNothingFalseInRealSpeech reads all that the box itself can say, in both languages by voices of three pitches, to
// every detector (Q.24 2.6, pain 34).
func TestNothingFalseInRealSpeech(t *testing.T) {
	if os.Getenv("CALLBOX_REAL") == "" {
		t.Skip("espeak-ng is run where CALLBOX_REAL is set")
	}
	var zh, en strings.Builder
	for _, p := range telephony.BuiltinPrompts {
		zh.WriteString(p.Text.ZH + "\n")
		en.WriteString(p.Text.EN + "\n")
	}
	minutes := 0.0
	for _, pitch := range []string{"25", "50", "80"} {
		for voice, text := range map[string]string{"cmn": zh.String(), "en": en.String()} {
			s, d := spoken(t, text, "-v", voice, "-p", pitch), newDetectors()
			minutes += float64(len(s)) / sampleRate / 60
			for i, f := range s.frames() {
				if found := d.frame(&f); found != "" {
					t.Errorf("%s at pitch %s, %v:%s", voice, pitch, time.Duration(i)*telephony.Tick, found)
				}
			}
		}
	}
	t.Logf("%.0f minutes", minutes)
}
