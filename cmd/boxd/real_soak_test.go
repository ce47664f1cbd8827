package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"callbox/telephony/traffic"
)

// A sample is what the box holds at a moment. Its own memory is that without the databases' files, which it has mapped and which
// grow with the records of calls.
type sample struct{ ownMB, heapMB, goroutines, files float64 }

// The names of a sample's parts, and by how much the last third of a soak may hold more of each than the first: what is noise.
var soaked = []struct {
	name  string
	of    func(sample) float64
	noise float64
}{
	{"memory in MB", func(s sample) float64 { return s.ownMB }, 0.10},
	{"heap in MB", func(s sample) float64 { return s.heapMB }, 0.25},
	{"goroutines", func(s sample) float64 { return s.goroutines }, 0.05},
	{"open files", func(s sample) float64 { return s.files }, 0.05},
}

// TestSoak has recorded calls of half a minute come and go for so many minutes, and looks each minute what the box holds:
// make soak CALLS=150 MINUTES=30. It does not count the first tenth, in which it grows to what it needs.
func TestSoak(t *testing.T) {
	calls, _ := strconv.Atoi(os.Getenv("CALLBOX_SOAK_CALLS"))
	minutes, _ := strconv.Atoi(os.Getenv("CALLBOX_SOAK_MINUTES"))
	if calls == 0 || minutes == 0 {
		t.Skip("this takes half an hour: make soak")
	}
	const talk = 30 * time.Second
	l := newLoad(t, build(t), false, nil)
	perSecond := float64(calls) / talk.Seconds()
	l.callers.Bring(traffic.Demand{Called: throughTheBox, Calls: int(perSecond * 60 * float64(minutes)), PerSecond: perSecond, Talk: talk})
	var samples []sample
	for minute := range minutes {
		<-time.After(time.Minute)
		s := l.sample()
		samples = append(samples, s)
		h, tally := l.health(), l.callers.Tally()
		t.Logf("minute %2d: %3d calls, %3.0f MB of its own, %5.1f MB heap, %4.0f goroutines, %4.0f files; loop %2.0f %%; %d answered, %d refused, %d dropped, %d packets missing",
			minute+1, h.Calls, s.ownMB, s.heapMB, s.goroutines, s.files, 100*h.Loop, tally.Answered, tally.Refused, tally.Dropped, tally.Missing)
	}
	if problem := leaks(samples); problem != "" {
		t.Error(problem)
	}
	l.await("the last calls are over", time.Minute, func(t traffic.Tally) bool { return t.Up == 0 })
	if tally := l.callers.Tally(); tally.Dropped+tally.Unclean+tally.Unheard > 0 {
		t.Errorf("what came of the calls: %+v", tally)
	}
}

// leaks says of what the last third of the samples has more than the first, the warming up left out.
func leaks(samples []sample) string {
	samples = samples[len(samples)/10:]
	third := max(1, len(samples)/3)
	var grown []string
	for _, part := range soaked {
		first, last := median(samples[:third], part.of), median(samples[len(samples)-third:], part.of)
		if last > first*(1+part.noise) {
			grown = append(grown, fmt.Sprintf("%s grew from %.0f to %.0f", part.name, first, last))
		}
	}
	return strings.Join(grown, "; ")
}

func median(samples []sample, of func(sample) float64) float64 {
	var values []float64
	for _, s := range samples {
		values = append(values, of(s))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// sample looks at the box's process.
func (l *load) sample() (s sample) {
	l.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", l.process.Process.Pid))
	if err != nil {
		l.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "RssAnon:")
	var kilobytes float64
	if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
		l.t.Fatal(err)
	}
	h := l.health()
	return sample{kilobytes / 1024, h.HeapMB, float64(h.Goroutines), float64(l.files())}
}

// TestLeaks: a soak tells growth from noise.
func TestLeaks(t *testing.T) {
	for _, c := range []struct {
		title string
		at    func(minute int) sample
		want  string
	}{
		{"flat", func(int) sample { return sample{60, 20, 900, 700} }, ""},
		{"up and down", func(m int) sample { return sample{60 + float64(m%3), 20 + float64(m%4), 900 + float64(m%20), 700} }, ""},
		{"more only while it warms up", func(m int) sample { return sample{min(60, 20+20*float64(m)), 20, 900, 700} }, ""},
		{"a goroutine for each call", func(m int) sample { return sample{60, 20, 900 + 300*float64(m), 700} }, "goroutines grew"},
		{"half a megabyte a minute", func(m int) sample { return sample{60 + float64(m)/2, 20, 900, 700} }, "memory in MB grew"},
		{"a file a minute of few", func(m int) sample { return sample{60, 20, 900, 30 + float64(m)} }, "open files grew"},
	} {
		var samples []sample
		for minute := range 30 {
			samples = append(samples, c.at(minute))
		}
		if got := leaks(samples); got == "" != (c.want == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", c.title, got, c.want)
		}
	}
}
