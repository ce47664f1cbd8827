package dsp

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recorded reads an A-law file that libspandsp 0.0.6 made: an independent sender of what we receive. It was made by
// adsi_tx with ADSI_STANDARD_CLASS and by dtmf_tx; libspandsp's receivers in turn understood our senders.
func recorded(t *testing.T, name string) sound {
	octets, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return fromALaw(octets)
}

func fromALaw(octets []byte) sound {
	samples := make([]int16, len(octets))
	DecodeALaw(samples, octets)
	s := make(sound, len(samples))
	for i, v := range samples {
		s[i] = float64(v)
	}
	return s
}

func aLawOf(s sound) (octets []byte) {
	for _, f := range s.frames() {
		octets = append(octets, make([]byte, len(f))...)
		EncodeALaw(octets[len(octets)-len(f):], f[:])
	}
	return octets
}

func TestCallerIDFromSpanDSP(t *testing.T) {
	want := []CallerID{{Number: "02162345678", Name: "公安", Date: "04051230"}}
	if d := cmp.Diff(want, identified(recorded(t, "spandsp-mdmf.al").then(silence(40*ms)))); d != "" {
		t.Error(d)
	}
}

func TestDTMFFromSpanDSP(t *testing.T) {
	if got := heard(recorded(t, "spandsp-dtmf.al")); got != "123A456B789C*0#D" {
		t.Errorf("heard %q", got)
	}
}
