package storage

import (
	"context"
	"fmt"
	"os"
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
