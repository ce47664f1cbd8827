package webui

import (
	"context"
	"strings"
	"time"

	"callbox/telephony"
)

// A Complaint is what a caller complained of: an agent's note had one of the site's codes for complaints (A11.13).
type Complaint struct {
	Code     string    `json:"code"`
	By       string    `json:"by"`
	Time     time.Time `json:"time"`
	Judgment *Judgment `json:"judgment,omitempty"` // absent while nobody judged it
}

// A Judgment is whether a supervisor found a complaint founded (A18.13). One stands for each call; the audit keeps those before.
type Judgment struct {
	Founded bool      `json:"founded"`
	Note    string    `json:"note,omitempty"`
	By      string    `json:"by"`
	Time    time.Time `json:"time"`
}

type judgmentInput struct {
	ID   telephony.CallID `path:"id" maxLength:"32"`
	Body struct {
		Founded bool   `json:"founded"`
		Note    string `json:"note,omitempty" maxLength:"300" doc:"So long that the audit has all of it"`
	}
}

// putComplaint judges a complaint. What cannot be noted in the audit is not done.
func (s *Server) putComplaint(ctx context.Context, in *judgmentInput) (*struct{}, error) {
	if err := s.maySee(ctx, in.ID); err != nil {
		return nil, err
	}
	r, err := s.Calls.Call(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if r.Complaint == nil {
		return nil, telephony.Errorf(telephony.Conflict, "这通电话没有记为投诉，请先用投诉类业务代码记录。", "This call is no complaint. Note it by one of the codes for complaints first.")
	}
	note, verdict := strings.TrimSpace(in.Body.Note), "unfounded"
	if in.Body.Founded {
		verdict = "founded"
	}
	if err := s.Configs.Note(ctx, by(ctx), "call.judged", string(in.ID), strings.TrimSpace(verdict+" "+note)); err != nil {
		return nil, err
	}
	return nil, s.Calls.JudgeCall(ctx, &r, Judgment{Founded: in.Body.Founded, Note: note, By: asker(ctx).Name})
}
