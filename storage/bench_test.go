package storage

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

func benchStore(b *testing.B) *Store {
	b.Helper()
	s, err := Open(b.TempDir(), Options{Initial: linesConfig()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

// Entries a second, durable at the end: what a box can tell of itself.
func BenchmarkJournal(b *testing.B) {
	s := benchStore(b)
	e := telephony.Entry{Call: "1-1", Fact: telephony.Queued{Queue: "sales", Position: 1}}
	ctx := context.Background()
	for n := 0; b.Loop(); n++ {
		s.Append(e)
		if n%(journalBox/2) == 0 { // never more than the box holds
			if err := s.sync(ctx); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := s.sync(ctx); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "durable/s")
}

// Append alone, as a call pays for it.
func BenchmarkAppend(b *testing.B) {
	j := &Journal{box: make(chan telephony.Entry, journalBox), started: time.Now()}
	e := telephony.Entry{Call: "1-1", Fact: telephony.Queued{Queue: "sales", Position: 1}}
	for b.Loop() {
		j.Append(e)
		<-j.box
	}
}

// One configuration, durable in the database, its copy and the audit.
func BenchmarkConfigPut(b *testing.B) {
	s := benchStore(b)
	for b.Loop() {
		c := *s.Config()
		c.Site.Name = fmt.Sprint(c.Revision)
		if _, err := s.Put(context.Background(), &c, Change{Base: c.Revision, Who: "bench"}); err != nil {
			b.Fatal(err)
		}
	}
}

// Durable commits a second from sixteen writers.
func BenchmarkGroupCommit(b *testing.B) {
	s := benchStore(b)
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for n := uint64(0); pb.Next(); n++ {
			err := s.reader.state.Update(context.Background(), func(tx *bbolt.Tx) error {
				return putJSON(tx.Bucket(sessionsBucket), number(n), n)
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// manyCalls fills a month with call records, straight from a fold.
func manyCalls(b *testing.B, s *Store, n int) {
	b.Helper()
	tp, fold := newTape(), NewFold()
	var batch []Record
	for i := range n {
		tp.entries = tp.entries[:0]
		aServedCall(tp, telephony.NewCallID(1, uint64(i)))
		for _, e := range tp.entries {
			e.Seq += uint64(i) * 20
			if r, ok := fold.Step(e); ok && !r.Ended.IsZero() && e.Fact.Kind() == "recorded" {
				r.Caller.Number = fmt.Sprintf("138%08d", i)
				batch = append(batch, r)
			}
		}
	}
	byMonth := map[string][]Record{}
	for _, r := range batch {
		byMonth[monthOf(r.Arrived)] = append(byMonth[monthOf(r.Arrived)], r)
	}
	for name, records := range byMonth {
		f, err := s.reader.months.file(name)
		if err != nil {
			b.Fatal(err)
		}
		for len(records) > 0 {
			k := min(5000, len(records))
			if err := f.Update(context.Background(), func(tx *bbolt.Tx) error { return putRecords(tx, records[:k]) }); err != nil {
				b.Fatal(err)
			}
			records = records[k:]
		}
	}
}

// Queries over 100,000 call records of four months.
func BenchmarkQuery(b *testing.B) {
	s := benchStore(b)
	manyCalls(b, s, 100_000)
	queries := map[string]Query{
		"newest page":     {},
		"one number":      {Number: "13800000007"},
		"nothing fits":    {Agent: "9999"},
		"an agent's page": {Agent: "1001"},
	}
	for name, q := range queries {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Calls(context.Background(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for name, q := range map[string]ReportQuery{"report by day": {Per: PerDay}, "report by day with lines": {Per: PerDay, Returns: true}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if rep, err := s.Report(context.Background(), q); err != nil || len(rep.Rows) == 0 {
					b.Fatal(rep, err)
				}
			}
		})
	}
}

// Entries a second through the fold: what a rebuild from the journal costs.
func BenchmarkFold(b *testing.B) {
	tp := newTape()
	for i := range 1000 {
		aServedCall(tp, telephony.NewCallID(1, uint64(i)))
	}
	for b.Loop() {
		fold := NewFold()
		for _, e := range tp.entries {
			fold.Step(e)
		}
	}
	b.ReportMetric(float64(b.N*len(tp.entries))/b.Elapsed().Seconds(), "entries/s")
}

// Reading the journal back, checksums and all.
func BenchmarkReadJournal(b *testing.B) {
	tp := newTape()
	for i := range 1000 {
		aServedCall(tp, telephony.NewCallID(1, uint64(i)))
	}
	segment := segmentOf(tp.entries)
	b.SetBytes(int64(len(segment)))
	for b.Loop() {
		if got := readAll(segment); len(got) != len(tp.entries) {
			b.Fatal(len(got))
		}
	}
	b.ReportMetric(float64(b.N*len(tp.entries))/b.Elapsed().Seconds(), "entries/s")
}

// Opening a box whose last segment is full: part of the second between power and the first call.
func BenchmarkOpen(b *testing.B) {
	s := benchStore(b)
	e := telephony.Entry{Call: "1-1", Fact: telephony.Queued{Queue: "sales", Position: 1}}
	for range journalBox / 2 {
		s.Append(e)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		again, err := Open(s.dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := again.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
