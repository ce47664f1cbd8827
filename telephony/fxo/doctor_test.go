package fxo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
)

// TestDoctor is A14.9: for each fault of a line the doctor names it, in both languages, and nothing else.
func TestDoctor(t *testing.T) {
	for _, row := range []struct {
		name   string
		faults sim.Faults
		want   string // the findings that are not green
	}{
		{"a good line", sim.Faults{EchoDB: 20}, ""},
		{"hum", sim.Faults{HumDBm0: -45}, "yellow hum"},
		{"loud hum", sim.Faults{HumDBm0: -30}, "red hum"},
		{"noise", sim.Faults{Seed: 1, NoiseDBm0: -45}, "yellow noise"},
		{"a long line", sim.Faults{LossDB: 15}, "yellow level"},
		{"a very long line", sim.Faults{LossDB: 22}, "red level"},
		{"an echo", sim.Faults{EchoDB: 8}, "yellow echo"},
		{"a loud echo", sim.Faults{EchoDB: 4}, "red echo"},
	} {
		t.Run(row.name, func(t *testing.T) {
			inTown(t, sim.Service{Faults: row.faults}, telephony.LineConfig{}, func(w *town) {
				begun := time.Now()
				r, err := w.line.Test(context.Background())
				if err != nil || !r.Battery || !r.DialTone || !r.Quiet {
					t.Fatalf("%+v, %v", r, err)
				}
				if took := time.Since(begun); took > 15*time.Second {
					t.Errorf("it took %v", took)
				}
				w.check("findings", row.want, wrong(t, r))
				time.Sleep(guardTime + time.Second)
				w.check("calls of the exchange", 0, len(w.Calls()))
				w.check("free", true, w.line.free.Load())
			})
		})
	}
}

// wrong are the findings that are not green; each has its sentence in both languages.
func wrong(t *testing.T, r *telephony.LineReport) string {
	var found []string
	for _, f := range r.Findings {
		if f.Text.ZH == "" || f.Text.EN == "" || strings.Contains(f.Text.ZH+f.Text.EN, "%!") {
			t.Errorf("%s is told as %+v", f.About, f.Text)
		}
		if f.Light != telephony.Green {
			found = append(found, fmt.Sprint(f.Light, " ", f.About))
		}
	}
	return strings.Join(found, ", ")
}

// TestDoctorTellsOfCalls: what the last calls were like is in the report.
func TestDoctorTellsOfCalls(t *testing.T) {
	inTown(t, sim.Service{CallerID: sim.NoCallerID, Faults: sim.Faults{NoRelease: true}}, telephony.LineConfig{SilenceSeconds: 30}, func(w *town) {
		for range 3 {
			w.ring(sim.Call{From: "02162345678", For: 5 * time.Second})
			leg := w.arrived().Leg
			leg.Answer()
			<-leg.Events()
			time.Sleep(guardTime + time.Second)
		}
		r, err := w.line.Test(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		w.check("findings", "red release, yellow caller_id", wrong(t, r))
		if r.Incoming != 3 || r.Identified != 0 || r.Ended != 3 || r.Silent != 3 || r.RingMS != 1000 || r.Rings != 3 || r.LostRings != 0 {
			t.Errorf("remembered %+v", r.LineMemory)
		}
	})
}

// TestCallerOfATestIsServed: the exchange rings, the line is seized for a test before the card has told of it, and so the
// exchange connects the caller to the test.
func TestCallerOfATestIsServed(t *testing.T) {
	inTownBehind(t, newSlowCard, sim.Service{}, telephony.LineConfig{}, func(w *town) {
		reply := make(chan *telephony.LineReport)
		caller := w.ring(sim.Call{From: "02162345678", For: 10 * time.Second})
		go func() {
			time.Sleep(50 * time.Millisecond)
			r, err := w.line.Test(context.Background())
			if err != nil {
				t.Error(err)
			}
			reply <- r
		}()
		leg := w.arrived().Leg
		if r := <-reply; r == nil || r.Problem.EN != "a call came in" || r.DialTone {
			t.Errorf("the test says %+v", r)
		}
		leg.Answer()
		time.Sleep(time.Second)
		w.check("the caller's call", sim.Talking, caller.State().Stage)
		w.check("the end", []string{"11 Released {Cause:16 normal clearing ByBox:false Witness:busy_tone Confidence:0.95}"}, w.follow(leg, 30*time.Second))
		time.Sleep(guardTime + time.Second)
		if _, err := w.line.Test(context.Background()); err != nil {
			t.Errorf("the next test: %v", err)
		}
	})
}

// TestDoctorLeavesACallAlone: a line in use is not tested, and one that is tested is not used.
func TestDoctorLeavesACallAlone(t *testing.T) {
	inTown(t, sim.Service{}, telephony.LineConfig{}, func(w *town) {
		w.ring(sim.Call{From: "02162345678"})
		leg := w.arrived().Leg
		leg.Answer()
		time.Sleep(time.Second)
		_, err := w.line.Test(context.Background())
		var refusal *telephony.Error
		if !errors.As(err, &refusal) || refusal.Code != telephony.Busy {
			t.Errorf("in a call: %v", err)
		}
		leg.Release(telephony.CauseNormal)
		time.Sleep(guardTime + time.Second)
		go func() { _, _ = w.line.Test(context.Background()) }()
		time.Sleep(time.Second)
		if _, err := w.line.Dial(telephony.Order{To: "62345678"}); err == nil {
			t.Error("a line in a test was taken")
		}
		if _, err := w.line.Test(context.Background()); !errors.As(err, &refusal) || refusal.Code != telephony.Busy {
			t.Errorf("in a test: %v", err)
		}
		time.Sleep(15 * time.Second)
	})
}
