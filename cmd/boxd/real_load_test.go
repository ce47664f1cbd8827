package main

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/traffic"
	"callbox/webui"
)

// The far ends of a load, by the last octet of their address.
const (
	farEnd  = 30
	sippEnd = 31
)

// A load is a box and far ends that bring it many calls and take them.
type load struct {
	*realBox
	callers *traffic.Far
	exact   bool // this computer has nothing else to do, so that what is late is late by the box's doing
}

// newLoad starts a box whose neighbour is a far end, which records every call.
func newLoad(t *testing.T, program string, exact bool, shape func(*telephony.Config)) *load {
	t.Helper()
	b := prepareBox(t, program)
	b.start()
	t.Cleanup(b.stop)
	address := func(host string, port uint16) netip.AddrPort {
		return netip.AddrPortFrom(netip.MustParseAddr(host), port)
	}
	far, err := traffic.Open(address(b.far(farEnd), 0), address(b.host, 5060))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); far.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	l := &load{realBox: b, callers: far, exact: exact}
	cfg := ratingConfig(far.Addr(), "always")
	cfg.Recording.MinFreeMB, cfg.Recording.StopFreeMB = 2, 1
	cfg.Trunks[0].Sources = append(cfg.Trunks[0].Sources, b.far(sippEnd))
	if shape != nil {
		shape(cfg)
	}
	l.put(cfg)
	b.lineIs("trunk/out", telephony.LineIdle)
	return l
}

// put brings a configuration into force.
func (b *realBox) put(cfg *telephony.Config) {
	b.t.Helper()
	var inForce telephony.Config
	b.get("/api/config", &inForce)
	cfg.Revision = inForce.Revision
	b.send(http.MethodPut, "/api/config?why=test", cfg)
}

// await is until with a patience of its own.
func (l *load) await(what string, patience time.Duration, holds func(traffic.Tally) bool) {
	l.t.Helper()
	for give := time.After(patience); !holds(l.callers.Tally()); {
		select {
		case <-give:
			l.t.Fatalf("never: %s: %+v", what, l.callers.Tally())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// TestLoad is the load of issue 5 in earnest: make load CALLS=600 MINUTES=10.
func TestLoad(t *testing.T) {
	calls, _ := strconv.Atoi(os.Getenv("CALLBOX_CALLS"))
	minutes, _ := strconv.ParseFloat(os.Getenv("CALLBOX_MINUTES"), 64)
	if calls == 0 {
		t.Skip("this takes minutes and the whole computer: make load")
	}
	program := build(t)
	length := time.Duration(minutes * float64(time.Minute))
	t.Run("calls", func(t *testing.T) { newLoad(t, program, true, nil).carry(calls, length) })
	t.Run("calls of SIPp", func(t *testing.T) { newLoad(t, program, true, nil).speaking(calls, length) })
	t.Run("a rush", func(t *testing.T) { // the far ends have to have their part of the processors, which the box does not see
		newLoad(t, program, true, ratedFor(calls)).rush(calls/2, calls, min(time.Minute, length/8), length/2)
	})
}

// realCarry: some calls with speech, each recorded whole, and with both sides in step (issue 5).
func realCarry(t *testing.T, program string) {
	newLoad(t, program, false, nil).carry(30, 8*time.Second)
}

// realSpeaking: SIPp brings the calls, and speaks in them.
func realSpeaking(t *testing.T, program string) {
	newLoad(t, program, false, nil).speaking(10, 6*time.Second)
}

// speaking has SIPp bring so many calls and talk in each for so long, and looks what the called end heard while all were up, and what
// was recorded.
func (l *load) speaking(calls int, talk time.Duration) {
	l.t.Helper()
	coming := time.Duration(calls) * time.Second / sippRate
	s := l.bySIPp(calls, talk)
	l.await("all calls are up", coming+time.Minute, func(t traffic.Tally) bool { return t.Taken == calls })
	before, was := l.callers.Tally(), l.health()
	enough := uint64(calls) * uint64((talk-coming)*9/10/telephony.Tick)
	l.await("all have talked", 2*talk+time.Minute, func(t traffic.Tally) bool { return t.Since(before).Heard >= enough })
	t, is := l.callers.Tally().Since(before), l.health()
	l.t.Logf("%d bridged and recorded calls of SIPp: busy %.0f %%, media loop %.0f %%", calls, 100*is.Busy, 100*is.Loop)
	l.heard(t, was, is)
	s.succeeds()
	l.quiet("", calls)
	l.recordings(calls, talk-time.Second)
}

// bySIPp has SIPp bring calls, each of which speaks for so long; the far end takes them.
func (l *load) bySIPp(calls int, talk time.Duration) *sipp {
	l.t.Helper()
	return l.play(part{
		Scenario: "speaks", Host: l.far(sippEnd), Caller: "13922220000", Called: "62340000", Calls: calls, Speech: l.speech(), TalkMS: int(talk.Milliseconds()),
	})
}

// speech is a file of A-law for SIPp, which takes a comma in the name for the end of it, and t.TempDir may have one.
func (b *realBox) speech() string {
	b.t.Helper()
	name := filepath.Join(b.seen, "speech.al")
	if err := os.WriteFile(name, traffic.Speech(), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return name
}

// realRush: a box that is licensed for twenty calls has ten, and three times as many come as it could take.
func realRush(t *testing.T, program string) {
	newLoad(t, program, false, ratedFor(20)).rush(10, 20, 3*time.Second, 8*time.Second)
}

// ratedFor is the configuration of a box that may take so many calls.
func ratedFor(calls int) func(*telephony.Config) {
	return func(cfg *telephony.Config) { cfg.Site.MaxCalls = calls }
}

// rush brings three times the calls that a box rated for so many can take beside those that stand, each for hold. Those that
// stand are untouched, each caller is answered or refused cleanly, and all is as it was before.
func (l *load) rush(standing, rated int, hold, length time.Duration) {
	l.t.Helper()
	was, files := l.health(), l.files()
	l.callers.Bring(traffic.Demand{Called: throughTheBox, Calls: standing, PerSecond: 20})
	l.await("the first calls are up", time.Minute+time.Duration(standing)*time.Second/10, func(t traffic.Tally) bool { return t.Up == standing && t.Taken == standing })
	before, perSecond := l.callers.Tally(), 3*float64(rated-standing)/hold.Seconds()
	l.callers.Bring(traffic.Demand{Called: throughTheBox, Calls: int(perSecond * length.Seconds()), PerSecond: perSecond, Talk: hold})
	most := 0
	l.await("the rush is over", 2*length+2*hold+time.Minute, func(t traffic.Tally) bool {
		most = max(most, l.health().Calls)
		d := t.Since(before)
		return d.Brought == int(perSecond*length.Seconds()) && d.Answered+d.Refused+d.Unclean+d.Unheard == d.Brought && t.Up == standing
	})
	t, is := l.callers.Tally().Since(before), l.health()
	if t.Dropped+t.Unclean+t.Unheard > 0 || t.Refused == 0 || most > rated || l.exact && t.Missing > t.Overrun {
		l.t.Errorf("at most %d calls at once; what came of the rush: %+v", most, t)
	}
	l.t.Logf("%.0f calls a second: %d answered, %d refused by 503 with Retry-After, %d calls at once; of %d packets %d missing, %d over 20 ms late",
		perSecond, t.Answered, t.Refused, most, t.Heard, t.Missing, t.Late)
	l.t.Logf("slots of the media loop by lateness: %v, skipped ticks %d", minus(is.Late, was.Late), is.Skipped-was.Skipped)
	l.callers.HangUp()
	l.quiet("", standing)
	l.await("no goroutine and no file is left", 2*time.Minute, func(traffic.Tally) bool {
		h := l.health()
		return h.Goroutines <= was.Goroutines+2 && l.files() <= files+2 // a request of ours has two of either
	})
	var live telephony.Live
	l.get("/api/live", &live)
	for _, line := range live.Lines {
		if line.Busy != 0 {
			l.t.Errorf("line %s is %s with %d calls", line.ID, line.State, line.Busy)
		}
	}
}

// files are those that the box has open.
func (l *load) files() int {
	l.t.Helper()
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", l.process.Process.Pid))
	if err != nil {
		l.t.Fatal(err)
	}
	return len(open)
}

// carry has so many calls talk for so long, and looks what the far ends heard and what was recorded.
func (l *load) carry(calls int, talk time.Duration) {
	l.t.Helper()
	l.callers.Bring(traffic.Demand{Called: throughTheBox, Calls: calls, PerSecond: 20})
	l.await("all calls are up", time.Minute+time.Duration(calls)*time.Second/10, func(t traffic.Tally) bool { return t.Up == calls && t.Taken == calls })
	before, was, began := l.callers.Tally(), l.health(), time.Now()
	enough := uint64(2*calls) * uint64(talk/telephony.Tick)
	var behind time.Duration
	l.await("all have talked", 2*talk+time.Minute, func(t traffic.Tally) bool {
		behind = max(behind, t.Behind)
		return t.Since(before).Heard >= enough
	})
	t, is, took := l.callers.Tally().Since(before), l.health(), time.Since(began)
	l.t.Logf("%d bridged and recorded calls for %v: busy %.0f %%, media loop %.0f %%; far end %.0f %% of a processor, itself %v late at the most", calls, took.Round(time.Second),
		100*is.Busy, 100*is.Loop, 100*t.Used.Seconds()/took.Seconds(), behind.Round(time.Millisecond))
	l.heard(t, was, is)
	l.callers.HangUp()
	l.quiet("", calls)
	l.recordings(calls, talk)
}

// heard says what the far ends heard in a time, and demands that no more than one packet in ten thousand was late (issue 5).
func (l *load) heard(t traffic.Tally, was, is webui.Health) {
	l.t.Helper()
	l.t.Logf("%d packets heard, %d missing, %d more than 20 ms late", t.Heard, t.Missing, t.Late)
	l.t.Logf("slots of the media loop by lateness (1, 2, 5, 10, 20 ms, more): %v, skipped ticks %d", minus(is.Late, was.Late), is.Skipped-was.Skipped)
	if t.Dropped > 0 || l.exact && (t.Missing > t.Overrun || t.Late > t.Heard/10_000) {
		l.t.Errorf("of %d packets %d are missing and %d late (%d dropped here); %d calls were dropped", t.Heard, t.Missing, t.Late, t.Overrun, t.Dropped)
	}
}

func minus(a, b []uint64) []uint64 {
	d := slices.Clone(a)
	for i := range b {
		d[i] -= b[i]
	}
	return d
}

func (l *load) health() (h webui.Health) {
	l.t.Helper()
	l.get("/api/health", &h)
	return h
}

// recordings demands that each of so many calls has one recording, whole and in step.
func (l *load) recordings(calls int, least time.Duration) {
	l.t.Helper()
	files, offsets := 0, []int{}
	err := filepath.WalkDir(filepath.Join(l.seen, "recordings"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		seconds, offset, problem := inStep(path)
		offsets = append(offsets, offset)
		if problem == "" && seconds < int(least.Seconds())-1 {
			problem = fmt.Sprintf("only %d s", seconds)
		}
		if problem != "" && (l.exact || seconds == 0) {
			l.t.Errorf("recording %s: %s", d.Name(), problem)
		}
		return nil
	})
	if err != nil || files != calls {
		l.t.Errorf("%d recordings of %d calls (%v)", files, calls, err)
	}
	for _, e := range l.journal() {
		if r, ok := e.Fact.(telephony.Recorded); ok && (r.Problem != "" || l.exact && r.Gap > 0) {
			l.t.Errorf("recording %s: %s, %v missing", r.Recording, r.Problem, r.Gap)
		}
	}
	if len(offsets) > 0 {
		l.t.Logf("%d recordings; the right channel is %d to %d ticks behind the left", files, slices.Min(offsets), slices.Max(offsets))
	}
}

const (
	wavHeader  = 58 // octets before the sound, of which each second has 16,000
	beepPeriod = int(time.Second / telephony.Tick)
)

// inStep reads a recording of two far ends, each of which beeps once a second. It gives its length, and by how many ticks the
// beeps of the right channel are later. That moves for a while when a network was late, as each side's jitter buffer gets over
// it by itself; it has to come back, so that of any twenty beeps in a row most lie as all do.
func inStep(path string) (seconds, offset int, problem string) {
	octets, err := os.ReadFile(path)
	if err != nil || len(octets) < wavHeader {
		return 0, 0, fmt.Sprint("cannot be read: ", err)
	}
	left, right := beepsOf(octets[wavHeader:], 0), beepsOf(octets[wavHeader:], 1)
	seconds = (len(octets) - wavHeader) / (2 * telephony.SampleRate)
	if len(left) == 0 || len(right) == 0 {
		return 0, 0, "there is nothing to hear"
	}
	if min(len(left), len(right)) < seconds*9/10-1 {
		return seconds, 0, fmt.Sprintf("%d beeps on the left and %d on the right in %d s", len(left), len(right), seconds)
	}
	var apart []int
	for _, at := range left {
		apart = append(apart, nearest(right, at)-at)
	}
	offset = slices.Sorted(slices.Values(apart))[len(apart)/2]
	const inARow = 20
	for from := 0; from < len(apart); from += inARow {
		from = max(min(from, len(apart)-inARow), 0) // the last twenty are looked at as a whole, too
		row, astray := apart[from:min(from+inARow, len(apart))], 0
		for _, d := range row {
			if abs(lag(d-offset)) > 3 {
				astray++
			}
		}
		if len(row) > 1 && 2*astray >= len(row) {
			return seconds, offset, fmt.Sprintf("the channels are %d ticks apart, and then %v", offset, row)
		}
	}
	return seconds, offset, ""
}

// nearest is the one of some ticks, in their order, that is nearest to another.
func nearest(ticks []int, to int) int {
	i, _ := slices.BinarySearch(ticks, to)
	if i == len(ticks) || i > 0 && to-ticks[i-1] < ticks[i]-to {
		i--
	}
	return ticks[i]
}

// lag is a number of ticks between beeps that follow each other: those of SIPp may be half a second apart from the start, either way.
func lag(ticks int) int {
	const half = beepPeriod / 2
	return (ticks%beepPeriod+beepPeriod+half)%beepPeriod - half
}

func abs(n int) int { return max(n, -n) }

// beepsOf are the ticks at which a channel of interleaved A-law begins to be loud. What begins within half a second of another
// is of the same beep: packets that came too late tore it.
func beepsOf(octets []byte, channel int) (at []int) {
	const tick = 2 * telephony.FrameSamples
	var samples [telephony.FrameSamples]int16
	var coded [telephony.FrameSamples]byte
	loud := false
	for n := range len(octets) / tick {
		for i := range coded {
			coded[i] = octets[n*tick+2*i+channel]
		}
		dsp.DecodeALaw(samples[:], coded[:])
		sum := 0
		for _, s := range samples {
			sum += abs(int(s))
		}
		was := loud
		if loud = sum > 2000*len(samples); loud && !was && (len(at) == 0 || n-at[len(at)-1] > beepPeriod/2) {
			at = append(at, n)
		}
	}
	return at
}
