package webui

import (
	"cmp"
	"context"
	"slices"

	"callbox/telephony"
)

type agentsAnswer struct {
	Body struct {
		Agents []telephony.LiveAgent `json:"agents"`
	}
}

func (s *Server) getAgents(ctx context.Context, _ *struct{}) (*agentsAnswer, error) {
	answer := &agentsAnswer{}
	answer.Body.Agents = s.seen(asker(ctx), s.Live.Live()).Agents
	return answer, nil
}

type agentStateInput struct {
	ID   string `path:"id" maxLength:"32"`
	Body struct {
		State  telephony.AgentState `json:"state" enum:"ready,busy,break,signed_out" doc:"Ready also signs in and ends wrap-up"`
		Reason string               `json:"reason,omitempty" maxLength:"64" doc:"Why busy or on a break"`
		Phone  telephony.Target     `json:"phone,omitempty" maxLength:"64" doc:"Where the agent sits: phone:801; empty: as configured"`
	}
}

// postAgentState: an agent changes the own state only, and sits inside or as configured; a supervisor everybody's, anywhere.
func (s *Server) postAgentState(ctx context.Context, in *agentStateInput) (*struct{}, error) {
	p := asker(ctx)
	if !p.Role.Reaches(Supervisor) && (p.Agent != in.ID || !s.maySit(in.ID, in.Body.Phone)) {
		return nil, errRights
	}
	if err := cmp.Or(s.mayChoose(ctx, "", in.ID), s.mayUse(ctx, in.Body.Phone)); err != nil {
		return nil, err
	}
	if in.Body.Phone.Kind() == telephony.ToOutside && !s.Configs.Config().Has(telephony.FunctionForwarding) {
		return nil, telephony.OffError()
	}
	return nil, s.Agents.SetAgent(ctx, in.ID, in.Body.State, in.Body.Reason, in.Body.Phone, by(ctx))
}

type agentBreakInput struct {
	ID   string `path:"id" maxLength:"32"`
	Body struct {
		Do string `json:"do" enum:"ask,withdraw,grant,refuse" doc:"An agent asks, or takes the wish back; a supervisor decides"`
	}
}

// postAgentBreak is about a break beyond the most at once (A5.6). The wish stands beside the agent until a supervisor decides,
// and those whom it concerns are told. A break that is granted begins after the call.
func (s *Server) postAgentBreak(ctx context.Context, in *agentBreakInput) (*struct{}, error) {
	p, decides := asker(ctx), in.Body.Do == "grant" || in.Body.Do == "refuse"
	if decides && !p.Role.Reaches(Supervisor) || !decides && p.Agent != in.ID {
		return nil, errRights
	}
	if err := s.mayChoose(ctx, "", in.ID); err != nil {
		return nil, err
	}
	var err error
	m := Message{From: p.Name, Agent: p.Agent, To: in.ID, Supervisor: p.Role.Reaches(Supervisor)}
	switch in.Body.Do {
	case "ask":
		m.To, m.Kind = "supervisors", "break"
		err = s.Agents.AskBreak(ctx, in.ID, true, by(ctx))
	case "withdraw":
		return nil, s.Agents.AskBreak(ctx, in.ID, false, by(ctx))
	case "refuse":
		m.Kind = "refused"
		err = s.Agents.AskBreak(ctx, in.ID, false, by(ctx))
	case "grant":
		m.Kind = "granted"
		err = s.grantBreak(ctx, in.ID)
	}
	if err == nil {
		s.talk.say(m)
	}
	return nil, err
}

// grantBreak lets an agent take the break that is asked for, if it still is.
func (s *Server) grantBreak(ctx context.Context, agent string) error {
	asks := func(a telephony.LiveAgent) bool { return a.ID == agent && !a.Asks.IsZero() }
	if !slices.ContainsFunc(s.Live.Live().Agents, asks) {
		return telephony.Errorf(telephony.Conflict, "该座席没有待批的小休申请。", "Nobody asks for that break any more.")
	}
	return s.Agents.SetAgent(ctx, agent, telephony.AgentBreak, "", "", by(ctx))
}

// maySit: which outside number an agent's calls go to is configured, or an agent could send the customers' calls, at the
// company's cost, anywhere (pain 45).
func (s *Server) maySit(agent string, phone telephony.Target) bool {
	a := s.Configs.Config().Agent(agent)
	return phone.Kind() != telephony.ToOutside || a != nil && a.Phone == phone
}

type callRecordingInput struct {
	ID   telephony.CallID `path:"id" maxLength:"32"`
	Body struct {
		Action string `json:"action" enum:"start,stop,pause,resume"`
	}
}

func (s *Server) postCallRecording(ctx context.Context, in *callRecordingInput) (*struct{}, error) {
	if err := s.mayAct(ctx, in.ID); err != nil {
		return nil, err
	}
	if !s.Configs.Config().Has(telephony.FunctionRecording) && in.Body.Action == "start" {
		return nil, telephony.OffError()
	}
	return nil, s.Control.Record(in.ID, in.Body.Action, by(ctx))
}

type callInput struct {
	ID telephony.CallID `path:"id" maxLength:"32"`
}

func (s *Server) postCallHangup(ctx context.Context, in *callInput) (*struct{}, error) {
	if err := s.mayAct(ctx, in.ID); err != nil {
		return nil, err
	}
	return nil, s.Control.Hangup(in.ID, asker(ctx).Agent, by(ctx))
}

// mayAct: an agent acts on the call that the agent is in, as one who was consulted too, and on one that the own phone dialled though nobody has
// answered yet; a supervisor on every call in progress of the team.
func (s *Server) mayAct(ctx context.Context, id telephony.CallID) error {
	p := asker(ctx)
	call, err := s.inProgress(id)
	own := s.ownSeat(ctx)
	dialled := own.Kind() == telephony.ToPhone && call.Line == "phone/"+own.ID()
	if err == nil && p.Role.Reaches(Supervisor) {
		return s.maySee(ctx, id)
	}
	if err != nil || p.Agent != "" && (call.Agent == p.Agent || hasPart(&call, p.Agent)) || dialled {
		return err
	}
	return errRights
}

// inProgress is the newest picture of a call in progress.
func (s *Server) inProgress(id telephony.CallID) (telephony.LiveCall, error) {
	for _, call := range s.Live.Live().Calls {
		if call.ID == id {
			return call, nil
		}
	}
	return telephony.LiveCall{}, telephony.Errorf(telephony.NotFound, "通话 %s 已不在进行中。", "Call %s is not in progress any more.", id)
}
