package webui

import (
	"context"
)

type reportInput struct {
	By string `path:"by" enum:"daily,hourly,monthly,queues,agents"`
	Stretch
}

type reportAnswer struct {
	Body struct {
		Rows []ReportRow `json:"rows"`
	}
}

var reportBy = map[string]string{"daily": "day", "hourly": "hour", "monthly": "month", "queues": "queue", "agents": "agent"}

// getReport: without a stretch of time, the report is of today.
func (s *Server) getReport(ctx context.Context, in *reportInput) (*reportAnswer, error) {
	zone := s.Configs.Config().Location()
	if in.From == "" && in.To == "" {
		in.From = today(zone)
		in.To = in.From
	}
	from, to, err := in.stretch(zone)
	if err != nil {
		return nil, err
	}
	rows, err := s.Reports.Report(ctx, reportBy[in.By], from, to)
	answer := &reportAnswer{}
	answer.Body.Rows = rows
	return answer, err
}
