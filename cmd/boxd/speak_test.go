package main

import (
	"bytes"
	"errors"
	"math"
	"os"
	"testing"

	"callbox/telephony"
	"callbox/telephony/wav"
)

// TestBoxSpeaks: a text becomes a sound as loud as the box's own prompts, in both languages; one that is no option of the
// program that speaks.
func TestBoxSpeaks(t *testing.T) {
	if os.Getenv("CALLBOX_REAL") == "" {
		t.Skip("espeak-ng is run where CALLBOX_REAL is set")
	}
	for _, c := range []struct{ language, text string }{
		{"zh", "您好，欢迎致电云铃电器，销售请按1。"},
		{"en", "--help is what we say; $(reboot) too."},
	} {
		file, err := speak(t.Context(), c.language, c.text)
		if err != nil {
			t.Fatal(c, err)
		}
		samples, err := wav.Decode(bytes.NewReader(file))
		if err != nil || len(samples) < telephony.SampleRate || len(samples) > 15*telephony.SampleRate {
			t.Fatal(c, len(samples), err)
		}
		if got := rms(samples); got < 0.9*loudness || got > 1.1*loudness {
			t.Errorf("%v: %.3f of full scale, want %.3f", c, got, loudness)
		}
	}
}

// TestNoVoice: a box without the program says what to do instead.
func TestNoVoice(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := speak(t.Context(), "en", "hello")
	var refusal *telephony.Error
	if !errors.As(err, &refusal) || refusal.Code != telephony.Unavailable {
		t.Fatal(err)
	}
}

func rms(samples []int16) float64 {
	energy := 0.0
	for _, s := range samples {
		energy += float64(s) * float64(s)
	}
	return math.Sqrt(energy/float64(len(samples))) / math.MaxInt16
}
