package main

import (
	"context"
	"time"

	"callbox/storage"
	"callbox/webui"
)

// reports joins the page to the counts of calls.
type reports struct{ *storage.Store }

// rowsPer is storage's name of what a row of the page's report stands for.
var rowsPer = map[string]storage.Per{
	"day": storage.PerDay, "hour": storage.PerHour, "month": storage.PerMonth, "queue": storage.PerQueue, "agent": storage.PerAgent,
}

// Report counts the calls that arrived from and before two moments.
func (r reports) Report(ctx context.Context, by string, from, to time.Time) ([]webui.ReportRow, error) {
	rows, err := r.Store.Report(ctx, rowsPer[by], from, to)
	list := make([]webui.ReportRow, 0, len(rows))
	for _, row := range rows {
		list = append(list, webui.ReportRow{
			Key: row.Key, Offered: row.Offered, Answered: row.Answered, Outcomes: row.Outcomes, AnswerRate: row.Rate,
			InTime: row.InTime, ServiceLevel: row.Level, WaitMS: row.Waited.Milliseconds(),
			LongestWaitMS: row.Longest.Milliseconds(), AverageWaitMS: row.Average.Milliseconds(),
			TalkMS: row.Talked.Milliseconds(), AverageTalkMS: row.Mean.Milliseconds(), Outgoing: row.Outgoing,
			Connected: row.Connected, OutTalkMS: row.OutTalked.Milliseconds(), AverageOutTalkMS: row.OutMean.Milliseconds(),
		})
	}
	return list, err
}
