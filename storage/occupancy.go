package storage

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"callbox/telephony"
)

// longestOccupied is how long before a report begins a call may have arrived that still has a line then.
const longestOccupied = 24 * time.Hour

// circuits are how many calls each line carries at once, by the configuration in force: an analogue line one, an E1 its bearers but for
// those that people took out of service. How many a SIP trunk carries is its carrier's affair.
func circuits(c *telephony.Config) map[string]int {
	of := map[string]int{}
	for i := range c.Lines {
		if l := &c.Lines[i]; !l.Disabled {
			of[l.ID] = 1
		}
	}
	for i := range c.Spans {
		if s := &c.Spans[i]; !s.Disabled {
			of[s.ID] = 30 - len(s.Blocked)
		}
	}
	return of
}

// An edge is a moment, in Unix nanoseconds, at which a call took a line or left it.
type edge struct {
	at   int64
	step int
}

// An occupancy is how full lines were in the course of time (A11.12): of one line by its id, of all by "".
type occupancy struct {
	circuits map[string]int
	edges    map[string][]edge
	at       string // the row in which the sweep is
	until    int64
}

// tellsLines says that a report tells how full the lines were: one of all calls or by line, whoever the calls came to.
func (q ReportQuery) tellsLines() bool {
	return q.Returns && q.Team == nil && strings.Contains("al", q.unit())
}

// occupy notes from when to when a call had a line, cut at the ends of the report.
func (t *tally) occupy(r *Record) {
	line := r.outside()
	if t.circuits[line] == 0 || t.Line != "" && t.Line != line {
		return
	}
	from, to := later(r.Arrived, t.From), r.Ended
	if !t.To.IsZero() && to.After(t.To) {
		to = t.To
	}
	if !from.Before(to) {
		return
	}
	for _, key := range []string{"", line} {
		if key == "" || t.Per == PerLine {
			t.edges[key] = append(t.edges[key], edge{from.UnixNano(), 1}, edge{to.UnixNano(), -1})
		}
	}
}

// sweep goes through the edges in order, and tells the rows how many lines were in use and when all were.
func (t *tally) sweep() {
	t.total.Lines = t.capacity("")
	for key, edges := range t.edges {
		capacity, inUse, full := t.capacity(key), 0, false
		slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.step, b.step)) })
		for i, e := range edges[:len(edges)-1] {
			inUse += e.step
			from, to := e.at, edges[i+1].at
			if from == to {
				continue
			}
			was := full
			full = inUse >= capacity
			t.inUse(key, from, to, inUse, full, full && !was)
		}
	}
	for key, row := range t.rows {
		row.Lines = t.total.Lines
		if t.Per == PerLine {
			row.Lines = t.circuits[key]
		}
	}
}

// capacity is how many calls a line carries, or all that the report is of.
func (t *tally) capacity(key string) (sum int) {
	if key = cmp.Or(key, t.Line); key != "" {
		return t.circuits[key]
	}
	for _, n := range t.circuits {
		sum += n
	}
	return sum
}

// inUse counts a time in which as many lines were in use, in the rows that it lies in and in the total.
func (t *tally) inUse(line string, from, to int64, n int, full, begins bool) {
	switch {
	case line == "":
		t.total.inUse(n, to-from, full, begins)
	case t.rows[line] != nil:
		t.rows[line].inUse(n, to-from, full, begins)
	}
	for ; t.Per != PerLine && n > 0 && from < to; begins = false {
		at := time.Unix(0, from)
		if from >= t.until {
			key, _, end := t.slot(at)
			t.at, t.until = key, end.UnixNano()
		}
		end := min(to, t.until)
		if full || t.rows[t.at] != nil { // of a time in which no call arrived there is a row only where all were busy
			t.row(t.at, at).inUse(n, end-from, full, begins)
		}
		from = end
	}
}

func (row *Row) inUse(n int, long int64, full, begins bool) {
	row.Peak = max(row.Peak, n)
	if full {
		row.AllBusy += time.Duration(long)
	}
	if begins {
		row.AllBusyTimes++
	}
}
