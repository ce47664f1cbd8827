package webui

import (
	"bytes"
	"context"
	"time"

	"callbox/telephony"

	"github.com/danielgtaylor/huma/v2"
)

// A ReportChoice says what a report counts. Without a stretch of time it is of today.
type ReportChoice struct {
	By string `path:"by" enum:"hourly,slots,daily,weekly,monthly,queues,agents,lines,menus"`
	Stretch
	Queue string `query:"queue" maxLength:"64" doc:"Only calls that came to this queue, and how they fared there"`
	Agent string `query:"agent" maxLength:"64" doc:"Only calls in which this agent talked"`
	Line  string `query:"line" maxLength:"64" doc:"Only calls by this line"`
}

type reportAnswer struct{ Body Report }

func (s *Server) getReport(ctx context.Context, in *ReportChoice) (*reportAnswer, error) {
	q, err := s.reportQuery(ctx, in)
	if err != nil {
		return nil, err
	}
	report, err := s.Reports.Report(ctx, q)
	if err != nil {
		return nil, err
	}
	asked := q
	c := s.Configs.Config()
	report.From, report.To, report.Rule, report.Targets = q.From, q.To, c.Site.AnswerRate, c.Targets
	if q.From, q.To = before(q.From, q.To); !q.To.IsZero() {
		earlier, err := s.Reports.Report(ctx, q)
		if err != nil {
			return nil, err
		}
		report.Before = earlier.Total
	}
	report.behind(asked, c.Location())
	return &reportAnswer{report}, nil
}

func (s *Server) reportQuery(ctx context.Context, in *ReportChoice) (ReportQuery, error) {
	if err := s.mayChoose(ctx, in.Queue, in.Agent); err != nil {
		return ReportQuery{}, err
	}
	from, to, err := s.stretchOrToday(in.Stretch)
	return ReportQuery{By: in.By, From: from, To: to, Queue: in.Queue, Agent: in.Agent, Line: in.Line, Team: s.team(ctx), Returns: true}, err
}

func (s *Server) stretchOrToday(in Stretch) (from, to time.Time, err error) {
	zone := s.Configs.Config().Location()
	if in.From == "" && in.To == "" {
		in.From = today(zone)
		in.To = in.From
	}
	return in.stretch(zone)
}

// before is the stretch of as many days, or as long, before one; of one without both ends there is none. Days are counted by
// the calendar: the week before one with a change of the clock is a week.
func before(from, to time.Time) (time.Time, time.Time) {
	if from.IsZero() || to.IsZero() {
		return time.Time{}, time.Time{}
	}
	days := int(to.Sub(from).Round(24*time.Hour) / (24 * time.Hour))
	if days > 0 && from.AddDate(0, 0, days).Equal(to) {
		return from.AddDate(0, 0, -days), from
	}
	return from.Add(-to.Sub(from)), from
}

type reportExport struct {
	ReportChoice
	Form     string `path:"form" enum:"csv,xlsx"`
	Language string `query:"language" enum:"zh,en" doc:"Of the headings; empty: the site's"`
}

func (s *Server) getReportFile(ctx context.Context, in *reportExport) (*huma.StreamResponse, error) {
	q, err := s.reportQuery(ctx, &in.ReportChoice)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	if err := s.Reports.ExportReport(ctx, &file, in.Form, s.language(in.Language), q); err != nil {
		return nil, err
	}
	if err := s.Configs.Note(ctx, by(ctx), "report.exported", in.By, in.Form); err != nil {
		return nil, err
	}
	return s.exported(in.By, in.Form, &file), nil
}

// A StretchChoice chooses times that agents spent. Without a stretch of time it is of today.
type StretchChoice struct {
	Stretch
	Agent string `query:"agent" maxLength:"64"`
	State string `query:"state" enum:"online,ready,busy,break,ringing,talking,wrap_up" doc:"online: each sign-in to its sign-out"`
}

func (s *Server) stretchQuery(ctx context.Context, in *StretchChoice) (StretchQuery, error) {
	if err := s.mayChoose(ctx, "", in.Agent); err != nil {
		return StretchQuery{}, err
	}
	from, to, err := s.stretchOrToday(in.Stretch)
	return StretchQuery{From: from, To: to, Agent: in.Agent, State: telephony.AgentState(in.State), Team: s.team(ctx)}, err
}

type stretchesAnswer struct {
	Body struct {
		Stretches []StretchRow `json:"stretches"`
	}
}

func (s *Server) getStretches(ctx context.Context, in *StretchChoice) (*stretchesAnswer, error) {
	q, err := s.stretchQuery(ctx, in)
	if err != nil {
		return nil, err
	}
	answer := &stretchesAnswer{}
	answer.Body.Stretches, err = s.Reports.Stretches(ctx, q)
	return answer, err
}

type stretchesExport struct {
	StretchChoice
	Form     string `path:"form" enum:"csv,xlsx"`
	Language string `query:"language" enum:"zh,en" doc:"Of the headings; empty: the site's"`
}

func (s *Server) getStretchesFile(ctx context.Context, in *stretchesExport) (*huma.StreamResponse, error) {
	q, err := s.stretchQuery(ctx, &in.StretchChoice)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	if err := s.Reports.ExportStretches(ctx, &file, in.Form, s.language(in.Language), q); err != nil {
		return nil, err
	}
	if err := s.Configs.Note(ctx, by(ctx), "report.exported", "stretches", in.Form); err != nil {
		return nil, err
	}
	return s.exported("agents", in.Form, &file), nil
}
