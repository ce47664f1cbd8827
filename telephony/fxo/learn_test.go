package fxo

import (
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
)

// TestLearning is pain 33: an exchange with a busy tone of its own does not let go; after two calls the box proposes the
// tone, and with it the third is released at once.
func TestLearning(t *testing.T) {
	own := telephony.LineTone{Hz: []int{620}, CadenceMS: []int{250, 250}}
	inTown(t, sim.Service{Busy: own}, telephony.LineConfig{}, func(w *town) {
		for range 2 {
			if w.line.LearnedTone().Proposed {
				t.Error("proposed before it was heard often enough")
			}
			w.ring(sim.Call{From: "02162345678", For: 5 * time.Second})
			leg := w.arrived().Leg
			leg.Answer()
			w.check("events while the exchange plays its tone", []string(nil), w.follow(leg, 15*time.Second))
			leg.Release(telephony.CauseNormal)
			time.Sleep(guardTime + time.Second)
		}
		got := w.line.LearnedTone()
		if !got.Proposed || got.Known || got.Calls != 2 || got.Of != 2 || got.Confidence != 0.67 || !alike(own, got.Tone) {
			t.Fatalf("learned %+v", got)
		}
		if len(got.Spectrum) != 109 || got.Spectrum[0].Hz != 312.5 {
			t.Errorf("a spectrum of %d bands from %v", len(got.Spectrum), got.Spectrum[0])
		}
		loudest := got.Spectrum[0]
		for _, b := range got.Spectrum {
			if b.DBm0 > loudest.DBm0 {
				loudest = b
			}
		}
		if loudest.Hz < 604 || loudest.Hz > 636 {
			t.Errorf("the spectrum is loudest at %v Hz", loudest.Hz)
		}
		w.line.Configure(&telephony.Config{Lines: []telephony.LineConfig{{ID: "fxo/1", BusyTone: got.Tone}}})
		if again := w.line.LearnedTone(); !again.Known || again.Proposed {
			t.Errorf("adopted, and yet %+v", again)
		}
		caller := w.ring(sim.Call{From: "02162345678", For: 5 * time.Second})
		leg := w.arrived().Leg
		leg.Answer()
		e := <-leg.Events()
		w.check("event", telephony.Event(telephony.Released{Cause: telephony.CauseNormal, Witness: telephony.ByBusyTone, Confidence: sureOfTone}), e)
		if late := time.Since(caller.State().Since); late > 2*500*time.Millisecond+300*time.Millisecond {
			t.Errorf("released %v after the caller hung up", late)
		}
		time.Sleep(guardTime + time.Second)
		w.line.ForgetTone()
		synctest.Wait()
		if got := w.line.LearnedTone(); got.Calls != 0 || got.Spectrum != nil {
			t.Errorf("forgotten, and yet %+v", got)
		}
	})
}

// TestTheCountrysToneIsNotProposed: the box knows it.
func TestTheCountrysToneIsNotProposed(t *testing.T) {
	inTown(t, sim.Service{}, telephony.LineConfig{}, func(w *town) {
		for range 3 {
			w.ring(sim.Call{From: "02162345678", For: 5 * time.Second})
			leg := w.arrived().Leg
			leg.Answer()
			time.Sleep(4 * time.Second)
			leg.Press("5") // and a caller who left while the box talked
			w.follow(leg, time.Minute)
			time.Sleep(guardTime + time.Second)
		}
		if got := w.line.LearnedTone(); got.Proposed || got.Calls > 0 && !got.Known {
			t.Errorf("learned %+v", got)
		}
	})
}
