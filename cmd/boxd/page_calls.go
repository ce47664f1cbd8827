package main

import (
	"context"
	"io"
	"slices"

	"callbox/storage"
	"callbox/telephony"
	"callbox/webui"
)

// calls joins the page to the call records and the journal.
type calls struct{ *Box }

func queryOf(q webui.CallQuery) storage.Query {
	return storage.Query{
		From: q.From, To: q.To, Number: q.Number, Direction: q.Direction, Outcome: q.Outcome, Answered: q.Answered,
		ForPerson: q.ForPerson, Hour: q.Hour, Line: q.Line, Queue: q.Queue, Reason: q.Reason, Agent: q.Agent, Own: q.Own, Menu: q.Menu,
		Input: q.Input, Closed: q.Closed, Vote: q.Vote, Scored: q.Scored, Complaint: q.Complaint, Team: q.Team, Before: q.Before, Limit: q.Limit,
	}
}

// Calls lists the records that fit.
func (c calls) Calls(ctx context.Context, q webui.CallQuery) (webui.CallPage, error) {
	page, err := c.Store.Calls(ctx, queryOf(q))
	out := webui.CallPage{Calls: make([]webui.CallRecord, 0, len(page.Calls)), Next: page.Next}
	for _, r := range page.Calls {
		out.Calls = append(out.Calls, callRecord(r))
	}
	return out, err
}

// Call is one record, of a call in progress so far.
func (c calls) Call(ctx context.Context, id telephony.CallID) (webui.CallRecord, error) {
	r, err := c.Store.SoFar(ctx, id)
	if err != nil {
		return webui.CallRecord{}, err
	}
	return callRecord(r), nil
}

// CallJournal is what happened to one call.
func (c calls) CallJournal(ctx context.Context, id telephony.CallID) ([]telephony.Entry, error) {
	return c.Store.Story(ctx, id)
}

// ScoreCall journals a score, and returns when it can be read.
func (c calls) ScoreCall(ctx context.Context, r *webui.CallRecord, s webui.Score) error {
	c.Store.Append(telephony.Entry{Call: r.ID, Fact: telephony.CallScored{Arrived: r.Arrived, Agent: s.Agent, Points: s.Points, Note: s.Note, By: s.By}})
	return c.Store.Sync(ctx)
}

// JudgeCall journals a judgment, and returns when it can be read.
func (c calls) JudgeCall(ctx context.Context, r *webui.CallRecord, j webui.Judgment) error {
	c.Store.Append(telephony.Entry{Call: r.ID, Fact: telephony.CallJudged{Arrived: r.Arrived, Founded: j.Founded, Note: j.Note, By: j.By}})
	return c.Store.Sync(ctx)
}

// ExportCalls writes the records that fit.
func (c calls) ExportCalls(ctx context.Context, w io.Writer, form, language string, q webui.CallQuery) error {
	if err := c.spares(); err != nil {
		return err
	}
	return c.Store.Export(ctx, w, form, language, queryOf(q))
}

// CallsAfter lists those that ended behind an entry of the journal.
func (c calls) CallsAfter(ctx context.Context, q webui.EndedQuery) (webui.EndedCalls, error) {
	if err := c.spares(); err != nil {
		return webui.EndedCalls{}, err
	}
	list, next, err := c.Store.CallsAfter(ctx, storage.EndedQuery(q))
	out := webui.EndedCalls{Calls: make([]webui.CallRecord, 0, len(list)), Next: next}
	for _, r := range list {
		out.Calls = append(out.Calls, callRecord(r))
	}
	return out, err
}

// ExportSQL writes the same as statements.
func (c calls) ExportSQL(ctx context.Context, w io.Writer, dialect string, q webui.EndedQuery) error {
	if err := c.spares(); err != nil {
		return err
	}
	return c.Store.ExportSQL(ctx, w, dialect, storage.EndedQuery(q))
}

func callRecord(r storage.Record) webui.CallRecord {
	out := webui.CallRecord{
		ID: r.ID, Direction: r.Direction, Line: r.Line, Caller: r.Caller, Called: r.Called, Calling: r.Calling, Arrived: r.Arrived,
		Answered: r.Answered, Connected: r.Connected, Ended: r.Ended, Target: r.Target, Rule: r.Rule, Why: r.Why, Closed: r.Closed,
		Queue: r.Queue, Agent: r.Agent, WaitMS: r.Waited.Milliseconds(), TalkMS: r.Talked.Milliseconds(),
		HeldMS: r.Held.Milliseconds(), Outcome: r.Outcome, Cause: r.Cause, EndedBy: r.EndedBy, Recordings: r.Recording,
		Mailbox: r.Mailbox,
	}
	if p := r.Poll; p != nil {
		out.Poll = &webui.Poll{Queue: p.Queue, Agent: p.Agent, Vote: p.Vote}
	}
	for i := range r.Visits {
		if queue := r.Visits[i].Queue; !slices.Contains(out.Queues, queue) {
			out.Queues = append(out.Queues, queue)
		}
	}
	for i := range r.Talks {
		if agent := r.Talks[i].Agent; agent != "" && !slices.Contains(out.Agents, agent) {
			out.Agents = append(out.Agents, agent)
		}
	}
	if s := r.Score; s != nil {
		out.Score = &webui.Score{Points: s.Points, Note: s.Note, Agent: s.Agent, By: s.By, Time: s.Time}
	}
	if c := r.Complaint; c != nil {
		out.Complaint = &webui.Complaint{Code: c.Code, By: c.NotedBy, Time: c.Noted}
		if j := c.Judgment; j != nil {
			out.Complaint.Judgment = &webui.Judgment{Founded: j.Founded, Note: j.Note, By: j.By, Time: c.Judged}
		}
	}
	if out.Recordings == nil {
		out.Recordings = []string{}
	}
	return out
}

// recordings joins the page to what was spoken.
type recordings struct{ *storage.Store }

// Recordings lists those that fit.
func (r recordings) Recordings(ctx context.Context, q webui.RecordingQuery) (webui.RecordingPage, error) {
	list, next, err := r.Store.Recordings(ctx, storage.RecordingQuery(q))
	page := webui.RecordingPage{Recordings: make([]webui.Recording, 0, len(list)), Next: next}
	for _, rec := range list {
		page.Recordings = append(page.Recordings, recording(rec))
	}
	return page, err
}

// Recording is what is known of one.
func (r recordings) Recording(_ context.Context, id string) (webui.Recording, error) {
	rec, err := r.Store.Recording(id)
	return recording(rec), err
}

// OpenRecording opens its WAV file.
func (r recordings) OpenRecording(_ context.Context, id string) (io.ReadSeekCloser, error) {
	f, err := r.Store.OpenRecording(id)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// DeleteRecording removes it for ever. Who did is in the audit first (A18.20).
func (r recordings) DeleteRecording(ctx context.Context, id string, by webui.By) error {
	if _, err := r.Store.Recording(id); err != nil {
		return err
	}
	if err := r.Audit(ctx, storage.AuditLine{Who: by.Who, Source: by.Source, Action: "recording.deleted", On: id}); err != nil {
		return err
	}
	return r.Store.DeleteRecording(ctx, by.Who, id)
}

// MarkMessage notes that a message was heard, or is new again.
func (r recordings) MarkMessage(ctx context.Context, id string, heard bool, by webui.By) error {
	return r.Store.MarkMessage(ctx, by.Who, id, heard)
}

// DeleteMessage removes a message, which is a recording, for ever.
func (r recordings) DeleteMessage(ctx context.Context, id string, by webui.By) error {
	if _, err := r.Message(id); err != nil {
		return err
	}
	return r.DeleteRecording(ctx, id, by)
}

func recording(r storage.Recording) webui.Recording {
	return webui.Recording{
		ID: r.ID, Call: r.Call, Purpose: r.Purpose, Mailbox: r.Mailbox, HeardBy: r.HeardBy, Agent: r.Agent, Caller: r.Caller,
		Started: r.Started, LengthMS: r.Length.Milliseconds(), GapMS: r.Gap.Milliseconds(), Octets: r.Octets, Problem: r.Problem,
	}
}
