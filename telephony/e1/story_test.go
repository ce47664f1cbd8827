package e1

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
)

// A1.9: the caller's and the called number are both received, speech passes bit by bit both ways, and both ends are released.
func TestCallIn(t *testing.T) {
	for _, row := range []struct {
		name    string
		service sim.SpanService
		config  telephony.SpanConfig
		call    sim.Call
		want    string
	}{
		{"Q.931 5.2.1 en-bloc", sim.SpanService{}, telephony.SpanConfig{}, sim.Call{From: "02162345678", Name: "Zhang San"}, "62345600 from {02162345678 Zhang San false}"},
		{"A1.16 another number of the span", sim.SpanService{}, telephony.SpanConfig{}, sim.Call{From: "13800138000", To: "62345601"}, "62345601 from {13800138000  false}"},
		{"Q.931 5.2.4 overlap", sim.SpanService{Overlap: true}, telephony.SpanConfig{Overlap: true}, sim.Call{From: "02162345678"}, "62345600 from {02162345678  false}"},
		{"Q.931 4.5.10 withheld", sim.SpanService{}, telephony.SpanConfig{}, sim.Call{From: "02162345678", Withheld: true}, "62345600 from {  true}"},
		{"the network does not know the caller", sim.SpanService{}, telephony.SpanConfig{}, sim.Call{}, "62345600 from {  false}"},
	} {
		t.Run(row.name, func(t *testing.T) {
			withCarrier(t, row.service, row.config, func(w *carrier) {
				row.call.Play = aLaw(time.Second)
				caller := w.ring(row.call)
				a := w.arrived()
				w.check("arrival", row.want, fmt.Sprintf("%s from %v", a.Called, a.Caller))
				w.check("line", "e1/1 e1/1#1", a.Line+" "+a.Leg.String())
				w.check("bearers", []string{"1 incoming"}, w.channels())
				a.Leg.Alert()
				a.Leg.Answer()
				w.check("bearers", []string{"1 talking"}, w.channels())
				said := aLaw(2 * time.Second)
				heard := talk(a.Leg, said, 3*time.Second)
				if !contains(heard, aLaw(time.Second)) {
					t.Error("the box did not hear the caller bit by bit")
				}
				if !contains(caller.Heard(), said) {
					t.Error("the caller did not hear the box bit by bit")
				}
				caller.Hangup()
				w.check("events", []string{"3.0 Released {Cause:16 normal clearing ByBox:false Witness:signalling Confidence:0}"}, w.follow(a.Leg, time.Second))
				w.check("bearers", []string(nil), w.channels())
				w.check("oddities", []string(nil), w.odd())
			})
		})
	}
}

func TestTheBoxHangsUp(t *testing.T) {
	withCarrier(t, sim.SpanService{}, telephony.SpanConfig{}, func(w *carrier) {
		caller := w.ring(sim.Call{From: "02162345678"})
		a := w.arrived()
		a.Leg.Answer()
		time.Sleep(time.Second)
		a.Leg.Release(telephony.CauseNormal)
		w.check("events", []string{"1.0 Released {Cause:16 normal clearing ByBox:true Witness:signalling Confidence:0}"}, w.follow(a.Leg, time.Second))
		w.check("bearers", []string(nil), w.channels())
		w.check("caller", sim.Released, caller.State().Stage)
	})
}

// The simulated exchange's rule: 00 vacant, 01 busy, 02 congestion, 03 rings out, 04 answers and hangs up after 5 s.
func TestDial(t *testing.T) {
	const ringing, early = "0.5 Ringing {}", "0.5 Progress {}"
	for _, row := range []struct {
		name, to string
		config   telephony.SpanConfig
		want     []string
	}{
		{"Q.850 1 vacant number", "62340000", telephony.SpanConfig{}, []string{"0.5 Released {Cause:1 vacant number ByBox:false Witness:signalling Confidence:0}"}},
		{"Q.850 17 busy", "62340001", telephony.SpanConfig{}, []string{"0.5 Released {Cause:17 busy ByBox:false Witness:signalling Confidence:0}"}},
		{"Q.850 42 congestion", "62340002", telephony.SpanConfig{}, []string{"0.5 Released {Cause:42 congestion ByBox:false Witness:signalling Confidence:0}"}},
		{"Q.850 19 rings out", "62340003", telephony.SpanConfig{}, []string{ringing, early, "60.5 Released {Cause:19 no answer ByBox:false Witness:signalling Confidence:0}"}},
		{"answered, and cleared by the far end", "62340004", telephony.SpanConfig{}, []string{ringing, early, "6.5 Answered {}", "11.5 Released {Cause:16 normal clearing ByBox:false Witness:signalling Confidence:0}"}},
		{"Q.931 5.1.3 overlap sending", "62340004", telephony.SpanConfig{Overlap: true}, []string{"0.0 Progress {}", ringing, "6.5 Answered {}", "11.5 Released {Cause:16 normal clearing ByBox:false Witness:signalling Confidence:0}"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			withCarrier(t, sim.SpanService{}, row.config, func(w *carrier) {
				w.check("events", row.want, w.follow(w.dial(row.to), 2*time.Minute))
				w.check("who was called", row.to, w.Called("e1/1").State().Number)
				w.check("bearers", []string(nil), w.channels())
				w.check("oddities", []string(nil), w.odd())
			})
		})
	}
}

// A1.18: a span whose bearers are all taken refuses at once, so that the group behind it is tried.
func TestThirtyCalls(t *testing.T) {
	withCarrier(t, sim.SpanService{}, telephony.SpanConfig{Select: "ascending"}, func(w *carrier) {
		var legs []telephony.Leg
		for range 30 {
			legs = append(legs, w.dial("62340005"))
		}
		_, err := w.span.Dial(telephony.Order{To: "62340005"})
		if e := (*telephony.Error)(nil); !errors.As(err, &e) || e.Code != telephony.Busy {
			t.Errorf("the thirty-first call: %v", err)
		}
		time.Sleep(10 * time.Second)
		for n, g := range legs {
			if e := w.follow(g, time.Millisecond); len(e) != 3 {
				t.Errorf("call %d: %v", n+1, e)
			}
			g.Release(telephony.CauseNormal)
		}
		time.Sleep(time.Second)
		w.check("bearers", []string(nil), w.channels())
		w.check("oddities", []string(nil), w.odd())
	})
}

func TestOrderOfBearers(t *testing.T) {
	for order, want := range map[string][]string{
		"ascending":   {"2 outgoing", "3 outgoing", "4 outgoing"},
		"descending":  {"29 outgoing", "30 outgoing", "31 outgoing"},
		"round_robin": {"2 outgoing", "3 outgoing", "5 outgoing"},
	} {
		t.Run(order, func(t *testing.T) {
			withCarrier(t, sim.SpanService{}, telephony.SpanConfig{Select: order, Blocked: []int{1}}, func(w *carrier) {
				w.dial("62340005")
				w.dial("62340005")
				if order == "round_robin" {
					w.dial("62340005").Release(telephony.CauseNormal)
					time.Sleep(100 * time.Millisecond)
				}
				w.dial("62340005")
				list := slices.DeleteFunc(w.channels(), func(c string) bool { return c == "1 blocked" })
				w.check("bearers", want, list)
			})
		})
	}
}

// Blocking a bearer keeps new calls away; the one that has it goes on.
func TestBlock(t *testing.T) {
	withCarrier(t, sim.SpanService{}, telephony.SpanConfig{Select: "ascending"}, func(w *carrier) {
		g := w.dial("62340005")
		w.span.Configure(configured(telephony.SpanConfig{Select: "ascending", Blocked: []int{1, 2}}))
		time.Sleep(10 * time.Second)
		w.check("bearers", []string{"1 talking", "2 blocked"}, w.channels())
		w.check("1 is blocked while it talks", true, w.span.Live().Channels[0].Blocked)
		g.Release(telephony.CauseNormal)
		time.Sleep(time.Second)
		w.check("bearers", []string{"1 blocked", "2 blocked"}, w.channels())
		w.ring(sim.Call{}) // the exchange asks for bearer 1 alone, which is refused (cause 44)
		time.Sleep(time.Second)
		w.check("arrivals", 0, len(w.arrivals))
	})
}

// Pain 37, Q.931 5.8.9: a short alarm ends no call that is up, a long one ends them after T309, and no bearer is left behind.
func TestAlarm(t *testing.T) {
	for _, row := range []struct {
		cut    time.Duration
		events []string
	}{
		{2 * time.Second, nil},
		{120 * time.Second, []string{"90.0 Released {Cause:27 destination out of order ByBox:false Witness:timer Confidence:0}"}},
	} {
		t.Run(row.cut.String(), func(t *testing.T) {
			withCarrier(t, sim.SpanService{}, telephony.SpanConfig{}, func(w *carrier) {
				w.ring(sim.Call{From: "02162345678"})
				talking, ringing := w.arrived().Leg, w.dial("62340003")
				talking.Answer()
				time.Sleep(time.Second)
				w.told()
				w.born = time.Now()
				w.check("cut", error(nil), w.Cut("e1/1", true))
				time.AfterFunc(row.cut, func() { w.check("mended", error(nil), w.Cut("e1/1", false)) })
				time.Sleep(time.Second)
				w.check("state", []string{"fault 1 LOS, no signal: check the cable"}, w.told())
				if _, err := w.span.Dial(telephony.Order{To: "62340005"}); err == nil {
					t.Error("a dark span took a call")
				}
				w.check("the call that was up", row.events, w.follow(talking, row.cut+10*time.Second))
				w.check("the call that was not", "released", w.last(ringing))
				time.Sleep(row.cut)
				talking.Release(telephony.CauseNormal)
				time.Sleep(10 * time.Second)
				w.check("bearers", []string(nil), w.channels())
				w.check("D-channel", "up", w.span.Live().DChannel)
				w.follow(w.dial("62340004"), time.Minute)
			})
		})
	}
}

// A caller presses keys, and so does the box.
func TestDigits(t *testing.T) {
	withCarrier(t, sim.SpanService{}, telephony.SpanConfig{}, func(w *carrier) {
		keys, err := sim.ParseKeys("1@1s,#@2s")
		if err != nil {
			t.Fatal(err)
		}
		caller := w.ring(sim.Call{Keys: keys})
		g := w.arrived().Leg
		g.Answer()
		time.Sleep(100 * time.Millisecond)
		g.Press("7")
		talk(g, nil, 4*time.Second)
		w.check("digits", []string{"4.1 Digit {Key:49 InBand:true}", "4.1 Digit {Key:35 InBand:true}"}, w.follow(g, time.Millisecond))
		w.check("pressed", "7", digitsIn(caller.Heard()))
	})
}

// A disabled span refuses, and a call in progress goes on.
func TestDisabled(t *testing.T) {
	withCarrier(t, sim.SpanService{}, telephony.SpanConfig{}, func(w *carrier) {
		g := w.dial("62340005")
		time.Sleep(10 * time.Second)
		w.span.Configure(configured(telephony.SpanConfig{Disabled: true}))
		time.Sleep(time.Second)
		w.ring(sim.Call{})
		time.Sleep(time.Second)
		w.check("arrivals", 0, len(w.arrivals))
		if _, err := w.span.Dial(telephony.Order{To: "62340005"}); err == nil {
			t.Error("a disabled span took a call")
		}
		w.check("the call", 3, len(w.follow(g, time.Millisecond)))
		g.Release(telephony.CauseNormal)
	})
}
