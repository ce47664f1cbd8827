package webui

import "context"

// An OwnReport is a report as somebody chose it, under a name (A11.10).
type OwnReport struct {
	Name   string   `json:"name"`
	By     string   `json:"by" enum:"hourly,slots,daily,weekly,monthly,queues,agents,lines,menus"`
	Period string   `json:"period,omitempty" enum:"today,yesterday,week,month,year" doc:"The stretch of time, reckoned from the day on which it is opened; absent: from and to"`
	From   string   `json:"from,omitempty" maxLength:"10" pattern:"^\\d{4}-\\d\\d-\\d\\d$"`
	To     string   `json:"to,omitempty" maxLength:"10" pattern:"^\\d{4}-\\d\\d-\\d\\d$"`
	Queue  string   `json:"queue,omitempty" maxLength:"64"`
	Agent  string   `json:"agent,omitempty" maxLength:"64"`
	Line   string   `json:"line,omitempty" maxLength:"64"`
	Hidden []string `json:"hidden,omitempty" maxItems:"64" doc:"Columns that the page leaves out"`
}

// OwnReports are the verbs of the reports that people saved. They are known by the names of their accounts.
type OwnReports interface {
	OwnReports(user string) ([]OwnReport, error)
	// PutOwnReport saves one, in the place of the one with its name.
	PutOwnReport(ctx context.Context, user string, r OwnReport) error
	DeleteOwnReport(ctx context.Context, user, name string) error
}

type ownReportsAnswer struct {
	Body struct {
		Reports []OwnReport `json:"reports"`
	}
}

func (s *Server) getOwnReports(ctx context.Context, _ *struct{}) (*ownReportsAnswer, error) {
	user, err := accountOf(ctx)
	if err != nil {
		return nil, err
	}
	answer := &ownReportsAnswer{}
	list, err := s.Accounts.OwnReports(user)
	answer.Body.Reports = only(list, func(r OwnReport) bool { return s.mayChoose(ctx, r.Queue, r.Agent) == nil })
	return answer, err
}

func (s *Server) postOwnReport(ctx context.Context, in *struct{ Body OwnReport }) (*struct{}, error) {
	user, err := accountOf(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.mayChoose(ctx, in.Body.Queue, in.Body.Agent); err != nil {
		return nil, err
	}
	return nil, s.Accounts.PutOwnReport(ctx, user, in.Body)
}

type ownReportName struct {
	Name string `query:"name" required:"true" maxLength:"64"`
}

func (s *Server) deleteOwnReport(ctx context.Context, in *ownReportName) (*struct{}, error) {
	user, err := accountOf(ctx)
	if err != nil {
		return nil, err
	}
	return nil, s.Accounts.DeleteOwnReport(ctx, user, in.Name)
}
