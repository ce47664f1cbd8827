package storage

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"callbox/telephony"
)

// Per says what each row of a report stands for.
type Per string

// The reports (A11.2-A11.4, A11.6-A11.9, A11.12).
const (
	PerHour  Per = "hourly"
	PerSlot  Per = "slots" // the hours of the day, over all days
	PerDay   Per = "daily"
	PerWeek  Per = "weekly" // from Monday (ISO 8601)
	PerMonth Per = "monthly"
	PerQueue Per = "queues"
	PerAgent Per = "agents"
	PerLine  Per = "lines" // to the outside
	PerMenu  Per = "menus"
)

var reports = []Per{PerHour, PerSlot, PerDay, PerWeek, PerMonth, PerQueue, PerAgent, PerLine, PerMenu}

// defaultAnswerSeconds is the X of a service level where the queue sets none (A11.13: 90 % in 30 s).
const defaultAnswerSeconds = 30

// A ReportQuery chooses what a report counts: the calls that arrived from From (included) to To. With a Queue it counts the
// visits to that queue, with an Agent the calls that the agent talked in, else calls.
type ReportQuery struct {
	Per                Per
	From, To           time.Time
	Queue, Agent, Line string
}

// A Report is its rows in order, and the same counts over all of them.
type Report struct {
	Rows  []Row
	Total Row
}

// A Row is one line of a report. Offered is the sum of Outcomes, because it is counted as that (idea 17).
type Row struct {
	Key       string         // "2026-11-23", "2026-11-23T09:00:00+08:00", "09", "2026-W48", "2026-11", a queue, an agent, a line, a menu
	From, To  time.Time      // of a stretch of time
	Calls     int            // the records behind the row
	Offered   int            // inbound calls; for a queue its visits, for a menu its inputs
	Answered  int            // of them, by a person
	Outcomes  map[string]int // telephony.Outcome; why visits ended; what was pressed
	Rate      float64        // percent answered of offered
	InTime    int            // answered within the queue's time (A11.13)
	Level     float64        // percent in time of offered to queues
	Waited    time.Duration  // in queues, of all
	Longest   time.Duration  // wait
	Average   time.Duration  // wait of those who waited
	Talked    time.Duration  // inbound
	Mean      time.Duration  // talk of the answered
	Outgoing  int            // outbound calls
	Connected int            // of them, answered
	OutTalked time.Duration
	OutMean   time.Duration
	Internal  int // calls between phones
	Held      time.Duration
	Work      AgentTime     // of the agent, or of all
	Handling  time.Duration // average talk and wrap-up of a call with an agent (AHT)
	Hourly    float64       // calls an agent handled in an hour signed in
	Occupancy float64       // percent of the time signed in that was spent on calls

	visits int
	last   telephony.CallID // counted in Calls
}

// Report counts calls and the time of agents. Hours, days, weeks and months are the site's: a day with a change of the clock
// has 23 or 25 hours, and its doubled hour two rows (pain 26).
func (s *Store) Report(ctx context.Context, q ReportQuery) (Report, error) {
	if !slices.Contains(reports, q.Per) {
		return Report{}, telephony.Errorf(telephony.Invalid, "没有这种报表 %q。", "There is no report %q.", q.Per)
	}
	c := s.Config()
	t := newTally(q, c)
	for r, err := range s.EachCall(ctx, Query{From: q.From, To: q.To, Queue: q.Queue, Agent: q.Agent, Line: q.Line}) {
		if err != nil {
			return Report{}, err
		}
		t.add(&r)
	}
	if t.timesAgents() {
		stretches, err := s.Stretches(ctx, StretchQuery{From: q.From, To: q.To, Agent: q.Agent})
		if err != nil {
			return Report{}, err
		}
		for _, st := range stretches {
			t.work(st)
		}
	}
	return t.finish(), nil
}

// answerTimes is each queue's X.
func answerTimes(c *telephony.Config) map[string]time.Duration {
	times := map[string]time.Duration{}
	for _, q := range c.Queues {
		times[q.ID] = time.Duration(cmp.Or(q.AnswerSeconds, defaultAnswerSeconds)) * time.Second
	}
	return times
}

// A tally counts records into rows.
type tally struct {
	ReportQuery
	rows   map[string]*Row
	total  Row
	zone   *time.Location
	answer map[string]time.Duration
}

func newTally(q ReportQuery, c *telephony.Config) *tally {
	return &tally{
		ReportQuery: q, rows: map[string]*Row{}, total: Row{Outcomes: map[string]int{}}, zone: c.Location(), answer: answerTimes(c),
	}
}

// row is the row of a key; at is a moment in it.
func (t *tally) row(key string, at time.Time) *Row {
	row := t.rows[key]
	if row == nil {
		row = &Row{Key: key, Outcomes: map[string]int{}}
		if !at.IsZero() && t.Per != PerSlot {
			_, row.From, row.To = t.slot(at)
		}
		t.rows[key] = row
	}
	return row
}

// count counts a record into its row and the total.
func (t *tally) count(key string, r *Record, into func(*Row)) {
	var at time.Time
	if key == "" {
		at = r.Arrived
		key, _, _ = t.slot(at)
	}
	for _, row := range []*Row{t.row(key, at), &t.total} {
		if row.last != r.ID {
			row.Calls, row.last = row.Calls+1, r.ID
		}
		into(row)
	}
}

// add counts what the report is about: visits, menus, an agent's calls, or calls.
func (t *tally) add(r *Record) {
	switch {
	case t.Per == PerMenu:
		for _, m := range r.Menus {
			t.count(m.Menu, r, func(row *Row) { row.Outcomes[m.outcome()]++ })
		}
	case t.Per == PerQueue || t.Queue != "" && t.Per != PerAgent && t.Per != PerLine:
		t.visits(r)
	case t.Per == PerAgent || t.Agent != "" && t.Per != PerLine:
		t.talks(r)
	case t.Per == PerLine:
		t.line(r)
	default:
		t.count("", r, func(row *Row) { t.call(row, r) })
	}
}

func (t *tally) visits(r *Record) {
	for i := range r.Visits {
		v := &r.Visits[i]
		if t.Queue != "" && v.Queue != t.Queue || t.Agent != "" && v.Agent != t.Agent {
			continue
		}
		key := ""
		if t.Per == PerQueue {
			key = v.Queue
		}
		t.count(key, r, func(row *Row) { t.visit(row, v) })
	}
}

// talks counts a call once for each agent who talked in it.
func (t *tally) talks(r *Record) {
	talked := map[string]time.Duration{}
	for _, talk := range r.Talks {
		if talk.Agent != "" && (t.Agent == "" || t.Agent == talk.Agent) {
			talked[talk.Agent] += talk.Talked
		}
	}
	for _, agent := range slices.Sorted(maps.Keys(talked)) {
		key := ""
		if t.Per == PerAgent {
			key = agent
		}
		t.count(key, r, func(row *Row) { row.talk(r.Direction, talked[agent]) })
	}
}

// line counts a call for the line to the outside that it used. One that found none is not there.
func (t *tally) line(r *Record) {
	key := r.Line
	if r.Direction == telephony.Outbound {
		key = r.Out
	}
	if r.Direction != telephony.InternalCall && key != "" && (t.Line == "" || t.Line == key) {
		t.count(key, r, func(row *Row) { t.call(row, r) })
	}
}

// slot names the stretch of the site's time that a moment falls in, and says from when to when it is.
func (t *tally) slot(at time.Time) (key string, from, to time.Time) {
	at = at.In(t.zone)
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, t.zone)
	switch t.Per {
	case PerHour:
		from = hourOf(at)
		return from.Format(time.RFC3339), from, from.Add(time.Hour)
	case PerSlot:
		from = hourOf(at)
		return at.Format("15"), from, from.Add(time.Hour)
	case PerWeek:
		year, week := at.ISOWeek()
		monday := day.AddDate(0, 0, -(int(at.Weekday())+6)%7)
		return fmt.Sprintf("%d-W%02d", year, week), monday, monday.AddDate(0, 0, 7)
	case PerMonth:
		first := day.AddDate(0, 0, 1-at.Day())
		return at.Format("2006-01"), first, first.AddDate(0, 1, 0)
	}
	return at.Format(time.DateOnly), day, day.AddDate(0, 0, 1)
}

// hourOf is the start of the wall clock's hour.
func hourOf(at time.Time) time.Time {
	into := time.Duration(at.Minute())*time.Minute + time.Duration(at.Second())*time.Second + time.Duration(at.Nanosecond())
	return at.Add(-into)
}

func (t *tally) call(row *Row, r *Record) {
	row.Held += r.Held
	switch r.Direction {
	case telephony.Inbound:
		row.Outcomes[string(r.Outcome)]++
		if r.answered() {
			row.Answered++
			row.Talked += r.Talked
		}
		for i := range r.Visits {
			t.wait(row, &r.Visits[i])
		}
	case telephony.Outbound:
		row.Outgoing++
		if r.answered() {
			row.Connected++
			row.OutTalked += r.Talked
		}
	default:
		row.Internal++
	}
}

func (t *tally) visit(row *Row, v *Visit) {
	row.Outcomes[v.Reason]++
	if v.Reason == "answered" {
		row.Answered++
		row.Talked += v.Talked
	}
	t.wait(row, v)
}

func (t *tally) wait(row *Row, v *Visit) {
	row.visits++
	row.Waited += v.Waited
	row.Longest = max(row.Longest, v.Waited)
	if v.Reason == "answered" && v.Waited <= cmp.Or(t.answer[v.Queue], defaultAnswerSeconds*time.Second) {
		row.InTime++
	}
}

func (row *Row) talk(d telephony.Direction, talked time.Duration) {
	switch d {
	case telephony.Inbound:
		row.Outcomes[string(telephony.OutcomeAnswered)]++
		row.Answered++
		row.Talked += talked
	case telephony.Outbound:
		row.Outgoing, row.Connected, row.OutTalked = row.Outgoing+1, row.Connected+1, row.OutTalked+talked
	default:
		row.Internal++
	}
}

// finish works out sums and rates, and gives the rows in order.
func (t *tally) finish() Report {
	rep := Report{Rows: make([]Row, 0, len(t.rows))}
	for _, key := range slices.Sorted(maps.Keys(t.rows)) {
		t.rows[key].finish()
		rep.Rows = append(rep.Rows, *t.rows[key])
	}
	t.total.finish()
	rep.Total = t.total
	return rep
}

func (row *Row) finish() {
	for _, n := range row.Outcomes {
		row.Offered += n
	}
	row.Rate, row.Level = percent(row.Answered, row.Offered), percent(row.InTime, row.visits)
	row.Average = average(row.Waited, row.visits)
	row.Mean, row.OutMean = average(row.Talked, row.Answered), average(row.OutTalked, row.Connected)
	row.Handling = average(row.Talked+row.OutTalked+row.Work.WrapUp, row.Answered+row.Connected)
	if online := row.Work.Online; online > 0 {
		row.Hourly = float64(row.Answered+row.Connected) / online.Hours()
		row.Occupancy = 100 * float64(row.Work.Ringing+row.Work.Talking+row.Work.WrapUp) / float64(online)
	}
	row.last = ""
}

func percent(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

func average(sum time.Duration, n int) time.Duration {
	if n == 0 {
		return 0
	}
	return sum / time.Duration(n)
}
