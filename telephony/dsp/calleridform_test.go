package dsp

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tells returns what a form lets through of an identity.
func (f *format) tells(id CallerID) CallerID {
	switch {
	case f.message == messageSingle:
		id.Name = ""
	case f.dtmf == "DC" && id.Withheld:
		return CallerID{Absent: true}
	case f.dtmf != "":
		id.Name, id.Date = "", ""
	}
	if f.message == messageSingle && id.Date == "" {
		id.Date = "00000000"
	}
	return id
}

// Both ends in each form, with each kind of caller, wherever a frame begins.
func TestCallerIDForms(t *testing.T) {
	for form := range formats {
		t.Run(CallerIDForm(form).String(), func(t *testing.T) {
			for i, id := range callers {
				s := make(sound, 1000+37*i).then(play(EncodeCallerID(id, CallerIDForm(form)), time.Minute), silence(200*ms))
				if d := cmp.Diff([]CallerID{formats[form].tells(id)}, identified(s)); d != "" {
					t.Error(d)
				}
			}
		})
	}
}

// What a form has no room for is cut, not refused.
func TestCallerIDCut(t *testing.T) {
	for _, c := range []struct {
		name       string
		form       CallerIDForm
		give, want CallerID
	}{
		{"32 digits at most", FormDTMF, CallerID{Number: strings.Repeat("9", 50)}, CallerID{Number: strings.Repeat("9", 32)}},
		{"32 digits of MDMF", FormMDMF, CallerID{Number: strings.Repeat("9", 50)}, CallerID{Number: strings.Repeat("9", 32)}},
		{"25 ideographs", FormMDMF, CallerID{Number: "1", Name: strings.Repeat("电", 26)}, CallerID{Number: "1", Name: strings.Repeat("电", 25)}},
		{"50 letters", FormMDMFV23, CallerID{Number: "1", Name: strings.Repeat("e", 60)}, CallerID{Number: "1", Name: strings.Repeat("e", 50)}},
		{"what GBK does not have", FormMDMF, CallerID{Number: "1", Name: "王\U0001F600芳"}, CallerID{Number: "1", Name: "王芳"}},
		{"a number that is no digits, by DTMF", FormDTMFHash, CallerID{Number: "sip:x"}, CallerID{Absent: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := silence(300*ms).then(play(EncodeCallerID(c.give, c.form), time.Minute), silence(200*ms))
			if d := cmp.Diff([]CallerID{c.want}, identified(s)); d != "" {
				t.Error(d)
			}
		})
	}
}

// A wire is what a bad exchange sends and a bad line makes of it.
type wire struct {
	seizure, marks int     // bits, at the most
	baud, pitch    float64 // factors of the speed and of the frequencies
	twist          float64 // dB by which the mark is stronger than the space
	dBm0, snr      float64
}

// carry sends a message over the wire, beginning at any sample of a frame.
func (w wire) carry(f format, id CallerID, shift int) sound {
	f.seizure, f.marks = min(f.seizure, w.seizure), min(f.marks, w.marks)
	bits := f.bits(encodeCallerID(id, f.message))
	lead := make(sound, 1000+shift)
	return lead.then(w.send(bits, f.modem).to(w.dBm0), silence(100*ms)).noise(w.dBm0-w.snr, uint64(shift))
}

func (w wire) send(bits []byte, m modem) (s sound) {
	hz, gain := [2]float64{m.space * w.pitch, m.mark * w.pitch}, [2]float64{1, math.Pow(10, w.twist/20)}
	phase := 0.0
	for at := 0.0; int(at) < len(bits); at += m.baud * w.baud / sampleRate {
		bit := bits[int(at)]
		phase += 2 * math.Pi * hz[bit] / sampleRate
		s = append(s, gain[bit]*math.Sin(phase))
	}
	return s
}

// GR-30 and EN 300 659-1: what a receiver must bear, each alone and all together.
func TestCallerIDOverBadLines(t *testing.T) {
	good := wire{seizure: 300, marks: 180, baud: 1, pitch: 1, dBm0: -13.5, snr: 60}
	with := func(change func(*wire)) wire { w := good; change(&w); return w }
	const calls = 8 // of each caller
	for _, c := range []struct {
		name string
		wire wire
		lose int // of 100 at the most: what no standard asks for may fail, but never show another caller
	}{
		{"seizure cut to 80 bits", with(func(w *wire) { w.seizure = 80 }), 0},
		{"seizure cut to 150 bits, as some exchanges of China send it", with(func(w *wire) { w.seizure = 150 }), 0},
		{"no seizure", with(func(w *wire) { w.seizure = 0 }), 0},
		{"mark of 80 bits", with(func(w *wire) { w.marks = 80 }), 0},
		{"mark of 30 bits", with(func(w *wire) { w.marks = 30 }), 0},
		{"-12 dBm", with(func(w *wire) { w.dBm0 = -12 }), 0},
		{"-36 dBm", with(func(w *wire) { w.dBm0 = -36 }), 0},
		{"15 dB of noise", with(func(w *wire) { w.dBm0, w.snr = -20, 15 }), 0},
		{"1 % fast", with(func(w *wire) { w.baud = 1.01 }), 0},
		{"1 % slow", with(func(w *wire) { w.baud = 0.99 }), 0},
		{"1 % high", with(func(w *wire) { w.pitch = 1.01 }), 0},
		{"1 % low", with(func(w *wire) { w.pitch = 0.99 }), 0},
		{"twist +6 dB", with(func(w *wire) { w.twist = 6 }), 0},
		{"twist -6 dB", with(func(w *wire) { w.twist = -6 }), 0},
		{"fast, high, twisted, short, weak, in noise", wire{seizure: 80, marks: 80, baud: 1.01, pitch: 1.01, twist: -6, dBm0: -36, snr: 15}, 10},
		{"slow, low, twisted, short, weak, in noise", wire{seizure: 80, marks: 80, baud: 0.99, pitch: 0.99, twist: 6, dBm0: -36, snr: 15}, 10},
	} {
		for form, f := range formats {
			if f.dtmf != "" {
				continue // TestDTMFReceiver has its bad lines
			}
			t.Run(c.name+"/"+CallerIDForm(form).String(), func(t *testing.T) {
				lost := 0
				for i, id := range callers {
					for shift := range calls {
						got := identified(c.wire.carry(f, id, 23*shift+i))
						if got == nil {
							lost++
						} else if d := cmp.Diff([]CallerID{f.tells(id)}, got); d != "" {
							t.Fatal(d)
						}
					}
				}
				if lost*100 > c.lose*calls*len(callers) {
					t.Errorf("%d of %d lost", lost, calls*len(callers))
				}
			})
		}
	}
}
