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

// A ReportQuery chooses what a report counts: the calls that arrived from From (included) to To. With a Queue it tells how they
// fared in that queue, with an Agent how much the agent talked in them. With a Team it is that of a box that had the team's calls and agents
// alone, and how full the lines were is not told.
type ReportQuery struct {
	Per                Per
	From, To           time.Time
	Queue, Agent, Line string
	Team               *telephony.Team
	Returns            bool // tell who called again and how full the lines were, for which all calls of the time are read, and some before and behind it
}

// A Report is its rows in order, and the same counts over all of them.
type Report struct {
	Rows  []Row
	Total Row
}

// A Row is one line of a report. What it counts of calls counts each once, and is the number of calls that a Query gives for it;
// so does the total: a call that came to two queues is in two rows, and once in the total. Offered is the sum of Outcomes but for
// menus, and ForPerson that of Answered and Missed, because they are counted as that (idea 17).
type Row struct {
	Key        string         // "2026-11-23", "2026-11-23T09:00:00+08:00", "09", "2026-W48", "2026-11", a queue, an agent, a line, a menu
	From, To   time.Time      // of a stretch of time
	Calls      int            // behind the row
	Offered    int            // inbound calls; those that came to a queue, or heard a menu
	Outcomes   map[string]int // telephony.Outcome; how the stay in a queue ended; in how many calls a menu's input was what
	ForPerson  int            // of the offered, those whom somebody should have answered (Record.forPerson)
	Answered   int            // of them, by a person
	Missed     map[string]int // the others, by outcome, or by how the stay in a queue ended
	Rate       float64        // percent answered of those for a person (A11.3, A14.3)
	Reached    float64        // percent of the inbound calls, but for those that are refused, that the box or a person took (A11.13)
	InTime     int            // visits to queues answered within the queue's time (A11.13)
	Level      float64        // percent in time of visits to queues
	Visits     int            // to queues: one call may have several
	Waited     time.Duration  // in queues, of all
	Longest    time.Duration  // wait
	Average    time.Duration  // wait of a visit
	Talked     time.Duration  // inbound
	Mean       time.Duration  // talk of the answered
	Outgoing   int            // outbound calls
	Connected  int            // of them, answered
	Resolved   float64        // percent of the answered whose caller did not call again within three days, where that is asked for (A11.11: first-contact resolution)
	Ballot     Ballot         // of the callers who were asked after the call (A11.5)
	Complaints int            // of Calls, those by which a caller complained (A11.13)
	Founded    int            // of them, those that a supervisor judged to be founded
	OutTalked  time.Duration
	OutMean    time.Duration
	Internal   int           // calls between phones
	Lines      int           // in service now, analogue ones and bearers of E1; of a line that is none of these, 0
	Peak       int           // the most of them in use at once, where that is asked for as Resolved is (A11.12)
	AllBusy    time.Duration // all of them were in use
	Held       time.Duration
	Work       AgentTime     // of the agent, or of all
	Handling   time.Duration // average talk and wrap-up of a call with an agent (AHT), where Work is told
	Hourly     float64       // calls with an agent in an hour signed in
	Occupancy  float64       // percent of the time signed in that was spent on calls

	AllBusyTimes int // such times that began in the row

	welcome int // inbound calls that no rule refuses
	taken   int // of them, by the box or a person

	handled int           // calls with an agent, but for those between phones
	spoken  time.Duration // by agents in them

	known int // answered calls whose number is known
	again int // of them, whose caller called again
}

// callsAgain is how soon a caller who calls again was not served.
const callsAgain = 3 * 24 * time.Hour

// Report counts calls and the time of agents. Hours, days, weeks and months are the site's: a day with a change of the clock
// has 23 or 25 hours, and its doubled hour two rows (pain 26).
func (s *Store) Report(ctx context.Context, q ReportQuery) (Report, error) {
	if !slices.Contains(reports, q.Per) {
		return Report{}, telephony.Errorf(telephony.Invalid, "没有这种报表 %q。", "There is no report %q.", q.Per)
	}
	c := s.Config()
	t := newTally(q, c)
	filter := Query{From: q.From, To: q.To, Queue: q.Queue, Agent: q.Agent, Line: q.Line, Team: q.Team}
	read, chosen := filter, newScan(&filter, t.zone)
	if q.Returns {
		read = Query{From: q.From, To: q.To, Team: q.Team}
		if !read.From.IsZero() {
			read.From = read.From.Add(-longestOccupied)
		}
		if !read.To.IsZero() {
			read.To = read.To.Add(callsAgain)
		}
	}
	for r, err := range s.EachCall(ctx, read) { // newest first: who calls again is seen before
		if err != nil {
			return Report{}, err
		}
		if !r.Arrived.Before(q.From) && chosen.fits(&r) {
			t.add(&r)
		}
		if t.tellsLines() {
			t.occupy(&r)
		}
		if number := r.Caller.Number; r.Direction == telephony.Inbound && number != "" {
			t.called[number] = r.Arrived
		}
	}
	if t.timesAgents() {
		stretches, err := s.Stretches(ctx, StretchQuery{From: q.From, To: q.To, Agent: q.Agent, Team: q.Team})
		if err != nil {
			return Report{}, err
		}
		for _, st := range stretches {
			t.work(st)
		}
		if stretches, err = s.Stretches(ctx, StretchQuery{From: q.From, To: q.To, Agent: q.Agent, State: AgentOnline, Team: q.Team}); err != nil {
			return Report{}, err
		}
		for i := range stretches {
			t.signIn(&stretches[i])
		}
	}
	if t.tellsLines() {
		t.sweep()
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
	called map[string]time.Time // when each caller called next
	occupancy
}

func newTally(q ReportQuery, c *telephony.Config) *tally {
	return &tally{ReportQuery: q, rows: map[string]*Row{}, total: newRow(), zone: c.Location(), answer: answerTimes(c), called: map[string]time.Time{}, occupancy: occupancy{circuits: circuits(c), edges: map[string][]edge{}}}
}

func newRow() Row { return Row{Outcomes: map[string]int{}, Missed: map[string]int{}} }

// row is the row of a key; at is a moment in it where rows are stretches of time.
func (t *tally) row(key string, at time.Time) *Row {
	row := t.rows[key]
	if row == nil {
		made := newRow()
		made.Key = key
		switch t.Per {
		case PerHour, PerDay, PerWeek, PerMonth:
			_, made.From, made.To = t.slot(at)
		}
		row = &made
		t.rows[key] = row
	}
	return row
}

// add counts a call by what the report is about.
func (t *tally) add(r *Record) {
	switch t.Per {
	case PerMenu:
		t.count(r, r.menus(), func(row *Row, menu string) { row.inputs(r, menu) })
	case PerQueue:
		t.count(r, only(t.Queue, r.queues(), t.Team.HasQueue), func(row *Row, queue string) { t.visit(row, r, cmp.Or(queue, t.Queue)) })
	case PerAgent:
		t.count(r, only(t.Agent, r.agents(), t.Team.HasAgent), func(row *Row, agent string) { t.talk(row, r, cmp.Or(agent, t.Agent)) })
	case PerLine:
		t.count(r, only(t.Line, compact(r.outside()), anyLine), func(row *Row, _ string) { t.call(row, r) })
	default:
		key, _, _ := t.slot(r.Arrived)
		t.count(r, []string{key}, func(row *Row, _ string) {
			switch {
			case t.Queue != "":
				t.visit(row, r, t.Queue)
			case t.Agent != "":
				t.talk(row, r, t.Agent)
			default:
				t.call(row, r)
			}
		})
	}
}

// count counts a call into the row of each key, and once, by an empty key, into the total.
func (t *tally) count(r *Record, keys []string, into func(row *Row, key string)) {
	for _, key := range keys {
		row := t.row(key, r.Arrived)
		row.Calls++
		row.complain(r)
		into(row, key)
	}
	if len(keys) > 0 {
		t.total.Calls++
		t.total.complain(r)
		into(&t.total, "")
	}
}

// complain counts whether the caller complained.
func (row *Row) complain(r *Record) {
	if r.Complaint != nil {
		row.Complaints++
	}
	if r.Complaint.State() == ComplaintFounded {
		row.Founded++
	}
}

// FoundedRate is how many of 10,000 calls were founded complaints (A18.13).
func (row *Row) FoundedRate() float64 { return 100 * percent(row.Founded, row.Calls) }

// only leaves of ids the one that is asked for, or all where none is, and of these those that may be told.
func only(asked string, ids []string, may func(string) bool) []string {
	return slices.DeleteFunc(ids, func(id string) bool { return !one(asked, id) || !may(id) })
}

func anyLine(string) bool { return true }

// compact gives ids in order, each once and none empty.
func compact(ids ...string) []string {
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}

func (r *Record) menus() []string {
	var ids []string
	for i := range r.Menus {
		ids = append(ids, r.Menus[i].Menu)
	}
	return compact(ids...)
}

func (r *Record) queues() []string {
	var ids []string
	for i := range r.Visits {
		ids = append(ids, r.Visits[i].Queue)
	}
	return compact(ids...)
}

func (r *Record) agents() []string {
	var ids []string
	for i := range r.Talks {
		ids = append(ids, r.Talks[i].Agent)
	}
	return compact(ids...)
}

// slot names the stretch of the site's time that a moment falls in, and says from when to when it is.
func (t *tally) slot(at time.Time) (key string, from, to time.Time) {
	at = at.In(t.zone)
	switch t.Per {
	case PerHour:
		from = hourOf(at)
		return from.Format(time.RFC3339), from, from.Add(time.Hour)
	case PerSlot:
		from = hourOf(at)
		return at.Format("15"), from, from.Add(time.Hour)
	case PerWeek:
		year, week := at.ISOWeek()
		monday := dayAfter(at, -(int(at.Weekday())+6)%7)
		return fmt.Sprintf("%d-W%02d", year, week), monday, dayAfter(monday, 7)
	case PerMonth:
		first := dayAfter(at, 1-at.Day())
		return at.Format("2006-01"), first, dayOf(time.Date(at.Year(), at.Month()+1, 1, 12, 0, 0, 0, t.zone))
	}
	return at.Format(time.DateOnly), dayOf(at), dayAfter(at, 1)
}

// hourOf is the start of the wall clock's hour.
func hourOf(at time.Time) time.Time {
	into := time.Duration(at.Minute())*time.Minute + time.Duration(at.Second())*time.Second + time.Duration(at.Nanosecond())
	return at.Add(-into)
}

func (t *tally) call(row *Row, r *Record) {
	row.Held += r.Held
	t.handle(row, r, "")
	row.Ballot.count(r, t.Queue, t.Agent, t.Team)
	switch r.Direction {
	case telephony.Inbound:
		row.Outcomes[string(r.Outcome)]++
		if r.Outcome != telephony.OutcomeRefused {
			row.welcome++
			if r.answered() || !r.Answered.IsZero() {
				row.taken++
			}
		}
		switch {
		case r.answered():
			row.Answered++
			row.Talked += r.Talked
			t.resolve(row, r)
		case r.forPerson():
			row.Missed[string(r.Outcome)]++
		}
		for i := range r.Visits {
			if v := &r.Visits[i]; t.Team.HasQueue(v.Queue) {
				t.wait(row, v)
			}
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

// visit counts how a call fared in a queue, or in all.
func (t *tally) visit(row *Row, r *Record, queue string) {
	how := r.endedIn(queue, t.Team)
	row.Outcomes[how]++
	row.Ballot.count(r, cmp.Or(queue, Any), t.Agent, t.Team)
	if how == visitAnswered {
		row.Answered++
		t.resolve(row, r)
	} else {
		row.Missed[how]++
	}
	for i := range r.Visits {
		if v := &r.Visits[i]; v.in(queue, t.Team) {
			row.Talked += v.Talked
			t.wait(row, v)
		}
	}
}

func (t *tally) wait(row *Row, v *Visit) {
	row.Visits++
	row.Waited += v.Waited
	row.Longest = max(row.Longest, v.Waited)
	if v.Reason == visitAnswered && v.Waited <= cmp.Or(t.answer[v.Queue], defaultAnswerSeconds*time.Second) {
		row.InTime++
	}
}

// resolve counts whether the caller of an answered call called again.
func (t *tally) resolve(row *Row, r *Record) {
	if r.Caller.Number == "" {
		return
	}
	row.known++
	if next, ok := t.called[r.Caller.Number]; ok && next.Sub(r.Arrived) <= callsAgain {
		row.again++
	}
}

// talk counts a call for an agent, or for all who talked in it.
func (t *tally) talk(row *Row, r *Record, agent string) {
	row.Ballot.count(r, t.Queue, cmp.Or(agent, Any), t.Team)
	talked := t.handle(row, r, agent)
	switch r.Direction {
	case telephony.Inbound:
		row.Outcomes[string(telephony.OutcomeAnswered)]++
		row.Answered++
		row.Talked += talked
		t.resolve(row, r)
	case telephony.Outbound:
		row.Outgoing, row.Connected, row.OutTalked = row.Outgoing+1, row.Connected+1, row.OutTalked+talked
	default:
		row.Internal++
	}
}

// handle counts a call that an agent, or any, talked in, and gives how long.
func (t *tally) handle(row *Row, r *Record, agent string) (talked time.Duration) {
	handled := 0
	for i := range r.Talks {
		if talk := &r.Talks[i]; talk.Agent != "" && one(agent, talk.Agent) && t.Team.HasAgent(talk.Agent) {
			talked, handled = talked+talk.Talked, 1
		}
	}
	if r.Direction != telephony.InternalCall {
		row.handled, row.spoken = row.handled+handled, row.spoken+talked
	}
	return talked
}

// inputs counts what a call's inputs of a menu, or of all, were.
func (row *Row) inputs(r *Record, menu string) {
	row.Offered++
	var were []string
	for i := range r.Menus {
		if m := &r.Menus[i]; menu == "" || m.Menu == menu {
			were = append(were, m.outcome())
		}
	}
	for _, input := range compact(were...) {
		row.Outcomes[input]++
	}
}

// finish works out sums and rates, and gives the rows in order.
func (t *tally) finish() Report {
	rep := Report{Rows: make([]Row, 0, len(t.rows))}
	for _, key := range slices.Sorted(maps.Keys(t.rows)) {
		t.finishRow(t.rows[key])
		rep.Rows = append(rep.Rows, *t.rows[key])
	}
	t.finishRow(&t.total)
	rep.Total = t.total
	return rep
}

func (t *tally) finishRow(row *Row) {
	if t.Per != PerMenu {
		row.Offered = sum(row.Outcomes)
	}
	row.ForPerson = row.Answered + sum(row.Missed)
	row.Rate, row.Level = percent(row.Answered, row.ForPerson), percent(row.InTime, row.Visits)
	row.Reached = percent(row.taken, row.welcome)
	row.Average = average(row.Waited, row.Visits)
	row.Mean, row.OutMean = average(row.Talked, row.Answered), average(row.OutTalked, row.Connected)
	row.Resolved = percent(row.known-row.again, row.known)
	if t.timesAgents() {
		row.Handling = average(row.spoken+row.Work.WrapUp, row.handled)
	}
	if online := row.Work.Online; online > 0 {
		row.Hourly = float64(row.handled) / online.Hours()
		row.Occupancy = 100 * float64(row.Work.Ringing+row.Work.Talking+row.Work.WrapUp) / float64(online)
	}
}

func sum(counts map[string]int) (all int) {
	for _, n := range counts {
		all += n
	}
	return all
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
