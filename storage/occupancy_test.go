package storage

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

func linesConfig() *telephony.Config {
	c := telephony.DefaultConfig()
	c.Lines = []telephony.LineConfig{{ID: "fxo/1"}, {ID: "fxo/2"}, {ID: "fxo/3", Disabled: true}}
	c.Spans = []telephony.SpanConfig{{ID: "e1/1"}}
	for n := 3; n <= 31; n++ {
		if n != 16 {
			c.Spans[0].Blocked = append(c.Spans[0].Blocked, n)
		}
	}
	return c
}

// A11.12: how many lines were in use and how often and how long all were is what counting minute by minute gives, in each row and in
// the total.
func TestLinesInUseEqualsCounting(t *testing.T) {
	c := linesConfig()
	begin := time.Date(2026, 11, 22, 22, 0, 0, 0, c.Location())
	for seed := range uint64(5) {
		dice := rand.New(rand.NewPCG(seed, 0))
		var calls []Record
		for i := range 90 {
			r := Record{ID: telephony.NewCallID(1, uint64(i)), Direction: telephony.Inbound, Line: []string{"fxo/1", "fxo/2", "fxo/3", "e1/1", "e1/1", "trunk/ctc"}[dice.IntN(6)]}
			if dice.IntN(3) == 0 {
				r.Direction, r.Line, r.Out = telephony.Outbound, "phone/801", r.Line
			}
			r.Arrived = begin.Add(time.Duration(dice.IntN(40*60)) * time.Minute)
			r.Ended = r.Arrived.Add(time.Duration(dice.IntN(90)) * time.Minute)
			calls = append(calls, r)
		}
		for _, q := range []ReportQuery{{Per: PerHour}, {Per: PerSlot}, {Per: PerDay}, {Per: PerWeek}, {Per: PerMonth}, {Per: PerLine}, {Per: PerHour, Line: "e1/1"}, {Per: PerLine, Line: "fxo/1"}} {
			q.From, q.To, q.Returns = begin.Add(2*time.Hour), begin.Add(30*time.Hour), true
			tl := newTally(q, c)
			for i := range calls {
				if r := &calls[i]; !r.Arrived.Before(q.From) && r.Arrived.Before(q.To) && (q.Line == "" || r.outside() == q.Line) {
					tl.add(r)
				}
				tl.occupy(&calls[i])
			}
			tl.sweep()
			rep := tl.finish()
			for _, row := range append(rep.Rows, rep.Total) {
				got := fmt.Sprint(row.Peak, " ", row.AllBusyTimes, " ", row.AllBusy)
				if want := countMinutes(tl, calls, &row); got != want {
					t.Errorf("seed %d, %s of %q, row %q: peak, times, all busy %s, by counting %s", seed, q.Per, q.Line, row.Key, got, want)
				}
			}
		}
	}
}

// countMinutes looks at each minute of a report for itself.
func countMinutes(t *tally, calls []Record, row *Row) string {
	peak, times, busy, was := 0, 0, time.Duration(0), false
	for at := t.From; at.Before(t.To); at = at.Add(time.Minute) {
		n := 0
		for i := range calls {
			r := &calls[i]
			line := r.outside()
			ours := (t.Line == "" || t.Line == line) && (t.Per != PerLine || row.Key == "" || row.Key == line)
			if ours && (line == "fxo/1" || line == "fxo/2" || line == "e1/1") && !r.Arrived.After(at) && r.Ended.After(at) {
				n++
			}
		}
		full := row.Lines > 0 && n >= row.Lines
		if key, _, _ := t.slot(at); row.Key == "" || t.Per == PerLine || row.Key == key {
			peak = max(peak, n)
			if full {
				busy += time.Minute
			}
			if full && !was {
				times++
			}
		}
		was = full
	}
	return fmt.Sprint(peak, " ", times, " ", busy)
}

// A call that arrived before the report has its line in it, and is counted as a call in none of its rows.
func TestLinesInUseFromBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := linesConfig()
		c.Lines, c.Spans = c.Lines[:1], nil
		s := openStore(t, t.TempDir(), Options{Initial: c})
		defer s.Close()
		tp := newTape().tell("1-1", arrive("1"))
		tp.after(7200).tell("1-1", end(telephony.OutcomeAnswered, "caller"))
		began := time.Now()
		play(s, tp)
		syncStore(t, s)
		q := ReportQuery{Per: PerHour, From: began.Add(time.Hour), To: began.Add(4 * time.Hour), Returns: true}
		rep, err := s.Report(t.Context(), q)
		if r := rep.Total; err != nil || r.Calls != 0 || r.Lines != 1 || r.Peak != 1 || r.AllBusyTimes != 1 || r.AllBusy != time.Hour || len(rep.Rows) != 1 {
			t.Errorf("%+v, %v", rep, err)
		}
	})
}
