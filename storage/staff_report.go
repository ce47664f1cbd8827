package storage

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"callbox/telephony"
)

// A StaffReport tells of the people: how far they were there as planned, how they worked, and who came and went (A11.11).
type StaffReport struct {
	From, To time.Time // it ends now, where the time goes on
	Rows     []StaffRow
	Total    StaffRow
	Turnover Turnover
}

// A StaffRow is an agent, or all. Its attendance is the sum of the days that Attendance tells.
type StaffRow struct {
	Agent, Name string // the name as it was last; empty where the register does not know it
	Attendance
	Scored int // calls that arrived in the time and were given points
	points int // of them all
}

// Points is the mean of the points; false: none were given.
func (r *StaffRow) Points() (float64, bool) {
	if r.Scored == 0 {
		return 0, false
	}
	return float64(r.points) / float64(r.Scored), true
}

// Rate is the percent of the planned hours that the agent was present; false: none were planned.
func (a Attendance) Rate() (float64, bool) { return share(a.Present, a.Planned) }

// WorkRate is the percent of the time signed in that the agent was at work; false: never signed in.
func (a Attendance) WorkRate() (float64, bool) { return share(a.Worked, a.Online) }

func share(part, whole time.Duration) (float64, bool) {
	if whole == 0 {
		return 0, false
	}
	return 100 * float64(part) / float64(whole), true
}

// Turnover is who came and went in a time. The mean number of staff is by the time that each was there.
type Turnover struct {
	Since time.Time // from when it counts: the report's beginning, or that of the register
	Stays []Stay
	Left  int // of the stays, those that ended
	Mean  float64
}

// Rate is those who left per hundred of the mean number of staff; false: there was no staff.
func (t *Turnover) Rate() (float64, bool) {
	if t.Mean == 0 {
		return 0, false
	}
	return 100 * float64(t.Left) / t.Mean, true
}

// A Stay is a time in which somebody was on the staff. Of one who was there when the register began, the beginning is not known.
type Stay struct {
	Agent, Name string
	From, Until time.Time // zero: not known; goes on
}

// StaffReport sums up a time.
func (s *Store) StaffReport(ctx context.Context, q StaffQuery) (StaffReport, error) {
	r, err := s.register()
	if err != nil {
		return StaffReport{}, err
	}
	calls := Query{From: q.From, To: q.To, Scored: cmp.Or(q.Agent, Any), Team: q.Team}
	q, running := r.clip(q)
	rep := StaffReport{From: q.From, To: q.To, Turnover: Turnover{Since: q.From}}
	if q.Team == nil { // who has gone is in no queue any more, and so of nobody's team
		rep.Turnover = r.turnover(q.From, q.To)
	}
	days, err := s.attendance(ctx, r, q, running)
	if err != nil {
		return rep, err
	}
	for i := range days {
		rep.row(days[i].Agent).add(days[i].Attendance)
		rep.Total.add(days[i].Attendance)
	}
	for call, err := range s.EachCall(ctx, calls) {
		if err != nil {
			return rep, err
		}
		for _, row := range []*StaffRow{rep.row(call.Score.Agent), &rep.Total} {
			row.Scored, row.points = row.Scored+1, row.points+call.Score.Points
		}
	}
	for i := range rep.Rows {
		rep.Rows[i].Name = r.name(rep.Rows[i].Agent)
	}
	return rep, nil
}

// name is what people called an agent last.
func (r *register) name(agent string) string {
	for _, t := range slices.Backward(r.Terms) {
		if t.Agent == agent {
			return t.Name
		}
	}
	return ""
}

// row is the row of an agent.
func (r *StaffReport) row(agent string) *StaffRow {
	i, found := slices.BinarySearchFunc(r.Rows, agent, func(row StaffRow, agent string) int { return strings.Compare(row.Agent, agent) })
	if !found {
		r.Rows = slices.Insert(r.Rows, i, StaffRow{Agent: agent})
	}
	return &r.Rows[i]
}

// turnover is who came and went from one moment to another.
func (r *register) turnover(from, to time.Time) Turnover {
	t := Turnover{Since: later(from, r.Since)}
	var there time.Duration
	for _, stay := range r.stays() {
		end := to
		if !stay.Until.IsZero() && stay.Until.Before(to) {
			end = stay.Until
		}
		begin := later(stay.From, t.Since)
		if !begin.Before(end) {
			continue
		}
		there += end.Sub(begin)
		if end.Equal(stay.Until) {
			t.Left++
		}
		t.Stays = append(t.Stays, stay)
	}
	if long := to.Sub(t.Since); long > 0 {
		t.Mean = float64(there) / float64(long)
	}
	return t
}

// stays joins terms that follow each other at once, as where the planned hours changed.
func (r *register) stays() (stays []Stay) {
	last := map[string]int{} // by agent
	for i := range r.Terms {
		t := &r.Terms[i]
		if n, before := last[t.Agent]; before && stays[n].Until.Equal(t.From) {
			stays[n].Name, stays[n].Until = t.Name, t.Until
			continue
		}
		stay := Stay{t.Agent, t.Name, t.From, t.Until}
		if !t.From.After(r.Since) {
			stay.From = time.Time{}
		}
		last[t.Agent] = len(stays)
		stays = append(stays, stay)
	}
	return stays
}

// A staffColumn is one column of an exported report of the staff, of agents or of their days; an empty cell is a figure that there is not.
type staffColumn[Of any] struct {
	head telephony.Text
	cell func(Of) any
}

var attendanceColumns = []staffColumn[Attendance]{
	{telephony.Text{ZH: "计划（秒）", EN: "Planned (s)"}, func(a Attendance) any { return seconds(a.Planned) }},
	{telephony.Text{ZH: "出勤（秒）", EN: "Present (s)"}, func(a Attendance) any { return seconds(a.Present) }},
	{telephony.Text{ZH: "出勤率（%）", EN: "Attendance (%)"}, func(a Attendance) any { return figure(a.Rate()) }},
	{telephony.Text{ZH: "在线（秒）", EN: "Signed in (s)"}, func(a Attendance) any { return seconds(a.Online) }},
	{telephony.Text{ZH: "实际工作（秒）", EN: "At work (s)"}, func(a Attendance) any { return seconds(a.Worked) }},
	{telephony.Text{ZH: "实际工作率（%）", EN: "Actual work rate (%)"}, func(a Attendance) any { return figure(a.WorkRate()) }},
}

var qualityColumns = []staffColumn[*StaffRow]{
	{telephony.Text{ZH: "质检通话", EN: "Calls scored"}, func(r *StaffRow) any { return int64(r.Scored) }},
	{telephony.Text{ZH: "质检平均分", EN: "Mean points"}, func(r *StaffRow) any { return figure(r.Points()) }},
}

func figure(f float64, there bool) any {
	if !there {
		return ""
	}
	return tenth(f)
}

// ExportStaffReport writes the report as "csv" or "xlsx" in the language "zh" or "en", its total last and the turnover behind that.
func (s *Store) ExportStaffReport(ctx context.Context, w io.Writer, form, language string, q StaffQuery) error {
	rep, err := s.StaffReport(ctx, q)
	if err != nil {
		return err
	}
	say := func(zh, en string) any { return telephony.Text{ZH: zh, EN: en}.In(language) }
	line := func(name any, r *StaffRow) []any {
		return append(cells([]any{name}, attendanceColumns, r.Attendance), cells(nil, qualityColumns, r)...)
	}
	head := append(heads([]any{say("座席", "Agent")}, attendanceColumns, language), heads(nil, qualityColumns, language)...)
	turnover := func(row []any, cells ...any) []any {
		if q.Team != nil { // is not told of it
			return row
		}
		return append(row, cells...)
	}
	table := [][]any{turnover(head, say("离职", "Left"), say("平均在职人数", "Mean staff"), say("人员流动率（%）", "Staff turnover (%)"))}
	for i := range rep.Rows {
		table = append(table, turnover(line(agentName(rep.Rows[i].Name, rep.Rows[i].Agent), &rep.Rows[i]), "", "", ""))
	}
	t := &rep.Turnover
	table = append(table, turnover(line(say("合计", "Total"), &rep.Total), int64(t.Left), tenth(t.Mean), figure(t.Rate())))
	return writeTable(w, form, allOf(table))
}

// heads and cells add columns to a row.
func heads[Of any](row []any, columns []staffColumn[Of], language string) []any {
	for _, col := range columns {
		row = append(row, col.head.In(language))
	}
	return row
}

func cells[Of any](row []any, columns []staffColumn[Of], of Of) []any {
	for _, col := range columns {
		row = append(row, col.cell(of))
	}
	return row
}

// ExportAttendance writes the days that the report sums up (A11.16).
func (s *Store) ExportAttendance(ctx context.Context, w io.Writer, form, language string, q StaffQuery) error {
	r, err := s.register()
	if err != nil {
		return err
	}
	days, err := s.Attendance(ctx, q)
	if err != nil {
		return err
	}
	say := func(zh, en string) any { return telephony.Text{ZH: zh, EN: en}.In(language) }
	head := heads([]any{say("座席", "Agent"), say("日期", "Day")}, attendanceColumns, language)
	table := [][]any{append(head, say("首次签入", "First in"), say("最后签出", "Last out"))}
	zone := s.Config().Location()
	for i := range days {
		d := &days[i]
		out := d.Out
		if d.Open {
			out = time.Time{}
		}
		row := cells([]any{agentName(r.name(d.Agent), d.Agent), d.Day.Format(time.DateOnly)}, attendanceColumns, d.Attendance)
		table = append(table, append(row, clockText(d.In, zone), clockText(out, zone)))
	}
	return writeTable(w, form, allOf(table))
}

// agentName is an agent with the name, where there is one.
func agentName(name, agent string) string { return strings.TrimSpace(name + " " + agent) }
