package webui

import (
	"context"
	"fmt"
	"strings"
	"time"

	"callbox/telephony"
)

// A Score is what a supervisor found of a call (A11.11: QA points). One stands for each call; the audit keeps those before.
type Score struct {
	Points int       `json:"points"` // 0 to 100
	Note   string    `json:"note,omitempty"`
	Agent  string    `json:"agent"` // who took the call
	By     string    `json:"by"`
	Time   time.Time `json:"time"`
}

type scoreInput struct {
	ID   telephony.CallID `path:"id" maxLength:"32"`
	Body struct {
		Points int    `json:"points" minimum:"0" maximum:"100"`
		Note   string `json:"note,omitempty" maxLength:"300" doc:"So long that the audit has all of it"`
	}
}

// putScore scores a call for the agent who took it last. What cannot be noted in the audit is not done.
func (s *Server) putScore(ctx context.Context, in *scoreInput) (*struct{}, error) {
	r, err := s.Calls.Call(ctx, in.ID)
	switch {
	case err != nil:
		return nil, err
	case r.Ended.IsZero():
		return nil, telephony.Errorf(telephony.Conflict, "通话还没有结束，请结束后再打分。", "The call goes on. Score it when it is over.")
	case r.Agent == "":
		return nil, telephony.Errorf(telephony.Conflict, "没有座席接听这通电话，无法打分。", "No agent took this call, so that there is nobody to score.")
	}
	note := strings.TrimSpace(in.Body.Note)
	if err := s.Configs.Note(ctx, by(ctx), "call.scored", string(in.ID), strings.TrimSpace(fmt.Sprintf("%s %d %s", r.Agent, in.Body.Points, note))); err != nil {
		return nil, err
	}
	return nil, s.Calls.ScoreCall(ctx, &r, Score{Points: in.Body.Points, Note: note, Agent: r.Agent, By: asker(ctx).Name})
}
