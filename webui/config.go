package webui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"time"

	"callbox/telephony"

	"github.com/danielgtaylor/huma/v2"
)

type configAnswer struct{ Body *telephony.Config }

func (s *Server) getConfig(context.Context, *struct{}) (*configAnswer, error) {
	return &configAnswer{s.Configs.Configured().Masked()}, nil
}

// configBody is a configuration as it was sent; it is read strictly, so that a misspelt field is not lost.
type configBody json.RawMessage

// Schema makes the document show the configuration itself.
func (configBody) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[telephony.Config](), true, "Config")
}

// UnmarshalJSON keeps the text.
func (b *configBody) UnmarshalJSON(text []byte) error {
	*b = append((*b)[:0], text...)
	return nil
}

// MarshalJSON gives it back as it came.
func (b configBody) MarshalJSON() ([]byte, error) { return json.RawMessage(b).MarshalJSON() }

// read gives the configuration, with the secrets that are in force where it carries masks.
func (b configBody) read(inForce *telephony.Config) (*telephony.Config, error) {
	decoder := json.NewDecoder(bytes.NewReader(b))
	decoder.DisallowUnknownFields()
	var c telephony.Config
	if err := decoder.Decode(&c); err != nil {
		refusal := telephony.Errorf(telephony.Invalid,
			"无法读懂这份配置，请从 GET /api/config 得到的内容改起。",
			"The configuration cannot be read. Start from what GET /api/config gives.")
		refusal.Problems = []telephony.Problem{unreadable(err)}
		return nil, refusal
	}
	return c.Unmasked(inForce), nil
}

// whole is the draft of a configuration with every field that this version of the box has: one that an earlier version kept lacks some,
// and they are as in a new box.
func (b configBody) whole() (configBody, error) {
	c := telephony.DefaultConfig()
	var wrong *json.UnmarshalTypeError // a field that is not as it was is left as in a new box, too
	if err := json.Unmarshal(b, c); err != nil && !errors.As(err, &wrong) {
		return nil, err
	}
	return json.Marshal(listed(reflect.ValueOf(c)).Interface())
}

func unreadable(err error) telephony.Problem {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return telephony.Problem{Path: wrong.Field, Message: telephony.Text{
			ZH: "类型不对：收到 " + wrong.Value + "，应为 " + wrong.Type.String(),
			EN: "wrong type: got " + wrong.Value + ", expected " + wrong.Type.String(),
		}}
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("it is empty")
	}
	return telephony.Problem{Message: telephony.Text{ZH: err.Error(), EN: err.Error()}}
}

type putConfigInput struct {
	DryRun bool   `query:"dry_run" doc:"Validate and show the changes, but keep nothing"`
	Why    string `query:"why" maxLength:"200" doc:"The reason, for the history"`
	Body   configBody
}

// Changes is what a configuration changes, or has changed.
type Changes struct {
	Revision uint64           `json:"revision"` // in force now
	Changes  []Difference     `json:"changes"`
	Effects  []telephony.Text `json:"effects"` // what it does to calls, callers and people who are there now
}

type changesAnswer struct{ Body Changes }

func (s *Server) putConfig(ctx context.Context, in *putConfigInput) (*changesAnswer, error) {
	inForce := s.Configs.Configured()
	c, err := in.Body.read(inForce)
	if err != nil {
		return nil, err
	}
	changes, err := s.Configs.DiffConfig(c)
	if err != nil {
		return nil, err
	}
	would := Changes{inForce.Revision, changes, s.effects(inForce, c, changes)}
	if in.DryRun {
		return &changesAnswer{would}, nil
	}
	who := by(ctx)
	who.Why = in.Why
	kept, err := s.Configs.PutConfig(ctx, c, who)
	if err != nil {
		return nil, err
	}
	would.Revision = kept.Revision
	return &changesAnswer{would}, nil
}

// effects says what going from one configuration to another does now.
func (s *Server) effects(from, to *telephony.Config, changes []Difference) []telephony.Text {
	if len(changes) == 0 {
		return nil
	}
	return effects(from.Effective(), to.Effective(), s.Live.Live())
}

type diffInput struct{ Body configBody }

func (s *Server) postConfigDiff(ctx context.Context, in *diffInput) (*changesAnswer, error) {
	return s.putConfig(ctx, &putConfigInput{DryRun: true, Body: in.Body})
}

type revisionsAnswer struct {
	Body struct {
		Revisions []Revision `json:"revisions"`
	}
}

func (s *Server) getRevisions(context.Context, *struct{}) (*revisionsAnswer, error) {
	list, err := s.Configs.Revisions()
	answer := &revisionsAnswer{}
	answer.Body.Revisions = list
	return answer, err
}

type revisionInput struct {
	Revision uint64 `path:"revision"`
}

func (s *Server) getRevision(_ context.Context, in *revisionInput) (*changesAnswer, error) {
	changes, err := s.Configs.RevisionChanges(in.Revision)
	return &changesAnswer{Changes{Revision: in.Revision, Changes: changes}}, err
}

type revisionAnswer struct {
	Body struct {
		Revision uint64 `json:"revision"` // in force now
	}
}

// change puts one part of the configuration in force anew. Whoever changed it at the same moment did not mean this part: it is
// tried again on what they made.
func (s *Server) change(ctx context.Context, with func(*telephony.Config) (*telephony.Config, error)) (*revisionAnswer, error) {
	who := by(ctx)
	for {
		next, err := with(s.Configs.Configured())
		if err != nil {
			return nil, err
		}
		c, err := s.Configs.PutConfig(ctx, next, who)
		var refusal *telephony.Error
		if errors.As(err, &refusal) && refusal.Code == telephony.Conflict && ctx.Err() == nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		answer := &revisionAnswer{}
		answer.Body.Revision = c.Revision
		return answer, nil
	}
}

// getUndo: changes made after the revision are undone as well, so that what is lost is seen before.
func (s *Server) getUndo(_ context.Context, in *revisionInput) (*changesAnswer, error) {
	inForce := s.Configs.Configured()
	before, err := s.Configs.ConfigBefore(in.Revision)
	if err != nil {
		return nil, err
	}
	changes, err := s.Configs.DiffConfig(before)
	if err != nil {
		return nil, err
	}
	return &changesAnswer{Changes{inForce.Revision, changes, s.effects(inForce, before, changes)}}, nil
}

type undoInput struct {
	Revision uint64 `path:"revision"`
	Base     uint64 `query:"base" doc:"The revision that the plan was made from; refused where another one is in force. 0: any"`
}

func (s *Server) postUndo(ctx context.Context, in *undoInput) (*revisionAnswer, error) {
	c, err := s.Configs.UndoConfig(ctx, in.Revision, in.Base, by(ctx))
	if err != nil {
		return nil, err
	}
	answer := &revisionAnswer{}
	answer.Body.Revision = c.Revision
	return answer, nil
}

type auditInput struct {
	Before uint64 `query:"before" doc:"Lines older than this seq"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type auditAnswer struct {
	Body struct {
		Lines []AuditLine `json:"lines"`
	}
}

// longestProof is what it may take to read a journal of years.
const longestProof = 10 * time.Minute

type auditProofInput struct {
	Until uint64 `query:"journal_until" doc:"The journal up to this entry alone, for a hash that was written down then"`
}

type auditProofAnswer struct{ Body AuditProof }

func (s *Server) getAuditProof(ctx context.Context, in *auditProofInput) (*auditProofAnswer, error) {
	if !s.proving.TryLock() {
		return nil, telephony.Errorf(telephony.Busy, "正在校验日志，请等它结束。", "The journal is being checked already: wait for the end of that.")
	}
	defer s.proving.Unlock()
	proof, err := s.Configs.ProveAudit(ctx, in.Until)
	return &auditProofAnswer{proof}, err
}

func (s *Server) getAudit(_ context.Context, in *auditInput) (*auditAnswer, error) {
	lines, err := s.Configs.Audit(in.Before, in.Limit)
	answer := &auditAnswer{}
	answer.Body.Lines = lines
	return answer, err
}
