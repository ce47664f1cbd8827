package main

import (
	"context"
	"io"
	"time"

	"callbox/storage"
	"callbox/webui"
)

// StaffReport tells of the people.
func (r reports) StaffReport(ctx context.Context, q webui.StaffQuery) (webui.StaffReport, error) {
	if err := r.spares(); err != nil {
		return webui.StaffReport{}, err
	}
	rep, err := r.Store.StaffReport(ctx, storage.StaffQuery(q))
	out := webui.StaffReport{From: rep.From, To: rep.To, Rows: make([]webui.StaffRow, 0, len(rep.Rows)), Total: staffRow(&rep.Total)}
	for i := range rep.Rows {
		out.Rows = append(out.Rows, staffRow(&rep.Rows[i]))
	}
	t := &rep.Turnover
	out.Turnover = webui.Turnover{Since: t.Since, Left: t.Left, Mean: t.Mean, Rate: there(t.Rate()), Stays: make([]webui.Stay, 0, len(t.Stays))}
	for _, stay := range t.Stays {
		out.Turnover.Stays = append(out.Turnover.Stays, webui.Stay(stay))
	}
	return out, err
}

func staffRow(r *storage.StaffRow) webui.StaffRow {
	return webui.StaffRow{
		Agent: r.Agent, Name: r.Name, PlannedMS: r.Planned.Milliseconds(), PresentMS: r.Present.Milliseconds(), Attendance: there(r.Rate()),
		OnlineMS: r.Online.Milliseconds(), WorkedMS: r.Worked.Milliseconds(), WorkRate: there(r.WorkRate()),
		Scored: r.Scored, Points: there(r.Points()),
	}
}

// there is a figure, or none.
func there(f float64, is bool) *float64 {
	if !is {
		return nil
	}
	return &f
}

// ExportStaffReport writes the same as a file.
func (r reports) ExportStaffReport(ctx context.Context, w io.Writer, form, language string, q webui.StaffQuery) error {
	if err := r.spares(); err != nil {
		return err
	}
	return r.Store.ExportStaffReport(ctx, w, form, language, storage.StaffQuery(q))
}

// ExportAttendance writes the days of agents as a file.
func (r reports) ExportAttendance(ctx context.Context, w io.Writer, form, language string, q webui.StaffQuery) error {
	if err := r.spares(); err != nil {
		return err
	}
	return r.Store.ExportAttendance(ctx, w, form, language, storage.StaffQuery(q))
}

// Attendance tells the days of agents.
func (r reports) Attendance(ctx context.Context, q webui.StaffQuery) ([]webui.AttendanceDay, error) {
	if err := r.spares(); err != nil {
		return nil, err
	}
	days, err := r.Store.Attendance(ctx, storage.StaffQuery(q))
	out := make([]webui.AttendanceDay, 0, len(days))
	for i := range days {
		d := &days[i]
		out = append(out, webui.AttendanceDay{
			Agent: d.Agent, Day: d.Day.Format(time.DateOnly), PlannedMS: d.Planned.Milliseconds(), PresentMS: d.Present.Milliseconds(),
			OnlineMS: d.Online.Milliseconds(), WorkedMS: d.Worked.Milliseconds(), In: d.In, Out: d.Out, Open: d.Open,
		})
	}
	return out, err
}
