package storage

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"sync"
	"time"

	"callbox/telephony"
)

// durable says how far the journal is safe on disk: readers go no further.
type durable struct {
	seq   uint64
	first uint64 // the segment that is being written; 0 before the first write of this boot
	size  int64  // of its durable part
}

// A marker hands the durable mark from the journal's owner to its readers and wakes them.
type marker struct {
	mu     sync.Mutex
	now    durable
	closed bool
	wake   chan struct{}
}

func (m *marker) set(d durable) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = d
	m.ring()
}

// close says that the mark will not move again.
func (m *marker) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.ring()
}

func (m *marker) ring() {
	if m.wake != nil {
		close(m.wake)
		m.wake = nil
	}
}

// get is the mark and a channel that is closed when it moves; closed says that it never will.
func (m *marker) get() (d durable, wake <-chan struct{}, closed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.wake == nil {
		m.wake = make(chan struct{})
	}
	return m.now, m.wake, m.closed
}

// A cursor reads entries in order up to the durable mark, from segment to segment. Damaged lines are skipped: what it
// tells was written so.
type cursor struct {
	dir   string
	last  uint64 // told
	first uint64 // the segment that is open
	file  *os.File
	lines *lineReader
}

// newCursor begins behind the entry with the number.
func newCursor(dir string, after uint64) *cursor { return &cursor{dir: dir, last: after} }

func (c *cursor) close() {
	if c.file != nil {
		c.file.Close()
		c.file = nil
	}
}

// next is the next entry up to the mark, or false.
func (c *cursor) next(to durable) (telephony.Entry, bool) {
	for c.last < to.seq {
		if c.file == nil && !c.openNext() {
			break
		}
		if c.first == to.first {
			c.lines.limit = to.size
		} else if info, err := c.file.Stat(); err == nil {
			c.lines.limit = info.Size()
		}
		for e, ok := c.lines.entry(); ok; e, ok = c.lines.entry() {
			if e.Seq > c.last {
				c.last = e.Seq
				return e, true
			}
		}
		if c.first == to.first {
			break
		}
		c.close()
	}
	return telephony.Entry{}, false
}

// openNext opens the segment behind the one that was read, or the one where reading begins.
func (c *cursor) openNext() bool {
	firsts, err := segments(c.dir)
	if err != nil {
		return false
	}
	var next uint64
	for _, first := range firsts {
		if first > c.first && (next == 0 || c.first == 0 && first <= c.last+1) {
			next = first
		}
	}
	if next == 0 {
		return false
	}
	f, err := os.Open(filepath.Join(c.dir, segmentName(next)))
	if err != nil {
		return false
	}
	c.file, c.first, c.lines = f, next, newLineReader(f)
	return true
}

// LastSeq is the number of the newest durable entry; 0 when there is none.
func (j *Journal) LastSeq() uint64 {
	d, _, _ := j.mark.get()
	return d.seq
}

// Entries tells the durable entries behind the number after, up to and with the number to.
func (j *Journal) Entries(after, to uint64) iter.Seq[telephony.Entry] {
	return func(yield func(telephony.Entry) bool) {
		d, _, _ := j.mark.get()
		c := newCursor(j.dir, after)
		defer c.close()
		for e, ok := c.next(d); ok && e.Seq <= to; e, ok = c.next(d) {
			if !yield(e) {
				return
			}
		}
	}
}

// Between tells the durable entries of a time, from included, to not. Where the clock was set back they are in the order
// in which they happened.
func (j *Journal) Between(from, to time.Time) iter.Seq[telephony.Entry] {
	return func(yield func(telephony.Entry) bool) {
		for e := range j.Entries(j.seqBefore(from), ^uint64(0)) {
			if e.Time.Before(from) || !e.Time.Before(to) {
				continue
			}
			if !yield(e) {
				return
			}
		}
	}
}

// seqBefore is a number before which nothing happened at t or later: the start of the last segment that began a day
// before t, so that a clock set by some hours hides nothing.
func (j *Journal) seqBefore(t time.Time) uint64 {
	firsts, _ := segments(j.dir)
	t = t.Add(-24 * time.Hour)
	after := uint64(0)
	for _, first := range firsts {
		if h, ok := readHeader(j.dir, first); ok && h.Time.Before(t) {
			after = first - 1
		}
	}
	return after
}

// Follow tells the durable entries behind the number after, then each new one, until the context ends or the store
// closes. A slow reader holds nobody up: it reads from disk.
func (j *Journal) Follow(ctx context.Context, after uint64) iter.Seq[telephony.Entry] {
	return func(yield func(telephony.Entry) bool) {
		c := newCursor(j.dir, after)
		defer c.close()
		for {
			d, wake, closed := j.mark.get()
			for e, ok := c.next(d); ok; e, ok = c.next(d) {
				if ctx.Err() != nil || !yield(e) {
					return
				}
			}
			if closed {
				return
			}
			select {
			case <-wake:
			case <-ctx.Done():
				return
			}
		}
	}
}
