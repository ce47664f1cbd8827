package dsp

import (
	"math"
	"testing"
	"time"

	"callbox/telephony"
)

func reading(s sound) Reading {
	m := NewMeter()
	for _, f := range s.frames() {
		m.Frame(&f)
	}
	return m.Reading()
}

// hum of the mains: a fundamental and its odd harmonics, as a bad line has it.
func hum(hz, dBm0 float64, d time.Duration) sound {
	return sine(hz, dBm0, d).plus(sine(3*hz, dBm0-6, d)).plus(sine(5*hz, dBm0-12, d))
}

func TestMeter(t *testing.T) {
	const second = time.Second
	direct := silence(4 * second)
	for i := range direct {
		direct[i] = 500
	}
	humOf := func(dBm0 float64) float64 { // of the three together
		return dBm0 + 10*math.Log10(1+math.Pow(10, -0.6)+math.Pow(10, -1.2))
	}
	for _, row := range []struct {
		name  string
		sound sound
		want  Reading
	}{
		{"O.9 a tone", sine(1020, -10, 4*second), Reading{-10, -10, SilenceDBm0, 50, 0}},
		{"noise", silence(4*second).noise(-50, 1), Reading{-50, -50, SilenceDBm0, 50, 0}},
		{"direct current", direct.plus(sine(1020, -20, 4*second)), Reading{-20, -20, SilenceDBm0, 50, 500}},
		{"hum of Europe and Asia", hum(50, -40, 4*second).noise(-60, 1), Reading{humOf(-40), humOf(-40), humOf(-40), 50, 0}},
		{"hum of America", hum(60, -40, 4*second).noise(-60, 1), Reading{humOf(-40), humOf(-40), humOf(-40), 60, 0}},
		{"hum a fifth of a hertz off", hum(49.8, -40, 4*second), Reading{humOf(-40), humOf(-40), humOf(-41), 50, 0}},
		{"speech over noise", speech(1, 20*second).noise(-55, 1), Reading{-16, -52, -60, 60, 273}}, // of its glottal pulses
	} {
		t.Run(row.name, func(t *testing.T) {
			got := reading(row.sound)
			near := func(what string, got, want, by float64) {
				if math.Abs(got-want) > by {
					t.Errorf("%s is %.1f, want %.1f", what, got, want)
				}
			}
			near("level", got.LevelDBm0, row.want.LevelDBm0, 0.3)
			near("noise", got.NoiseDBm0, row.want.NoiseDBm0, 4)
			near("direct current", got.DC, row.want.DC, 5)
			if row.want.HumDBm0 > -59 {
				near("hum", got.HumDBm0, row.want.HumDBm0, 1.5)
				near("mains", got.HumHz, row.want.HumHz, 0)
			} else if got.HumDBm0 > -55 {
				t.Errorf("hum of %.1f dBm0 where there is none", got.HumDBm0)
			}
		})
	}
	if got := NewMeter().Reading(); got.LevelDBm0 != SilenceDBm0 || got.HumDBm0 != SilenceDBm0 {
		t.Errorf("of nothing: %+v", got)
	}
}

// probed plays a probe into a line that returns an echo, and noise or a talker.
func probed(lossDB float64, delay time.Duration, disturbed sound) EchoReturn {
	p := NewEchoProbe(-16)
	line, gain := make(sound, samplesIn(delay)), math.Pow(10, -lossDB/20)
	for at := 0; ; at += telephony.FrameSamples {
		var f telephony.Frame
		more := p.Next(&f)
		for _, v := range f {
			line = append(line, float64(v)*gain)
		}
		heard := line[at : at+telephony.FrameSamples].then().plus(disturbed[min(at, len(disturbed)):])
		p.Frame(&heard.frames()[0])
		if !more {
			return p.Result()
		}
	}
}

// The doctor's echo return loss: within a decibel, whatever the delay, in noise and while somebody talks.
func TestEchoProbe(t *testing.T) {
	long := 2 * time.Second
	for _, row := range []struct {
		lossDB    float64
		delay     time.Duration
		disturbed string
		sound     sound
	}{
		{6, 2 * ms, "nothing", silence(long)},
		{14, 5 * ms, "noise", silence(long).noise(-45, 1)},
		{20, 40 * ms, "noise", silence(long).noise(-45, 2)},
		{30, 120 * ms, "noise", silence(long).noise(-60, 3)},
		{12, 17 * ms, "a talker", speech(4, long).to(-30)},
		{10, 3 * ms, "hum", hum(50, -30, long)},
	} {
		got := probed(row.lossDB, row.delay, row.sound)
		if !got.Found || math.Abs(got.LossDB-row.lossDB) > 1 || got.Delay != row.delay {
			t.Errorf("%.0f dB after %v under %s: %+v", row.lossDB, row.delay, row.disturbed, got)
		}
	}
	if got := probed(90, 0, silence(long).noise(-50, 5)); got.Found || got.LossDB < 40 {
		t.Errorf("without an echo: %+v", got)
	}
}

func BenchmarkMeter(b *testing.B) {
	frames, m := speech(1, time.Second).frames(), NewMeter()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.Frame(&frames[i%len(frames)])
	}
}
