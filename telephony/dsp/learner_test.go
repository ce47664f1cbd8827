package dsp

import (
	"math"
	"slices"
	"testing"
	"time"

	"callbox/telephony"
)

// tailOf is what a line remembers of a sound.
func tailOf(s sound) []int16 {
	var t Tail
	for _, f := range s.frames() {
		t.Frame(&f)
	}
	return t.Samples()
}

// isTone tells whether a learned tone is the one of a plan: within 8 Hz and 6 % of each part.
func isTone(got, want Tone) bool {
	if len(got.Freqs) != len(want.Freqs) || len(got.Cadence) != len(want.Cadence) {
		return false
	}
	for i := range got.Freqs {
		if math.Abs(got.Freqs[i]-want.Freqs[i]) > 8 {
			return false
		}
	}
	for i := range got.Cadence {
		if d := (got.Cadence[i] - want.Cadence[i]).Abs(); float64(d) > 0.06*float64(want.Cadence[i])+float64(5*ms) {
			return false
		}
	}
	return true
}

// Issue 4: the busy and congestion tones of every plan are learned from the ends of calls, in noise and after speech, and
// what is learned finds them again.
func TestLearner(t *testing.T) {
	var done []Tone
	for _, country := range Plans() {
		for _, tone := range PlanOf(country) {
			if !tone.Signal.releases() || slices.ContainsFunc(done, func(t Tone) bool { return sameSound(t, tone) }) {
				continue
			}
			done = append(done, tone)
			tone.LevelDBm0 = -20
			var l Learner
			for call := range 3 {
				cut := time.Duration(call) * 130 * ms
				over := play(NewCadence(tone), 9*time.Second+cut).noise(-37, uint64(call))
				got, err := l.Learn(tailOf(speech(uint64(call), 4*time.Second).then(silence(cut), over)))
				if err != nil || !isTone(got, tone) {
					t.Errorf("%s %s %v: %v %v", country, tone.Signal, tone.Cadence, got, err)
				}
			}
			learned, ok := l.Lesson()
			if !ok || learned.Calls != 3 || learned.Confidence != 0.75 {
				t.Errorf("%s %s: %+v", country, tone.Signal, learned)
				continue
			}
			again := progress(Plan{learned.Tone}, silence(300*ms).then(play(NewCadence(tone), 3*lengthOf(tone))))
			if len(again) == 0 || again[0].At > 300*ms+2*lengthOf(tone)+300*ms {
				t.Errorf("%s %s %v: with what was learned (%v) heard %v", country, tone.Signal, tone.Cadence, learned.Tone, again)
			}
		}
	}
}

// What is no busy tone teaches nothing.
func TestLearnerRefuses(t *testing.T) {
	cn := PlanOf("cn")
	rows := map[string]sound{
		"silence":      silence(10*time.Second).noise(-60, 1),
		"noise":        silence(10*time.Second).noise(-20, 1),
		"dial tone":    play(NewCadence(cn.Tone(Dial)), 10*time.Second),
		"ringback":     play(NewCadence(cn.Tone(Ringback)), 12*time.Second),
		"half a call":  speech(1, 11*time.Second).then(play(NewCadence(cn.Tone(Busy)), time.Second)),
		"nothing":      nil,
		"one burst":    sine(450, -10, 300*ms),
		"metronome":    play(NewCadence(Tone{Freqs: []float64{440, 880, 1320, 1760}, LevelDBm0: -20, Cadence: every(200, 200)}), 10*time.Second),
		"noise bursts": nil,
	}
	for i := range 12 {
		rows["noise bursts"] = rows["noise bursts"].then(silence(300*ms).noise(-20, uint64(i)), silence(300*ms))
	}
	for name, s := range rows {
		var l Learner
		if got, err := l.Learn(tailOf(s)); err == nil {
			t.Errorf("%s: learned %+v", name, got)
		}
	}
	var l Learner
	for seed := range uint64(minutesOfTalk(t)) {
		for _, s := range []sound{speech(seed, 12*time.Second), music(seed, 12*time.Second), conference(seed, 12*time.Second)} {
			if got, err := l.Learn(tailOf(s)); err == nil {
				t.Errorf("talk %d: learned %+v", seed, got)
			}
		}
	}
	if got, ok := l.Lesson(); ok {
		t.Errorf("proposes %+v", got)
	}
}

// A call that ended otherwise lowers the confidence and does not change the tone.
func TestLearnerOfTwoTones(t *testing.T) {
	var l Learner
	cn := PlanOf("cn")
	for _, s := range []Signal{Busy, Busy, Congestion, Busy} {
		if _, err := l.Learn(tailOf(play(NewCadence(cn.Tone(s)), 8*time.Second))); err != nil {
			t.Fatal(err)
		}
	}
	got, _ := l.Lesson()
	if got.Calls != 3 || got.Of != 4 || got.Confidence != 0.6 || !isTone(got.Tone, cn.Tone(Busy)) {
		t.Errorf("%+v", got)
	}
	spectrum, top := l.Spectrum(), 0
	for band := range spectrum {
		if spectrum[band] > spectrum[top] {
			top = band
		}
	}
	if math.Abs(spectrum.Hz(top)-450) > 8 || math.Abs(spectrum[top]-(-10)) > 1.5 || spectrum[len(spectrum)-1] > -50 {
		t.Errorf("the spectrum is highest at %.0f Hz with %.1f dBm0", spectrum.Hz(top), spectrum[top])
	}
}

func BenchmarkLearner(b *testing.B) {
	samples := tailOf(play(NewCadence(PlanOf("cn").Tone(Busy)), TailLength))
	for b.Loop() {
		var l Learner
		if _, err := l.Learn(samples); err != nil {
			b.Fatal(err)
		}
	}
}

func TestTail(t *testing.T) {
	var tail Tail
	if got := tail.Samples(); len(got) != 0 {
		t.Errorf("%d samples of nothing", len(got))
	}
	var f telephony.Frame
	for i := range 1000 {
		f[0] = int16(i)
		tail.Frame(&f)
	}
	got := tail.Samples()
	if len(got) != samplesIn(TailLength) || got[0] != 400 || got[len(got)-telephony.FrameSamples] != 999 {
		t.Errorf("%d samples from frame %d on", len(got), got[0])
	}
}
