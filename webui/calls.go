package webui

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"callbox/telephony"

	"github.com/danielgtaylor/huma/v2"
)

const (
	typeCSV    = "text/csv; charset=utf-8"
	typeXLSX   = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	typeSQL    = "application/sql" // RFC 6922
	typePCAPNG = "application/x-pcapng"
)

// A Stretch of time, from and to. (Huma reads an embedded input only when its type is exported.)
type Stretch struct {
	From string `query:"from" maxLength:"40" doc:"RFC 3339, or a day (2026-11-23) in the site's time zone"`
	To   string `query:"to" maxLength:"40" doc:"The same; a day is included"`
}

// stretch reads the two; an end that is not given is the zero time.
func (in Stretch) stretch(zone *time.Location) (from, to time.Time, err error) {
	if from, err = moment(in.From, zone, 0); err == nil {
		to, err = moment(in.To, zone, 1)
	}
	return from, to, err
}

// today is the day that it is in a zone.
func today(zone *time.Location) string { return time.Now().In(zone).Format(time.DateOnly) }

func moment(text string, zone *time.Location, plusDays int) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return day.AddDate(0, 0, plusDays), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, telephony.Errorf(telephony.Invalid,
			"看不懂时间 %q，请写成 2026-11-23 或 2026-11-23T09:00:00+08:00。",
			"The time %q cannot be read. Write 2026-11-23 or 2026-11-23T09:00:00+08:00.", text)
	}
	return t, nil
}

// A CallFilter chooses call records.
type CallFilter struct {
	Stretch
	Number    string              `query:"number" maxLength:"32" doc:"Part of the caller's or the called number"`
	Direction telephony.Direction `query:"direction" enum:"in,out,internal"`
	Outcome   telephony.Outcome   `query:"outcome" maxLength:"32"`
	Line      string              `query:"line" maxLength:"64" doc:"By which it came in or went out; *: any to the outside"`
	Answered  string              `query:"answered" enum:"yes,no" doc:"Whether a person took it"`
	ForPerson string              `query:"for_person" enum:"yes,no" doc:"Whether somebody should have: it came to a queue, an agent, a phone or an outside number, or found no line free"`
	Hour      string              `query:"hour" pattern:"^[01][0-9]$|^2[0-3]$" doc:"Of the site's day in which it arrived: 09"`
	Queue     string              `query:"queue" maxLength:"64" doc:"To which it came; *: any"`
	Reason    string              `query:"reason" maxLength:"32" doc:"How its stays in the queue, or in any, ended: answered if one was, else as the last did (left, timeout ...); unanswered: each but answered"`
	Agent     string              `query:"agent" maxLength:"64" doc:"Who talked in it; *: any"`
	Menu      string              `query:"menu" maxLength:"64" doc:"That the caller heard; *: any"`
	Input     string              `query:"input" maxLength:"32" doc:"That led on from the menu, or from any: the keys; invalid, timeout, hung_up"`
	Closed    string              `query:"closed" enum:"off,holiday,*" doc:"It came outside of opening hours: after hours, or on a holiday; *: either"`
	Vote      string              `query:"vote" enum:"1,2,3,4,*,asked" doc:"What the caller answered who was asked about the agent and for the queue, or either; *: any vote; asked: or none"`
	Scored    string              `query:"scored" maxLength:"64" doc:"The agent for whom it was scored; *: any"`
	Complaint string              `query:"complaint" enum:"open,founded,unfounded,*" doc:"The caller complained, and what a supervisor judged of it; *: whatever"`
	Before    telephony.CallID    `query:"before" maxLength:"32" doc:"The page after this call"`
	Limit     int                 `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

// query is what a filter chooses of the asker's team.
func (s *Server) query(ctx context.Context, in *CallFilter) (CallQuery, error) {
	if err := s.mayChoose(ctx, in.Queue, in.Agent, in.Scored); err != nil {
		return CallQuery{}, err
	}
	from, to, err := in.stretch(s.Configs.Config().Location())
	return CallQuery{
		From: from, To: to, Number: in.Number, Direction: in.Direction, Outcome: in.Outcome,
		Answered: in.Answered, ForPerson: in.ForPerson, Hour: in.Hour, Line: in.Line, Queue: in.Queue, Reason: in.Reason,
		Agent: in.Agent, Menu: in.Menu, Input: in.Input, Closed: in.Closed, Vote: in.Vote, Scored: in.Scored, Complaint: in.Complaint, Team: s.team(ctx), Before: in.Before, Limit: in.Limit,
	}, err
}

type callsAnswer struct{ Body CallPage }

func (s *Server) getCalls(ctx context.Context, in *CallFilter) (*callsAnswer, error) {
	q, err := s.query(ctx, in)
	if err != nil {
		return nil, err
	}
	page, err := s.Calls.Calls(ctx, q)
	return &callsAnswer{page}, err
}

type callAnswer struct{ Body CallRecord }

func (s *Server) getCall(ctx context.Context, in *callInput) (*callAnswer, error) {
	if err := s.maySee(ctx, in.ID); err != nil {
		return nil, err
	}
	record, err := s.Calls.Call(ctx, in.ID)
	return &callAnswer{record}, err
}

type journalAnswer struct {
	Body struct {
		Entries []StoryLine `json:"entries"`
	}
}

func (s *Server) getCallJournal(ctx context.Context, in *callInput) (*journalAnswer, error) {
	if err := s.maySee(ctx, in.ID); err != nil {
		return nil, err
	}
	entries, err := s.Calls.CallJournal(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	answer := &journalAnswer{}
	answer.Body.Entries = tell(s.Configs.Config(), entries)
	return answer, nil
}

// A CallCursor says where a program that keeps calls itself goes on.
type CallCursor struct {
	After uint64 `query:"after" doc:"What the last answer gave as next; 0: from the first call"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"500"`
}

// An EndedQuery chooses calls that ended behind an entry of the journal.
type EndedQuery struct {
	After uint64
	Limit int
	Team  *telephony.Team // of the asker: calls of it alone
}

func (s *Server) ended(ctx context.Context, c *CallCursor) EndedQuery {
	return EndedQuery{After: c.After, Limit: c.Limit, Team: s.team(ctx)}
}

type endedAnswer struct{ Body EndedCalls }

func (s *Server) getCallsEnded(ctx context.Context, in *CallCursor) (*endedAnswer, error) {
	ended, err := s.Calls.CallsAfter(ctx, s.ended(ctx, in))
	return &endedAnswer{ended}, err
}

type sqlInput struct {
	CallCursor
	Dialect string `query:"dialect" enum:"postgresql,mysql" default:"postgresql" doc:"mysql: MariaDB too"`
}

func (s *Server) getCallsSQL(ctx context.Context, in *sqlInput) (*huma.StreamResponse, error) {
	var file bytes.Buffer
	if err := s.Calls.ExportSQL(ctx, &file, in.Dialect, s.ended(ctx, &in.CallCursor)); err != nil {
		return nil, err
	}
	if err := s.Configs.Note(ctx, by(ctx), "calls.exported", "sql", fmt.Sprintf("%+v", in.CallCursor)); err != nil {
		return nil, err
	}
	return s.exported("calls", "sql", &file), nil
}

type exportInput struct {
	CallFilter
	Language string `query:"language" enum:"zh,en" doc:"Of the headings; empty: the site's"`
}

func (s *Server) getCallsCSV(ctx context.Context, in *exportInput) (*huma.StreamResponse, error) {
	return s.export(ctx, in, "csv")
}

func (s *Server) getCallsXLSX(ctx context.Context, in *exportInput) (*huma.StreamResponse, error) {
	return s.export(ctx, in, "xlsx")
}

// export makes the whole file before the first octet goes out, so that a failure can still be told as one.
func (s *Server) export(ctx context.Context, in *exportInput, form string) (*huma.StreamResponse, error) {
	q, err := s.query(ctx, &in.CallFilter)
	if err != nil {
		return nil, err
	}
	q.Limit = 0
	var file bytes.Buffer
	if err := s.Calls.ExportCalls(ctx, &file, form, s.language(in.Language), q); err != nil {
		return nil, err
	}
	if err := s.Configs.Note(ctx, by(ctx), "calls.exported", form, fmt.Sprintf("%+v", in.CallFilter)); err != nil {
		return nil, err
	}
	return s.exported("calls", form, &file), nil
}

// language is the one that was asked for, or the site's.
func (s *Server) language(asked string) string {
	return cmp.Or(asked, s.Configs.Config().Site.Language)
}

// exported is a file that was made, named after the day that it is where the box stands.
func (s *Server) exported(name, form string, file *bytes.Buffer) *huma.StreamResponse {
	contentType := map[string]string{"csv": typeCSV, "xlsx": typeXLSX, "sql": typeSQL}[form]
	return stream(contentType, name+"-"+today(s.Configs.Config().Location())+"."+form, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = file.WriteTo(w)
	})
}
