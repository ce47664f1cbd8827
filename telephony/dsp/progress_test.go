package dsp

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A finding is a tone and when it was reported.
type finding struct {
	Signal Signal
	At     time.Duration
}

func progressOf(s sound) []finding { return progress(PlanOf("cn"), s) }

func progress(plan Plan, s sound) (all []finding) {
	p := NewProgress(plan)
	for i, f := range s.frames() {
		if signal, ok := p.Frame(&f); ok {
			all = append(all, finding{signal, time.Duration(i+1) * 20 * ms})
		}
	}
	return all
}

func signals(all []finding) (s []Signal) {
	for _, f := range all {
		s = append(s, f.Signal)
	}
	return s
}

// limitOf is when each must have been reported: two periods and 300 ms, or one for a long or many-part cadence.
var limitOf = map[Signal]time.Duration{
	Dial: 2 * time.Second, SpecialDial: 880*ms + 300*ms, Busy: 1400*ms + 300*ms, Congestion: 2800*ms + 300*ms,
	Ringback: 5000*ms + 300*ms, Vacant: 1400*ms + 300*ms, CallWaiting: 4400*ms + 300*ms,
}

// Requirement (pain 33): a tone is reported within two periods and 300 ms, at any level, pitch and timing that the
// standards allow, and as nothing else.
func TestProgress(t *testing.T) {
	for _, c := range []struct {
		name  string
		dBm0  float64
		pitch float64 // Hz off
		pace  float64
		snr   float64
	}{
		{"GB/T 3380 nominal", -10, 0, 1, 60},
		{"-5 dBm0", -5, 0, 1, 60},
		{"-35 dBm0", -35, 0, 1, 60},
		{"GB/T 3380 +25 Hz", -20, 25, 1, 60},
		{"GB/T 3380 -25 Hz", -20, -25, 1, 60},
		{"GB/T 3380 cadence +10 %", -20, 0, 1.1, 60},
		{"GB/T 3380 cadence -10 %", -20, 0, 0.9, 60},
		{"20 dB of noise", -20, 0, 1, 20},
		{"20 dB of noise at -30 dBm0, +25 Hz, -10 %", -30, 25, 0.9, 20},
	} {
		for _, signal := range listened {
			t.Run(c.name+" "+string(signal), func(t *testing.T) {
				tone := PlanOf("cn").Tone(signal)
				tone.LevelDBm0, tone.Freqs = c.dBm0, []float64{450 + c.pitch}
				var parts []time.Duration
				for _, d := range tone.Cadence {
					parts = append(parts, time.Duration(float64(d)*c.pace))
				}
				tone.Cadence = parts
				for shift := range 3 {
					lead := 300*ms + time.Duration(shift)*2*ms
					s := silence(lead).then(play(NewCadence(tone), 11*time.Second)).noise(c.dBm0-c.snr, uint64(shift))
					got := progressOf(s)
					if d := cmp.Diff([]Signal{signal}, signals(got)); d != "" {
						t.Fatal(d)
					}
					if late := got[0].At - lead - time.Duration(float64(limitOf[signal])*max(1, c.pace)); late > 0 {
						t.Errorf("%v late", late)
					}
				}
			})
		}
	}
}

// A detector that begins in the middle of a burst or a gap finds the tone as well.
func TestProgressFromTheMiddle(t *testing.T) {
	for _, signal := range listened {
		tone := play(NewCadence(PlanOf("cn").Tone(signal)), 14*time.Second)
		for cut := time.Duration(0); cut < 5*time.Second; cut += 310 * ms {
			if d := cmp.Diff([]Signal{signal}, signals(progressOf(tone[samplesIn(cut):]))); d != "" {
				t.Errorf("%s from %v: %s", signal, cut, d)
			}
		}
	}
}

// Outside of the limits there is nothing to report.
func TestProgressRefuses(t *testing.T) {
	busy := PlanOf("cn").Tone(Busy)
	for _, c := range []struct {
		name   string
		change func(*Tone)
	}{
		{"-45 dBm0", func(t *Tone) { t.LevelDBm0 = -45 }},
		{"60 Hz too high", func(t *Tone) { t.Freqs = []float64{510} }},
		{"60 Hz too low", func(t *Tone) { t.Freqs = []float64{390} }},
		{"the American pair 480 and 620 Hz", func(t *Tone) { t.Freqs = []float64{480, 620} }},
		{"a cadence of 500 ms", func(t *Tone) { t.Cadence = every(500, 500) }},
		{"a cadence of 350 and 700 ms", func(t *Tone) { t.Cadence = every(350, 700) }},
	} {
		tone := busy
		c.change(&tone)
		if got := progressOf(play(NewCadence(tone), 20*time.Second)); got != nil {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// Pain 34: a busy tone under a conference is not the end of the call; one over a faint echo of our own prompt is.
func TestProgressUnderSpeech(t *testing.T) {
	busy := func() sound { return play(NewCadence(PlanOf("cn").Tone(Busy)), 10*time.Second) }
	if got := progressOf(busy().plus(speech(3, 10*time.Second).to(-10))); got != nil {
		t.Errorf("as loud as the tone: %+v", got)
	}
	if got := signals(progressOf(busy().plus(speech(3, 10*time.Second).to(-30)))); len(got) == 0 || got[0] != Busy {
		t.Errorf("20 dB below the tone: %v", got)
	}
}

// Two lines are joined and both far ends have hung up: the busy tone of each fills the pauses of the other's, 20 dB
// weaker, and after a while the box's own prompt does. Whichever begins first, busy tone is found in time.
func TestProgressInAnEcho(t *testing.T) {
	for _, country := range Plans() {
		plan := PlanOf(country)
		tone := plan.Tone(Busy)
		tone.LevelDBm0 = -10 // at which its echo is far above what counts as silence
		own, period := play(NewCadence(tone), 8*time.Second), lengthOf(tone)
		other := play(NewCadence(sending{pitch: 1.002, pace: 1.03, dBm0: -30}.as(plan.Tone(Busy))), 10*time.Second)
		for _, row := range []struct {
			name    string
			lead    time.Duration // for which the echo is heard alone
			periods time.Duration // until busy tone is reported: one more where a burst of the other may run into its first
			sound   sound
		}{
			{"of the other's busy tone, which came later", 400 * ms, 2, other[samplesIn(period/3):]},
			{"of the other's busy tone, which came first", 1600 * ms, 3, other},
			{"of a prompt", 400 * ms, 2, speech(7, 10*time.Second).to(-30)},
			{"of music on hold", 400 * ms, 2, music(7, 10*time.Second).to(-30)},
		} {
			got := progress(plan, silence(row.lead).then(own).plus(row.sound))
			late := slices.IndexFunc(got, func(f finding) bool { return f.Signal.releases() && f.At <= row.lead+row.periods*period+300*ms })
			if late < 0 {
				t.Errorf("%s, echo %s: %v", country, row.name, got)
			}
		}
	}
}

// Mains hum of a bad line, and a country whose tones are not known.
func TestProgressOnABadLine(t *testing.T) {
	busy := play(NewCadence(PlanOf("cn").Tone(Busy)), 3*time.Second)
	if got := signals(progressOf(busy.plus(sine(50, -28, 3*time.Second)).plus(sine(150, -34, 3*time.Second)))); !cmp.Equal(got, []Signal{Busy}) {
		t.Errorf("with hum: %v", got)
	}
	p := NewProgress(PlanOf("xx"))
	for _, f := range busy.frames() {
		if signal, ok := p.Frame(&f); ok {
			t.Errorf("without a plan: %v", signal)
		}
	}
}

// The story of one outgoing call, as its line hears it.
func TestProgressOfACall(t *testing.T) {
	plan := PlanOf("cn")
	part := func(s Signal, d time.Duration) sound { return play(NewCadence(plan.Tone(s)), d) }
	digits, err := NewDTMF("62345678")
	if err != nil {
		t.Fatal(err)
	}
	call := part(Dial, 2*time.Second).then(
		play(digits, time.Minute), silence(800*ms),
		part(Ringback, 9*time.Second+300*ms), speech(1, 8*time.Second), silence(time.Second),
		part(Busy, 4*time.Second), silence(6*time.Second), part(Busy, 4*time.Second),
	)
	if d := cmp.Diff([]Signal{Dial, Ringback, Busy, Busy}, signals(progressOf(call))); d != "" {
		t.Error(d)
	}
}

func BenchmarkProgress(b *testing.B) {
	for name, s := range map[string]sound{"busy": play(NewCadence(PlanOf("cn").Tone(Busy)), 3*time.Second), "speech": speech(1, 3*time.Second)} {
		b.Run(name, func(b *testing.B) {
			frames, p := s.frames(), NewProgress(PlanOf("cn"))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				p.Frame(&frames[i%len(frames)])
			}
		})
	}
}

// every returns a cadence: milliseconds on, off, on, off, ...
func every(parts ...time.Duration) []time.Duration {
	for i := range parts {
		parts[i] *= ms
	}
	return parts
}
