package record

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"callbox/telephony"
	"callbox/telephony/wav"

	"github.com/google/go-cmp/cmp"
)

// speech is octets of A-law that are no zeros.
func speech(octets int) []byte {
	b := make([]byte, octets)
	for i := range b {
		b[i] = 0x80 | byte(i)
	}
	return b
}

func joined(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestRepair(t *testing.T) {
	const second = 16000
	closed := func(octets uint32) []byte { h := wav.ALawHeader(2, octets); return h[:] }
	zeros := func(n int) []byte { return make([]byte, n) }
	known := func(n int64) func(string) (int64, bool) { return func(string) (int64, bool) { return n, true } }
	unknown := func(string) (int64, bool) { return 0, false }
	// at puts a hole of sectors into speech, beginning at the n-th sector of the file.
	at := func(n, sectors int, octets int) []byte {
		file := joined(openHeader[:], speech(octets))
		clear(file[n*sector : (n+sectors)*sector])
		return file
	}
	for _, row := range []struct {
		story  string
		file   []byte
		length func(string) (int64, bool)
		octets int
		found  bool
		short  bool
		open   bool // was not closed
	}{
		{"a closed recording stays as it is", joined(closed(second), speech(second)), known(second), second, false, false, false},
		{"a tail beyond what the journal knows is cut", joined(closed(second), speech(second+999)), known(second), second, false, false, false},
		{"less than the journal knows is told", joined(closed(second), speech(700)), known(second), 700, false, true, false},
		{"closed, but the journal did not hear of it", joined(closed(second), speech(second)), unknown, second, true, false, false},
		{"pain 20: killed while it was written", joined(openHeader[:], speech(second)), unknown, second, true, false, true},
		{"killed in the middle of a sample", joined(openHeader[:], speech(second+1)), unknown, second, true, false, true},
		{"cut short before its header", openHeader[:20], unknown, 0, true, false, true},
		{"empty", nil, unknown, 0, true, false, true},
		{"a zero-filled tail", joined(openHeader[:], speech(second), zeros(300_000)), unknown, second, true, false, true},
		{"nothing but zeros", zeros(100_000), unknown, 0, true, false, true},
		{"a header of zeros before speech", joined(zeros(wav.HeaderSize), speech(second)), unknown, second, true, false, true},
		{"a hole that the disk did not take", at(20, 3, second), unknown, 20*sector - wav.HeaderSize, true, false, true},
		{"a few zeros in speech are no hole", joined(openHeader[:], speech(600), zeros(400), speech(600)), unknown, 1600, true, false, true},
		{"a header that promises more than is there", joined(closed(second), speech(500)), unknown, 500, true, false, true},
	} {
		t.Run(row.story, func(t *testing.T) {
			dir := t.TempDir()
			name := "2026/10/01/3-7.1.wav"
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, row.file, 0o600); err != nil {
				t.Fatal(err)
			}
			report, err := Repair(dir, row.length)
			if err != nil {
				t.Fatal(err)
			}
			fact := telephony.Recorded{Recording: "3-7.1", File: name, Octets: int64(row.octets), Length: lengthOf(int64(row.octets))}
			if row.open {
				fact.Problem = interrupted
			}
			want := Report{Files: 1, Cut: int64(max(len(row.file)-wav.HeaderSize-row.octets, 0))}
			if row.found {
				want.Found = []telephony.Recorded{fact}
			}
			if row.short {
				want.Short = []telephony.Recorded{fact}
			}
			if diff := cmp.Diff(want, report); diff != "" {
				t.Error(diff)
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			audio := row.file[min(wav.HeaderSize, len(row.file)):]
			if !bytes.Equal(got, joined(closed(uint32(row.octets)), audio[:row.octets])) {
				t.Errorf("the file of %d octets is not as it should be", len(got))
			}
			again, err := Repair(dir, known(int64(row.octets)))
			if diff := cmp.Diff(Report{Files: 1}, again); diff != "" || err != nil {
				t.Error("a second repair finds something:", diff, err)
			}
		})
	}
}

func TestRepairGoesOnAfterAnError(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.wav", "c.wav", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), openHeader[:], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "b.wav")); err != nil {
		t.Fatal(err)
	}
	report, err := Repair(dir, func(string) (int64, bool) { return 0, false })
	if report.Files != 2 || len(report.Found) != 2 || err != nil {
		t.Errorf("%+v %v", report, err)
	}
	if _, err := Repair(filepath.Join(dir, "none"), nil); err == nil {
		t.Error("a folder that is not there was repaired")
	}
}

const childDir = "CALLBOX_RECORD_KILLED"

// TestKilledBox kills a box in mid-call: every recording plays to within a second of the cut (pain 20, idea 1).
func TestKilledBox(t *testing.T) {
	if dir := os.Getenv(childDir); dir != "" {
		recordUntilKilled(t, dir)
	}
	for range 5 {
		dir := t.TempDir()
		child := exec.Command(os.Args[0], "-test.run=^TestKilledBox$")
		child.Env = append(os.Environ(), childDir+"="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		killAfter := 60 + rand.IntN(400)
		fed := 0
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if n, err := strconv.Atoi(strings.TrimSpace(lines.Text())); err == nil {
				if fed = n; fed == killAfter {
					_ = child.Process.Kill()
				}
			}
		}
		_ = child.Wait()
		report, err := Repair(dir, func(string) (int64, bool) { return 0, false })
		if err != nil || len(report.Found) != 3 {
			t.Fatalf("killed after %d frames: %+v %v", fed, report, err)
		}
		for _, fact := range report.Found {
			left, right := wrote(t, dir, fact.File)
			const second = 50
			if len(left) < fed-second || fact.Problem != interrupted || fact.Length != lengthOf(fact.Octets) {
				t.Errorf("of %d frames %d are there: %+v", fed, len(left), fact)
			}
			if diff := cmp.Diff(levels(1, len(left)), left); diff != "" || len(right) != len(left) {
				t.Error(diff)
			}
		}
	}
}

// recordUntilKilled is the child: it feeds three recordings and tells how many frames it has fed.
func recordUntilKilled(t *testing.T, dir string) {
	rec := New(Options{Dir: dir, Journal: &diary{}})
	run(t, rec)
	recordings := []*Recording{start(t, rec), start(t, rec), start(t, rec)}
	for n := 1; n < 1_000_000; n++ {
		for _, r := range recordings {
			if r.now == nil { // the disk keeps up: the block before is written
				for len(r.free) < blocks {
					time.Sleep(time.Millisecond)
				}
			}
			feed(r, n, n)
		}
		fmt.Println(n)
	}
}
