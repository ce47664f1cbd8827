package dsp

import (
	"math"
	"slices"
	"testing"
	"time"

	"callbox/telephony"

	"github.com/google/go-cmp/cmp"
)

// A sending is how an exchange and its line bring a tone.
type sending struct {
	name  string
	dBm0  float64 // of all frequencies together
	pitch float64 // factor
	pace  float64 // factor
	snr   float64 // dB
}

var sendings = []sending{
	{"as the plan has it", -10, 1, 1, 40},
	{"-35 dBm0", -35, 1, 1, 40},
	{"-5 dBm0", -5, 1, 1, 40},
	{"cadence +10 %", -20, 1, 1.1, 40},
	{"cadence -10 %", -20, 1, 0.9, 40},
	{"20 dB of noise, frequency +1.5 %", -30, 1.015, 1, 20},
	{"20 dB of noise, frequency -1.5 %, cadence -10 %", -20, 0.985, 0.9, 20},
	{"20 dB of noise, cadence +10 %", -30, 1, 1.1, 20},
}

// as returns the tone as it is sent.
func (s sending) as(t Tone) Tone {
	freqs, cadence := make([]float64, len(t.Freqs)), make([]time.Duration, len(t.Cadence))
	for i, hz := range t.Freqs {
		freqs[i] = hz * s.pitch
	}
	for i, d := range t.Cadence {
		cadence[i] = time.Duration(float64(d) * s.pace)
	}
	t.Freqs, t.Cadence, t.RiseDB = freqs, cadence, 0
	t.LevelDBm0 = s.dBm0 - 10*math.Log10(float64(len(freqs)))
	return t
}

// lengthOf is a period of a cadence; of a tone without a break, the second and a half that tells it from a burst.
func lengthOf(t Tone) (d time.Duration) {
	for _, part := range t.Cadence {
		d += part
	}
	if d == 0 {
		d = 1500 * ms
	}
	return d
}

// sameSound tells whether nobody can hear the difference.
func sameSound(a, b Tone) bool {
	return slices.Equal(a.Freqs, b.Freqs) && slices.Equal(a.Cadence, b.Cadence) && a.ModulatedHz == b.ModulatedHz
}

// limitFor is how long a tone may sound until it is reported: two periods and 300 ms. A tone of which another of its plan
// has a piece cannot be told until that would have gone on otherwise.
func limitFor(plan Plan, t Tone, pace float64) time.Duration {
	limit := 2 * lengthOf(t)
	for _, other := range plan {
		if t.Signal == Vacant && len(t.Cadence) < len(other.Cadence) && slices.Equal(t.Cadence, other.Cadence[:len(t.Cadence)]) {
			limit = max(limit, lengthOf(other))
		}
	}
	return time.Duration(float64(limit)*max(1, pace)) + 300*ms
}

// meanings are the signals that a tone may be taken for: its own, those of the same sound, and for a tone that releases,
// the other one, of which it may be a piece.
func meanings(plan Plan, t Tone) (all []Signal) {
	for _, other := range plan {
		if other.Signal == t.Signal || sameSound(other, t) || other.Signal.releases() && t.Signal.releases() {
			all = append(all, other.Signal)
		}
	}
	return all
}

// Pain 33 and issue 4: over every plan, at the limits of what a line may do to a tone, it is reported within two periods
// and 300 ms, and as nothing else.
func TestProgressOfEveryPlan(t *testing.T) {
	for _, country := range Plans() {
		t.Run(country, func(t *testing.T) {
			t.Parallel()
			plan := PlanOf(country)
			for _, tone := range plan {
				if !slices.Contains(listened, tone.Signal) {
					continue
				}
				for seed, s := range sendings {
					sent := s.as(tone)
					may, limit := meanings(plan, tone), limitFor(plan, tone, s.pace)
					got := progress(plan, silence(310*ms).then(play(NewCadence(sent), limit+lengthOf(sent))).noise(s.dBm0-s.snr, uint64(seed)))
					if len(got) == 0 || got[0].At-310*ms > limit {
						t.Errorf("%s %v, %s: %v, must be reported within %v", tone.Signal, tone.Cadence, s.name, got, limit)
					}
					for _, f := range got {
						if !slices.Contains(may, f.Signal) {
							t.Errorf("%s %v, %s: heard %s", tone.Signal, tone.Cadence, s.name, f.Signal)
						}
					}
				}
			}
		})
	}
}

// The box on an analogue line takes what is no tone for an answer (fxo): ringback tone never is, whatever it is made of.
func TestRingbackIsNoVoice(t *testing.T) {
	for _, country := range Plans() {
		plan, other := PlanOf(country), 0
		p := NewProgress(plan)
		for _, f := range play(NewCadence(plan.Tone(Ringback)), 20*time.Second).noise(-40, 1).frames() {
			if p.Frame(&f); p.Sound() == Other {
				other++
			}
		}
		if other > 3*10 { // a frame at each edge
			t.Errorf("%s: %d frames of 1000 are no tone", country, other)
		}
	}
}

func TestPlanTable(t *testing.T) {
	if d := cmp.Diff(telephony.TonePlans, Plans()); d != "" {
		t.Errorf("what a configuration may name, and what is known: %s", d)
	}
	if n := len(Plans()); n < 30 {
		t.Errorf("%d countries, issue 4 asks for 30", n)
	}
	for _, country := range Plans() {
		for _, s := range []Signal{Dial, Ringback, Busy} {
			if tone := PlanOf(country).Tone(s); tone.Freqs == nil {
				t.Errorf("%s has no %s tone", country, s)
			}
		}
	}
}

func TestPlanTableRefuses(t *testing.T) {
	const head = "country\tsignal\tfrequencies\tdBm0\tcadence\tfrom\n"
	for _, row := range []struct{ name, table, want string }{
		{"no heading", "cn\tbusy\t450\t-10\t350/350\tboth\n", `line 1: the columns must be country, signal, frequencies, dBm0, cadence, from`},
		{"a column short", head + "cn\tbusy\t450\t-10\t350/350\n", `line 2: has 5 columns, not 6`},
		{"no country", head + "China\tbusy\t450\t-10\t350/350\tboth\n", `line 2: "China" is not the two lower-case letters of a country`},
		{"an unknown signal", head + "cn\tbeep\t450\t-10\t350/350\tboth\n", `line 2: "beep" is not a signal`},
		{"an unknown source", head + "cn\tbusy\t450\t-10\t350/350\thearsay\n", `line 2: "hearsay" does not say where the tone is from`},
		{"a frequency out of the band", head + "cn\tbusy\t450+4000\t-10\t350/350\tboth\n", `line 2: frequencies "450+4000": "4000" is not a number from 100 to 3800`},
		{"no number", head + "cn\tbusy\tNaN\t-10\t350/350\tboth\n", `line 2: frequencies "NaN": "NaN" is not a number from 100 to 3800`},
		{"modulated too fast", head + "cn\tbusy\t450*300\t-10\t-\tboth\n", `line 2: frequencies "450*300": "300" is not a number from 10 to 100`},
		{"too many frequencies", head + "cn\tbusy\t1,1,1,1,1\t-10\t-\tboth\n", `line 2: frequencies "1,1,1,1,1": "1" is not a number from 100 to 3800`},
		{"too loud", head + "cn\tbusy\t450\t3\t350/350\tboth\n", `line 2: level "3": "3" is not a number from -60 to 0`},
		{"a burst of no length", head + "cn\tbusy\t450\t-10\t0/350\tboth\n", `line 2: cadence "0/350": a part of no length`},
		{"a burst without its gap", head + "cn\tbusy\t450\t-10\t350\tboth\n", `line 2: cadence "350": a burst without its gap`},
	} {
		if _, err := parsePlans(row.table); err == nil || err.Error() != row.want {
			t.Errorf("%s: %v, want %s", row.name, err, row.want)
		}
	}
}

// What the table accepts can be played and listened for.
func FuzzPlanTable(f *testing.F) {
	f.Add(planTable)
	f.Add("country\tsignal\tfrequencies\tdBm0\tcadence\tfrom\nzz\tbusy\t950,1400\t-10+3\t330/0/330/1\tboth\n")
	f.Fuzz(func(t *testing.T, table string) {
		plans, err := parsePlans(table)
		if err != nil {
			return
		}
		for _, plan := range plans {
			p := NewProgress(plan)
			for _, tone := range plan {
				var frame telephony.Frame
				c := NewCadence(tone)
				for range 3 {
					c.Next(&frame)
					p.Frame(&frame)
				}
			}
		}
	})
}
