package webui

import (
	"context"
	"maps"
	"sync"
	"time"

	"callbox/telephony"
)

// A supervisor sees what an agent's desk shows now (A6.5): the agent's own data, live, and not a picture of the screen.

// lookLasts is how long after a look another one belongs to the same opening: the page asks every 15 s, and in the background each minute.
const lookLasts = 5 * time.Minute

// A look is of somebody at an agent's desk, or at the log.
type look struct{ who, at string }

// looks remembers those who look at something that is audited, so that an opening is noted once.
type looks struct {
	mu   sync.Mutex
	last map[look]time.Time
}

// open reports whether a look goes on.
func (l *looks) open(of look) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.last[of]) < lookLasts
}

// seen notes a look, and forgets those that are over.
func (l *looks) seen(of look) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		l.last = map[look]time.Time{}
	}
	maps.DeleteFunc(l.last, func(_ look, at time.Time) bool { return time.Since(at) >= lookLasts })
	l.last[of] = time.Now()
}

type agentInput struct {
	ID string `path:"id" maxLength:"32"`
}

// looksAt is the agent at whose desk somebody looks. What cannot be noted in the audit is not seen.
func (s *Server) looksAt(ctx context.Context, id string) (*telephony.Agent, error) {
	if err := s.mayChoose(ctx, "", id); err != nil {
		return nil, err
	}
	a := s.Configs.Config().Agent(id)
	if a == nil {
		return nil, telephony.Errorf(telephony.NotFound, "没有工号 %s。", "There is no agent %s.", id)
	}
	return a, s.look(ctx, "desk.looked", a.ID)
}

// look notes in the audit that the asker looks at something, once for each opening.
func (s *Server) look(ctx context.Context, action, on string) error {
	of := look{asker(ctx).Name, action + " " + on}
	if !s.looks.open(of) {
		if err := s.Configs.Note(ctx, by(ctx), action, on, ""); err != nil {
			return err
		}
	}
	s.looks.seen(of)
	return nil
}

// getAgentDesk is the desk of another agent.
func (s *Server) getAgentDesk(ctx context.Context, in *agentInput) (*deskAnswer, error) {
	a, err := s.looksAt(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return s.deskOf(ctx, a, s.team(ctx))
}

type latelyAnswer struct {
	Body struct {
		Calls    []OwnCall `json:"calls"`    // the newest of the agent's own; names are the network's, since the address book is private
		Messages []Message `json:"messages"` // between the agent and the supervisors, and to all; oldest first
	}
}

// getAgentLately is what the desk of another agent lists of the time before.
func (s *Server) getAgentLately(ctx context.Context, in *agentInput) (*latelyAnswer, error) {
	a, err := s.looksAt(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	none := func(string) (string, error) { return "", nil }
	calls, _, err := s.ownCalls(ctx, a.ID, "", none)
	if err != nil {
		return nil, err
	}
	answer := &latelyAnswer{}
	answer.Body.Calls, answer.Body.Messages = calls, s.talk.withSupervisors(a.ID)
	return answer, nil
}
