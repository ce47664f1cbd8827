package webui

import (
	"context"
	"maps"
	"slices"
	"strings"

	"callbox/telephony"

	"github.com/danielgtaylor/huma/v2"
)

// A supervisor may have a team: some queues, beyond which there is nothing for her (A16.2, A8.5). An agent has the own desk: the own calls,
// who waits in the own queues, and the colleagues. What is of either telephony.Team decides; here it is asked for whoever sends a request.
// Each row of the table says whether it keeps to that (ofTeam), or why there is nothing to keep to (ofNobody).

const teamKey = "x-team"

// ofTeam says of a row that a supervisor with a team, and an agent, is answered of that alone, and changes nothing beyond it.
func ofTeam(op *huma.Operation) { op.Extensions[teamKey] = true }

// ofNobody says of a row that it is the asker's own, or of the whole box and of no queue.
func ofNobody(op *huma.Operation) { op.Extensions[teamKey] = false }

var errTeam = telephony.Errorf(telephony.Forbidden,
	"这不属于您的班组。如需查看，请管理员在“账户与令牌”中调整您的班组。",
	"This is not of your team. If you need it, the administrator can change your team under Accounts & tokens.")

// hasTeam says that a person sees no more than some queues.
func (p Person) hasTeam() bool { return p.Role == Supervisor && len(p.Queues) > 0 }

// teamOf is what a person sees of the box; nil: all of it, as far as the role reaches.
func (s *Server) teamOf(p Person) *telephony.Team {
	switch {
	case p.hasTeam():
		return s.Configs.Config().Team(p.Queues, p.Agent)
	case !p.Role.Reaches(Supervisor):
		return s.Configs.Config().Desk(p.Agent)
	}
	return nil
}

// team is that of the asker.
func (s *Server) team(ctx context.Context) *telephony.Team { return s.teamOf(asker(ctx)) }

// mayChoose refuses a choice of a queue and of agents that are not the asker's; "" and "*" are what is.
func (s *Server) mayChoose(ctx context.Context, queue string, agents ...string) error {
	team := s.team(ctx)
	others := func(id string) bool { return id != "" && id != "*" && !team.HasAgent(id) }
	if queue != "" && queue != "*" && !team.HasQueue(queue) || slices.ContainsFunc(agents, others) {
		return errTeam
	}
	return nil
}

// maySee refuses a call that is not of the asker's team, whether it goes on or is over.
func (s *Server) maySee(ctx context.Context, id telephony.CallID) error {
	seen, err := s.sees(ctx, s.team(ctx), id)
	switch {
	case err != nil || seen:
		return err
	case asker(ctx).hasTeam():
		return errTeam
	}
	return errRights
}

// sees says that a call is of a team.
func (s *Server) sees(ctx context.Context, t *telephony.Team, id telephony.CallID) (bool, error) {
	if t == nil || slices.ContainsFunc(teamCalls(s.Live.Live(), t), func(c telephony.LiveCall) bool { return c.ID == id }) {
		return true, nil
	}
	r, err := s.Calls.Call(ctx, id)
	return err == nil && r.of(t), err
}

func (r *CallRecord) of(t *telephony.Team) bool {
	return t.HasCall(append(slices.Clone(r.Queues), r.Queue), append(slices.Clone(r.Agents), r.Agent, r.Calling))
}

// mayUse refuses a phone at which an agent of another team sits, or that agent.
func (s *Server) mayUse(ctx context.Context, phone telephony.Target) error {
	if !asker(ctx).hasTeam() { // an agent uses the own phone, or a free one of the house
		return nil
	}
	team := s.team(ctx)
	others := func(id string, at telephony.Target) bool { return at != "" && at == phone && !team.HasAgent(id) }
	for _, a := range s.Live.Live().Agents {
		if others(a.ID, telephony.Target(a.Phone)) {
			return errTeam
		}
	}
	if phone.Kind() == telephony.ToAgent {
		return s.mayChoose(ctx, "", phone.ID())
	}
	for _, a := range s.Configs.Config().Agents {
		if others(a.ID, a.Phone) {
			return errTeam
		}
	}
	return nil
}

// mayHost refuses a conference room in which there are calls and none of them is of the asker's team.
func (s *Server) mayHost(ctx context.Context, room string) error {
	whole, team := s.Live.Live(), s.team(ctx)
	if team == nil {
		return nil
	}
	in := func(l telephony.Live) int {
		i := slices.IndexFunc(l.Rooms, func(r telephony.LiveRoom) bool { return r.ID == room })
		if i < 0 {
			return 0
		}
		return len(l.Rooms[i].Calls)
	}
	if in(whole) > 0 && in(narrow(whole, team)) == 0 {
		return errTeam
	}
	return nil
}

// seen is what a person sees of the box at this moment.
func (s *Server) seen(p Person, l telephony.Live) telephony.Live {
	if p.Role.Reaches(Supervisor) {
		return narrow(l, s.teamOf(p))
	}
	return atDesk(l, s.teamOf(p))
}

// atDesk is what an agent sees: what the desk needs. What else there is in a picture, now or later, is not for agents. Of a conference room
// the ids of its calls tell how many are there.
func atDesk(l telephony.Live, desk *telephony.Team) telephony.Live {
	own, agents := narrow(l, desk), slices.Clone(l.Agents)
	for i, a := range agents {
		if !desk.HasAgent(a.ID) {
			agents[i] = colleague(a)
		}
	}
	return telephony.Live{
		Time: l.Time, Calls: discreet(own.Calls), Queues: own.Queues, Agents: agents, Rooms: l.Rooms,
		Closed: l.Closed, HandlingSeconds: l.HandlingSeconds,
	}
}

// colleague is what agents see of another, whom they call and write to: the state, not the calls. One that rings may be picked up (A2.14).
func colleague(a telephony.LiveAgent) telephony.LiveAgent {
	seen := telephony.LiveAgent{
		ID: a.ID, Name: a.Name, State: a.State, Reason: a.Reason, Doing: a.Doing, After: a.After, Since: a.Since, Until: a.Until,
	}
	if telephony.Target(a.Phone).Kind() == telephony.ToPhone { // the number at home is the colleague's own
		seen.Phone = a.Phone
	}
	if a.State == telephony.AgentRinging {
		seen.Call = a.Call
	}
	return seen
}

// discreet are calls as their agents see them: not who listens, or whispers to another (A6.1).
func discreet(calls []telephony.LiveCall) []telephony.LiveCall {
	calls = slices.Clone(calls)
	for i, c := range calls {
		calls[i].Parties = only(c.Parties, func(p telephony.LiveParty) bool { return p.Mode == "" || p.Mode == "barge" })
	}
	return calls
}

// narrow is what a team sees of the box at this moment. A call of its own it sees whole.
func narrow(l telephony.Live, t *telephony.Team) telephony.Live {
	if t == nil {
		return l
	}
	l.Calls = teamCalls(l, t)
	seats := map[string]bool{} // where agents of others sit: their phones tell what they do
	for _, a := range l.Agents {
		seats[lineOf(a.Phone)] = !t.HasAgent(a.ID)
	}
	l.Lines = only(l.Lines, func(s telephony.LineStatus) bool { return !seats[s.ID] })
	l.Agents = only(l.Agents, func(a telephony.LiveAgent) bool { return t.HasAgent(a.ID) })
	for i := range l.Agents {
		l.Agents[i].Queues = only(l.Agents[i].Queues, t.HasQueue)
	}
	l.Queues = only(l.Queues, func(q telephony.LiveQueue) bool { return t.HasQueue(q.ID) })
	l.Alarms = only(l.Alarms, func(a telephony.LiveAlarm) bool { return !countsCalls(a.Name) })
	calls, legs := map[telephony.CallID]bool{}, map[string]bool{}
	for _, c := range l.Calls {
		calls[c.ID] = true
		for _, p := range c.Parties {
			legs[p.Leg] = true
		}
	}
	l.Rooms = slices.Clone(l.Rooms)
	for i := range l.Rooms {
		l.Rooms[i].Calls = only(l.Rooms[i].Calls, func(id telephony.CallID) bool { return calls[id] })
	}
	l.Spans = slices.Clone(l.Spans)
	for i := range l.Spans {
		l.Spans[i].Channels = slices.Clone(l.Spans[i].Channels)
		for j, c := range l.Spans[i].Channels {
			if !legs[c.Leg] {
				l.Spans[i].Channels[j].Leg, l.Spans[i].Channels[j].Party = "", ""
			}
		}
	}
	return l
}

// lineOf is the line of the phone where an agent sits.
func lineOf(phone string) string { return strings.Replace(phone, ":", "/", 1) }

// only leaves of a list what may be seen. The list itself stays as it is.
func only[T any](list []T, may func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(one T) bool { return !may(one) })
}

// countsCalls says of an alarm that it tells how all calls fared.
func countsCalls(alarm string) bool { return alarm == "answer_rate" }

// teamCalls are the calls in progress that are of a team.
func teamCalls(l telephony.Live, t *telephony.Team) []telephony.LiveCall {
	in := map[telephony.CallID]bool{} // in which its agents are, or that their phones dial
	for _, a := range l.Agents {
		in[a.Call] = in[a.Call] || a.Call != "" && t.HasAgent(a.ID)
	}
	return only(l.Calls, func(c telephony.LiveCall) bool {
		agents := []string{c.Agent}
		for _, p := range c.Parties {
			agents = append(agents, p.Agent)
		}
		return in[c.ID] || t.HasCall(c.Queues, agents)
	})
}

// A teamStory knows of the calls that go on whether they are of a team, so that of each thing that happens it can be said.
type teamStory struct {
	*Server
	person Person
	own    map[telephony.CallID]bool
}

const keptCalls = 4096 // that a story knows; more than go on at once

// tells says whether a team is told of what happened.
func (s *teamStory) tells(ctx context.Context, n telephony.Notification) bool {
	team := s.teamOf(s.person)
	if team == nil {
		return true
	}
	queue, agent := concerns(n.Data.Fact)
	if a, is := n.Data.Fact.(telephony.Alarm); is {
		return !countsCalls(a.Name)
	}
	call := n.Data.Call
	if call == "" {
		return agent == "" && queue == "" || team.HasQueue(queue) || team.HasAgent(agent)
	}
	own, known := s.own[call]
	switch _, begins := n.Data.Fact.(telephony.CallArrived); {
	case team.HasCall([]string{queue}, []string{agent}):
		own = true
	case !known && !begins:
		own, _ = s.sees(ctx, team, call)
	}
	if len(s.own) >= keptCalls {
		clear(s.own)
	}
	s.own[call] = own
	if _, ends := n.Data.Fact.(telephony.CallEnded); ends {
		delete(s.own, call)
	}
	return own
}

// concerns is the queue and the agent of which a fact tells.
func concerns(f telephony.Fact) (queue, agent string) {
	switch f := f.(type) {
	case telephony.CallArrived:
		return "", f.Agent
	case telephony.Queued:
		return f.Queue, ""
	case telephony.Unqueued:
		return f.Queue, ""
	case telephony.Offered:
		return f.Queue, f.Agent
	case telephony.Bridged:
		return "", f.Agent
	case telephony.AgentChanged:
		return "", f.Agent
	}
	return "", ""
}

// pictureKey is the same for those who see the same of the box.
func (p Person) pictureKey() string {
	return strings.Join(append(slices.Sorted(slices.Values(p.Queues)), string(p.Role), p.Agent), "\n")
}

// ownNames leaves of names those that a team has.
func ownNames(names map[string]string, has func(string) bool) {
	maps.DeleteFunc(names, func(id, _ string) bool { return !has(id) })
}
