package webui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"callbox/telephony"
)

// What an agent's desk is given.
const (
	deskGone    = 8 * time.Second // without a beat, after which the desk counts as gone; the page beats each 2 s
	deskCalls   = 500             // calls of today that are looked at for the missed ones
	deskHistory = 12              // calls and notes of one caller
	deskDays    = 7               // for which an agent sees the own calls
	deskPage    = 20              // of them at once
)

// Desks are the verbs of an agent's desk.
type Desks interface {
	// Present tells whether the page of an agent is there.
	Present(agent string, there bool)
	// Notes are what was written down of the calls with a number, newest first.
	Notes(number string, limit int) ([]CallNote, error)
	// PutNote writes down what a call was about.
	PutNote(ctx context.Context, n CallNote) error
}

var errNoAgent = telephony.Errorf(telephony.NotFound, "您的账户没有对应的座席，请管理员在“用户”中设置。",
	"Your account is nobody's desk. The administrator can name its agent under Users.")

// A DeskView is what an agent sees of the own day.
type DeskView struct {
	Today  ReportRow    `json:"today"`  // own counters (A5.5)
	Missed []CallRecord `json:"missed"` // by the own queues today, newest first; who was spoken to since is not there (A5.11)
	Notice string       `json:"notice"` // of the company (A5.23)
	Codes  []string     `json:"codes"`  // what a call may have been about

	FAQ []telephony.Answer `json:"faq"` // what callers ask often (A5.26)

	CustomerURL string `json:"customer_url"` // the customer in another system, with {number} and {call} in it (A5.7); empty: none
}

type deskAnswer struct{ Body DeskView }

func (s *Server) getDesk(ctx context.Context, _ *struct{}) (*deskAnswer, error) {
	c := s.Configs.Config()
	a := c.Agent(asker(ctx).Agent)
	if a == nil {
		return nil, errNoAgent
	}
	return s.deskOf(ctx, a, nil)
}

// deskOf is the desk of an agent, with what was missed in the queues of a team.
func (s *Server) deskOf(ctx context.Context, a *telephony.Agent, t *telephony.Team) (*deskAnswer, error) {
	c := s.Configs.Config()
	own := c.Desk(a.ID)
	from, to, err := s.stretchOrToday(Stretch{})
	if err != nil {
		return nil, err
	}
	report, err := s.Reports.Report(ctx, ReportQuery{By: "agents", From: from, To: to, Agent: a.ID})
	if err != nil {
		return nil, err
	}
	today, err := s.Calls.Calls(ctx, CallQuery{From: from, To: to, Limit: deskCalls})
	if err != nil {
		return nil, err
	}
	return &deskAnswer{DeskView{Today: report.Total, Missed: missed(today.Calls, func(q string) bool { return own.HasQueue(q) && t.HasQueue(q) }), Notice: c.Site.Notice, Codes: c.Site.Codes, FAQ: c.FAQ, CustomerURL: c.Site.CustomerURL}}, nil
}

// An OwnCall is one of an agent's own calls (A5.10): that the agent talked in, or dialled out in vain.
type OwnCall struct {
	ID        telephony.CallID    `json:"id"`
	Direction telephony.Direction `json:"direction"`
	Number    string              `json:"number"`         // of the other party
	Name      string              `json:"name,omitempty"` // as it was told with the call, or as the own address book has it
	Arrived   time.Time           `json:"arrived"`
	TalkMS    int64               `json:"talk_ms"`
	Outcome   telephony.Outcome   `json:"outcome"`
	Closed    string              `json:"closed,omitempty"`    // it came outside of opening hours: "off" or "holiday" (A5.4)
	Recording string              `json:"recording,omitempty"` // that the agent may hear
	Points    *int                `json:"points,omitempty"`    // that a supervisor gave the agent for it (A11.11)
}

type ownCallsInput struct {
	Before telephony.CallID `query:"before" maxLength:"32" doc:"The page after this call"`
}

type ownCallsAnswer struct {
	Body struct {
		Calls []OwnCall        `json:"calls"`
		Next  telephony.CallID `json:"next,omitempty"`
	}
}

func (s *Server) getDeskCalls(ctx context.Context, in *ownCallsInput) (*ownCallsAnswer, error) {
	agent := asker(ctx).Agent
	if agent == "" {
		return nil, errNoAgent
	}
	answer := &ownCallsAnswer{}
	var err error
	answer.Body.Calls, answer.Body.Next, err = s.ownCalls(ctx, agent, in.Before, func(number string) (string, error) { return s.contactName(ctx, number) })
	return answer, err
}

// ownCalls are a page of an agent's calls, newest first, with the names that an address book has for their numbers.
func (s *Server) ownCalls(ctx context.Context, agent string, before telephony.CallID, nameOf func(number string) (string, error)) (list []OwnCall, next telephony.CallID, err error) {
	page, err := s.Calls.Calls(ctx, CallQuery{From: time.Now().AddDate(0, 0, -deskDays), Own: agent, Before: before, Limit: deskPage})
	if err != nil {
		return nil, "", err
	}
	list = []OwnCall{}
	for _, r := range page.Calls {
		c := OwnCall{ID: r.ID, Direction: r.Direction, Number: other(&r), Arrived: r.Arrived, TalkMS: r.TalkMS, Outcome: r.Outcome, Closed: r.Closed}
		if r.Score != nil && r.Score.Agent == agent {
			c.Points = &r.Score.Points
		}
		if c.Name, err = nameOf(c.Number); err != nil {
			return nil, "", err
		}
		if c.Name == "" && r.Direction == telephony.Inbound {
			c.Name = r.Caller.Name
		}
		if c.Recording, err = s.ownRecording(ctx, r.Recordings); err != nil {
			return nil, "", err
		}
		list = append(list, c)
	}
	return list, page.Next, nil
}

// ownRecording is the first of a call's recordings that who asks may hear and that is still there.
func (s *Server) ownRecording(ctx context.Context, ids []string) (string, error) {
	for _, id := range ids {
		r, err := s.Recordings.Recording(ctx, id)
		var refused *telephony.Error
		switch {
		case errors.As(err, &refused) && refused.Code == telephony.NotFound:
		case err != nil:
			return "", err
		case s.mayHear(ctx, r):
			return id, nil
		}
	}
	return "", nil
}

// missed are the calls, newest first, that nobody took in some queues and whose caller nobody spoke to since: one a caller.
func missed(calls []CallRecord, in func(queue string) bool) (list []CallRecord) {
	spoken := map[string]bool{"": true} // who has no number cannot be called back
	for _, r := range calls {
		number := other(&r)
		taken := r.Outcome == telephony.OutcomeAnswered || r.Outcome == telephony.OutcomeForwarded
		if !taken && !spoken[number] && r.Direction == telephony.Inbound && in(r.Queue) {
			list = append(list, r)
		}
		if taken || r.Direction == telephony.Inbound {
			spoken[number] = true
		}
	}
	return list
}

// other is the number of the party outside.
func other(r *CallRecord) string {
	if r.Direction == telephony.Outbound {
		return r.Called
	}
	return r.Caller.Number
}

// desks remembers which agents' pages are there.
type desks struct {
	mu sync.Mutex
	of map[string]*desk // by agent
}

// A desk is the page of an agent, or all of them.
type desk struct {
	heard  time.Time   // the last beat
	silent *time.Timer // says that the page counts as gone
}

// beat says that an agent's page is there, and gone when no other beat follows. It gives since when the page counted as gone
// before this one; zero: it did not.
func (d *desks) beat(agent string, present func(string, bool)) (gone time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := d.of[agent]
	switch {
	case at == nil:
		if d.of == nil {
			d.of = map[string]*desk{}
		}
		at = &desk{silent: time.AfterFunc(deskGone, func() { present(agent, false) })}
		d.of[agent] = at
		present(agent, true)
	case !at.silent.Reset(deskGone):
		gone = at.heard.Add(deskGone)
		present(agent, true)
	}
	at.heard = time.Now()
	return gone
}

// gone reports whether an agent's page counts as gone.
func (d *desks) gone(agent string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := d.of[agent]
	return at != nil && time.Since(at.heard) >= deskGone
}

// leave forgets the page of an agent who signed out of it: nothing is awaited any more.
func (d *desks) leave(agent string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if at := d.of[agent]; at != nil {
		at.silent.Stop()
		delete(d.of, agent)
	}
}

type beatInput struct {
	Body struct {
		After uint64 `json:"after,omitempty" doc:"The newest message that the page has"`
		Leave bool   `json:"leave,omitempty" doc:"The page signs out: its agent is not awaited any more"`
	}
}

type beatAnswer struct {
	Body struct {
		Messages  []Message `json:"messages"`
		GoneSince time.Time `json:"gone_since,omitzero" doc:"Before this beat the page counted as gone, from here on: asleep, cut off or closed"`
	}
}

// postBeat keeps the asker's agent at the desk, and gives the messages that the page does not have.
func (s *Server) postBeat(ctx context.Context, in *beatInput) (*beatAnswer, error) {
	p, answer := asker(ctx), &beatAnswer{}
	switch {
	case p.Agent == "":
	case in.Body.Leave:
		s.desks.leave(p.Agent)
	default:
		answer.Body.GoneSince = s.desks.beat(p.Agent, s.Desks.Present)
	}
	answer.Body.Messages = s.talk.after(in.Body.After, p, s.teamOf(p))
	return answer, nil
}

// A CallerView is what the box knows of a number, for the screen that pops up before the call is answered (A5.7).
type CallerView struct {
	Number  string         `json:"number"`
	Region  telephony.Text `json:"region"`
	VIP     string         `json:"vip,omitempty"`     // the note of the green channel
	Contact string         `json:"contact,omitempty"` // whose number it is by the asker's own address book
	Calls   []CallRecord   `json:"calls"`             // newest first
	Notes   []CallNote     `json:"notes"`             // newest first
}

// A CallNote is what an agent wrote down of a call.
type CallNote struct {
	Call   telephony.CallID `json:"call"`
	Number string           `json:"number"`
	Agent  string           `json:"agent,omitempty"`
	By     string           `json:"by"`
	Time   time.Time        `json:"time"`
	Code   string           `json:"code,omitempty"`
	Text   string           `json:"text,omitempty"`

	Arrived   time.Time `json:"-"` // the call, by which its record is found
	Complaint bool      `json:"-"` // the code is one of those
}

type callerInput struct {
	Number string `path:"number" maxLength:"32" pattern:"^[0-9+*#]+$"`
}

type callerAnswer struct{ Body CallerView }

func (s *Server) getCaller(ctx context.Context, in *callerInput) (*callerAnswer, error) {
	if s.masks(asker(ctx).Role) { // or the hidden digits could be tried out
		return nil, errMasked
	}
	return s.known(ctx, in.Number, s.team(ctx))
}

func (s *Server) getCallCaller(ctx context.Context, in *callInput) (*callerAnswer, error) {
	number, err := s.otherParty(ctx, in.ID)
	if err != nil || number == "" {
		return &callerAnswer{}, err
	}
	team := s.team(ctx)
	if !asker(ctx).Role.Reaches(Supervisor) { // who serves a caller is told what colleagues did before (A5.7)
		team = nil
	}
	return s.known(ctx, number, team)
}

// known is what the box knows of a number, of the calls and notes of a team.
func (s *Server) known(ctx context.Context, number string, team *telephony.Team) (*callerAnswer, error) {
	view := CallerView{Number: number, Region: telephony.Region(number)}
	for _, v := range s.Configs.Config().VIPs {
		if v.Number.Match(number) && (v.Until.IsZero() || time.Now().Before(v.Until)) {
			view.VIP = v.Note
		}
	}
	page, err := s.Calls.Calls(ctx, CallQuery{Number: number, Team: team, Limit: deskHistory})
	if err != nil {
		return nil, err
	}
	view.Calls = page.Calls
	notes, err := s.Desks.Notes(number, deskHistory)
	if err != nil {
		return nil, err
	}
	view.Notes = only(notes, func(n CallNote) bool { seen, _ := s.sees(ctx, team, n.Call); return seen })
	view.Contact, err = s.contactName(ctx, number)
	return &callerAnswer{view}, err
}

type noteInput struct {
	ID   telephony.CallID `path:"id" maxLength:"32"`
	Body struct {
		Code string `json:"code,omitempty" maxLength:"64" doc:"What it was about: one of the site's codes"`
		Text string `json:"text,omitempty" maxLength:"2000"`
	}
}

// postNote: an agent writes about the own calls, a supervisor about all of the team.
func (s *Server) postNote(ctx context.Context, in *noteInput) (*struct{}, error) {
	p, c := asker(ctx), s.Configs.Config()
	if in.Body.Code != "" && !slices.Contains(c.Site.Codes, in.Body.Code) {
		return nil, telephony.Errorf(telephony.Invalid, "没有业务代码 %s。", "There is no code %s.", in.Body.Code)
	}
	number, agent, arrived, err := s.noted(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if !p.Role.Reaches(Supervisor) && (p.Agent == "" || agent != p.Agent) {
		return nil, errRights
	}
	if err := s.maySee(ctx, in.ID); err != nil {
		return nil, err
	}
	return nil, s.Desks.PutNote(ctx, CallNote{
		Arrived: arrived, Complaint: slices.Contains(c.Site.Complaints, in.Body.Code),
		Call: in.ID, Number: number, Agent: agent, By: p.Name, Code: in.Body.Code, Text: strings.TrimSpace(in.Body.Text),
	})
}

// noted finds the other party and the agent of a call, in progress or over, and when it came.
func (s *Server) noted(ctx context.Context, id telephony.CallID) (number, agent string, arrived time.Time, err error) {
	for _, l := range s.Live.Live().Calls {
		if l.ID == id {
			return other(&CallRecord{Direction: l.Direction, Caller: l.Caller, Called: l.Called}), l.Agent, l.Since, nil
		}
	}
	r, err := s.Calls.Call(ctx, id)
	return other(&r), r.Agent, r.Arrived, err
}
