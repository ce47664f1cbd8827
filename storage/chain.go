package storage

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	"callbox/telephony"
)

// The journal proves itself (A18.1): the header of a segment names the SHA-256 of the whole segment before it, so that the digest of the
// newest stands for all. A segment that goes at the front takes nothing from those behind it. The link is a field that earlier versions
// of the format do not have and do not read: after an update that fails, the version before writes segments without one.

// A JournalProof says what of the journal is kept and that it is whole.
type JournalProof struct {
	Entries     uint64
	First, Last uint64
	From, To    time.Time // of the first and the last entry
	Segments    []SegmentProof
	Gaps        []JournalHole
	Damaged     int    // lines that cannot be read
	Broken      uint64 // the first entry of the first segment that does not follow from the one before; 0: none
	Hash        string // of the segment of the last entry up to it: stands for all before
}

// A SegmentProof is one file of the journal. The digest of one that is complete does not change any more.
type SegmentProof struct {
	First  uint64    `json:"first"` // entry
	Last   uint64    `json:"last"`
	Time   time.Time `json:"time"`   // when it was begun
	Linked bool      `json:"linked"` // to the one before; older versions of the box did not
	SHA256 string    `json:"sha256"`
}

// A JournalHole is entries that are not there.
type JournalHole struct {
	After   uint64 `json:"after"` // this entry
	Entries uint64 `json:"entries"`
}

const maxHoles = 1000 // told

// ProveJournal walks the segments up to an entry (0: the newest). It reads all that is kept, and ends early when ctx does.
func (j *Journal) ProveJournal(ctx context.Context, until uint64) (p JournalProof, err error) {
	mark, _, _ := j.mark.get()
	if until == 0 || until > mark.seq {
		until = mark.seq
	}
	firsts, err := segments(j.dir)
	if err != nil {
		return p, err
	}
	before := ""
	for _, first := range firsts {
		if first > until {
			break
		}
		size := int64(1<<63 - 1)
		if first == mark.first {
			size = mark.size
		}
		w := walker{proof: &p, sum: sha256.New(), part: SegmentProof{First: first, Last: first - 1}, until: until}
		if err := w.walk(ctx, filepath.Join(j.dir, segmentName(first)), size); err != nil {
			return p, err
		}
		if w.part.Linked && before != "" && w.header.Before != before && p.Broken == 0 {
			p.Broken = first
		}
		before = w.part.SHA256
	}
	p.Hash = before
	return p, nil
}

// A walker proves one segment.
type walker struct {
	proof  *JournalProof
	sum    hash.Hash
	header segmentHeader
	part   SegmentProof
	until  uint64
}

func (w *walker) walk(ctx context.Context, path string, size int64) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if w.proof.Entries > 0 && w.part.First > w.proof.Last+1 {
		w.hole(w.proof.Last, w.part.First-w.proof.Last-1)
	}
	lines := bufio.NewReaderSize(io.LimitReader(f, size), maxLine)
	for n := 0; w.part.Last < w.until || n == 0; n++ {
		line, err := lines.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			break
		}
		w.sum.Write(line)
		if payload, whole := parseLine(bytes.TrimSuffix(line, []byte{'\n'})); whole && err == nil {
			w.line(payload)
		} else {
			w.proof.Damaged++
		}
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	w.part.SHA256 = hex.EncodeToString(w.sum.Sum(nil))
	w.proof.Segments = append(w.proof.Segments, w.part)
	return nil
}

// line takes the header, or an entry. Of entries no more is read than what is asked here.
func (w *walker) line(payload []byte) {
	if w.header.Format == 0 && json.Unmarshal(payload, &w.header) == nil && w.header.Format != 0 {
		w.part.Time, w.part.Linked = w.header.Time, w.header.Before != ""
		return
	}
	var e struct {
		Seq  uint64    `json:"seq"`
		Time time.Time `json:"time"`
	}
	if json.Unmarshal(payload, &e) != nil || e.Seq == 0 {
		w.proof.Damaged++
		return
	}
	if w.proof.Entries == 0 {
		w.proof.First, w.proof.From = e.Seq, e.Time
	} else if e.Seq > w.proof.Last+1 && w.part.Last >= w.part.First {
		w.hole(w.proof.Last, e.Seq-w.proof.Last-1)
	}
	w.proof.Entries++
	w.proof.Last, w.proof.To, w.part.Last = e.Seq, e.Time, e.Seq
	if bytes.Contains(payload, []byte(`"journal_gap"`)) {
		var whole telephony.Entry
		_ = json.Unmarshal(payload, &whole) // what it cannot read has no fact
		if gap, ok := whole.Fact.(telephony.JournalGap); ok {
			w.hole(e.Seq, gap.Lost)
		}
	}
}

func (w *walker) hole(after, entries uint64) {
	if len(w.proof.Gaps) < maxHoles {
		w.proof.Gaps = append(w.proof.Gaps, JournalHole{after, entries})
	}
}

// digest is that of a segment that nobody writes any more.
func digest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	return hex.EncodeToString(sum.Sum(nil)), err
}
