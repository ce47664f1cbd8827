package fxs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/machine"
)

// at is an event of a story and when it happens, in milliseconds.
type at struct {
	ms int
	event
}

func on(ms int, e hal.FXSEvent) at { return at{ms, hook{e}} }

// dialledAt presses keys, 200 ms each.
func dialledAt(ms int, digits string) (story []at) {
	for i := range len(digits) {
		story = append(story, at{ms + 200*i, digit{digits[i]}})
	}
	return story
}

// office is a numbering plan of three digits.
var office = settings{extension: "811", whole: func(digits string) bool { return len(digits) == 3 }}

// playStory tells the machine a story under virtual time and returns the transcript of what it did, timers left out, until three
// minutes are over.
func playStory(t *testing.T, set settings, story []at) (transcript []string) {
	t.Helper()
	slices.SortStableFunc(story, func(a, b at) int { return a.ms - b.ms })
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		p := &protocol{}
		host := machine.New(p.step, func(t machine.Timer) event { return expired{t} }, func(a action) {
			if text := told(a); text != "" {
				transcript = append(transcript, fmt.Sprintf("%d %s", time.Since(begin).Milliseconds(), text))
			}
		})
		host.Step(set)
		transcript = nil
		for end := time.After(3 * time.Minute); ; {
			var next <-chan time.Time
			if len(story) > 0 {
				next = time.After(time.Duration(story[0].ms)*time.Millisecond - time.Since(begin))
			}
			select {
			case <-next:
				host.Step(story[0].event)
				story = story[1:]
			case <-host.Alarm():
				host.Expire()
			case <-end:
				host.Close()
				return
			}
		}
	})
	return transcript
}

// told is an action in a transcript.
func told(a action) string {
	switch a := a.(type) {
	case look, listen:
		return ""
	case ring:
		return fmt.Sprintf("ring %v", a.on)
	case play:
		return strings.TrimSpace("play " + string(a.signal))
	case identify:
		return "identify " + a.Number
	case arrive:
		return "arrive " + a.called
	case tell:
		return strings.TrimPrefix(fmt.Sprintf("tell %T %v", a.Event, a.Event), "tell telephony.")
	case end:
		return strings.TrimSpace(fmt.Sprintf("end %d %s", a.Cause, a.Witness))
	case refuse:
		return fmt.Sprintf("refuse %d", a.Cause)
	case show:
		return strings.TrimSpace(fmt.Sprintf("show %s %s", a.state, a.detail))
	case odd:
		return "odd: " + string(a)
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", a), "fxs.")
}

func TestStories(t *testing.T) {
	zhang := dial{caller: telephony.Caller{Number: "13800138000"}}
	lifted := []string{"0 play dial", "0 show dialing"} // whatever is put behind it or its like makes a new list
	called := slices.Clip(append(lifted, "1000 play", "1400 arrive 802"))
	calling := slices.Clip(append([]at{on(0, hal.OffHook)}, dialledAt(1000, "802")...))
	up := slices.Clip(append(called, "3000 play", "3000 show talking"))
	talk := slices.Clip(append(calling, at{3000, answer{}}))
	for _, row := range []struct {
		name  string
		set   settings
		story []at
		want  []string
	}{
		{
			"GB/T 3380: a telephone rings one second in five, and YD/T 1277.1: is told the number after the first ring", office,
			[]at{{0, zhang}, on(7000, hal.OffHook), on(9000, hal.OnHook)},
			[]string{
				"0 take", "0 ring true", "0 show ringing", "0 Ringing {}", "1000 ring false", "1600 identify 13800138000",
				"5000 ring true", "6000 ring false", "7000 ring false", "7000 play", "7000 Answered {}", "7000 show talking",
				"9000 play", "9000 show idle", "9000 end 16 signalling",
			},
		},
		{
			"a colleague's call rings otherwise", office,
			[]at{{0, dial{telephony.Caller{Number: "802"}, true}}, {2000, release{Cause: telephony.CauseNoAnswer}}},
			[]string{
				"0 take", "0 ring true", "0 show ringing", "0 Ringing {}", "400 ring false", "600 ring true", "1000 ring false",
				"1600 identify 802", "2000 end 19 signalling", "2000 ring false", "2000 play", "2000 show idle",
			},
		},
		{
			"a number is whole by the plan", office,
			append(calling, at{2000, alert{}}, at{6000, answer{}}, on(9000, hal.OnHook)),
			append(called, "2000 play ringback", "6000 play", "6000 show talking", "9000 play", "9000 show idle", "9000 end 16 signalling"),
		},
		{
			"# ends a number", office,
			append([]at{on(0, hal.OffHook)}, append(dialledAt(1000, "12#"), on(5000, hal.OnHook))...),
			append(lifted, "1000 play", "1400 arrive 12", "5000 play", "5000 show idle", "5000 end 16 signalling"),
		},
		{
			"and so do four seconds", office,
			append([]at{on(0, hal.OffHook)}, append(dialledAt(1000, "12"), on(6000, hal.OnHook))...),
			append(lifted, "1000 play", "5200 arrive 12", "6000 play", "6000 show idle", "6000 end 16 signalling"),
		},
		{
			"nothing dialled: busy tone, the howler, silence", office,
			[]at{on(0, hal.OffHook), on(110_000, hal.OnHook)},
			append(lifted, "10000 play busy", "10000 show dialing off hook", "40000 play howler", "100000 play", "110000 play", "110000 show idle"),
		},
		{
			"refused: the tone of the cause", office,
			append(calling, at{2000, release{Cause: telephony.CauseUnallocated}}, on(4000, hal.OnHook)),
			append(called, "2000 end 1 signalling", "2000 play vacant", "2000 show dialing off hook", "4000 play", "4000 show idle"),
		},
		{
			"early sound of the far end in place of ringback tone", office,
			append(calling, at{2000, alert{}}, at{2500, progress{}}, on(4000, hal.OnHook)),
			append(called, "2000 play ringback", "2500 play", "4000 play", "4000 show idle", "4000 end 16 signalling"),
		},
		{
			"kewlstart: the other party has hung up", office,
			append(talk, at{8000, release{Cause: telephony.CauseNormal}}, on(12000, hal.OnHook)),
			append(up, "8000 end 16 signalling", "8000 open", "8000 play busy", "8000 show dialing off hook", "12000 play", "12000 show idle"),
		},
		{
			"keys in the call", office,
			append(talk, at{5000, digit{'5'}}, on(6000, hal.OnHook)),
			append(up, "5000 Digit {53 true}", "6000 play", "6000 show idle", "6000 end 16 signalling"),
		},
		{
			"R in the call is told, and so are the keys after it", office,
			append(talk, on(5000, hal.HookFlash), at{7000, digit{'8'}}, on(8000, hal.HookFlash), on(9000, hal.OnHook)),
			append(up, "5000 Flashed {}", "7000 Digit {56 true}", "8000 Flashed {}", "9000 play", "9000 show idle", "9000 end 16 signalling"),
		},
		{
			"a flash while it rings at the other end gives another dial tone", office,
			append(calling, at{2000, alert{}}, on(4000, hal.HookFlash), on(5000, hal.OnHook)),
			append(called, "2000 play ringback", "4000 end 16 signalling", "4000 play dial", "4000 show dialing", "5000 play", "5000 show idle"),
		},
		{
			"off hook: no call is taken", office,
			[]at{on(0, hal.OffHook), {500, zhang}, on(1000, hal.OnHook)},
			append(lifted, "500 refuse 17", "1000 play", "1000 show idle"),
		},
		{
			"a port that nobody has gives no dial tone",
			settings{},
			[]at{on(0, hal.OffHook), on(1000, hal.OnHook)},
			[]string{"0 play congestion", "0 show dialing off hook", "1000 play", "1000 show offline"},
		},
		{
			"a port that refuses to ring", office,
			[]at{{0, zhang}, {10, failed{fmt.Errorf("off hook")}}},
			[]string{
				"0 take", "0 ring true", "0 show ringing", "0 Ringing {}", "10 odd: fault of the port: off hook while ringing", "10 end 27",
				"10 ring false", "10 play", "10 show idle",
			},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			if diff := cmp.Diff(row.want, playStory(t, row.set, slices.Clone(row.story))); diff != "" {
				t.Errorf("transcript (-want +got):\n%s", diff)
			}
		})
	}
}

// TestMachineHolds gives the machine events in any order and looks at what must hold in every life of a telephone: a leg has
// one beginning and one end, no more than one is alive, and with the handset on its hook nothing is left.
func TestMachineHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &life{T: t}
		w.step(office)
		for range rapid.IntRange(1, 80).Draw(t, "events") {
			w.step(w.draw())
		}
		if w.p.state == ringing {
			w.step(hook{hal.OffHook})
		}
		w.step(hook{hal.OnHook})
		if w.p.state != onHook || w.leg || w.rings {
			t.Fatalf("on hook it is %v, leg %v, rings %v", w.p.state, w.leg, w.rings)
		}
	})
}

// A life is what the actions up to now have made of the telephone.
type life struct {
	*rapid.T
	p          protocol
	leg, rings bool
	timers     []machine.Timer
}

func (w *life) draw() event {
	events := []event{
		digit{'1'},
		digit{'#'},
		dial{},
		hook{hal.OffHook},
		hook{hal.OnHook},
		hook{hal.HookFlash},
		hook{hal.HookFlash},
		failed{fmt.Errorf("unplugged")},
		office,
		settings{},
	}
	if w.leg {
		events = append(events, alert{}, progress{}, answer{}, answer{}, release{Cause: telephony.CauseNormal})
	}
	for _, t := range w.timers {
		events = append(events, expired{t})
	}
	return rapid.SampledFrom(events).Draw(w.T, "event")
}

func (w *life) step(e event) {
	if x, ok := e.(expired); ok {
		w.stop(x.Timer)
	}
	for _, a := range w.p.step(e) {
		switch a := a.(type) {
		case machine.Start:
			w.stop(a.Timer)
			w.timers = append(w.timers, a.Timer)
		case machine.Stop:
			w.stop(a.Timer)
		case ring:
			w.rings = a.on
		case take, arrive:
			w.hold(!w.leg, "a second leg is in use", e)
			w.leg = true
		case end:
			w.hold(w.leg, "no leg's end", e)
			w.leg = false
		case tell:
			w.hold(w.leg, "told to no leg", e)
		}
	}
	w.hold(w.leg == (w.p.state == ringing || w.p.state == waiting || w.p.state == talking), "the leg does not fit the state", e)
	w.hold(len(w.timers) == len(w.p.running), "the timers are not those that run", e)
}

func (w *life) stop(t machine.Timer) {
	w.timers = slices.DeleteFunc(w.timers, func(s machine.Timer) bool { return s == t })
}

func (w *life) hold(ok bool, what string, e event) {
	if !ok {
		w.Fatalf("%s: by %v, now %v", what, e, w.p.state)
	}
}
