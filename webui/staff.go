package webui

import (
	"bytes"
	"context"
	"io"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"callbox/telephony"
)

// StaffReports tells how far people were there as planned, how they worked, and who came and went (A11.11).
type StaffReports interface {
	StaffReport(context.Context, StaffQuery) (StaffReport, error)
	// ExportStaffReport writes the same as "csv" or "xlsx", with headings in the language "zh" or "en".
	ExportStaffReport(ctx context.Context, w io.Writer, form, language string, q StaffQuery) error
	// Attendance tells the days on which agents were planned or signed in, by agent and then by day.
	Attendance(context.Context, StaffQuery) ([]AttendanceDay, error)
	ExportAttendance(ctx context.Context, w io.Writer, form, language string, q StaffQuery) error
}

// A StaffQuery chooses a time and, unless it is empty, one agent.
type StaffQuery struct {
	From, To time.Time
	Agent    string
	Team     *telephony.Team // agents of it alone; nil: all
}

// A StaffReport is of the time up to now. Lengths are milliseconds; rates are percent.
type StaffReport struct {
	From     time.Time  `json:"from"`
	To       time.Time  `json:"to"`
	Rows     []StaffRow `json:"rows"` // each the sum of the days that GET /api/attendance gives
	Total    StaffRow   `json:"total"`
	Before   StaffRow   `json:"before"`   // the total of the stretch of time of the same length before
	Turnover Turnover   `json:"turnover"` // of all, whatever agent is chosen; not told to who has a team, since who has gone is of none
}

// A StaffRow is an agent, or all.
type StaffRow struct {
	Agent      string   `json:"agent"`
	Name       string   `json:"name,omitempty"`       // as it was last, of one who has gone too
	PlannedMS  int64    `json:"planned_ms"`           // by the hours that the agent had (configuration: agents.hours), as those hours are now
	PresentMS  int64    `json:"present_ms"`           // of it, signed in; breaks count as present
	Attendance *float64 `json:"attendance,omitempty"` // present of planned; absent where none was planned
	OnlineMS   int64    `json:"online_ms"`            // signed in, planned or not
	WorkedMS   int64    `json:"worked_ms"`            // of it ready, ringing, talking or wrapping up
	WorkRate   *float64 `json:"work_rate,omitempty"`  // worked of signed in; absent where never signed in
	Scored     int      `json:"scored"`               // calls that arrived in the time and were given points
	Points     *float64 `json:"points,omitempty"`     // the mean of them; absent where none were given
	Opens      string   `json:"opens"`                // query of GET /api/calls for the calls scored
}

// A Turnover is who came to the staff and went from it.
type Turnover struct {
	Since time.Time `json:"since"`          // from when it counts: the report's beginning, or that of the box's register of staff
	Left  int       `json:"left"`           // of the stays, those that ended
	Mean  float64   `json:"mean"`           // number of staff, by the time that each was there
	Rate  *float64  `json:"rate,omitempty"` // left of the mean number; absent where there was no staff
	Stays []Stay    `json:"stays"`          // of all who were there
}

// A Stay is a time in which somebody was an agent of the configuration.
type Stay struct {
	Agent string    `json:"agent"`
	Name  string    `json:"name,omitempty"`
	From  time.Time `json:"from,omitzero"`  // absent: before the register began
	Until time.Time `json:"until,omitzero"` // absent: it goes on
}

// An AttendanceDay is an agent on one day.
type AttendanceDay struct {
	Agent     string    `json:"agent"`
	Day       string    `json:"day"` // "2026-11-23"
	PlannedMS int64     `json:"planned_ms"`
	PresentMS int64     `json:"present_ms"`
	OnlineMS  int64     `json:"online_ms"`
	WorkedMS  int64     `json:"worked_ms"`
	In        time.Time `json:"in,omitzero"`    // the first sign-in, or the day's beginning
	Out       time.Time `json:"out,omitzero"`   // the last sign-out, or the day's end
	Open      bool      `json:"open,omitempty"` // signed in until now
}

// A StaffChoice chooses what a report of the staff is of. Without a stretch of time it is of today.
type StaffChoice struct {
	Stretch
	Agent string `query:"agent" maxLength:"64"`
}

func (s *Server) staffQuery(ctx context.Context, in *StaffChoice) (StaffQuery, error) {
	if err := s.mayChoose(ctx, "", in.Agent); err != nil {
		return StaffQuery{}, err
	}
	from, to, err := s.stretchOrToday(in.Stretch)
	return StaffQuery{from, to, in.Agent, s.team(ctx)}, err
}

type staffAnswer struct{ Body StaffReport }

func (s *Server) getStaff(ctx context.Context, in *StaffChoice) (*staffAnswer, error) {
	q, err := s.staffQuery(ctx, in)
	if err != nil {
		return nil, err
	}
	report, err := s.Reports.StaffReport(ctx, q)
	if err != nil {
		return nil, err
	}
	earlier := q
	if earlier.From, earlier.To = before(q.From, q.To); !earlier.To.IsZero() {
		before, err := s.Reports.StaffReport(ctx, earlier)
		if err != nil {
			return nil, err
		}
		report.Before = before.Total
	}
	report.behind(q, s.Configs.Config().Location())
	return &staffAnswer{report}, nil
}

type staffExport struct {
	StaffChoice
	Form     string `path:"form" enum:"csv,xlsx"`
	Language string `query:"language" enum:"zh,en" doc:"Of the headings; empty: the site's"`
}

func (s *Server) getStaffFile(ctx context.Context, in *staffExport) (*huma.StreamResponse, error) {
	return s.staffFile(ctx, in, "staff", s.Reports.ExportStaffReport)
}

func (s *Server) getAttendanceFile(ctx context.Context, in *staffExport) (*huma.StreamResponse, error) {
	return s.staffFile(ctx, in, "attendance", s.Reports.ExportAttendance)
}

// staffFile writes a report of the staff as a file with a name.
func (s *Server) staffFile(ctx context.Context, in *staffExport, name string, export func(context.Context, io.Writer, string, string, StaffQuery) error) (*huma.StreamResponse, error) {
	q, err := s.staffQuery(ctx, &in.StaffChoice)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	if err := export(ctx, &file, in.Form, s.language(in.Language), q); err != nil {
		return nil, err
	}
	if err := s.Configs.Note(ctx, by(ctx), "report.exported", name, in.Form); err != nil {
		return nil, err
	}
	return s.exported(name, in.Form, &file), nil
}

type attendanceAnswer struct {
	Body struct {
		Days []AttendanceDay `json:"days"`
	}
}

func (s *Server) getAttendance(ctx context.Context, in *StaffChoice) (*attendanceAnswer, error) {
	q, err := s.staffQuery(ctx, in)
	if err != nil {
		return nil, err
	}
	answer := &attendanceAnswer{}
	answer.Body.Days, err = s.Reports.Attendance(ctx, q)
	return answer, err
}
