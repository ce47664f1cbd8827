package storage

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"callbox/telephony"
)

// someEntries are the first n entries of a believable call after call.
func someEntries(n int) []telephony.Entry {
	start := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	list := make([]telephony.Entry, n)
	for i := range list {
		facts := []telephony.Fact{
			telephony.CallArrived{Direction: telephony.Inbound, Line: "fxo/1", Caller: telephony.Caller{Number: "02162345678", Name: "王\n芳"}},
			telephony.Queued{Queue: "sales", Position: i},
			telephony.CallEnded{Outcome: telephony.OutcomeLostInQueue, Cause: telephony.CauseNormal, By: "caller"},
		}
		at := time.Duration(i) * time.Second
		list[i] = telephony.Entry{
			Seq: uint64(i + 1), Time: start.Add(at), Mono: at, Boot: 1, Call: telephony.NewCallID(1, uint64(i/3)),
			Fact: facts[i%len(facts)],
		}
	}
	return list
}

func segmentOf(entries []telephony.Entry) []byte {
	b := appendLine(nil, []byte(`{"journal_format":1,"first":1,"boot":1,"time":"2026-11-23T01:00:00Z"}`))
	for _, e := range entries {
		b = appendEntry(b, e)
	}
	return b
}

// readAll reads a segment as a follower does.
func readAll(segment []byte) []telephony.Entry {
	l := newLineReader(bytes.NewReader(segment))
	l.limit = int64(len(segment))
	var got []telephony.Entry
	for e, ok := l.entry(); ok; e, ok = l.entry() {
		got = append(got, e)
	}
	return got
}

// Reliability rule 3: whatever is torn off or flipped, all entries before it are read, and never a wrong one.
func TestTornAndFlippedSegments(t *testing.T) {
	entries := someEntries(30)
	whole := segmentOf(entries)
	if diff := cmp.Diff(entries, readAll(whole)); diff != "" {
		t.Fatalf("a whole segment reads differently (-want +got):\n%s", diff)
	}
	before := func(at int) int { // entries that end before the octet
		return max(0, bytes.Count(whole[:at], []byte("\n"))-1)
	}
	for cut := range whole {
		if diff := cmp.Diff(entries[:before(cut)], readAll(whole[:cut]), equateEmpty); diff != "" {
			t.Fatalf("cut at %d (-want +got):\n%s", cut, diff)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		at, bit := rapid.IntRange(0, len(whole)-1).Draw(t, "at"), rapid.IntRange(0, 7).Draw(t, "bit")
		flipped := bytes.Clone(whole)
		flipped[at] ^= 1 << bit
		got, n := readAll(flipped), before(at)
		if len(got) < n || len(got) < len(entries)-2 { // a flipped newline spoils two lines
			t.Fatalf("octet %d bit %d: %d entries read, %d stand before it", at, bit, len(got), n)
		}
		for _, e := range got {
			if diff := cmp.Diff(entries[e.Seq-1], e); diff != "" {
				t.Fatalf("octet %d bit %d: a wrong entry was read:\n%s", at, bit, diff)
			}
		}
	})
}

var equateEmpty = cmp.Transformer("len", func(e []telephony.Entry) []telephony.Entry { return append([]telephony.Entry{}, e...) })

// The tail that was never acknowledged is cut off at the start, a zero-filled one too, and the numbers go on behind it.
func TestCutTail(t *testing.T) {
	entries := someEntries(5)
	whole := segmentOf(entries)
	last := len(whole) - len(appendEntry(nil, entries[4]))
	cases := []struct {
		name    string
		content []byte
		seq     uint64
		size    int
	}{
		{"whole", whole, 5, len(whole)},
		{"half a line", whole[:len(whole)-10], 4, last},
		{"no newline", whole[:len(whole)-1], 4, last},
		{"zeroes behind", append(bytes.Clone(whole), make([]byte, 4096)...), 5, len(whole)},
		{"header alone", whole[:bytes.IndexByte(whole, '\n')+1], 0, -1},
		{"nothing", nil, 0, -1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, segmentName(1))
			if err := os.WriteFile(path, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := cutTail(dir)
			if err != nil || got.seq != c.seq {
				t.Errorf("tail %+v, error %v; want number %d", got, err, c.seq)
			}
			info, err := os.Stat(path)
			switch {
			case c.size < 0 && !os.IsNotExist(err):
				t.Errorf("a segment without entries stays: %v", err)
			case c.size >= 0 && (err != nil || info.Size() != int64(c.size)):
				t.Errorf("size %v, want %d", info, c.size)
			}
		})
	}
}

// An entry that no line can hold becomes an Oddity under its number.
func TestOversizedEntry(t *testing.T) {
	line := appendEntry(nil, telephony.Entry{Seq: 7, Fact: telephony.Panicked{Stack: string(make([]byte, maxLine))}})
	got := readAll(line)
	if len(got) != 1 || got[0].Seq != 7 {
		t.Fatalf("read %v", got)
	}
	if _, ok := got[0].Fact.(telephony.Oddity); !ok {
		t.Errorf("fact %#v", got[0].Fact)
	}
}

func FuzzSegment(f *testing.F) {
	whole := segmentOf(someEntries(4))
	f.Add(whole)
	f.Add(whole[:len(whole)-3])
	f.Add([]byte("00000000 00000000 \n"))
	f.Add(fmt.Appendf(nil, "%08x %08x {}\n", 1, 2))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, e := range readAll(b) {
			if e.Seq == 0 || e.Fact == nil {
				t.Fatalf("an entry without number or fact: %+v", e)
			}
			if again := readAll(appendEntry(nil, e)); len(again) != 1 {
				t.Fatalf("what was read cannot be written: %+v", e)
			}
		}
	})
}
