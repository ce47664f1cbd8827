package exchange

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"callbox/telephony"
	"callbox/telephony/call"

	"github.com/google/go-cmp/cmp"
)

// notes is a journal.
type notes struct{ facts []telephony.Fact }

func (n *notes) Append(e telephony.Entry) { n.facts = append(n.facts, e.Fact) }

// caller is a leg that is released when it is told to.
type caller struct {
	telephony.Leg
	events chan telephony.Event
}

func newCaller() *caller                         { return &caller{events: make(chan telephony.Event, 1)} }
func (c *caller) String() string                 { return "fxo/1#1" }
func (c *caller) Events() <-chan telephony.Event { return c.events }
func (c *caller) Release(cause telephony.Cause) {
	c.events <- telephony.Released{Cause: cause, ByBox: true}
	close(c.events)
}

func TestAFullBoxCountsWhomItTurnsAway(t *testing.T) { // A11.3: the outcomes add up to the calls offered
	synctest.Test(t, func(t *testing.T) {
		n := &notes{}
		x := New(Options{Boot: 1, Journal: n})
		x.Configure(office(nil))
		d := &desk{calls: map[telephony.CallID]*entry{}}
		for i := range MostCalls {
			d.calls[telephony.CallID(fmt.Sprint(i))] = &entry{call: &call.Call{}}
		}
		d.born = []telephony.Arrival{{Leg: newCaller(), Line: "fxo/1", Caller: telephony.Caller{Number: "138"}}}
		d.run(t.Context(), x)
		synctest.Wait()
		want := []telephony.Fact{
			telephony.CallArrived{Direction: telephony.Inbound, Line: "fxo/1", Leg: "fxo/1#1", Caller: telephony.Caller{Number: "138"}, Called: "62340001"},
			telephony.LegReleased{Leg: "fxo/1#1", Cause: telephony.CauseCongestion, ByBox: true},
			telephony.CallEnded{Outcome: telephony.OutcomeCongestion, Cause: telephony.CauseCongestion, By: "box"},
		}
		if diff := cmp.Diff(want, n.facts); diff != "" || len(d.calls) != MostCalls {
			t.Error(len(d.calls), diff)
		}
	})
}

func TestLineStates(t *testing.T) { // what the journal is told of a line, and its alarm
	const idle, talk, fault, blocked, offline = telephony.LineIdle, telephony.LineTalking, telephony.LineFault, telephony.LineBlocked, telephony.LineOffline
	for _, c := range []struct {
		name   string
		states []telephony.LineState
		want   []string
	}{
		{"in service nothing is told", []telephony.LineState{idle, talk, idle}, nil},
		{"out and back", []telephony.LineState{idle, offline, idle}, []string{"offline", "idle"}},
		{"a fault raises an alarm", []telephony.LineState{idle, fault, idle}, []string{"fault", "alarm true", "idle", "alarm false"}},
		{"a fault told twice is one", []telephony.LineState{fault, fault}, []string{"fault", "alarm true"}},
		{"a faulty line that is blocked is no alarm any more", []telephony.LineState{fault, blocked, idle}, []string{"fault", "alarm true", "blocked", "alarm false", "idle"}},
		{"a line that is taken away takes its alarm along", []telephony.LineState{fault, "gone"}, []string{"fault", "alarm true", "alarm false"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &notes{}
				x := New(Options{Journal: n})
				x.Configure(office(nil))
				ctx, stop := context.WithCancel(t.Context())
				go x.Run(ctx)
				for _, s := range c.states {
					if s == "gone" {
						x.Configure(&telephony.Config{})
					} else {
						x.LineChanged(telephony.LineStatus{ID: "trunk/ctc", State: s})
					}
				}
				synctest.Wait()
				stop()
				synctest.Wait()
				var got []string
				for _, f := range n.facts {
					switch f := f.(type) {
					case telephony.LineStateChanged:
						got = append(got, string(f.State))
					case telephony.Alarm:
						got = append(got, fmt.Sprint("alarm ", f.On))
					}
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestMemoryIsBounded(t *testing.T) { // A2.6
	x := New(Options{})
	x.Spoke("", "1001") // a caller without a number is nobody
	for i := range memorySize + 100 {
		x.Spoke(fmt.Sprint(i), "1001")
	}
	x.Spoke(fmt.Sprint(memorySize), "1002") // again: the newest agent counts
	if n := len(x.spoke.agents); n != memorySize || len(x.spoke.order) != memorySize {
		t.Errorf("%d callers are remembered, want %d", n, memorySize)
	}
	for number, want := range map[string]string{"": "", "99": "", "100": "1001", fmt.Sprint(memorySize): "1002"} {
		if got := x.LastAgent(number); got != want {
			t.Errorf("the last agent of %q is %q, want %q", number, got, want)
		}
	}
}
