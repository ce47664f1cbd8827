package dsp

import (
	"strings"
	"testing"
	"time"

	"callbox/telephony"
)

// TestNothingFalseInRealSpeech reads all that the box itself can say, in both languages by voices of three pitches, to
// every detector (Q.24 2.6, pain 34).
func TestNothingFalseInRealSpeech(t *testing.T) {
	var zh, en strings.Builder
	for _, p := range telephony.BuiltinPrompts {
		zh.WriteString(p.Text.ZH + "\n")
		en.WriteString(p.Text.EN + "\n")
	}
	minutes := 0.0
	for _, pitch := range []string{"25", "50", "80"} {
		for voice, text := range map[string]string{"cmn": zh.String(), "en": en.String()} {
			s, d := said(t, text, "-v", voice, "-p", pitch), newDetectors()
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
