package webui

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"callbox/telephony"
)

// A CallOrder is what somebody asks of a conversation.
type CallOrder struct {
	Do    string            // "hold", "retrieve", "consult", "back", "conference", "transfer", "park", "pickup", "monitor", "attach"
	Agent string            // who asks, if an agent with a part in the call; empty: for the call's agent
	To    string            // of consult and transfer: a target, or digits as dialled at a phone
	Phone telephony.Target  // of pickup and monitor
	Mode  string            // of monitor
	Data  map[string]string // of attach
}

// A Placing is a call that the box is asked to place: it rings From, and when that answers, sends the call to To.
type Placing struct {
	From telephony.Target
	To   string
	Own  bool // who asks sits at From, which answers by itself
}

// orders carries out one that needs no more than the call's id.
func (s *Server) orders(do string) func(context.Context, *callInput) (*struct{}, error) {
	return func(ctx context.Context, in *callInput) (*struct{}, error) {
		return s.ordered(ctx, in.ID, CallOrder{Do: do})
	}
}

type callTargetInput struct {
	ID   telephony.CallID `path:"id" maxLength:"32"`
	Body struct {
		To string `json:"to,omitempty" maxLength:"64" doc:"phone:802, agent:1001, queue:sales, menu:main, room:board, voicemail:front, outside:13800138000, or digits as dialled at a phone"`
	}
}

func (s *Server) postCallConsult(ctx context.Context, in *callTargetInput) (*struct{}, error) {
	return s.ordered(ctx, in.ID, CallOrder{Do: "consult", To: in.Body.To})
}

func (s *Server) postCallTransfer(ctx context.Context, in *callTargetInput) (*struct{}, error) {
	return s.ordered(ctx, in.ID, CallOrder{Do: "transfer", To: in.Body.To})
}

type callDataInput struct {
	ID   telephony.CallID `path:"id" maxLength:"32"`
	Body struct {
		Data map[string]string `json:"data" doc:"Values by name; an empty value takes one away"`
	}
}

func (s *Server) postCallData(ctx context.Context, in *callDataInput) (*struct{}, error) {
	return s.ordered(ctx, in.ID, CallOrder{Do: "attach", Data: in.Body.Data})
}

// ordered: an agent acts on the own part of a call, a supervisor also for the agent of every call in progress of the team.
func (s *Server) ordered(ctx context.Context, id telephony.CallID, o CallOrder) (*struct{}, error) {
	call, err := s.inProgress(id)
	if err != nil {
		return nil, err
	}
	p := asker(ctx)
	switch {
	case p.Agent != "" && hasPart(&call, p.Agent):
		o.Agent = p.Agent
	case !p.Role.Reaches(Supervisor):
		return nil, errRights
	default:
		if err := s.maySee(ctx, id); err != nil {
			return nil, err
		}
	}
	return nil, s.Control.Order(id, o, by(ctx))
}

// hasPart says that an agent is in a call, and does not only ring.
func hasPart(call *telephony.LiveCall, agent string) bool {
	return slices.ContainsFunc(call.Parties, func(l telephony.LiveParty) bool { return l.Agent == agent && l.State != telephony.PartyCalled })
}

type callPhoneInput struct {
	ID   telephony.CallID `path:"id" maxLength:"32"`
	Body struct {
		Phone telephony.Target `json:"phone,omitempty" maxLength:"64" doc:"phone:801; empty: where the asker sits as an agent"`
	}
}

// postCallPickup: everybody in the office may take a call that rings or is parked, at the own phone (A2.14).
func (s *Server) postCallPickup(ctx context.Context, in *callPhoneInput) (*struct{}, error) {
	phone, err := s.seat(ctx, in.Body.Phone)
	if err == nil && phone != s.ownSeat(ctx) {
		err = s.maySee(ctx, in.ID)
	}
	if err != nil {
		return nil, err
	}
	return nil, s.Control.Order(in.ID, CallOrder{Do: "pickup", Phone: phone}, by(ctx))
}

type callMonitorInput struct {
	ID   telephony.CallID `path:"id" maxLength:"32"`
	Body struct {
		Mode  string           `json:"mode" enum:"listen,whisper,barge,take_over,leave"`
		Phone telephony.Target `json:"phone,omitempty" maxLength:"64" doc:"phone:801; empty: where the asker sits as an agent"`
	}
}

func (s *Server) postCallMonitor(ctx context.Context, in *callMonitorInput) (*struct{}, error) {
	phone, err := s.seat(ctx, in.Body.Phone)
	if err := cmp.Or(err, s.maySee(ctx, in.ID)); err != nil {
		return nil, err
	}
	return nil, s.Control.Order(in.ID, CallOrder{Do: "monitor", Phone: phone, Mode: in.Body.Mode}, by(ctx))
}

type placingInput struct {
	Body struct {
		From telephony.Target `json:"from,omitempty" maxLength:"64" doc:"phone:801, which is rung first; empty: where the asker sits as an agent"`
		To   string           `json:"to,omitempty" maxLength:"64" doc:"As of a transfer"`
		Back telephony.CallID `json:"back,omitempty" maxLength:"32" doc:"In its place: a call whose other party is called back"`
	}
}

type placedAnswer struct {
	Body struct {
		Call telephony.CallID `json:"call"`
	}
}

func (s *Server) postCalls(ctx context.Context, in *placingInput) (*placedAnswer, error) {
	from, err := s.seat(ctx, in.Body.From)
	if err != nil {
		return nil, err
	}
	to := in.Body.To
	if in.Body.Back != "" {
		number, err := s.otherParty(ctx, in.Body.Back)
		if err != nil {
			return nil, err
		}
		to = strings.Replace(number, "+86", "0", 1)
	}
	if to == "" || in.Body.To != "" && in.Body.Back != "" {
		return nil, telephony.Errorf(telephony.Invalid,
			"请说明呼叫谁：to 为号码，或 back 为要回拨的通话；来电没有号码时无法回拨。",
			"Say whom to call: a number in to, or in back a call to answer by another. One who showed no number cannot be called back.").At("to")
	}
	return s.placed(ctx, Placing{From: from, To: to, Own: from == s.ownSeat(ctx)})
}

func (s *Server) placed(ctx context.Context, p Placing) (*placedAnswer, error) {
	id, err := s.Control.Place(p, by(ctx))
	answer := &placedAnswer{}
	answer.Body.Call = id
	return answer, err
}

// ownSeat is where who asks sits as an agent, or "".
func (s *Server) ownSeat(ctx context.Context) telephony.Target {
	p := asker(ctx)
	for _, a := range s.Live.Live().Agents {
		if p.Agent != "" && a.ID == p.Agent {
			return telephony.Target(a.Phone)
		}
	}
	return ""
}

// seat is the phone for which somebody asks: where the own agent sits, and for a supervisor any where no agent of another team does.
func (s *Server) seat(ctx context.Context, phone telephony.Target) (telephony.Target, error) {
	own := s.ownSeat(ctx)
	switch {
	case phone != "" && phone != own && !asker(ctx).Role.Reaches(Supervisor):
		return "", errRights
	case phone != "":
		return phone, s.mayUse(ctx, phone)
	case own == "":
		return "", telephony.Errorf(telephony.Invalid, "请先签入，或说明用哪部话机。", "Sign in as an agent first, or say which phone.")
	}
	return own, nil
}

type roomLockInput struct {
	ID   string `path:"id" maxLength:"32"`
	Body struct {
		On bool `json:"on"`
	}
}

func (s *Server) postRoomLock(ctx context.Context, in *roomLockInput) (*struct{}, error) {
	if err := s.mayHost(ctx, in.ID); err != nil {
		return nil, err
	}
	return nil, s.Control.LockRoom(in.ID, in.Body.On, by(ctx))
}

type roomInviteInput struct {
	ID   string `path:"id" maxLength:"32"`
	Body struct {
		To telephony.Target `json:"to" minLength:"1" maxLength:"64" doc:"phone:802, agent:1001, outside:13800138000, or digits as dialled at a phone"`
	}
}

func (s *Server) postRoomInvite(ctx context.Context, in *roomInviteInput) (*placedAnswer, error) {
	if err := cmp.Or(s.mayHost(ctx, in.ID), s.mayUse(ctx, in.Body.To)); err != nil {
		return nil, err
	}
	return s.placed(ctx, Placing{From: in.Body.To, To: string(telephony.NewTarget(telephony.ToRoom, in.ID))})
}
