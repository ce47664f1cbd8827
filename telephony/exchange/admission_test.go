package exchange

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
	"callbox/telephony/call"

	"github.com/google/go-cmp/cmp"
)

func TestStrainRisesSoonAndFallsStepByStep(t *testing.T) { // issue 5: a declared order of degradation
	const none, statistics, mixing, outbound, inbound = strainNone, strainStatistics, strainMixing, strainOutbound, strainInbound
	idle, high, starved := Load{}, Load{Busy: 0.9}, Load{Busy: 0.39, Loop: 0.3, Late: 1}
	for _, c := range []struct {
		name  string
		loads []Load
		want  []strain
	}{
		{"at rest", []Load{idle, {Busy: 0.59}, {Busy: 0.59}}, []strain{none, none, none}},
		{"one bad second is no load", []Load{high, idle, high}, []strain{none, none, none}},
		{"reports first", []Load{{Busy: 0.6}, {Busy: 0.6}}, []strain{none, statistics}},
		{"then listening", []Load{{Busy: 0.7}, {Busy: 0.7}}, []strain{none, mixing}},
		{"then new calls of phones", []Load{{Busy: 0.6}, {Busy: 0.75}, {Busy: 0.75}}, []strain{none, statistics, outbound}},
		{"then every new call", []Load{high, high}, []strain{none, inbound}},
		{"what the loop has of its one processor counts alike", []Load{{Busy: 0.2, Loop: 0.9}, {Busy: 0.2, Loop: 0.9}}, []strain{none, inbound}},
		{"a loop late by its own doing", slices.Repeat([]Load{{Busy: 0.4, Late: 0.03}}, 2), []strain{none, outbound}},
		{"a computer that others use up", slices.Repeat([]Load{starved}, 5), slices.Repeat([]strain{none}, 5)},
		{"near the limit the level stays", slices.Repeat([]Load{{Busy: 0.6}}, 12), append([]strain{none}, slices.Repeat([]strain{statistics}, 11)...)},
		{"and below it, too", append([]Load{{Busy: 0.6}}, append([]Load{{Busy: 0.6}}, slices.Repeat([]Load{{Busy: 0.52}}, 9)...)...), append([]strain{none}, slices.Repeat([]strain{statistics}, 10)...)},
		{
			"a level a few seconds", append([]Load{high, high}, slices.Repeat([]Load{idle}, 4*calmMeasures)...),
			slices.Concat([]strain{none}, slices.Repeat([]strain{inbound}, calmMeasures), slices.Repeat([]strain{outbound}, calmMeasures),
				slices.Repeat([]strain{mixing}, calmMeasures), slices.Repeat([]strain{statistics}, calmMeasures), []strain{none}),
		},
		{"a peak begins the wait anew", []Load{{Busy: 0.6}, {Busy: 0.6}, idle, idle, {Busy: 0.6}, idle, idle, idle, idle}, []strain{0, 1, 1, 1, 1, 1, 1, 1, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var a admission
			var got []strain
			for _, l := range c.loads {
				_, after := a.measure(l, fewCalls)
				got = append(got, after)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestWithFewCallsThereIsNoStrain(t *testing.T) { // on whatever computer, however busy it is
	var a admission
	for up, want := range map[int]strain{fewCalls - 1: strainNone, fewCalls: strainInbound} {
		for range 3 {
			a.measure(Load{Busy: 1, Loop: 1, Late: 1}, up)
		}
		if got := strain(a.level.Load()); got != want {
			t.Errorf("%d calls: level %d, want %d", up, got, want)
		}
	}
	if before, after := a.measure(Load{Busy: 1}, fewCalls-1); after != strainNone {
		t.Errorf("when calls have ended the level goes from %d to %d", before, after)
	}
}

func TestAdmission(t *testing.T) { // issue 5: by measured load and by licence of lines; emergency numbers always through
	in, out, inside := telephony.Inbound, telephony.Outbound, telephony.InternalCall
	for _, c := range []struct {
		name    string
		level   strain
		licence int
		up      int
		way     telephony.Direction
		called  string
		want    bool
	}{
		{"room for a call", strainNone, 0, MostCalls - 1, in, "62340001", true},
		{"the box is full", strainNone, 0, MostCalls, in, "62340001", false},
		{"the licence", strainNone, 10, 10, in, "62340001", false},
		{"within the licence", strainNone, 10, 9, out, "962340000", true},
		{"reports alone wait", strainStatistics, 0, 50, out, "962340000", true},
		{"reports and listening", strainMixing, 0, 50, out, "962340000", true},
		{"under load nobody calls out", strainOutbound, 0, 50, out, "962340000", false},
		{"nor from phone to phone", strainOutbound, 0, 50, inside, "801", false},
		{"callers are taken longest", strainOutbound, 0, 50, in, "62340001", true},
		{"until the load is too high for them", strainInbound, 0, 50, in, "62340001", false},
		{"few calls are taken under any load", strainInbound, 0, fewCalls - 1, out, "962340000", true},
		{"110 under any load", strainInbound, 10, MostCalls, out, "110", true},
		{"110 from outside is no emergency of ours", strainNone, 10, 10, in, "110", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var a admission
			a.level.Store(int32(c.level))
			cfg := office(func(cfg *telephony.Config) { cfg.Site.MaxCalls = c.licence })
			if got := a.admits(cfg, c.way, c.called, c.up); got != c.want {
				t.Errorf("admitted %t", got)
			}
			a.drains.Store(true)
			if got := a.admits(cfg, c.way, c.called, c.up); got != (c.way == out && c.called == "110") {
				t.Errorf("admitted %t while it drains", got)
			}
		})
	}
}

func TestWhatComesOfAMeasuredLoad(t *testing.T) { // issue 5: alarm, refusal, and all as before when the load is gone
	synctest.Test(t, func(t *testing.T) {
		var load atomic.Pointer[Load]
		load.Store(&Load{Busy: 0.3, Late: 0.9}) // others use the computer up
		n := &notes{}
		x := New(Options{Journal: n, Load: func() Load { return *load.Load() }})
		x.Configure(office(nil))
		ctx, stop := context.WithCancel(t.Context())
		go x.Run(ctx)
		x.post(func(d *desk) {
			for i := range fewCalls {
				d.calls[telephony.CallID(fmt.Sprint(i))] = &entry{call: &call.Call{}}
			}
		})
		told := func() (got []string) {
			for _, f := range n.facts {
				switch f := f.(type) {
				case telephony.Alarm:
					got = append(got, fmt.Sprint(f.Name, " ", f.On))
				case telephony.CallEnded:
					got = append(got, string(f.Outcome))
				}
			}
			n.facts = nil
			return got
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := told(); got != nil || x.Strained() || x.MayMix() != nil {
			t.Errorf("late by the doing of others: %v", got)
		}
		load.Store(&Load{Busy: 0.9})
		time.Sleep(3 * measureEvery)
		x.Arrive(telephony.Arrival{Leg: newCaller(), Line: "fxo/1"})
		_, err := x.Place(Order{First: "phone:801", Then: "phone:802"})
		synctest.Wait()
		if diff := cmp.Diff([]string{"overload true", string(telephony.OutcomeCongestion)}, told()); diff != "" || err == nil || !x.Strained() || x.MayMix() == nil {
			t.Error("under load:", diff, err)
		}
		load.Store(&Load{})
		time.Sleep(4*calmMeasures*measureEvery + measureEvery)
		synctest.Wait()
		if diff := cmp.Diff([]string{"overload false"}, told()); diff != "" || x.Strained() {
			t.Error("afterwards:", diff)
		}
		stop()
		<-x.done
	})
}

func TestWhichCallAnEmergencyEnds(t *testing.T) { // issue 5: pre-empting if need be
	in, out := telephony.Inbound, telephony.Outbound
	on := func(lines ...string) (parties []telephony.LiveParty) {
		for _, l := range lines {
			parties = append(parties, telephony.LiveParty{Line: l})
		}
		return parties
	}
	for _, c := range []struct {
		name  string
		calls []telephony.LiveCall // the older first
		want  int                  // which of them; -1: none
	}{
		{"no call", nil, -1},
		{"one on another line", []telephony.LiveCall{{Direction: out, Parties: on("fxo/9")}}, -1},
		{"the one on the line", []telephony.LiveCall{{Direction: in, Parties: on("phone/801", "fxo/1")}}, 0},
		{"an outgoing one before one that came in", []telephony.LiveCall{{Direction: out, Parties: on("fxo/1")}, {Direction: in, Parties: on("fxo/2")}}, 0},
		{"the newest", []telephony.LiveCall{{Direction: in, Parties: on("fxo/1")}, {Direction: in, Parties: on("fxo/2")}}, 1},
		{"never an emergency call", []telephony.LiveCall{{Direction: out, Called: "119", Parties: on("fxo/1")}}, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, calls := &desk{calls: map[telephony.CallID]*entry{}}, []*call.Call{}
			for i, l := range c.calls {
				l.Since = monday.Add(time.Duration(i) * time.Minute)
				calls = append(calls, &call.Call{})
				d.calls[telephony.NewCallID(1, uint64(i))] = &entry{calls[i], l}
			}
			var want *call.Call
			if c.want >= 0 {
				want = calls[c.want]
			}
			if got := d.victim(office(nil), []string{"fxo/1", "fxo/2"}); got != want {
				t.Errorf("%p, want %p", got, want)
			}
		})
	}
}
