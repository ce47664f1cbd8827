package storage

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

// tellCall journals a call with two legs, and traces so many messages of each while it lasts.
func tellCall(s *Store, id telephony.CallID, caller, callee string, messages int) {
	s.Append(telephony.Entry{Call: id, Fact: telephony.CallArrived{Direction: telephony.Inbound, Leg: caller}})
	s.Append(telephony.Entry{Call: id, Fact: telephony.Dialed{Leg: callee}})
	for n := range messages {
		time.Sleep(time.Millisecond)
		s.Trace(telephony.Trace{Leg: caller, Protocol: telephony.ProtocolQ931, Octets: fmt.Append(nil, n)})
		s.Trace(telephony.Trace{Leg: callee, Protocol: telephony.ProtocolSIP, Sent: true, Octets: fmt.Append(nil, n)})
	}
	s.Append(telephony.Entry{Call: id, Fact: telephony.CallEnded{Outcome: telephony.OutcomeAnswered}})
}

// told is the messages of a call in words: "e1/1#1 0".
func told(t *testing.T, s *Store, id telephony.CallID, limit int) (list []string) {
	t.Helper()
	if err := s.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	messages, err := s.CallTraces(t.Context(), id, limit)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		list = append(list, m.Leg+" "+string(m.Octets))
	}
	return list
}

func expectTold(t *testing.T, s *Store, id telephony.CallID, want ...string) {
	t.Helper()
	if got := told(t, s, id, 1000); !slices.Equal(got, want) {
		t.Errorf("call %s has %q, want %q", id, got, want)
	}
}

func TestACallHasItsMessages(t *testing.T) { // and nobody else's
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		tellCall(s, "1-1", "e1/1#1", "phone/801#1", 2)
		tellCall(s, "1-2", "e1/1#10", "phone/801#2", 1)
		s.Trace(telephony.Trace{Line: "e1/1", Octets: []byte("RESTART")})
		expectTold(t, s, "1-1", "e1/1#1 0", "phone/801#1 0", "e1/1#1 1", "phone/801#1 1")
		expectTold(t, s, "1-2", "e1/1#10 0", "phone/801#2 0")
		if got := told(t, s, "1-1", 3); len(got) != 3 {
			t.Errorf("of three messages that were asked for came %q", got)
		}
		if _, err := s.CallTraces(t.Context(), "1-99", 10); err == nil {
			t.Error("a call that never was has messages")
		}
	})
}

// Legs are counted anew at each start, so their names come again; calls are known by the start they were of.
func TestMessagesAfterAStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		for boot := range 3 {
			s := openStore(t, dir, Options{})
			tellCall(s, telephony.NewCallID(s.Boot(), 1), "e1/1#1", "phone/801#1", boot)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		s := openStore(t, dir, Options{})
		defer s.Close()
		for boot := range 3 {
			if got := told(t, s, telephony.NewCallID(uint32(boot+1), 1), 100); len(got) != 2*boot {
				t.Errorf("start %d: %q", boot+1, got)
			}
		}
	})
}

// A long call's messages lie in several segments.
func TestMessagesOverSegments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		s.Append(telephony.Entry{Call: "1-1", Fact: telephony.CallArrived{Leg: "e1/1#1"}})
		for day := range 3 {
			s.Trace(telephony.Trace{Leg: "e1/1#1", Octets: fmt.Append(nil, day)})
			time.Sleep(traceTime)
		}
		expectTold(t, s, "1-1", "e1/1#1 0", "e1/1#1 1", "e1/1#1 2")
		if n, _ := numbered(s.tracer.dir, traceExt); len(n) != 3 {
			t.Errorf("three days have the segments %v", n)
		}
	})
}

// What is older than a week goes by itself, on a box where nobody calls too (a week, and the day that a segment spans).
func TestOldMessagesGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		tellCall(s, "1-1", "e1/1#1", "phone/801#1", 1)
		time.Sleep(traceKeep)
		if got := told(t, s, "1-1", 10); len(got) != 2 {
			t.Errorf("after a week there is %q", got)
		}
		time.Sleep(traceTime + traceTidy)
		expectTold(t, s, "1-1")
		if n, _ := numbered(s.tracer.dir, traceExt); len(n) != 0 {
			t.Errorf("the segments %v are left", n)
		}
	})
}

// The oldest segments make room for the next one.
func TestTraceBudget(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	tr := &tracer{dir: dir}
	for n := uint64(1); n <= 80; n++ {
		s := traceSegment{traceHeader: traceHeader{Format: segmentFormat, Number: n, Time: now}}
		f, err := s.create(dir)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		s.size = traceOctets
		tr.segments = append(tr.segments, s)
	}
	tr.tidy(now)
	left, err := numbered(dir, traceExt)
	octets := int64(len(left)) * traceOctets
	if err != nil || left[len(left)-1] != 80 || len(left) != len(tr.segments) || octets > traceBudget-traceOctets || octets < traceBudget-3*traceOctets {
		t.Errorf("%d of 80 segments are left, %v", len(left), err)
	}
}

// A power cut tears the newest line: all before it are read at the next start, and what comes then is kept.
func TestTornMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		s := openStore(t, dir, Options{})
		tellCall(s, "1-1", "e1/1#1", "phone/801#1", 2)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, traceDir, traceName(1))
		info, err := os.Stat(path)
		if err == nil {
			err = os.Truncate(path, info.Size()-5)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, traceDir, traceName(2)), []byte("no segment"), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		s = openStore(t, dir, Options{})
		defer s.Close()
		expectTold(t, s, "1-1", "e1/1#1 0", "phone/801#1 0", "e1/1#1 1")
		tellCall(s, "2-1", "e1/1#1", "phone/801#1", 1)
		expectTold(t, s, "2-1", "e1/1#1 0", "phone/801#1 0")
	})
}

// Nobody waits for the disk, and what is missing is told.
func TestMessagesThatDoNotFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		if err := os.RemoveAll(s.tracer.dir); err != nil {
			t.Fatal(err)
		}
		tellCall(s, "1-1", "e1/1#1", "phone/801#1", 1)
		s.Trace(telephony.Trace{Leg: "e1/1#1", Octets: make([]byte, maxLine)})
		expectTold(t, s, "1-1")
		time.Sleep(traceTidy + time.Second)
		if got := whats(s.Entries(0, s.LastSeq())); len(got) != 1 || !strings.Contains(got[0], "3 signalling messages") {
			t.Errorf("of three lost messages the journal tells %q", got)
		}
	})
	full := &Store{Journal: &Journal{}, tracer: &tracer{box: make(chan telephony.Trace, 1)}}
	for range 3 {
		full.Trace(telephony.Trace{})
	}
	if lost := full.tracer.lost.Load(); lost != 2 {
		t.Errorf("%d messages are lost of three for one place", lost)
	}
}

// FuzzTraceSegment: whatever a segment holds, only whole messages of the call's legs come out of it.
func FuzzTraceSegment(f *testing.F) {
	whole := appendLine(nil, []byte(`{"trace_format":1,"number":1,"boot":1,"mono":0,"time":"2026-11-23T01:00:00Z"}`))
	whole = appendLine(whole, []byte(`{"time":"2026-11-23T01:00:00Z","mono":5,"boot":1,"leg":"e1/1#1","line":"e1/1","protocol":"q931","sent":true,"octets":"CAI="}`))
	f.Add(whole)
	f.Add(whole[:len(whole)-4])
	f.Add(appendLine(nil, []byte(`{"x":"\"leg\":\"e1/1#1\"","mono":-1}`)))
	f.Fuzz(func(t *testing.T, b []byte) {
		search := newTraceSearch([]telephony.Entry{{Boot: 1, Fact: telephony.CallArrived{Leg: "e1/1#1"}}}, 10)
		search.take(bytes.NewReader(b), int64(len(b)))
		for _, m := range search.found {
			if m.Leg != "e1/1#1" {
				t.Fatalf("a message of %q", m.Leg)
			}
		}
	})
}

// BenchmarkCallTraces looks for the messages of one call in a whole budget of them: of a call of two minutes, and of one that
// lasted all the time.
func BenchmarkCallTraces(b *testing.B) {
	s, err := Open(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	octets := make([]byte, 600)
	for n := range 250_000 { // eight a second
		s.tracer.box <- telephony.Trace{
			Boot: 1, Mono: time.Duration(n) * time.Second / 8, Leg: fmt.Sprint("e1/1#", n/8+1), Line: "e1/1",
			Protocol: telephony.ProtocolSIP, Octets: octets, Time: time.Now(),
		}
	}
	answer := make(chan []traceSegment, 1)
	s.tracer.asks <- answer
	segments := <-answer
	for name, ended := range map[string]time.Duration{"short": 10_120 * time.Second, "long": 40_000 * time.Second} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				search := newTraceSearch([]telephony.Entry{
					{Boot: 1, Mono: ended - 120*time.Second, Fact: telephony.CallArrived{Leg: "e1/1#10010"}},
					{Boot: 1, Mono: ended, Fact: telephony.CallEnded{}},
				}, 1000)
				if name == "long" {
					search.from = 0
				}
				list := search.among(segments)
				for _, segment := range list {
					search.read(filepath.Join(s.tracer.dir, traceName(segment.Number)), segment.size)
				}
				if len(search.found) != 8 {
					b.Fatal(len(search.found))
				}
				b.ReportMetric(float64(len(list)), "segments")
			}
		})
	}
}
