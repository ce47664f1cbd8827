package webui

import (
	"context"
	"slices"
	"time"

	"callbox/telephony"
)

// Lines looks after analogue lines, by their ids ("fxo/1"). NotFound when there is no such line.
type Lines interface {
	// TestLine measures a line that nobody uses, in up to 15 s. Busy when it is in use.
	TestLine(ctx context.Context, line string) (*telephony.LineReport, error)
	// LearnedTone is by what tone the line's calls ended.
	LearnedTone(line string) (telephony.LearnedTone, error)
	// ForgetTone lets the line learn anew.
	ForgetTone(line string) error
}

// longestTest is how long a line is tested at the most, with a margin.
const longestTest = 30 * time.Second

type lineInput struct {
	Line string `path:"line" maxLength:"16" doc:"The analogue line, its slash escaped: fxo%2F1"`
}

type lineReportAnswer struct{ Body *telephony.LineReport }

func (s *Server) postLineTest(ctx context.Context, in *lineInput) (*lineReportAnswer, error) {
	report, err := s.Lines.TestLine(ctx, in.Line)
	if err != nil {
		return nil, err
	}
	return &lineReportAnswer{report}, nil
}

type lineToneAnswer struct{ Body telephony.LearnedTone }

func (s *Server) getLineTone(_ context.Context, in *lineInput) (*lineToneAnswer, error) {
	learned, err := s.Lines.LearnedTone(in.Line)
	if err != nil {
		return nil, err
	}
	return &lineToneAnswer{learned}, nil
}

// postLineTone adopts what was learned: a change of the configuration, which is audited and can be undone.
func (s *Server) postLineTone(ctx context.Context, in *lineInput) (*revisionAnswer, error) {
	learned, err := s.Lines.LearnedTone(in.Line)
	switch {
	case err != nil:
		return nil, err
	case len(learned.Tone.Hz) == 0:
		return nil, telephony.Errorf(telephony.NotFound, "线路 %s 还没有学到忙音：等几个由对方先挂机的通话", "Line %s has learned no tone yet: wait for calls that the other party ends first.", in.Line)
	}
	return s.setBusyTone(ctx, in.Line, learned.Tone)
}

// deleteLineTone forgets what was learned and what was adopted.
func (s *Server) deleteLineTone(ctx context.Context, in *lineInput) (*revisionAnswer, error) {
	if err := s.Lines.ForgetTone(in.Line); err != nil {
		return nil, err
	}
	return s.setBusyTone(ctx, in.Line, telephony.LineTone{})
}

func (s *Server) setBusyTone(ctx context.Context, line string, tone telephony.LineTone) (*revisionAnswer, error) {
	return s.change(ctx, func(c *telephony.Config) (*telephony.Config, error) { return withBusyTone(c, line, tone) })
}

// withBusyTone is the configuration with a line's own busy tone.
func withBusyTone(c *telephony.Config, line string, tone telephony.LineTone) (*telephony.Config, error) {
	i := slices.IndexFunc(c.Lines, func(l telephony.LineConfig) bool { return l.ID == line })
	if i < 0 {
		return nil, telephony.Errorf(telephony.NotFound, "没有模拟线路 %s。", "There is no analogue line %s.", line)
	}
	next := *c
	next.Lines = slices.Clone(c.Lines)
	next.Lines[i].BusyTone = tone
	return &next, nil
}
