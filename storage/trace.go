package storage

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"callbox/telephony"
)

const (
	traceBox    = 2048               // messages that may wait for the disk
	traceBatch  = 256 << 10          // octets in one write
	traceBudget = 256 << 20          // octets of all segments
	traceKeep   = 7 * 24 * time.Hour // and no message is kept longer than this and the time of a segment
	traceTime   = 24 * time.Hour     // a new segment begins after this,
	traceOctets = 4 << 20            // or beyond this
	traceTidy   = time.Minute
)

// A tracer keeps the signalling messages of the last days in segment files like the journal's. They help people to
// understand a call and prove nothing, so nothing is synced and nobody waits: what does not fit is lost and counted. One
// goroutine owns the files; Store.Trace posts to it.
type tracer struct {
	dir     string
	journal *Journal
	box     chan telephony.Trace
	asks    chan chan []traceSegment
	stop    chan struct{}
	ended   chan struct{}
	lost    atomic.Uint64

	// The rest is the owner's.
	segments []traceSegment // oldest first
	file     *os.File       // of the newest segment; nil: the next message begins one
	pending  []byte         // lines that are not written
	waiting  uint64         // how many
}

// startTracer reads what is there. The goroutine lives until close.
func startTracer(dir string, journal *Journal) (*tracer, error) {
	segments, err := traceSegments(dir)
	if err != nil {
		return nil, err
	}
	t := &tracer{
		dir: dir, journal: journal, segments: segments,
		box: make(chan telephony.Trace, traceBox), asks: make(chan chan []traceSegment),
		stop: make(chan struct{}), ended: make(chan struct{}),
	}
	go t.run()
	return t, nil
}

// Trace posts a signalling message and returns at once; it sets Time, Mono and Boot.
func (s *Store) Trace(m telephony.Trace) {
	now := time.Now()
	m.Time, m.Mono, m.Boot = now.Round(0).UTC(), now.Sub(s.Journal.started), s.Journal.boot
	select {
	case s.tracer.box <- m:
	default:
		s.tracer.lost.Add(1)
	}
}

// close writes what was posted and ends the goroutine.
func (t *tracer) close() {
	close(t.stop)
	<-t.ended
}

// run is the owner.
func (t *tracer) run() {
	defer close(t.ended)
	tidy := time.NewTicker(traceTidy)
	defer tidy.Stop()
	for {
		select {
		case m := <-t.box:
			t.take(m)
			t.drain()
		case answer := <-t.asks:
			t.drain()
			answer <- slices.Clone(t.segments)
		case now := <-tidy.C:
			t.tidy(now)
			t.tellLost()
		case <-t.stop:
			t.drain()
			t.endSegment()
			return
		}
	}
}

// drain writes all that waits at this moment.
func (t *tracer) drain() {
	for range len(t.box) {
		t.take(<-t.box)
	}
	t.write()
}

func (t *tracer) take(m telephony.Trace) {
	payload, err := json.Marshal(m)
	if err != nil || len(payload)+prefixLen+1 > maxLine {
		t.lost.Add(1)
		return
	}
	if len(t.segments) > 0 && m.Time.Sub(t.newest().Time) >= traceTime {
		t.write()
		t.endSegment()
	}
	if t.file == nil && !t.beginSegment(m) {
		t.lost.Add(1)
		return
	}
	t.pending = appendLine(t.pending, payload)
	if t.waiting++; len(t.pending) >= traceBatch {
		t.write()
	}
}

// write appends the pending lines to the segment. What the disk refuses is lost; the next write takes its place.
func (t *tracer) write() {
	if len(t.pending) == 0 {
		return
	}
	s := t.newest()
	if _, err := t.file.WriteAt(t.pending, s.size); err != nil {
		t.lost.Add(t.waiting)
	} else {
		s.size += int64(len(t.pending))
	}
	t.pending, t.waiting = t.pending[:0], 0
	if s.size >= traceOctets {
		t.endSegment()
	}
}

func (t *tracer) newest() *traceSegment { return &t.segments[len(t.segments)-1] }

// beginSegment makes the file that a message is the first of, and room for it.
func (t *tracer) beginSegment(m telephony.Trace) bool {
	s := traceSegment{traceHeader: traceHeader{Format: segmentFormat, Number: 1, Boot: m.Boot, Mono: m.Mono, Time: m.Time}}
	if len(t.segments) > 0 {
		s.Number = t.newest().Number + 1
	}
	t.tidy(m.Time)
	f, err := s.create(t.dir)
	if err != nil {
		return false
	}
	t.file, t.segments = f, append(t.segments, s)
	return true
}

func (t *tracer) endSegment() {
	if t.file != nil {
		t.file.Close()
		t.file = nil
	}
}

// tidy removes the oldest segments: those whose messages are all too old, and as many as leave room for one more.
func (t *tracer) tidy(now time.Time) {
	var octets int64
	for _, s := range t.segments {
		octets += s.size
	}
	for len(t.segments) > 0 {
		oldest := t.segments[0]
		old := now.Sub(oldest.Time) >= traceKeep+traceTime
		if !old && octets <= traceBudget-traceOctets-traceBatch {
			return
		}
		if len(t.segments) == 1 {
			t.endSegment()
		}
		os.Remove(filepath.Join(t.dir, traceName(oldest.Number))) // what the disk refuses to remove goes at the next start
		octets -= oldest.size
		t.segments = t.segments[1:]
	}
}

// tellLost journals, at most once a minute, how many messages are missing.
func (t *tracer) tellLost() {
	if lost := t.lost.Swap(0); lost > 0 {
		t.journal.Append(telephony.Entry{Fact: telephony.Oddity{
			Where: "trace", What: fmt.Sprintf("%d signalling messages were not kept: too many at once, or the disk refused", lost),
		}})
	}
}
