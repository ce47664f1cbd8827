package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"callbox/telephony"
)

// The same seed is the same day, and another is another.
func TestDayBySeed(t *testing.T) {
	if d := cmp.Diff(Day(7, time.Hour, 200), Day(7, time.Hour, 200)); d != "" {
		t.Error(d)
	}
	if cmp.Equal(Day(7, time.Hour, 200), Day(8, time.Hour, 200)) {
		t.Error("seeds 7 and 8 are the same day")
	}
}

// Whatever the seed, a day is one that the exchange takes.
func TestDayIsPossible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		length := time.Duration(rapid.Int64Range(int64(time.Minute), int64(24*time.Hour)).Draw(t, "length"))
		calls := rapid.IntRange(0, 500).Draw(t, "calls")
		day := Day(rapid.Uint64().Draw(t, "seed"), length, calls)
		if len(day) != calls {
			t.Fatalf("%d calls, want %d", len(day), calls)
		}
		if !slices.IsSortedFunc(day, func(a, b DayCall) int { return int(a.At - b.At) }) {
			t.Fatal("the calls are not in order")
		}
		for _, c := range day {
			if _, err := timedKeys(c.Call.Keys); err != nil {
				t.Fatal(err)
			}
			if c.At < 0 || c.At >= length || c.Call.For <= 0 || c.Call.GiveUp <= 0 || telephony.CleanNumber(c.Call.From) != c.Call.From {
				t.Fatalf("%+v", c)
			}
		}
	})
}

// A busy hour looks like one: a rush, all habits, callers who come again, a talk of about a minute.
func TestDayIsBelievable(t *testing.T) {
	const calls = 5000
	day := Day(1, time.Hour, calls)
	thirds, pressed, numbers, talk := [3]int{}, map[string]int{}, map[string]int{}, time.Duration(0)
	for _, c := range day {
		thirds[c.At*3/time.Hour]++
		keys := ""
		for _, k := range c.Call.Keys {
			keys += string(k.Digit)
		}
		pressed[keys]++
		numbers[c.Call.From]++
		talk += c.Call.For
	}
	if thirds[1] < thirds[0]*3/2 || thirds[2] < thirds[0]*3/2 {
		t.Errorf("no rush: %v", thirds)
	}
	of := 0
	for _, h := range habits {
		of += h.of
		if got := pressed[h.digits] * 100 / calls; got < h.of-2 || got > h.of+2 {
			t.Errorf("%d of a hundred pressed %q, want %d", got, h.digits, h.of)
		}
	}
	if of != 100 {
		t.Errorf("the habits of %d of a hundred are known", of)
	}
	if len(numbers) < calls*4/5 || len(numbers) > calls*9/10 {
		t.Errorf("%d numbers in %d calls", len(numbers), calls)
	}
	if mean := talk / calls; mean < time.Minute || mean > 2*time.Minute {
		t.Errorf("a talk lasts %v", mean)
	}
}
