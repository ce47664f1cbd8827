package webui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"callbox/telephony"
)

// A Score is what a supervisor found of a call (A11.11: QA points). One stands for each call; the audit keeps those before.
type Score struct {
	Points int       `json:"points"` // 0 to 100
	Note   string    `json:"note,omitempty"`
	Agent  string    `json:"agent"` // whose part in the call it is about
	By     string    `json:"by"`
	Time   time.Time `json:"time"`
}

type scoreInput struct {
	ID   telephony.CallID `path:"id" maxLength:"32"`
	Body struct {
		Agent  string `json:"agent,omitempty" maxLength:"32" doc:"Whose part in it: one who talked; empty: the last"`
		Points int    `json:"points" minimum:"0" maximum:"100"`
		Note   string `json:"note,omitempty" maxLength:"300" doc:"So long that the audit has all of it"`
	}
}

// putScore scores a call for an agent who talked in it. What cannot be noted in the audit is not done.
func (s *Server) putScore(ctx context.Context, in *scoreInput) (*struct{}, error) {
	if err := s.maySee(ctx, in.ID); err != nil {
		return nil, err
	}
	r, err := s.Calls.Call(ctx, in.ID)
	agent := cmp.Or(in.Body.Agent, r.Agent)
	switch {
	case err != nil:
		return nil, err
	case r.Ended.IsZero():
		return nil, telephony.Errorf(telephony.Conflict, "通话还没有结束，请结束后再打分。", "The call goes on. Score it when it is over.")
	case agent == "":
		return nil, telephony.Errorf(telephony.Conflict, "没有座席接听这通电话，无法打分。", "No agent took this call, so that there is nobody to score.")
	case agent != r.Agent && !slices.Contains(r.Agents, agent):
		return nil, telephony.Errorf(telephony.Invalid, "座席 %s 没有参加这通电话。", "Agent %s did not talk in this call.", agent).At("agent")
	}
	note := strings.TrimSpace(in.Body.Note)
	if err := s.Configs.Note(ctx, by(ctx), "call.scored", string(in.ID), strings.TrimSpace(fmt.Sprintf("%s %d %s", agent, in.Body.Points, note))); err != nil {
		return nil, err
	}
	return nil, s.Calls.ScoreCall(ctx, &r, Score{Points: in.Body.Points, Note: note, Agent: agent, By: asker(ctx).Name})
}
