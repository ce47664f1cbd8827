package dsp

import (
	"testing"
	"time"

	"callbox/telephony"
)

// A technician with a capture asks when it was, how long and how loud.
func TestSpell(t *testing.T) {
	key := press{low: -12, high: -9, on: 130 * ms}.sound('7')
	busy := play(NewCadence(PlanOf("cn").Tone(Busy)), 4200*ms) // six periods: the last burst ends after 3.85 s
	dial := play(NewCadence(PlanOf("cn").Tone(Dial)), 3*time.Second)
	r2 := sine(1380, -12, 150*ms).plus(sine(1500, -10, 150*ms))
	dtmf, progress, register := NewDTMFReceiver(), NewProgress(PlanOf("cn")), NewR2Receiver(R2Forward)
	for _, row := range []struct {
		name  string
		sound sound
		ear   interface{ Spell() Spell }
		frame func(*telephony.Frame)
		want  Spell
	}{
		{"digit", key, dtmf, func(f *telephony.Frame) { dtmf.Frame(f) }, Spell{500 * ms, 130 * ms, -7.2, 3}},
		{"busy", busy, progress, func(f *telephony.Frame) { progress.Frame(f) }, Spell{500 * ms, 3850 * ms, -10, 0}},
		{"dial", dial, progress, func(f *telephony.Frame) { progress.Frame(f) }, Spell{500 * ms, 3000 * ms, -10, 0}},
		{"R2", r2, register, func(f *telephony.Frame) { register.Frame(f) }, Spell{500 * ms, 150 * ms, -7.9, 2}},
	} {
		progress = NewProgress(PlanOf("cn"))
		if row.name == "busy" || row.name == "dial" {
			row.ear = progress
		}
		for _, f := range silence(500*ms).then(row.sound, silence(200*ms)).noise(-60, 1).frames() {
			row.frame(&f)
		}
		got := row.ear.Spell()
		apart := func(a, b float64) bool { return a-b > 0.5 || b-a > 0.5 }
		if (got.Began-row.want.Began).Abs() > 10*ms || (got.Lasted-row.want.Lasted).Abs() > 15*ms ||
			apart(got.LevelDBm0, row.want.LevelDBm0) || apart(got.TwistDB, row.want.TwistDB) {
			t.Errorf("%s: %+v, want %+v", row.name, got, row.want)
		}
	}
}
