package haltest_test

import (
	"testing"
	"testing/synctest"

	"callbox/hal"
	"callbox/hal/haltest"
	"callbox/hal/sim"
)

// far is the simulated exchange as the suite sees it.
type far struct {
	t *testing.T
	*sim.Exchange
	caller *sim.Party
}

func (f *far) Ring() {
	caller, err := f.Exchange.Ring(sim.Call{Line: "fxo/1", From: "02162345678"})
	if err != nil {
		f.t.Fatal(err)
	}
	f.caller = caller
}

func (f *far) HangUp()              { f.caller.Hangup() }
func (f *far) Talking() bool        { return f.caller.State().Stage == sim.Talking }
func (f *far) Flashed() bool        { return f.caller.State().Stage == sim.Parked }
func (f *far) Play(samples []int16) { f.caller.Say(sim.NewSpeech(samples)) }
func (f *far) Heard() []int16       { return f.caller.Heard() }
func (f *far) Polarity() bool       { return true }

// TestSim is the suite on an exchange that has every sign of a release.
func TestSim(t *testing.T) {
	haltest.FXO(t, synctest.Test, func(t *testing.T) (hal.FXO, haltest.Exchange) {
		x, err := sim.New(sim.Options{Lines: []sim.Service{{Polarity: true, LoopDrop: true}}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(x.Close)
		return x.Lines()[0], &far{t: t, Exchange: x}
	})
}

// TestSimTelephone is the suite on a simulated telephone.
func TestSimTelephone(t *testing.T) {
	haltest.FXS(t, synctest.Test, func(t *testing.T) (hal.FXS, haltest.Phone) {
		x, err := sim.New(sim.Options{Telephones: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(x.Close)
		return x.Ports()[0], x.Telephone("fxs/1")
	})
}
