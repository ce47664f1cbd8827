package storage

import (
	"cmp"
	"context"
	"io"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"callbox/telephony"
)

// A unit is what a report tells of calls, as a letter: all in all (a), by lines (l), how they fared in a queue (q), with an agent (p), in a
// menu (m). What it does not tell has no column, and how full the lines were (o) has some of its own.
func (q ReportQuery) unit() string {
	switch {
	case q.Per == PerMenu:
		return "m"
	case q.Per == PerLine:
		return "l"
	case q.Per == PerQueue, q.Per != PerAgent && q.Queue != "":
		return "q"
	case q.Per == PerAgent, q.Agent != "":
		return "p"
	}
	return "a"
}

// A reportColumn is one column of an exported report.
type reportColumn struct {
	units string
	head  telephony.Text
	cell  func(*Row) any
}

var reportColumns = []reportColumn{
	{"alqpm", telephony.Text{ZH: "通话数", EN: "Calls"}, func(r *Row) any { return int64(r.Calls) }},
	{"al", telephony.Text{ZH: "呼入", EN: "Offered"}, func(r *Row) any { return int64(r.Offered) }},
	{"al", telephony.Text{ZH: "转人工", EN: "For a person"}, func(r *Row) any { return int64(r.ForPerson) }},
	{"alqp", telephony.Text{ZH: "呼入接通", EN: "Answered"}, func(r *Row) any { return int64(r.Answered) }},
	{"alq", telephony.Text{ZH: "呼入未接通", EN: "Not answered"}, func(r *Row) any { return int64(sum(r.Missed)) }},
	{"alq", telephony.Text{ZH: "接通率（%）", EN: "Answer rate (%)"}, func(r *Row) any { return tenth(r.Rate) }},
	{"alqp", telephony.Text{ZH: "一次解决率（%）", EN: "First-contact resolution (%)"}, func(r *Row) any { return tenth(r.Resolved) }},
	{"al", telephony.Text{ZH: "接入率（%）", EN: "Calls taken (%)"}, func(r *Row) any { return tenth(r.Reached) }},
	{"aqp", telephony.Text{ZH: "请求评价", EN: "Asked for a vote"}, func(r *Row) any { return int64(r.Ballot.Asked()) }},
	{"aqp", telephony.Text{ZH: "已评价", EN: "Votes"}, func(r *Row) any { return int64(r.Ballot.Voted()) }},
	{"aqp", telephony.Text{ZH: "非常满意", EN: "Very satisfied"}, func(r *Row) any { return int64(r.Ballot[telephony.VerySatisfied]) }},
	{"aqp", telephony.Text{ZH: "满意", EN: "Satisfied"}, func(r *Row) any { return int64(r.Ballot[telephony.Satisfied]) }},
	{"aqp", telephony.Text{ZH: "一般", EN: "Fair"}, func(r *Row) any { return int64(r.Ballot[telephony.Fair]) }},
	{"aqp", telephony.Text{ZH: "不满意", EN: "Dissatisfied"}, func(r *Row) any { return int64(r.Ballot[telephony.Dissatisfied]) }},
	{"aqp", telephony.Text{ZH: "满意率（%）", EN: "Satisfaction (%)"}, func(r *Row) any { return tenth(r.Ballot.Satisfied()) }},
	{"alqp", telephony.Text{ZH: "投诉", EN: "Complaints"}, func(r *Row) any { return int64(r.Complaints) }},
	{"alqp", telephony.Text{ZH: "有理投诉", EN: "Founded complaints"}, func(r *Row) any { return int64(r.Founded) }},
	{"alqp", telephony.Text{ZH: "有理投诉（每万次）", EN: "Founded complaints of 10,000 calls"}, func(r *Row) any { return tenth(r.FoundedRate()) }},
	{"aq", telephony.Text{ZH: "服务水平（%）", EN: "Service level (%)"}, func(r *Row) any { return tenth(r.Level) }},
	{"aq", telephony.Text{ZH: "平均等待（秒）", EN: "Average wait (s)"}, func(r *Row) any { return seconds(r.Average) }},
	{"aq", telephony.Text{ZH: "最长等待（秒）", EN: "Longest wait (s)"}, func(r *Row) any { return seconds(r.Longest) }},
	{"alqp", telephony.Text{ZH: "呼入通话总时长（秒）", EN: "Talk, in (s)"}, func(r *Row) any { return seconds(r.Talked) }},
	{"alqp", telephony.Text{ZH: "呼入平均通话（秒）", EN: "Average talk, in (s)"}, func(r *Row) any { return seconds(r.Mean) }},
	{"alp", telephony.Text{ZH: "呼出", EN: "Outgoing"}, func(r *Row) any { return int64(r.Outgoing) }},
	{"alp", telephony.Text{ZH: "呼出接通", EN: "Connected"}, func(r *Row) any { return int64(r.Connected) }},
	{"al", telephony.Text{ZH: "呼出未接通", EN: "Not connected"}, func(r *Row) any { return int64(r.Outgoing - r.Connected) }},
	{"al", telephony.Text{ZH: "呼出接通率（%）", EN: "Connection rate (%)"}, func(r *Row) any { return tenth(percent(r.Connected, r.Outgoing)) }},
	{"alp", telephony.Text{ZH: "呼出通话总时长（秒）", EN: "Talk, out (s)"}, func(r *Row) any { return seconds(r.OutTalked) }},
	{"alp", telephony.Text{ZH: "呼出平均通话（秒）", EN: "Average talk, out (s)"}, func(r *Row) any { return seconds(r.OutMean) }},
	{"o", telephony.Text{ZH: "最多占用线路", EN: "Lines in use, most"}, func(r *Row) any { return int64(r.Peak) }},
	{"o", telephony.Text{ZH: "爆线次数", EN: "Times all lines busy"}, func(r *Row) any { return int64(r.AllBusyTimes) }},
	{"o", telephony.Text{ZH: "爆线时长（秒）", EN: "All lines busy (s)"}, func(r *Row) any { return seconds(r.AllBusy) }},
	{"ap", telephony.Text{ZH: "内部通话", EN: "Internal"}, func(r *Row) any { return int64(r.Internal) }},
	{"ap", telephony.Text{ZH: "签入次数", EN: "Sign-ins"}, func(r *Row) any { return int64(r.Work.SignIns) }},
	{"ap", telephony.Text{ZH: "在线（秒）", EN: "Signed in (s)"}, func(r *Row) any { return seconds(r.Work.Online) }},
	{"ap", telephony.Text{ZH: "示忙次数", EN: "Times busy"}, func(r *Row) any { return int64(r.Work.Busies) }},
	{"ap", telephony.Text{ZH: "示忙（秒）", EN: "Busy (s)"}, func(r *Row) any { return seconds(r.Work.Busy) }},
	{"ap", telephony.Text{ZH: "小休次数", EN: "Breaks"}, func(r *Row) any { return int64(r.Work.Breaks) }},
	{"ap", telephony.Text{ZH: "小休（秒）", EN: "On break (s)"}, func(r *Row) any { return seconds(r.Work.Break) }},
	{"ap", telephony.Text{ZH: "话后处理（秒）", EN: "Wrap-up (s)"}, func(r *Row) any { return seconds(r.Work.WrapUp) }},
	{"ap", telephony.Text{ZH: "平均处理时长（秒）", EN: "Average handling (s)"}, func(r *Row) any { return seconds(r.Handling) }},
	{"ap", telephony.Text{ZH: "每小时处理", EN: "Calls per hour"}, func(r *Row) any { return tenth(r.Hourly) }},
	{"ap", telephony.Text{ZH: "占用率（%）", EN: "Occupancy (%)"}, func(r *Row) any { return tenth(r.Occupancy) }},
}

func tenth(f float64) float64 { return math.Round(10*f) / 10 }

// ExportReport writes a report as "csv" or "xlsx" in the language "zh" or "en", its total last. Each outcome that occurs has
// a column behind the others.
func (s *Store) ExportReport(ctx context.Context, w io.Writer, form, language string, q ReportQuery) error {
	rep, err := s.Report(ctx, q)
	if err != nil {
		return err
	}
	c, told := s.Config(), q.unit()
	if q.tellsLines() {
		told += "o"
	}
	columns := slices.DeleteFunc(slices.Clone(reportColumns), func(col reportColumn) bool { return !strings.ContainsAny(col.units, told) })
	outcomes := slices.Sorted(maps.Keys(rep.Total.Outcomes))
	head := []any{telephony.Text{ZH: "项目", EN: "Row"}.In(language)}
	for _, col := range columns {
		head = append(head, col.head.In(language))
	}
	for _, o := range outcomes {
		head = append(head, ending(q.Per, o).In(language))
	}
	line := func(name string, r *Row) []any {
		cells := []any{name}
		for _, col := range columns {
			cells = append(cells, col.cell(r))
		}
		for _, o := range outcomes {
			cells = append(cells, int64(r.Outcomes[o]))
		}
		return cells
	}
	table := [][]any{head}
	for i := range rep.Rows {
		table = append(table, line(rowName(c, q.Per, rep.Rows[i].Key), &rep.Rows[i]))
	}
	table = append(table, line(telephony.Text{ZH: "合计", EN: "Total"}.In(language), &rep.Total))
	return writeTable(w, form, allOf(table))
}

// rowName is what people call what a row stands for.
func rowName(c *telephony.Config, per Per, key string) string {
	name := ""
	switch per {
	case PerQueue:
		if q := c.Queue(key); q != nil {
			name = q.Name
		}
	case PerAgent:
		if a := c.Agent(key); a != nil && a.Name != "" {
			name = a.Name + " " + key
		}
	case PerMenu:
		if m := c.Menu(key); m != nil {
			name = m.Name
		}
	}
	return cmp.Or(name, key)
}

// ExportStretches writes how agents spent a time, as "csv" or "xlsx" (A11.6, A11.7).
func (s *Store) ExportStretches(ctx context.Context, w io.Writer, form, language string, q StretchQuery) error {
	stretches, err := s.Stretches(ctx, q)
	if err != nil {
		return err
	}
	c := s.Config()
	var head []any
	for _, h := range []telephony.Text{
		{ZH: "座席", EN: "Agent"},
		{ZH: "状态", EN: "State"},
		{ZH: "原因", EN: "Reason"},
		{ZH: "话机", EN: "Phone"},
		{ZH: "开始", EN: "Begin"},
		{ZH: "结束", EN: "End"},
		{ZH: "时长（秒）", EN: "Length (s)"},
	} {
		head = append(head, h.In(language))
	}
	table := [][]any{head}
	for _, st := range stretches {
		end := st.To
		if st.Open {
			end = time.Time{}
		}
		table = append(table, []any{
			rowName(c, PerAgent, st.Agent), word("state", string(st.State)).In(language), word("reason", st.Reason).In(language), st.Phone,
			clockText(st.From, c.Location()), clockText(end, c.Location()), seconds(st.Length()),
		})
	}
	return writeTable(w, form, allOf(table))
}

func allOf(table [][]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, row := range table {
			if !yield(row, nil) {
				return
			}
		}
	}
}
