package webui

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"callbox/telephony"
)

// memoryReport counts records as storage does, as far as the page's tests look.
func memoryReport(records []CallRecord, q ReportQuery) Report {
	report := Report{Total: ReportRow{Outcomes: map[string]int{}, Missed: map[string]int{}, Votes: map[string]int{}}}
	zone := time.FixedZone("", 8*3600)
	for _, r := range records {
		if r.Arrived.Before(q.From) || !r.Arrived.Before(q.To) || q.Queue != "" && r.Queue != q.Queue || q.Agent != "" && r.Agent != q.Agent ||
			q.By == "queues" && r.Queue == "" || q.By == "agents" && r.Agent == "" {
			continue
		}
		row := memoryRow(&report, q.By, &r, zone)
		for _, row := range []*ReportRow{row, &report.Total} {
			countRecord(row, &r)
		}
	}
	slices.SortFunc(report.Rows, func(a, b ReportRow) int { return strings.Compare(a.Key, b.Key) })
	return report
}

func memoryRow(report *Report, by string, r *CallRecord, zone *time.Location) *ReportRow {
	at := r.Arrived.In(zone)
	from := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), 0, 0, 0, zone)
	row := ReportRow{Key: from.Format(time.RFC3339), From: from, To: from.Add(time.Hour)}
	switch by {
	case "daily":
		from = from.Add(-time.Duration(at.Hour()) * time.Hour)
		row = ReportRow{Key: from.Format(time.DateOnly), From: from, To: from.AddDate(0, 0, 1)}
	case "queues":
		row = ReportRow{Key: r.Queue}
	case "agents":
		row = ReportRow{Key: r.Agent, OnlineMS: 28_800_000, BusyMS: 600_000, BusyTimes: 2, BreakMS: 1_200_000, BreakTimes: 3, WrapUpMS: 900_000}
	case "lines":
		row = ReportRow{Key: r.Line}
	}
	row.Outcomes, row.Missed, row.Votes = map[string]int{}, map[string]int{}, map[string]int{}
	i := slices.IndexFunc(report.Rows, func(have ReportRow) bool { return have.Key == row.Key })
	if i < 0 {
		report.Rows, i = append(report.Rows, row), len(report.Rows)
	}
	return &report.Rows[i]
}

func countRecord(row *ReportRow, r *CallRecord) {
	row.Calls++
	if r.Direction != telephony.Inbound {
		row.Outgoing++
		return
	}
	row.Offered++
	row.Outcomes[string(r.Outcome)]++
	row.WaitMS += r.WaitMS
	if r.Queue != "" {
		row.Visits++
	}
	row.AverageWaitMS, row.LongestWaitMS = row.WaitMS/int64(row.Offered), max(row.LongestWaitMS, r.WaitMS)
	switch {
	case r.Outcome == telephony.OutcomeAnswered:
		row.Answered++
		row.TalkMS += r.TalkMS
		row.AverageTalkMS = row.TalkMS / int64(row.Answered)
	case forPerson(r):
		row.Missed[string(r.Outcome)]++
	}
	if forPerson(r) {
		row.ForPerson++
		row.AnswerRate = 100 * float64(row.Answered) / float64(row.ForPerson)
	}
	row.ServiceLevel, row.Reached = row.AnswerRate*0.9, 100
	countVote(row, r.Poll)
}

func countVote(row *ReportRow, p *Poll) {
	if p == nil {
		return
	}
	if row.Asked++; p.Vote != 0 {
		row.Voted++
		row.Votes[strconv.Itoa(int(p.Vote))]++
	}
	row.Satisfaction = 100 * float64(row.Votes["1"]+row.Votes["2"]) / float64(max(row.Voted, 1))
}

// forPerson is what storage makes of a call's journal.
func forPerson(r *CallRecord) bool {
	return !slices.Contains([]telephony.Outcome{telephony.OutcomeSelfService, telephony.OutcomeLostInMenu, telephony.OutcomeRefused}, r.Outcome)
}

// TestReportQueries: what opens the calls of a row ends with the report, is of whole days where it can be, and names the row's own key.
func TestReportQueries(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, zone) }
	week := ReportRow{Key: "2026-W48", From: day(23), To: day(30)}
	for _, c := range []struct {
		q    ReportQuery
		row  *ReportRow // nil: the total
		want string
	}{
		{ReportQuery{By: "weekly", From: day(25), To: day(28)}, &week, "from=2026-11-25&to=2026-11-27"},
		{ReportQuery{By: "weekly", From: day(1), To: day(30), Queue: "sales"}, &week, "from=2026-11-23&queue=sales&to=2026-11-29"},
		{
			ReportQuery{By: "hourly", From: day(1), To: day(30)},
			&ReportRow{From: day(2).Add(9 * time.Hour), To: day(2).Add(10 * time.Hour)},
			"from=2026-11-02T09%3A00%3A00%2B08%3A00&to=2026-11-02T10%3A00%3A00%2B08%3A00",
		},
		{ReportQuery{By: "queues", From: day(1), To: day(2)}, &ReportRow{Key: "a&b"}, "from=2026-11-01&queue=a%26b&to=2026-11-01"},
		{ReportQuery{By: "queues", From: day(1), To: day(2)}, nil, "from=2026-11-01&queue=%2A&to=2026-11-01"},
		{ReportQuery{By: "agents", From: day(1), To: day(2), Agent: "1001"}, nil, "agent=1001&from=2026-11-01&to=2026-11-01"},
		{ReportQuery{By: "slots", From: day(1), To: day(2)}, &ReportRow{Key: "09"}, "from=2026-11-01&hour=09&to=2026-11-01"},
		{ReportQuery{By: "slots", From: day(1), To: day(2)}, nil, "from=2026-11-01&to=2026-11-01"},
		{ReportQuery{By: "daily"}, nil, ""},
	} {
		got := c.q.total(zone)
		if c.row != nil {
			got = c.q.row(c.row, zone)
		}
		if got != c.want {
			t.Errorf("%+v: %s, want %s", c.q, got, c.want)
		}
	}
}

// TestReportHasTheTimeBefore: a report tells of as many days before, by the calendar (A11.3).
func TestReportHasTheTimeBefore(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	day := func(month time.Month, d int) time.Time { return time.Date(2026, month, d, 0, 0, 0, 0, berlin) }
	for _, c := range []struct {
		name               string
		from, to           time.Time
		wantFrom, wantUpTo time.Time
	}{
		{"a day", day(11, 23), day(11, 24), day(11, 22), day(11, 23)},
		{"the week in which the clock goes back", day(10, 19), day(10, 26), day(10, 12), day(10, 19)},
		{"the week after it", day(10, 26), day(11, 2), day(10, 19), day(10, 26)},
		{"an hour", day(11, 23).Add(9 * time.Hour), day(11, 23).Add(10 * time.Hour), day(11, 23).Add(8 * time.Hour), day(11, 23).Add(9 * time.Hour)},
		{"no end", day(11, 23), time.Time{}, time.Time{}, time.Time{}},
	} {
		if from, to := before(c.from, c.to); !from.Equal(c.wantFrom) || !to.Equal(c.wantUpTo) {
			t.Errorf("%s: %v to %v", c.name, from, to)
		}
	}
}

// TestReportFiles: a report and the times of agents leave as files, and each is in the audit.
func TestReportFiles(t *testing.T) {
	box := newBox()
	h := New(box.options()).Handler()
	for path, want := range map[string]string{
		"/api/reports/weekly/csv?queue=sales": "report weekly",
		"/api/reports/agents/xlsx":            "report agents",
		"/api/stretches/csv?state=online":     "stretches online",
		"/api/staff/xlsx?agent=1001":          "staff 1001",
		"/api/attendance/csv?agent=1001":      "attendance 1001",
	} {
		w := ask(h, "GET", path, "", "Authorization", bearer(Supervisor))
		if w.Code != 200 || w.Body.String() != want || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %d %s %v", path, w.Code, w.Body, w.Header())
		}
	}
	if len(box.audit) != 5 || box.audit[0].Action != "report.exported" {
		t.Errorf("audit %+v", box.audit)
	}
	if w := ask(h, "GET", "/api/reports/horoscopes", "", "Authorization", bearer(Supervisor)); w.Code != 422 {
		t.Errorf("an unknown report: %d", w.Code)
	}
}
