package storage

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"callbox/telephony"
)

// threeBoots is a journal of three segments of four entries.
func threeBoots(t *testing.T) (dir string, j *Journal) {
	dir = t.TempDir()
	for boot := range 3 {
		if j != nil {
			_ = j.close()
		}
		j = openJournal(t, dir, uint32(boot))
		for n := range 4 {
			j.Append(oddity(n))
		}
		if err := j.sync(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { j.close() })
	return dir, j
}

// A18.1: the proof tells range, gaps and a digest; whoever changes, takes out or cuts is seen.
func TestJournalProof(t *testing.T) {
	prove := func(j *Journal, until uint64) JournalProof {
		t.Helper()
		p, err := j.ProveJournal(t.Context(), until)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	dir, j := threeBoots(t)
	whole := prove(j, 0)
	if whole.Entries != 12 || whole.First != 1 || whole.Last != 12 || whole.Broken != 0 || whole.Gaps != nil || len(whole.Segments) != 3 {
		t.Errorf("whole: %+v", whole)
	}
	if linked := whole.Segments; linked[0].Linked || !linked[1].Linked || !linked[2].Linked {
		t.Errorf("links: %+v", linked)
	}
	if p := prove(j, 8); p.Hash != whole.Segments[1].SHA256 || p.Last != 8 {
		t.Errorf("up to 8: %+v", p)
	}
	written := prove(j, 11)
	j.Append(oddity(9))
	_ = j.sync(t.Context())
	if p := prove(j, 11); p.Hash != written.Hash || p.Hash == prove(j, 0).Hash {
		t.Error("what was written down cannot be found again")
	}

	middle := filepath.Join(dir, segmentName(5))
	for name, c := range map[string]struct {
		change func([]byte) []byte
		broken uint64
		gaps   []JournalHole
		damage int
	}{
		"an entry is another": {func(b []byte) []byte {
			lines := bytes.SplitAfter(b, []byte{'\n'})
			lines[2] = appendEntry(nil, telephony.Entry{Seq: 6, Fact: telephony.Oddity{Where: "test", What: "forged"}})
			return bytes.Join(lines, nil)
		}, 9, nil, 0},
		"an entry is taken out": {func(b []byte) []byte {
			lines := bytes.SplitAfter(b, []byte{'\n'})
			return bytes.Join(slices.Delete(lines, 2, 3), nil)
		}, 9, []JournalHole{{5, 1}}, 0},
		"an octet is another": {func(b []byte) []byte { b = bytes.Clone(b); b[len(b)-9]++; return b }, 9, []JournalHole{{7, 1}}, 1},
	} {
		good, _ := os.ReadFile(middle)
		_ = os.WriteFile(middle, c.change(good), 0o600)
		if p := prove(j, 0); p.Broken != c.broken || fmt.Sprint(p.Gaps) != fmt.Sprint(c.gaps) || p.Damaged != c.damage {
			t.Errorf("%s: %+v", name, p)
		}
		_ = os.WriteFile(middle, good, 0o600)
	}
	_ = os.Remove(filepath.Join(dir, segmentName(1)))
	if p := prove(j, 0); p.Broken != 0 || p.Gaps != nil || p.First != 5 || p.Hash != prove(j, 0).Hash {
		t.Errorf("cut at the front: %+v", p)
	}
	_ = os.Remove(middle)
	if p := prove(j, 0); p.First != 9 || p.Broken != 0 {
		t.Errorf("cut once more: %+v", p)
	}
}

// Entries that found no room are told as a hole, and a journal of an older version of the box, whose segments are not linked, is whole.
func TestJournalProofOfLosses(t *testing.T) {
	dir := t.TempDir()
	f, _, err := createSegment(dir, segmentHeader{Format: 1, First: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write(appendEntry(nil, telephony.Entry{Seq: 1, Fact: telephony.JournalGap{Lost: 7}}))
	f.Close()
	f, _, _ = createSegment(dir, segmentHeader{Format: 1, First: 2})
	_, _ = f.Write(appendEntry(nil, telephony.Entry{Seq: 2, Fact: telephony.Oddity{}}))
	f.Close()
	j := openJournal(t, dir, 2)
	defer j.close()
	j.Append(oddity(3))
	_ = j.sync(t.Context())
	p, err := j.ProveJournal(t.Context(), 0)
	if err != nil || p.Entries != 3 || p.Broken != 0 || fmt.Sprint(p.Gaps) != "[{1 7}]" || !p.Segments[2].Linked || p.Segments[1].Linked {
		t.Errorf("%+v, %v", p, err)
	}
}
