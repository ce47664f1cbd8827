package webui

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"callbox/telephony"
)

// keptMessages bounds what staff wrote to each other and the box still holds. A start of the box forgets them.
const keptMessages = 500

// A Message is a word from one of the staff to another (A5.17): plain, a call for help (A5.22), or about a break (A5.6), which
// needs no text.
type Message struct {
	Seq   uint64    `json:"seq"`
	Time  time.Time `json:"time"`
	From  string    `json:"from"`            // who wrote it
	Agent string    `json:"agent,omitempty"` // whose agent that is
	To    string    `json:"to"`              // an agent, "supervisors" or "all"
	Kind  string    `json:"kind"`            // "message", "help", "helping", "break" (asked for), "granted", "refused"
	About uint64    `json:"about,omitempty"` // of "helping": the number of the call for help that From sees to
	Text  string    `json:"text"`

	Supervisor bool `json:"supervisor,omitempty"` // whether From is one

	team *telephony.Team // of From: to all means to them
}

// talk is what was written. Its lock is held for a few instructions only.
type talk struct {
	mu   sync.Mutex
	seq  uint64
	said []Message
}

func (t *talk) say(m Message) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.add(m)
}

// add says it. The caller holds mu.
func (t *talk) add(m Message) {
	t.seq++
	m.Seq, m.Time = t.seq, time.Now()
	t.said = append(t.said, m)
	if over := len(t.said) - keptMessages; over > 0 {
		t.said = slices.Delete(t.said, 0, over)
	}
}

// help has a person with a team see to a call for help. The first who does has it; who comes second is told who that is.
func (t *talk) help(seq uint64, p Person, team *telephony.Team) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.IndexFunc(t.said, func(m Message) bool { return m.Seq == seq && m.Kind == "help" })
	if at < 0 {
		return telephony.Errorf(telephony.NotFound, "这个求助已经过去了。", "That call for help is past.")
	}
	asks := t.said[at]
	if !asks.ofTeam(team, asks.Agent) {
		return errTeam
	}
	for _, m := range t.said[at:] {
		switch {
		case m.About != seq:
		case m.From == p.Name:
			return nil // by another page of the same person
		default:
			return telephony.Errorf(telephony.Conflict, "%s 已经去协助了。", "%s sees to it already.", m.From)
		}
	}
	t.add(Message{From: p.Name, Agent: p.Agent, To: cmp.Or(asks.Agent, "supervisors"), Kind: "helping", About: seq, Supervisor: true})
	return nil
}

// after are the messages behind a number that a person may read, oldest first. A number that the box has not reached yet is of
// an earlier start: everything is new.
func (t *talk) after(seq uint64, p Person, team *telephony.Team) []Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	if seq > t.seq {
		seq = 0
	}
	list := []Message{}
	for _, m := range t.said {
		if m.Seq > seq && m.mayRead(p, team) {
			list = append(list, m)
		}
	}
	return list
}

// withSupervisors are the messages between an agent and the supervisors, and those to all.
func (t *talk) withSupervisors(agent string) []Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := []Message{}
	for _, m := range t.said {
		if m.To == "all" && m.team.HasAgent(agent) || m.To == agent && m.Supervisor || m.To == "supervisors" && m.Agent == agent {
			list = append(list, m)
		}
	}
	return list
}

func (m *Message) mayRead(p Person, team *telephony.Team) bool {
	about := m.Agent
	if m.Kind == "helping" {
		about = m.To
	}
	supervisors := (m.To == "supervisors" || m.Kind == "helping") && m.ofTeam(team, about)
	return m.To == "all" && m.team.HasAgent(p.Agent) || m.From == p.Name || p.Agent != "" && m.To == p.Agent || supervisors && p.Role.Reaches(Supervisor)
}

// ofTeam says that a word to the supervisors is for one with a team: it is about an agent of it, or about nobody's.
func (m *Message) ofTeam(team *telephony.Team, agent string) bool {
	return agent == "" || agent == "supervisors" || team.HasAgent(agent)
}

type messagesAnswer struct {
	Body struct {
		Messages []Message `json:"messages"`
	}
}

type messagesInput struct {
	After uint64 `query:"after" doc:"Only messages behind this number"`
}

func (s *Server) getMessages(ctx context.Context, in *messagesInput) (*messagesAnswer, error) {
	answer := &messagesAnswer{}
	answer.Body.Messages = s.talk.after(in.After, asker(ctx), s.team(ctx))
	return answer, nil
}

type messageInput struct {
	Body struct {
		To   string `json:"to" minLength:"1" maxLength:"32" doc:"An agent, supervisors or all"`
		Kind string `json:"kind,omitempty" enum:"message,help" default:"message"`
		Text string `json:"text,omitempty" maxLength:"500"`
	}
}

// postMessage: agents write to one another and to the supervisors; to all, supervisors only. All are the agents of the team, where the
// supervisor has one.
func (s *Server) postMessage(ctx context.Context, in *messageInput) (*struct{}, error) {
	p, m := asker(ctx), in.Body
	if m.To == "all" && !p.Role.Reaches(Supervisor) {
		return nil, errRights
	}
	if m.To != "all" && m.To != "supervisors" && s.Configs.Config().Agent(m.To) == nil {
		return nil, telephony.Errorf(telephony.NotFound, "没有工号 %s。", "There is no agent %s.", m.To)
	}
	s.talk.say(Message{From: p.Name, Agent: p.Agent, To: m.To, Kind: m.Kind, Text: strings.TrimSpace(m.Text), Supervisor: p.Role.Reaches(Supervisor), team: s.teamOf(p)})
	return nil, nil
}

type helpInput struct {
	Seq uint64 `path:"seq" doc:"The number of the call for help"`
}

// postHelp: a supervisor sees to a call for help. Its agent and the other supervisors are told who.
func (s *Server) postHelp(ctx context.Context, in *helpInput) (*struct{}, error) {
	return nil, s.talk.help(in.Seq, asker(ctx), s.team(ctx))
}
