package storage

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"callbox/telephony"
)

// Segments of signalling messages are lines as the journal's are. They need no index: a call's messages lie between its
// first and last entry on the clock that nobody sets, which is a segment or two.
const traceExt = ".trace"

// traceMargin is how long before a call's first entry and after its last one its messages may lie: SIP repeats a last
// answer for 64*T1 (RFC 3261 17).
const traceMargin = time.Minute

// A traceHeader is the first line of a segment of traces; Boot, Mono and Time are its first message's.
type traceHeader struct {
	Format int           `json:"trace_format"`
	Number uint64        `json:"number"`
	Boot   uint32        `json:"boot"`
	Mono   time.Duration `json:"mono"`
	Time   time.Time     `json:"time"`
}

type traceSegment struct {
	traceHeader
	size int64 // of what is written
}

func traceName(number uint64) string { return numberedName(number, traceExt) }

// create makes the segment's file with its header.
func (s *traceSegment) create(dir string) (*os.File, error) {
	payload, err := json.Marshal(s.traceHeader)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, traceName(s.Number)), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	n, err := f.Write(appendLine(nil, payload))
	if err != nil {
		f.Close()
		os.Remove(f.Name())
		return nil, err
	}
	s.size = int64(n)
	return f, nil
}

// traceSegments lists what earlier starts left, oldest first. The torn tail of the last one is cut off; a segment whose
// header cannot be read has no place in time, and goes.
func traceSegments(dir string) ([]traceSegment, error) {
	numbers, err := numbered(dir, traceExt)
	if err != nil {
		return nil, err
	}
	var list []traceSegment
	for i, n := range numbers {
		path := filepath.Join(dir, traceName(n))
		if i == len(numbers)-1 {
			if _, _, err := cutLines(path); err != nil {
				return nil, err
			}
		}
		s, ok := openTraceSegment(path)
		if !ok {
			os.Remove(path)
			continue
		}
		list = append(list, s)
	}
	return list, nil
}

func openTraceSegment(path string) (s traceSegment, ok bool) {
	f, err := os.Open(path)
	if err != nil {
		return s, false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return s, false
	}
	l := newLineReader(f)
	l.limit = min(info.Size(), maxLine)
	payload, whole := l.payload()
	s.size = info.Size()
	return s, whole && l.skipped == 0 && json.Unmarshal(payload, &s.traceHeader) == nil && s.Format == segmentFormat
}

// CallTraces gives the signalling messages of a call's legs, in order, at most limit and the first of them. There are none
// of a call that is older than what is kept, or NotFound of one that never was.
func (s *Store) CallTraces(ctx context.Context, id telephony.CallID, limit int) ([]telephony.Trace, error) {
	story, err := s.Story(ctx, id)
	if err != nil || len(story) == 0 {
		return nil, err
	}
	answer := make(chan []traceSegment, 1)
	select {
	case s.tracer.asks <- answer:
	case <-s.tracer.ended:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	search := newTraceSearch(story, limit)
	for _, segment := range search.among(<-answer) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		search.read(filepath.Join(s.tracer.dir, traceName(segment.Number)), segment.size)
	}
	slices.SortStableFunc(search.found, func(a, b telephony.Trace) int { return cmp.Compare(a.Mono, b.Mono) })
	return search.found, nil
}

// A traceSearch looks for the messages of one call.
type traceSearch struct {
	boot     uint32
	from, to time.Duration
	legs     map[string]bool
	needles  [][]byte // the legs as a line has them: looked for first, which is much faster than reading the line
	limit    int
	found    []telephony.Trace
}

func newTraceSearch(story []telephony.Entry, limit int) *traceSearch {
	first := story[0]
	s := &traceSearch{
		boot: first.Boot, from: first.Mono - traceMargin, to: math.MaxInt64, legs: map[string]bool{}, limit: limit,
	}
	for _, e := range story {
		switch f := e.Fact.(type) {
		case telephony.CallArrived:
			s.add(f.Leg)
		case telephony.Dialed:
			s.add(f.Leg)
		case telephony.CallEnded:
			if e.Boot == first.Boot {
				s.to = e.Mono + traceMargin
			}
		}
	}
	return s
}

func (s *traceSearch) add(leg string) {
	if leg == "" || s.legs[leg] {
		return
	}
	s.legs[leg] = true
	quoted, _ := json.Marshal(leg) // a string always marshals
	s.needles = append(s.needles, append([]byte(`"leg":`), quoted...))
}

// among picks the segments of the call's time; each reaches to where the next one of its boot begins.
func (s *traceSearch) among(all []traceSegment) (list []traceSegment) {
	for i, segment := range all {
		if segment.Boot != s.boot || segment.Mono > s.to {
			continue
		}
		if i+1 < len(all) && all[i+1].Boot == s.boot && all[i+1].Mono < s.from {
			continue
		}
		list = append(list, segment)
	}
	return list
}

// read takes the call's messages out of a segment. One that was removed meanwhile has none.
func (s *traceSearch) read(path string, size int64) {
	f, err := os.Open(path)
	if err != nil {
		return
	}
	defer f.Close()
	s.take(f, size)
}

func (s *traceSearch) take(segment io.ReaderAt, size int64) {
	l := newLineReader(segment)
	l.limit = size
	for payload, ok := l.payload(); ok && len(s.found) < s.limit; payload, ok = l.payload() {
		head, _, _ := bytes.Cut(payload, []byte(`"octets":`)) // which are most of the line
		if !slices.ContainsFunc(s.needles, func(leg []byte) bool { return bytes.Contains(head, leg) }) {
			continue
		}
		var m telephony.Trace
		if json.Unmarshal(payload, &m) == nil && s.legs[m.Leg] && m.Mono >= s.from && m.Mono <= s.to {
			s.found = append(s.found, m)
		}
	}
}
