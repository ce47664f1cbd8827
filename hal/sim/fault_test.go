package sim

import (
	"math"
	"testing"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// level is the mean level of samples in dBm0.
func level(samples []int16) float64 {
	sum := 0.0
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	peak := math.Sqrt(2 * sum / float64(len(samples)))
	return 20 * math.Log10(peak/dsp.Peak(0))
}

func TestFaultsAreHeard(t *testing.T) {
	tone := func(dBm0 float64) telephony.Source {
		return dsp.NewCadence(dsp.Tone{Freqs: []float64{1000}, LevelDBm0: dBm0})
	}
	for _, c := range []struct {
		name            string
		faults          Faults
		caller, box     telephony.Source
		atBox, atCaller float64
	}{
		{"none", Faults{}, tone(-10), tone(-15), -10, -15},
		{"noise", Faults{NoiseDBm0: -40}, nil, nil, -40, dsp.SilenceDBm0},
		{"hum", Faults{HumDBm0: -30}, nil, nil, -30, dsp.SilenceDBm0},
		{"loss", Faults{LossDB: 6}, tone(-10), tone(-15), -16, -21},
		{"echo", Faults{EchoDB: 20}, nil, tone(-10), -30, -10},
	} {
		t.Run(c.name, func(t *testing.T) {
			plugged(t, Service{}, func(p *plug) {
				party := p.ring(Call{Faults: &c.faults})
				p.pass(time.Second)
				p.seize()
				if c.caller != nil {
					party.Say(c.caller)
				}
				p.mouth = c.box
				p.pass(time.Second)
				if got := max(level(p.hears(time.Second)), dsp.SilenceDBm0); math.Abs(got-c.atBox) > 0.3 {
					t.Errorf("at the box %.1f dBm0, want %.1f", got, c.atBox)
				}
				heard := party.Heard()
				if got := max(level(heard[len(heard)-8000:]), dsp.SilenceDBm0); math.Abs(got-c.atCaller) > 0.3 {
					t.Errorf("at the caller %.1f dBm0, want %.1f", got, c.atCaller)
				}
			})
		})
	}
}

// The same seed loses the same rings.
func TestLostRingsBySeed(t *testing.T) {
	saw := func(seed uint64) (seen string) {
		plugged(t, Service{Faults: Faults{Seed: seed, LostRing: 0.5}}, func(p *plug) {
			p.ring(Call{GiveUp: time.Minute})
			p.pass(61 * time.Second)
			seen = p.seen()
		})
		return seen
	}
	if first, second := saw(1), saw(1); first != second {
		t.Error("seed 1 loses other rings the second time")
	}
	if saw(1) == saw(2) {
		t.Error("seeds 1 and 2 lose the same rings")
	}
}

func TestServiceRefuses(t *testing.T) {
	for _, s := range []Service{
		{CallerID: "pigeon"},
		{LateClearMS: -1},
		{LateClearMS: 90_000},
		{Faults: Faults{NoiseDBm0: 3}},
		{Faults: Faults{HumDBm0: -100}},
		{Faults: Faults{LossDB: -1}},
		{Faults: Faults{EchoDB: math.NaN()}},
		{Faults: Faults{LostRing: 2}},
	} {
		if _, err := New(Options{Lines: []Service{s}}); err == nil {
			t.Errorf("%+v was taken", s)
		}
	}
}

// The media tick allocates nothing, whatever the line does.
func TestTickAllocatesNothing(t *testing.T) {
	faults := Faults{NoiseDBm0: -50, HumDBm0: -50, LossDB: 3, EchoDB: 20}
	plugged(t, Service{Faults: faults}, func(p *plug) {
		var b hal.Block
		tick := func() { p.fxo.Hear(&b); p.fxo.Say(&b) }
		p.seize()
		p.pass(100 * ms)
		check := func(what string) {
			t.Helper()
			if n := testing.AllocsPerRun(100, tick); n != 0 {
				t.Errorf("%s: %v allocations a tick", what, n)
			}
		}
		check("dialling")
		p.release()
		p.pass(100 * ms)
		p.ring(Call{Play: ramp(time.Second), Keys: []KeyAt{{'1', 0}, {'2', time.Second}}})
		p.pass(time.Second)
		p.seize()
		p.pass(100 * ms)
		check("talking")
	})
}

// What a talking line costs the media loop in a tick.
func BenchmarkTick(b *testing.B) {
	for name, f := range map[string]Faults{"clean": {}, "every fault": {NoiseDBm0: -50, HumDBm0: -50, LossDB: 3, EchoDB: 20}} {
		b.Run(name, func(b *testing.B) {
			l := newLine("fxo/1", Service{Faults: f}, dsp.PlanOf("cn"), nil)
			h := newHandset(NewSpeech(ramp(time.Minute)), nil, 0)
			l.connect(&h, &h)
			l.closed.Store(true)
			var block hal.Block
			b.ReportAllocs()
			for b.Loop() {
				l.Hear(&block)
				l.Say(&block)
			}
		})
	}
}
