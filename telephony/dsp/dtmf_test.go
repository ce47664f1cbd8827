package dsp

import (
	"math"
	"strings"
	"testing"
	"time"

	"callbox/telephony"
)

// heard returns the digits that a receiver finds.
func heard(s sound) string {
	r := NewDTMFReceiver()
	var b strings.Builder
	for _, f := range s.frames() {
		if d, ok := r.Frame(&f); ok {
			b.WriteByte(d)
		}
	}
	return b.String()
}

// A press is one digit as a bad telephone sends it.
type press struct {
	low, high float64 // dBm0
	off       float64 // of both frequencies, 0.015 for +1.5 %
	on        time.Duration
}

func (p press) sound(key byte) sound {
	i := strings.IndexByte(dtmfKeys, key)
	return sine(dtmfRows[i/4]*(1+p.off), p.low, p.on).plus(sine(dtmfCols[i%4]*(1+p.off), p.high, p.on))
}

// all sends every digit, each beginning at another place of a frame.
func (p press) all(off time.Duration) sound {
	s := silence(23 * ms)
	for i := range dtmfKeys {
		s = s.then(p.sound(dtmfKeys[i]), silence(off), make(sound, 7*i))
	}
	return s.then(silence(100 * ms))
}

func TestDTMFReceiver(t *testing.T) {
	usual := press{low: -9, high: -7, on: 40 * ms}
	with := func(change func(*press)) press { p := usual; change(&p); return p }
	for _, c := range []struct {
		name  string
		press press
		snr   float64 // dB, 0 for none
		want  string
	}{
		{"Q.23 all sixteen digits, 40 ms on and 40 ms off", usual, 0, dtmfKeys},
		{"Q.24 A-1 level 0 dBm0", with(func(p *press) { p.low, p.high = 0, 0 }), 0, dtmfKeys},
		{"Q.24 A-1 level -30 dBm0", with(func(p *press) { p.low, p.high = -30, -30 }), 0, dtmfKeys},
		{"Q.24 A-1 level -40 dBm0 is none", with(func(p *press) { p.low, p.high = -40, -40 }), 0, ""},
		{"Q.24 A-1 twist +4 dB", with(func(p *press) { p.low, p.high = -14, -10 }), 0, dtmfKeys},
		{"Q.24 A-1 twist -8 dB", with(func(p *press) { p.low, p.high = -8, -16 }), 0, dtmfKeys},
		{"Q.24 A-1 twist +9 dB is none", with(func(p *press) { p.low, p.high = -19, -10 }), 0, ""},
		{"Q.24 A-1 twist -13 dB is none", with(func(p *press) { p.low, p.high = -8, -21 }), 0, ""},
		{"Q.24 A-1 +1.5 %", with(func(p *press) { p.off = 0.015 }), 0, dtmfKeys},
		{"Q.24 A-1 -1.5 %", with(func(p *press) { p.off = -0.015 }), 0, dtmfKeys},
		{"Q.24 A-1 +1.5 % with 15 dB noise", with(func(p *press) { p.off = 0.015 }), 15, dtmfKeys},
		{"Q.24 A-1 +3.5 % is none", with(func(p *press) { p.off = 0.035 }), 0, ""},
		{"Q.24 A-1 -3.5 % is none", with(func(p *press) { p.off = -0.035 }), 0, ""},
		{"Q.24 A-1 +3.5 % with 15 dB noise is none", with(func(p *press) { p.off = 0.035 }), 15, ""},
		{"Q.24 A-1 20 ms is none", with(func(p *press) { p.on = 20 * ms }), 0, ""},
		{"Q.24 A-1 23 ms is none", with(func(p *press) { p.on = 23 * ms }), 0, ""},
		{"15 dB noise", usual, 15, dtmfKeys},
		{"15 dB noise at -30 dBm0, twist +4 dB, +1.5 %", press{-30, -26, 0.015, 40 * ms}, 15, dtmfKeys},
		{"15 dB noise at -30 dBm0, twist -8 dB, -1.5 %", press{-22, -30, -0.015, 40 * ms}, 15, dtmfKeys},
		{"15 dB noise at 0 dBm0, twist -8 dB, +1.5 %", press{0, -8, 0.015, 40 * ms}, 15, dtmfKeys},
		{"15 dB noise at 0 dBm0, twist +4 dB, -1.5 %", press{-4, 0, -0.015, 40 * ms}, 15, dtmfKeys},
		{"15 dB noise at twist -8 dB", with(func(p *press) { p.low, p.high = -12, -20 }), 15, dtmfKeys},
		{"a second each is one digit each", with(func(p *press) { p.on = time.Second }), 15, dtmfKeys},
	} {
		t.Run(c.name, func(t *testing.T) {
			for shift := 0; shift < hopSamples; shift += 3 {
				s := make(sound, shift).then(c.press.all(40 * ms))
				if c.snr > 0 {
					p := 10 * math.Log10(math.Pow(10, c.press.low/10)+math.Pow(10, c.press.high/10))
					s.noise(p-c.snr, uint64(shift))
				}
				if got := heard(s); got != c.want {
					t.Fatalf("shifted by %d samples: heard %q, want %q", shift, got, c.want)
				}
			}
		})
	}
}

// Q.24 A-1: an interruption of a digit by 10 ms does not make two of it; a pause of 40 ms does.
func TestDTMFInterruption(t *testing.T) {
	p := press{low: -10, high: -10, on: 60 * ms}
	for shift := range hopSamples {
		lead := make(sound, shift)
		if got := heard(lead.then(p.sound('5'), silence(10*ms), p.sound('5'), silence(60*ms))); got != "5" {
			t.Fatalf("10 ms: heard %q", got)
		}
		if got := heard(lead.then(p.sound('5'), silence(40*ms), p.sound('5'), silence(60*ms))); got != "55" {
			t.Fatalf("40 ms: heard %q", got)
		}
	}
}

// Issue 40 of the pains: a long press under talk is still one press.
func TestDTMFHeldUnderSpeech(t *testing.T) {
	s := press{low: -10, high: -8, on: 3 * time.Second}.sound('7').plus(speech(5, 3*time.Second).to(-20)).then(silence(100 * ms))
	if got := heard(s); got != "7" {
		t.Fatalf("heard %q", got)
	}
}

// A caller presses keys while a prompt plays: its echo comes back on the line, 12 dB
// weaker, and no digit is lost or doubled.
func TestDTMFOverEchoOfPrompt(t *testing.T) {
	for seed := range uint64(10) {
		digits := press{low: -13, high: -11, on: 90 * ms}.all(90 * ms)
		if got := heard(digits.plus(speech(seed, 5*time.Second).to(-28))); got != dtmfKeys {
			t.Errorf("prompt %d: heard %q", seed, got)
		}
	}
}

func TestDTMFGenerator(t *testing.T) {
	g, err := NewDTMF("159D,#0")
	if err != nil {
		t.Fatal(err)
	}
	s := play(g, time.Minute)
	if got := heard(s); got != "159D#0" {
		t.Errorf("heard %q", got)
	}
	if want := samplesIn(6*200*ms + dtmfPause); len(s) < want || len(s) > want+telephony.FrameSamples {
		t.Errorf("lasts %d samples, want %d", len(s), want)
	}
	if got := s[400:720].level(); math.Abs(got-(-4)) > 0.1 {
		t.Errorf("two tones of -7 dBm0 measure %.2f dBm0, want -4", got)
	}
	if _, err := NewDTMF("12 3"); err == nil {
		t.Error("a space was taken for a digit")
	}
}

func BenchmarkDTMFReceiver(b *testing.B) {
	for name, s := range map[string]sound{"digits": press{low: -9, high: -7, on: 60 * ms}.all(60 * ms), "speech": speech(1, 3*time.Second)} {
		b.Run(name, func(b *testing.B) {
			frames, r := s.frames(), NewDTMFReceiver()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r.Frame(&frames[i%len(frames)])
			}
		})
	}
}
