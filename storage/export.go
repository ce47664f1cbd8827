package storage

import (
	"context"
	"io"
	"iter"
	"strings"
	"time"

	"callbox/telephony"
)

// A column is one column of the exported call records.
type column struct {
	head telephony.Text
	cell func(*Record, *time.Location) any
}

var columns = []column{
	{telephony.Text{ZH: "编号", EN: "Call"}, func(r *Record, _ *time.Location) any { return string(r.ID) }},
	{telephony.Text{ZH: "方向", EN: "Direction"}, func(r *Record, _ *time.Location) any { return word("direction", string(r.Direction)) }},
	{telephony.Text{ZH: "到达时间", EN: "Arrived"}, func(r *Record, z *time.Location) any { return clockText(r.Arrived, z) }},
	{telephony.Text{ZH: "接通时间", EN: "Connected"}, func(r *Record, z *time.Location) any { return clockText(r.Connected, z) }},
	{telephony.Text{ZH: "结束时间", EN: "Ended"}, func(r *Record, z *time.Location) any { return clockText(r.Ended, z) }},
	{telephony.Text{ZH: "线路", EN: "Line"}, func(r *Record, _ *time.Location) any { return r.Line }},
	{telephony.Text{ZH: "主叫号码", EN: "Caller"}, func(r *Record, _ *time.Location) any { return r.Caller.Number }},
	{telephony.Text{ZH: "主叫姓名", EN: "Name"}, func(r *Record, _ *time.Location) any { return r.Caller.Name }},
	{telephony.Text{ZH: "被叫号码", EN: "Called"}, func(r *Record, _ *time.Location) any { return r.Called }},
	{telephony.Text{ZH: "规则", EN: "Rule"}, func(r *Record, _ *time.Location) any { return r.Rule }},
	{telephony.Text{ZH: "队列", EN: "Queue"}, func(r *Record, _ *time.Location) any { return r.Queue }},
	{telephony.Text{ZH: "等待（秒）", EN: "Waited (s)"}, func(r *Record, _ *time.Location) any { return seconds(r.Waited) }},
	{telephony.Text{ZH: "坐席", EN: "Agent"}, func(r *Record, _ *time.Location) any { return r.Agent }},
	{telephony.Text{ZH: "通话（秒）", EN: "Talked (s)"}, func(r *Record, _ *time.Location) any { return seconds(r.Talked) }},
	{telephony.Text{ZH: "结果", EN: "Outcome"}, func(r *Record, _ *time.Location) any { return r.Outcome.Text() }},
	{telephony.Text{ZH: "原因", EN: "Cause"}, func(r *Record, _ *time.Location) any { return r.Cause.Numbered() }},
	{telephony.Text{ZH: "挂机方", EN: "Ended by"}, func(r *Record, _ *time.Location) any { return word("by", r.EndedBy) }},
	{telephony.Text{ZH: "录音", EN: "Recordings"}, func(r *Record, _ *time.Location) any { return strings.Join(r.Recording, " ") }},
	{telephony.Text{ZH: "评价", EN: "Vote"}, func(r *Record, _ *time.Location) any { return r.Poll.text() }},
	{telephony.Text{ZH: "营业时间外", EN: "Closed"}, func(r *Record, _ *time.Location) any { return word("closed", r.Closed) }},
	{telephony.Text{ZH: "质检得分", EN: "Points"}, func(r *Record, _ *time.Location) any { return r.points() }},
	{telephony.Text{ZH: "质检座席", EN: "Points of"}, func(r *Record, _ *time.Location) any { return r.scored() }},
	{telephony.Text{ZH: "投诉", EN: "Complaint"}, func(r *Record, _ *time.Location) any { return word("complaint", r.Complaint.State()) }},
}

// Export writes the records that fit as "csv" or "xlsx", with headings in the language "zh" or "en".
func (s *Store) Export(ctx context.Context, w io.Writer, form, language string, q Query) error {
	return writeTable(w, form, s.exportRows(ctx, language, q))
}

// exportRows gives the headings, then a row for each record.
func (s *Store) exportRows(ctx context.Context, language string, q Query) iter.Seq2[[]any, error] {
	zone := s.Config().Location()
	return func(yield func([]any, error) bool) {
		head := make([]any, len(columns))
		for i, c := range columns {
			head[i] = c.head.In(language)
		}
		if !yield(head, nil) {
			return
		}
		for r, err := range s.EachCall(ctx, q) {
			row := make([]any, len(columns))
			for i, c := range columns {
				row[i] = c.cell(&r, zone)
				if text, ok := row[i].(telephony.Text); ok {
					row[i] = text.In(language)
				}
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// clockText is the site's wall clock; the offset tells apart the two hours of a night that has one twice.
func clockText(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04:05 -07:00")
}

func seconds(d time.Duration) int64 { return int64(d.Round(time.Second) / time.Second) }
