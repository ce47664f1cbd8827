package dsp

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// alerts returns how often a receiver hears the alert of a second caller.
func alerts(s sound) (n int) {
	r := NewCallerIDAlertReceiver()
	for _, f := range s.frames() {
		if r.Frame(&f) {
			n++
		}
	}
	return n
}

func TestCallerIDAlert(t *testing.T) {
	cas := func(low, high, pitch float64, d time.Duration) sound {
		return sine(alertLow*pitch, low, d).plus(sine(alertHigh*pitch, high, d))
	}
	for _, c := range []struct {
		name  string
		sound sound
		snr   float64
		want  int
	}{
		{"GR-30 as we send it", play(NewCallerIDAlert(), time.Second), 60, 1},
		{"GR-30 80 ms, -32 dBm0", cas(-32, -32, 1, 80*ms), 60, 1},
		{"GR-30 85 ms, -14 dBm0", cas(-14, -14, 1, 85*ms), 60, 1},
		{"GR-30 twist +6 dB", cas(-20, -14, 1, 80*ms), 60, 1},
		{"GR-30 twist -6 dB", cas(-14, -20, 1, 80*ms), 60, 1},
		{"GR-30 +0.5 %", cas(-20, -20, 1.005, 80*ms), 60, 1},
		{"GR-30 -0.5 %", cas(-20, -20, 0.995, 80*ms), 60, 1},
		{"EN 300 659-2 75 ms", cas(-20, -20, 1, 75*ms), 60, 1},
		{"EN 300 659-1 110 ms", cas(-20, -20, 1, 110*ms), 60, 1},
		{"15 dB of noise", cas(-20, -20, 1, 80*ms), 15, 1},
		{"40 ms is none", cas(-20, -20, 1, 40*ms), 60, 0},
		{"200 ms is none", cas(-20, -20, 1, 200*ms), 60, 0},
		{"2 % off is none", cas(-20, -20, 1.02, 80*ms), 60, 0},
		{"one frequency is none", sine(alertLow, -17, 80*ms), 60, 0},
		{"-45 dBm0 is none", cas(-45, -45, 1, 80*ms), 60, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for shift := 0; shift < hopSamples; shift += 3 {
				s := make(sound, 500+shift).then(c.sound, silence(100*ms)).noise(-20-c.snr, uint64(shift))
				if got := alerts(s); got != c.want {
					t.Fatalf("shifted by %d samples: heard %d", shift, got)
				}
			}
		})
	}
}

func TestCallerIDAlertNotInSpeech(t *testing.T) {
	for seed := range uint64(2) {
		if n := alerts(speech(seed, time.Minute).then(music(seed, time.Minute))); n > 0 {
			t.Errorf("seed %d: heard %d", seed, n)
		}
	}
}

// A second caller during a call: speech, the alert, the telephone's D, the identity, speech.
func TestCallerIDInACall(t *testing.T) {
	alert := speech(1, 2*time.Second).then(silence(50*ms), play(NewCallerIDAlert(), time.Second))
	ack := play(NewCallerIDAck(), time.Second)
	data := silence(100*ms).then(play(EncodeCallerID(callers[1], FormCallWaiting), time.Minute), silence(100*ms))
	if n := alerts(alert.then(silence(40 * ms))); n != 1 {
		t.Errorf("heard %d alerts", n)
	}
	if got := heard(ack.then(silence(40 * ms))); got != "D" {
		t.Errorf("the exchange heard %q", got)
	}
	if d := cmp.Diff([]CallerID{callers[1]}, identified(data.then(speech(2, 2*time.Second)))); d != "" {
		t.Error(d)
	}
}

// GR-30: the acknowledgement lasts 55-65 ms.
func TestCallerIDAckLength(t *testing.T) {
	s, loud := play(NewCallerIDAck(), time.Second), 0
	for i := 0; i+8 <= len(s); i += 8 {
		if s[i:i+8].level() > -20 {
			loud++
		}
	}
	if loud < 55 || loud > 65 {
		t.Errorf("sounds for %d ms", loud)
	}
}

// DTMF identities have no checksum: what is longer than any is dropped, and what follows is heard.
func TestCallerIDByDTMFWithoutEnd(t *testing.T) {
	g, err := NewDTMF("A" + strings.Repeat("5", 90) + "A62345678#")
	if err != nil {
		t.Fatal(err)
	}
	g.On, g.Off = 50*ms, 50*ms
	if d := cmp.Diff([]CallerID{{Number: "62345678"}}, identified(play(g, time.Minute))); d != "" {
		t.Error(d)
	}
}
