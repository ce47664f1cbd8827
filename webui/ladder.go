package webui

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"callbox/telephony"

	"github.com/danielgtaylor/huma/v2"
)

// maxLadder bounds the messages that are shown of one call; the export has more.
const maxLadder = 1000

type ladderAnswer struct{ Body Ladder }

func (s *Server) getCallLadder(ctx context.Context, in *callInput) (*ladderAnswer, error) {
	if err := s.maySee(ctx, in.ID); err != nil {
		return nil, err
	}
	entries, err := s.Calls.CallJournal(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	messages, err := s.Traces.CallTraces(ctx, in.ID, maxLadder+1)
	if err != nil {
		return nil, err
	}
	cut := len(messages) > maxLadder
	l := climb(s.Configs.Config(), entries, messages[:min(len(messages), maxLadder)], s.Traces.Read)
	l.Cut = cut
	return &ladderAnswer{l}, nil
}

// climb puts the messages of a call and the entries of its journal on one time axis, which begins with the first of either.
func climb(
	c *telephony.Config, entries []telephony.Entry, messages []telephony.Trace, read func(telephony.Trace) telephony.Reading,
) Ladder {
	type step struct {
		LadderStep
		after time.Duration // since the first entry
	}
	l, steps := Ladder{}, []step{}
	for _, m := range messages {
		leg := LadderLeg{Leg: m.Leg, Line: m.Line, Protocol: m.Protocol}
		if !slices.Contains(l.Legs, leg) {
			l.Legs = append(l.Legs, leg)
		}
		r := read(m)
		steps = append(steps, step{LadderStep{Time: m.Time, Message: &LadderMessage{
			Leg: m.Leg, Line: m.Line, Protocol: m.Protocol, Sent: m.Sent, Name: r.Name, Summary: r.Summary, Text: r.Text,
		}}, m.Mono - entries[0].Mono})
	}
	story := tell(c, entries)
	for i, e := range entries {
		steps = append(steps, step{LadderStep{Time: e.Time, Mark: &story[i]}, since(entries[0], e)})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(a.after, b.after) })
	for _, s := range steps {
		s.AfterMS = (s.after - steps[0].after).Milliseconds()
		if s.Mark != nil {
			s.Mark.AfterMS = s.AfterMS
		}
		l.Steps = append(l.Steps, s.LadderStep)
	}
	return l
}

// getCallTrace makes the whole file before the first octet goes out, so that a failure can still be told as one.
func (s *Server) getCallTrace(ctx context.Context, in *callInput) (*huma.StreamResponse, error) {
	if err := s.maySee(ctx, in.ID); err != nil {
		return nil, err
	}
	var file bytes.Buffer
	if err := s.Traces.ExportTraces(ctx, &file, in.ID); err != nil {
		return nil, err
	}
	if err := s.Configs.Note(ctx, by(ctx), "trace.exported", string(in.ID), ""); err != nil {
		return nil, err
	}
	return stream(typePCAPNG, "call-"+string(in.ID)+".pcapng", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = file.WriteTo(w)
	}), nil
}
