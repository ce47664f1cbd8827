package record

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/wav"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// A diary is a journal that keeps what it is told.
type diary struct {
	mu    sync.Mutex
	facts []telephony.Fact
}

func (d *diary) Append(e telephony.Entry) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.facts = append(d.facts, e.Fact)
}

// told takes out the facts of one kind.
func told[F telephony.Fact](d *diary) (facts []F) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range d.facts {
		if f, ok := f.(F); ok {
			facts = append(facts, f)
		}
	}
	return facts
}

var noon = time.Date(2026, 10, 1, 12, 0, 0, 0, time.FixedZone("CST", 8*3600))

func newRecorder(t testing.TB) (*Recorder, *diary, string) {
	dir, d := t.TempDir(), &diary{}
	return New(Options{Dir: dir, Journal: d, Now: func() time.Time { return noon }}), d, dir
}

// run runs the writer until stop or the end of the test.
func run(t testing.TB, rec *Recorder) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		rec.Run(ctx)
	}()
	stop = func() { cancel(); <-ended }
	t.Cleanup(stop)
	return stop
}

func start(t testing.TB, rec *Recorder) *Recording {
	t.Helper()
	r, err := rec.Start("3-7", "call", "1001")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// feed taps so many frames: the n-th, from 1, says n*16 and is told -n*16, which A-law carries exactly up to 31.
func feed(r *Recording, from, to int) {
	var said, told telephony.Frame
	for n := from; n <= to; n++ {
		for i := range said {
			said[i], told[i] = level(n), -level(n)
		}
		r.Tap(&said, &told)
	}
}

// level is that of the n-th frame, as it comes out of A-law.
func level(n int) int16 { return int16(n%31)*16 + 8 }

// wrote reads a recording and returns for each frame the level of both channels; a frame that is not even fails the test.
func wrote(t *testing.T, dir, file string) (left, right []int16) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ch, rate, err := wav.DecodeChannels(f)
	if err != nil || rate != 8000 || len(ch) != 2 {
		t.Fatal(rate, len(ch), err)
	}
	for c, levels := range []*[]int16{&left, &right} {
		for i := 0; i+telephony.FrameSamples <= len(ch[c]); i += telephony.FrameSamples {
			for _, v := range ch[c][i : i+telephony.FrameSamples] {
				if v != ch[c][i] {
					t.Fatalf("channel %d: frame %d is broken", c, i/telephony.FrameSamples)
				}
			}
			*levels = append(*levels, ch[c][i])
		}
	}
	return left, right
}

// levels are those of frames from..to on the left channel.
func levels(from, to int) (l []int16) {
	for n := from; n <= to; n++ {
		l = append(l, level(n))
	}
	return l
}

// hush are so many frames of silence.
func hush(frames int) []int16 {
	l := make([]int16, frames)
	for i := range l {
		l[i] = 8 // the smallest positive sample of A-law
	}
	return l
}

func TestRecordingIsBothDirectionsInStep(t *testing.T) {
	for _, frames := range []int{0, 1, blockTicks - 1, blockTicks, blockTicks + 1, 1000} {
		rec, d, dir := newRecorder(t)
		stop := run(t, rec)
		r := start(t, rec)
		for n := 1; n <= frames; n++ {
			waitFor(r)
			feed(r, n, n)
		}
		r.Stop()
		feed(r, 1, 100)
		r.Stop()
		stop()
		want := telephony.Recorded{
			Recording: "3-7.1", File: "2026/10/01/3-7.1.wav", Octets: int64(frames) * frameOctets,
			Length: time.Duration(frames) * telephony.Tick, Purpose: "call", Agent: "1001",
		}
		if diff := cmp.Diff([]telephony.Recorded{want}, told[telephony.Recorded](d)); diff != "" || r.ID() != want.Recording {
			t.Fatal(diff)
		}
		if diff := cmp.Diff([]telephony.RecordingStarted{{Recording: "3-7.1", Purpose: "call", Agent: "1001"}}, told[telephony.RecordingStarted](d)); diff != "" {
			t.Error(diff)
		}
		left, right := wrote(t, dir, want.File)
		if diff := cmp.Diff(levels(1, frames), left); diff != "" {
			t.Error("left:", diff)
		}
		for i, v := range right {
			if v != -left[i] && !(left[i] == 8) {
				t.Fatalf("frame %d: left %d, right %d", i, left[i], v)
			}
		}
		info, err := os.Stat(filepath.Join(dir, want.File))
		if err != nil || info.Size() != wav.HeaderSize+want.Octets {
			t.Errorf("%d octets on disk: %v", info.Size(), err)
		}
	}
}

// waitFor waits until the writer has given a block back, as it always has on a disk that does not stall.
func waitFor(r *Recording) {
	if r.now == nil {
		r.free <- <-r.free
	}
}

func TestPauseIsSilence(t *testing.T) {
	rec, d, dir := newRecorder(t)
	stop := run(t, rec)
	r := start(t, rec)
	feed(r, 1, 10)
	r.Pause(true, "agent/1001")
	r.Pause(true, "agent/1001")
	feed(r, 11, 20)
	r.Pause(false, "agent/1001")
	feed(r, 21, 30)
	r.Stop()
	stop()
	left, _ := wrote(t, dir, "2026/10/01/3-7.1.wav")
	if diff := cmp.Diff(append(append(levels(1, 10), hush(10)...), levels(21, 30)...), left); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]telephony.RecordingPaused{{Recording: "3-7.1", On: true, By: "agent/1001"}, {Recording: "3-7.1", By: "agent/1001"}}, told[telephony.RecordingPaused](d)); diff != "" {
		t.Error(diff)
	}
}

// A disk that stalls: the writer does not run. Time in the recording goes on, and says what is missing.
func TestTicksThatWereNeverMadeAreSilence(t *testing.T) { // A8.1
	rec, d, dir := newRecorder(t)
	stop := run(t, rec)
	r := start(t, rec)
	feed(r, 1, 10)
	r.Skip(40)
	feed(r, 11, 40)
	r.Skip(2)
	r.Skip(3)
	r.Stop()
	r.Skip(7)
	stop()
	left, _ := wrote(t, dir, "2026/10/01/3-7.1.wav")
	want := slices.Concat(levels(1, 10), hush(40), levels(11, 40), hush(5))
	if diff := cmp.Diff(want, left); diff != "" {
		t.Error(diff)
	}
	if fact := told[telephony.Recorded](d)[0]; fact.Gap != 45*telephony.Tick || fact.Length != time.Duration(len(want))*telephony.Tick {
		t.Errorf("%+v", fact)
	}
}

func TestAStalledDiskCostsSilence(t *testing.T) {
	const fits = blocks * blockTicks
	for _, row := range []struct {
		story   string
		stalled int // frames during the stall
		after   int
	}{
		{"five seconds and a half cost nothing", 275, 10},
		{"six seconds are just held", fits, 10},
		{"a longer one is silence", fits + 37, 10},
		{"the call ends during the stall", fits + 37, 0},
	} {
		t.Run(row.story, func(t *testing.T) {
			rec, d, dir := newRecorder(t)
			r := start(t, rec)
			feed(r, 1, row.stalled)
			if row.after == 0 {
				r.Stop()
			}
			stop := run(t, rec)
			for len(r.free) == 0 {
				waitFor(r)
			}
			feed(r, row.stalled+1, row.stalled+row.after)
			r.Stop()
			stop()
			gap := max(row.stalled-fits, 0)
			want := append(append(levels(1, min(row.stalled, fits)), hush(gap)...), levels(row.stalled+1, row.stalled+row.after)...)
			left, _ := wrote(t, dir, "2026/10/01/3-7.1.wav")
			if diff := cmp.Diff(want, left); diff != "" {
				t.Error(diff)
			}
			if fact := told[telephony.Recorded](d)[0]; fact.Gap != time.Duration(gap)*telephony.Tick || fact.Length != time.Duration(len(want))*telephony.Tick {
				t.Errorf("%+v", fact)
			}
		})
	}
}

func refused(t *testing.T, rec *Recorder, code telephony.Code) {
	t.Helper()
	var e *telephony.Error
	if _, err := rec.Start("3-8", "call", ""); !errors.As(err, &e) || e.Code != code {
		t.Errorf("Start: %v", err)
	}
}

func TestStartIsRefusedWhenFull(t *testing.T) {
	rec, _, _ := newRecorder(t)
	for range MostAtOnce {
		start(t, rec)
	}
	refused(t, rec, telephony.Busy)
	stop := run(t, rec)
	stop()
	refused(t, rec, telephony.Busy)
}

func TestAFullDiskStopsRecordingAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec, d, dir := newRecorder(t)
		var free atomic.Int64
		free.Store(5 << 20)
		rec.o.Free, rec.o.StopFreeMB = free.Load, func() int { return 4 }
		run(t, rec)
		r, idle := start(t, rec), start(t, rec)
		feed(r, 1, 50)
		synctest.Wait()
		free.Store(3 << 20)
		time.Sleep(2 * time.Second)
		feed(r, 51, 100)
		synctest.Wait()
		feed(r, 101, 200)
		r.Stop()
		idle.Stop()
		refused(t, rec, telephony.Unavailable)
		recorded := told[telephony.Recorded](d)
		if len(recorded) != 2 || recorded[0].Problem != diskFull || recorded[1].Problem != diskFull || recorded[0].Octets+recorded[1].Octets < 50*frameOctets {
			t.Errorf("%+v", recorded)
		}
		if left, _ := wrote(t, dir, "2026/10/01/3-7.1.wav"); len(left) < 50 {
			t.Errorf("%d frames were kept", len(left))
		}
		time.Sleep(time.Minute)
		free.Store(5 << 20)
		time.Sleep(retryEvery + time.Second)
		start(t, rec)
		var alarms []bool
		for _, a := range told[telephony.Alarm](d) {
			alarms = append(alarms, a.Name == diskFull && a.On)
		}
		if !cmp.Equal(alarms, []bool{true, false}) {
			t.Errorf("alarms: %v", alarms)
		}
	})
}

// The disk refuses a block: what it took stays, and the call hears nothing of it.
func TestADiskThatRefusesEndsTheRecording(t *testing.T) {
	for _, row := range []struct {
		err     error
		problem string
	}{{unix.ENOSPC, diskFull}, {unix.EDQUOT, diskFull}, {unix.EIO, diskError}} {
		rec, d, dir := newRecorder(t)
		r := start(t, rec)
		feed(r, 1, 60)
		for len(rec.box) > 0 {
			rec.work(<-rec.box)
		}
		rec.check(r, &os.PathError{Op: "write", Err: row.err})
		feed(r, 61, 200)
		r.Stop()
		alarms, recorded := told[telephony.Alarm](d), told[telephony.Recorded](d)
		if len(alarms) != 1 || alarms[0].Name != row.problem || len(recorded) != 1 || recorded[0].Problem != row.problem || len(rec.box) != 0 {
			t.Errorf("%v: %+v %+v", row.err, alarms, recorded)
		}
		left, _ := wrote(t, dir, recorded[0].File)
		if diff := cmp.Diff(levels(1, 50), left); diff != "" {
			t.Error(diff)
		}
	}
}

// waiting is how many recordings wait for a sync.
func waiting(rec *Recorder) int {
	synctest.Wait()
	n := len(rec.disk.unsynced)
	rec.box <- job{recording: &Recording{ended: true}} // nothing to do, but the writer goes on after we have looked
	return n
}

// What was appended does not wait for company where the last sync is long ago: a power cut takes that much less of it (A16.6). Where a recording
// ends, the others are synced with it.
func TestWhatIsAppendedIsSyncedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec, d, _ := newRecorder(t)
		run(t, rec)
		r, other := start(t, rec), start(t, rec)
		for range 3 {
			time.Sleep(2 * syncEvery)
			feed(r, 1, blockTicks)
			if n := waiting(rec); n != 0 {
				t.Errorf("%d recordings are not synced", n)
			}
		}
		feed(r, 1, blockTicks)
		if n := waiting(rec); n != 1 {
			t.Error("it does not wait for company")
		}
		other.Stop()
		if n := waiting(rec); n != 0 || len(told[telephony.Recorded](d)) != 1 {
			t.Error("the end of the other one is not synced, and it with that")
		}
		r.Stop()
	})
}

// What was appended is synced within a quarter of a second, however many recordings there are, and never more often.
func TestRecordingsAreSyncedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec, _, _ := newRecorder(t)
		run(t, rec)
		var all []*Recording
		for range 2 * fewFiles {
			all = append(all, start(t, rec))
		}
		synctest.Wait()
		for n := range 4 {
			for _, r := range all[2*n : 2*n+2] { // each two at another time
				feed(r, 1, blockTicks)
				synctest.Wait()
			}
			if waiting(rec) == 0 {
				t.Error("synced at once")
			}
			time.Sleep(syncEvery / 5)
		}
		time.Sleep(syncEvery / 4)
		if waiting(rec) != 0 {
			t.Error("not synced in time")
		}
		for _, r := range all {
			r.Stop()
		}
	})
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	rec, d, dir := newRecorder(t)
	if err := os.WriteFile(filepath.Join(dir, "2026"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	stop := run(t, rec)
	r := start(t, rec)
	feed(r, 1, 100)
	r.Stop()
	stop()
	if recorded := told[telephony.Recorded](d); len(recorded) != 1 || recorded[0].Problem != diskError || recorded[0].Octets != 0 {
		t.Errorf("%+v", recorded)
	}
}

func TestTheEndOfTheBoxEndsRecordingsInOrder(t *testing.T) {
	rec, d, dir := newRecorder(t)
	stop := run(t, rec)
	r := start(t, rec)
	feed(r, 1, 30)
	stop()
	recorded := told[telephony.Recorded](d)
	if len(recorded) != 1 || recorded[0].Problem != interrupted {
		t.Fatalf("%+v", recorded)
	}
	left, _ := wrote(t, dir, recorded[0].File)
	if diff := cmp.Diff(levels(1, 30), left); diff != "" {
		t.Error(diff)
	}
}

// Taps, pauses and stops come from different goroutines.
func TestVerbsRace(t *testing.T) {
	rec, d, _ := newRecorder(t)
	stop := run(t, rec)
	const recordings = 50
	var all sync.WaitGroup
	for range recordings {
		r := start(t, rec)
		all.Go(func() { feed(r, 1, 200) })
		all.Go(func() { r.Pause(true, "x"); r.Stop() })
		all.Go(r.Stop)
	}
	all.Wait()
	stop()
	if n := len(told[telephony.Recorded](d)); n != recordings || len(rec.active) != 0 {
		t.Errorf("%d of %d recorded, %d active", n, recordings, len(rec.active))
	}
}

func TestTapAllocatesNothing(t *testing.T) {
	rec, _, _ := newRecorder(t)
	r := start(t, rec)
	var said, told telephony.Frame
	if n := testing.AllocsPerRun(1000, func() {
		r.Tap(&said, &told)
		if len(rec.box) > 1 { // the writer at work
			j := <-rec.box
			if j.block != nil {
				r.free <- j.block
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations a tick", n)
	}
}

func TestSilenceIsALawSilence(t *testing.T) {
	var quiet telephony.Frame
	var octets [frameOctets]byte
	interleave(octets[:], &quiet, &quiet)
	if !bytes.Equal(octets[:], silence[:frameOctets]) || octets[0] != dsp.ALawSilence {
		t.Error("a silent frame and a pause differ")
	}
}
