package webui

import (
	"context"
	"slices"

	"callbox/telephony"
)

type spansAnswer struct {
	Body struct {
		Spans []telephony.LiveSpan `json:"spans"`
	}
}

func (s *Server) getSpans(ctx context.Context, _ *struct{}) (*spansAnswer, error) {
	answer := &spansAnswer{}
	answer.Body.Spans = narrow(s.Live.Live(), s.team(ctx)).Spans
	return answer, nil
}

type channelInput struct {
	Span   string `path:"span" maxLength:"16" doc:"The line of the span, its slash escaped: e1%2F1"`
	Number int    `path:"number" minimum:"1" maximum:"31" doc:"The timeslot; 16 is the D-channel"`
	Body   struct {
		Blocked bool `json:"blocked" doc:"True: no call is placed on the channel or taken from it; one in progress goes on"`
	}
}

// postSpanChannel changes the configuration like any other change of it, so it is audited and can be undone.
func (s *Server) postSpanChannel(ctx context.Context, in *channelInput) (*revisionAnswer, error) {
	return s.change(ctx, func(c *telephony.Config) (*telephony.Config, error) {
		return withChannel(c, in.Span, in.Number, in.Body.Blocked)
	})
}

// withChannel is the configuration with a channel blocked or not.
func withChannel(c *telephony.Config, span string, number int, blocked bool) (*telephony.Config, error) {
	i := slices.IndexFunc(c.Spans, func(s telephony.SpanConfig) bool { return s.ID == span })
	if i < 0 {
		return nil, telephony.Errorf(telephony.NotFound, "没有 E1 线路 %s。", "There is no span %s.", span)
	}
	next := *c
	next.Spans = slices.Clone(c.Spans)
	others := slices.DeleteFunc(slices.Clone(c.Spans[i].Blocked), func(n int) bool { return n == number })
	if blocked {
		others = append(others, number)
		slices.Sort(others)
	}
	next.Spans[i].Blocked = others
	return &next, nil
}
