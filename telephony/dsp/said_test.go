package dsp

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"callbox/telephony/wav"
)

// said is a text as espeak-ng says it: a voice that we did not make.
func said(t *testing.T, text string, args ...string) sound {
	t.Helper()
	if os.Getenv("CALLBOX_REAL") == "" {
		t.Skip("espeak-ng is run where CALLBOX_REAL is set")
	}
	say := exec.Command("espeak-ng", append(args, "--stdout", "--stdin")...)
	say.Stdin = strings.NewReader(text)
	out, err := say.Output()
	if err != nil {
		t.Fatalf("espeak-ng (Debian: espeak-ng): %v", err)
	}
	samples, err := wav.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	s := make(sound, len(samples))
	for i, v := range samples {
		s[i] = float64(v)
	}
	return s.to(-16)
}
