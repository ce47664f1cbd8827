package storage

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"callbox/telephony"
)

// Per says what each row of a report stands for.
type Per string

// The reports (A11.2-A11.4, A11.9).
const (
	PerDay   Per = "daily"
	PerHour  Per = "hourly"
	PerMonth Per = "monthly"
	PerQueue Per = "queues"
	PerAgent Per = "agents"
)

// defaultAnswerSeconds is the X of a service level where the queue sets none (A11.13: 90 % in 30 s).
const defaultAnswerSeconds = 30

// A Row is one line of a report. Offered is the sum of Outcomes, because it is counted as that (idea 17). Durations are
// nanoseconds.
type Row struct {
	Key       string         `json:"key"`             // "2026-11-23", "2026-11-23T09:00:00+08:00", "2026-11", a queue or an agent
	Offered   int            `json:"offered"`         // inbound calls; for a queue its visits
	Answered  int            `json:"answered"`        // of them, by a person
	Outcomes  map[string]int `json:"outcomes"`        // telephony.Outcome; for a queue the reasons why visits ended
	Rate      float64        `json:"answer_rate"`     // percent answered of offered
	InTime    int            `json:"in_time"`         // answered within the queue's time (A11.13)
	Level     float64        `json:"service_level"`   // percent in time of offered to queues
	Waited    time.Duration  `json:"waited"`          // in queues, of all
	Longest   time.Duration  `json:"longest_wait"`    //
	Average   time.Duration  `json:"average_wait"`    // of those who waited
	Talked    time.Duration  `json:"talked"`          // inbound
	Mean      time.Duration  `json:"average_talk"`    // of the answered
	Outgoing  int            `json:"outgoing"`        // outbound calls
	Connected int            `json:"connected"`       // of them, answered
	OutTalked time.Duration  `json:"outgoing_talked"` //
	OutMean   time.Duration  `json:"outgoing_average_talk"`

	visits int
}

// Report counts the calls that arrived from from (included) to to. Days, hours and months are the site's: a day with a
// change of the clock has 23 or 25 hours, and its doubled hour two rows (pain 26).
func (s *Store) Report(ctx context.Context, per Per, from, to time.Time) ([]Row, error) {
	if !slices.Contains([]Per{PerDay, PerHour, PerMonth, PerQueue, PerAgent}, per) {
		return nil, telephony.Errorf(telephony.Invalid, "没有这种报表：daily、hourly、monthly、queues 或 agents。",
			"There is no such report: daily, hourly, monthly, queues or agents.")
	}
	c := s.Config()
	t := tally{per: per, rows: map[string]*Row{}, zone: c.Location(), answer: answerTimes(c)}
	for r, err := range s.EachCall(ctx, Query{From: from, To: to}) {
		if err != nil {
			return nil, err
		}
		t.add(&r)
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
	per    Per
	rows   map[string]*Row
	zone   *time.Location
	answer map[string]time.Duration
}

func (t *tally) row(key string) *Row {
	row := t.rows[key]
	if row == nil {
		row = &Row{Key: key, Outcomes: map[string]int{}}
		t.rows[key] = row
	}
	return row
}

func (t *tally) add(r *Record) {
	switch t.per {
	case PerQueue:
		for i := range r.Visits {
			t.visit(t.row(r.Visits[i].Queue), &r.Visits[i])
		}
	case PerAgent:
		for _, talk := range r.Talks {
			if talk.Agent != "" {
				t.talk(t.row(talk.Agent), r.Direction, talk.Talked)
			}
		}
	default:
		t.call(t.row(t.slot(r.Arrived)), r)
	}
}

// slot names the stretch of the site's time that t falls in.
func (t *tally) slot(at time.Time) string {
	at = at.In(t.zone)
	switch t.per {
	case PerHour:
		into := time.Duration(at.Minute())*time.Minute + time.Duration(at.Second())*time.Second + time.Duration(at.Nanosecond())
		return at.Add(-into).Format(time.RFC3339)
	case PerMonth:
		return at.Format("2006-01")
	}
	return at.Format(time.DateOnly)
}

func (t *tally) call(row *Row, r *Record) {
	switch r.Direction {
	case telephony.Inbound:
		row.Outcomes[string(r.Outcome)]++
		if r.Outcome == telephony.OutcomeAnswered || r.Outcome == telephony.OutcomeForwarded {
			row.Answered++
			row.Talked += r.Talked
		}
		for i := range r.Visits {
			t.wait(row, &r.Visits[i])
		}
	case telephony.Outbound:
		row.Outgoing++
		if r.Outcome == telephony.OutcomeAnswered {
			row.Connected++
			row.OutTalked += r.Talked
		}
	}
}

func (t *tally) visit(row *Row, v *Visit) {
	row.Outcomes[v.Reason]++
	if v.Reason == "answered" {
		row.Answered++
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

func (t *tally) talk(row *Row, d telephony.Direction, talked time.Duration) {
	if d == telephony.Outbound {
		row.Outgoing, row.Connected, row.OutTalked = row.Outgoing+1, row.Connected+1, row.OutTalked+talked
		return
	}
	row.Outcomes[string(telephony.OutcomeAnswered)]++
	row.Answered++
	row.Talked += talked
}

// finish works out sums and rates, and gives the rows in order.
func (t *tally) finish() []Row {
	rows := make([]Row, 0, len(t.rows))
	for _, key := range slices.Sorted(maps.Keys(t.rows)) {
		row := t.rows[key]
		for _, n := range row.Outcomes {
			row.Offered += n
		}
		row.Rate, row.Level = percent(row.Answered, row.Offered), percent(row.InTime, row.visits)
		row.Average = average(row.Waited, row.visits)
		row.Mean, row.OutMean = average(row.Talked, row.Answered), average(row.OutTalked, row.Connected)
		rows = append(rows, *row)
	}
	return rows
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
