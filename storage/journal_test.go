package storage

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

func openStore(t *testing.T, dir string, opt Options) *Store {
	t.Helper()
	s, err := Open(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func openJournal(t *testing.T, dir string, boot uint32) *Journal {
	t.Helper()
	tail, err := cutTail(dir)
	if err != nil {
		t.Fatal(err)
	}
	return startJournal(dir, tail, boot)
}

func oddity(n int) telephony.Entry {
	return telephony.Entry{Fact: telephony.Oddity{Where: "test", What: strconv.Itoa(n)}}
}

func whats(entries func(func(telephony.Entry) bool)) []string {
	var list []string
	for e := range entries {
		if o, ok := e.Fact.(telephony.Oddity); ok {
			list = append(list, fmt.Sprint(e.Seq, ":", o.What))
		}
	}
	return list
}

func TestJournalIsDurableSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := openJournal(t, t.TempDir(), 3)
		defer j.close()
		j.Append(oddity(1))
		time.Sleep(commitEvery)
		synctest.Wait()
		if j.LastSeq() != 1 {
			t.Errorf("after %v the newest durable entry is %d", commitEvery, j.LastSeq())
		}
		for e := range j.Entries(0, 1) {
			if e.Boot != 3 || e.Time.IsZero() || e.Time.Location() != time.UTC {
				t.Errorf("entry %+v", e)
			}
		}
	})
}

// Numbers go on over a start, and a follower passes from segment to segment.
func TestJournalOverTwoBoots(t *testing.T) {
	dir := t.TempDir()
	for boot := range 3 {
		j := openJournal(t, dir, uint32(boot))
		for n := range 4 {
			j.Append(oddity(n))
		}
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
		got := whats(j.Follow(t.Context(), 2))
		if want := 4*(boot+1) - 2; len(got) != want || got[len(got)-1] != fmt.Sprint(4*(boot+1), ":", 3) {
			t.Errorf("boot %d: %v", boot, got)
		}
	}
}

func TestFollowTellsWhatIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := openJournal(t, t.TempDir(), 1)
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan string, 100)
		go func() {
			defer close(got)
			for e := range j.Follow(ctx, 0) {
				got <- e.Fact.(telephony.Oddity).What
			}
		}()
		for n := range 3 {
			j.Append(oddity(n))
			if what := <-got; what != strconv.Itoa(n) {
				t.Errorf("told %s, want %d", what, n)
			}
		}
		cancel()
		if what, open := <-got; open {
			t.Errorf("told %s after the context ended", what)
		}
		j.close()
	})
}

// Segments rotate by day, and Between finds a time again.
func TestJournalByDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		j := openJournal(t, dir, 1)
		defer j.close()
		start := time.Now()
		for day := range 5 {
			j.Append(oddity(day))
			time.Sleep(24 * time.Hour)
		}
		if firsts, _ := segments(dir); len(firsts) != 5 {
			t.Errorf("segments %v", firsts)
		}
		got := whats(j.Between(start.Add(48*time.Hour), start.Add(73*time.Hour)))
		if len(got) != 2 || got[0] != "3:2" || got[1] != "4:3" {
			t.Errorf("days 2 and 3 hold %v", got)
		}
	})
}

// A box that is full loses entries, and says how many.
func TestJournalGap(t *testing.T) {
	j := &Journal{dir: t.TempDir(), box: make(chan telephony.Entry, 2), started: time.Now()}
	for n := range 5 {
		j.Append(oddity(n))
	}
	j.drain(10)
	if err := j.flush(); err != nil {
		t.Fatal(err)
	}
	var gap telephony.JournalGap
	for e := range j.Entries(0, 10) {
		if g, ok := e.Fact.(telephony.JournalGap); ok {
			gap = g
		}
	}
	if gap.Lost != 3 {
		t.Errorf("gap of %d, want 3", gap.Lost)
	}
}

// A disk that refuses raises an alarm, loses nothing, and what waited is written when it is well again.
func TestJournalOnARefusingDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "journal")
		os.Mkdir(dir, 0o700)
		j := openJournal(t, dir, 1)
		defer j.close()
		j.Append(oddity(0))
		time.Sleep(time.Second)
		away := dir + ".away"
		os.Rename(dir, away)
		time.Sleep(24 * time.Hour) // a new day asks for a new segment
		j.Append(oddity(1))
		time.Sleep(time.Second)
		synctest.Wait()
		if a := j.Alarms(); len(a) != 1 || a[0].Name != journalFailed {
			t.Errorf("alarms %v", a)
		}
		os.Rename(away, dir)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if got := whats(j.Entries(0, 100)); len(got) != 2 || got[1] != "2:1" {
			t.Errorf("journal holds %v", got)
		}
		if a := j.Alarms(); len(a) != 0 {
			t.Errorf("alarms %v after the disk is well", a)
		}
	})
}

// kill -9 at any moment loses nothing that Sync acknowledged (figure 3 of reliability.md; pain 31).
func TestJournalSurvivesKill(t *testing.T) {
	if dir := os.Getenv("CALLBOX_JOURNAL_CHILD"); dir != "" {
		appendForEver(dir)
	}
	dir := t.TempDir()
	acknowledged := 0
	for round := range 8 {
		child := exec.Command(os.Args[0], "-test.run=^TestJournalSurvivesKill$")
		child.Env = append(os.Environ(), "CALLBOX_JOURNAL_CHILD="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; n < 3+round*5 && lines.Scan(); n++ {
			if seq, err := strconv.Atoi(lines.Text()); err == nil {
				acknowledged = seq
			}
		}
		child.Process.Kill()
		for lines.Scan() {
			if seq, err := strconv.Atoi(lines.Text()); err == nil {
				acknowledged = seq
			}
		}
		child.Wait()
		s := openStore(t, dir, Options{})
		if s.Clean() {
			t.Error("the stop counts as clean")
		}
		next := uint64(1)
		for e := range s.Entries(0, uint64(acknowledged)) {
			if e.Seq != next {
				t.Fatalf("round %d: entry %d where %d should be", round, e.Seq, next)
			}
			next++
		}
		if next <= uint64(acknowledged) {
			t.Fatalf("round %d: %d entries were acknowledged, %d are left", round, acknowledged, next-1)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// appendForEver is the child: it prints the number of each entry that Sync acknowledged.
func appendForEver(dir string) {
	s, err := Open(dir, Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for n := 0; ; n++ {
		s.Append(oddity(n))
		if s.Sync(context.Background()) == nil {
			fmt.Println(s.LastSeq())
		}
	}
}

// A second box on the same directory is refused with a sentence that names the first.
func TestSecondOpenerIsRefused(t *testing.T) {
	dir := t.TempDir()
	openStore(t, dir, Options{})
	_, err := Open(dir, Options{})
	if e, ok := err.(*telephony.Error); !ok || e.Code != telephony.Busy {
		t.Fatalf("second opener got %v", err)
	}
	t.Log(err)
}
