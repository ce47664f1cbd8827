package main

import (
	"context"
	"io"
	"strconv"
	"time"

	"callbox/storage"
	"callbox/telephony"
	"callbox/webui"
)

// reports joins the page to the counts of calls and the time of agents.
type reports struct{ *Box }

func reportQuery(q webui.ReportQuery) storage.ReportQuery {
	return storage.ReportQuery{Per: storage.Per(q.By), From: q.From, To: q.To, Queue: q.Queue, Agent: q.Agent, Line: q.Line, Team: q.Team, Returns: q.Returns}
}

// Report counts what a query chooses.
func (r reports) Report(ctx context.Context, q webui.ReportQuery) (webui.Report, error) {
	if err := r.spares(); err != nil {
		return webui.Report{}, err
	}
	rep, err := r.Store.Report(ctx, reportQuery(q))
	out := webui.Report{Rows: make([]webui.ReportRow, 0, len(rep.Rows)), Total: reportRow(&rep.Total)}
	for i := range rep.Rows {
		out.Rows = append(out.Rows, reportRow(&rep.Rows[i]))
	}
	return out, err
}

func reportRow(r *storage.Row) webui.ReportRow {
	return webui.ReportRow{
		Key: r.Key, From: r.From, To: r.To, Calls: r.Calls, Offered: r.Offered, Outcomes: r.Outcomes,
		ForPerson: r.ForPerson, Answered: r.Answered, Missed: r.Missed,
		Asked: r.Ballot.Asked(), Voted: r.Ballot.Voted(), Votes: votes(&r.Ballot), Satisfaction: r.Ballot.Satisfied(), Reached: r.Reached,
		Complaints: r.Complaints, Founded: r.Founded, FoundedRate: r.FoundedRate(),
		AnswerRate: r.Rate, Resolved: r.Resolved, InTime: r.InTime, ServiceLevel: r.Level, Visits: r.Visits, WaitMS: r.Waited.Milliseconds(),
		LongestWaitMS: r.Longest.Milliseconds(), AverageWaitMS: r.Average.Milliseconds(),
		TalkMS: r.Talked.Milliseconds(), AverageTalkMS: r.Mean.Milliseconds(), Outgoing: r.Outgoing,
		Connected: r.Connected, OutTalkMS: r.OutTalked.Milliseconds(), AverageOutTalkMS: r.OutMean.Milliseconds(),
		Lines: r.Lines, LinesPeak: r.Peak, AllBusyTimes: r.AllBusyTimes, AllBusyMS: r.AllBusy.Milliseconds(),
		Internal: r.Internal, HeldMS: r.Held.Milliseconds(), SignIns: r.Work.SignIns, OnlineMS: r.Work.Online.Milliseconds(),
		ReadyMS: r.Work.Ready.Milliseconds(), BusyMS: r.Work.Busy.Milliseconds(), BusyTimes: r.Work.Busies,
		BreakMS: r.Work.Break.Milliseconds(), BreakTimes: r.Work.Breaks, WrapUpMS: r.Work.WrapUp.Milliseconds(),
		HandlingMS: r.Handling.Milliseconds(), CallsPerHour: r.Hourly, Occupancy: r.Occupancy,
	}
}

// votes are those of a ballot by the key that stands for them.
func votes(b *storage.Ballot) map[string]int {
	by := map[string]int{}
	for _, v := range telephony.Votes {
		by[strconv.Itoa(int(v))] = b[v]
	}
	return by
}

// ExportReport writes a report.
func (r reports) ExportReport(ctx context.Context, w io.Writer, form, language string, q webui.ReportQuery) error {
	if err := r.spares(); err != nil {
		return err
	}
	return r.Store.ExportReport(ctx, w, form, language, reportQuery(q))
}

// mailed writes a report of a stretch of time for a mail.
func (r reports) mailed(ctx context.Context, w io.Writer, form string, m *telephony.ReportMail, from, to time.Time, language string) error {
	var team *telephony.Team
	if len(m.Queues) > 0 {
		team = r.Store.Config().Team(m.Queues, "")
	}
	if m.Report == telephony.StaffReport {
		return r.ExportStaffReport(ctx, w, form, language, webui.StaffQuery{From: from, To: to, Team: team})
	}
	return r.ExportReport(ctx, w, form, language, webui.ReportQuery{By: m.Report, From: from, To: to, Team: team, Returns: true})
}

// Stretches tells how agents spent a time.
func (r reports) Stretches(ctx context.Context, q webui.StretchQuery) ([]webui.StretchRow, error) {
	if err := r.spares(); err != nil {
		return nil, err
	}
	stretches, err := r.Store.Stretches(ctx, storage.StretchQuery(q))
	rows := make([]webui.StretchRow, 0, len(stretches))
	for _, s := range stretches {
		rows = append(rows, webui.StretchRow{
			Agent: s.Agent, State: s.State, Reason: s.Reason, Phone: s.Phone, From: s.From, To: s.To,
			LengthMS: s.Length().Milliseconds(), Open: s.Open,
		})
	}
	return rows, err
}

// ExportStretches writes the same as a file.
func (r reports) ExportStretches(ctx context.Context, w io.Writer, form, language string, q webui.StretchQuery) error {
	if err := r.spares(); err != nil {
		return err
	}
	return r.Store.ExportStretches(ctx, w, form, language, storage.StretchQuery(q))
}
