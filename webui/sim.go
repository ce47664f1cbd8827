package webui

import (
	"context"
	"time"

	"callbox/telephony"

	"github.com/danielgtaylor/huma/v2"
)

// A simulated call may last beyond the caller's patience, for the box to clear it.
const (
	ringSlack   = 30 * time.Second
	longestRing = 6 * time.Minute
)

var errReal = telephony.Errorf(telephony.NotFound,
	"这台设备接的是真实线路，没有模拟环境。请用电话拨打。",
	"This box has real lines and no simulated world. Ring it from a telephone.")

// world is the simulated world, or a refusal on a real board.
func (s *Server) world() (World, error) {
	if s.World == nil {
		return nil, errReal
	}
	return s.World, nil
}

type worldAnswer struct{ Body WorldState }

func (s *Server) getSim(context.Context, *struct{}) (*worldAnswer, error) {
	w, err := s.world()
	if err != nil {
		return nil, err
	}
	return &worldAnswer{w.World()}, nil
}

type ringInput struct{ Body Ring }

type heardAnswer struct{ Body Heard }

// postSimRing waits for the end of the call, and tells it as its record does.
func (s *Server) postSimRing(ctx context.Context, in *ringInput) (*heardAnswer, error) {
	w, err := s.world()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(in.Body.ForSeconds)*time.Second+ringSlack)
	defer cancel()
	heard, err := w.Ring(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	if record, err := s.Calls.Call(ctx, heard.Call); err == nil && record.Outcome != "" {
		heard.Outcome, heard.Text = record.Outcome, teller{s.Configs.Config()}.sum(record)
	}
	return &heardAnswer{heard}, nil
}

type heardInput struct {
	Sound string `path:"sound" pattern:"^[A-Za-z0-9-]{1,64}$"`
}

func (s *Server) getSimHeard(_ context.Context, in *heardInput) (*huma.StreamResponse, error) {
	w, err := s.world()
	if err != nil {
		return nil, err
	}
	file, err := w.OpenHeard(in.Sound)
	if err != nil {
		return nil, err
	}
	return sound("", time.Time{}, file), nil
}

type phonesInput struct {
	Body struct {
		Phones []SimPhone `json:"phones" minItems:"1" maxItems:"100"`
	}
}

func (s *Server) postSimPhones(_ context.Context, in *phonesInput) (*worldAnswer, error) {
	w, err := s.world()
	if err != nil {
		return nil, err
	}
	if err := w.StartPhones(in.Body.Phones); err != nil {
		return nil, err
	}
	return &worldAnswer{w.World()}, nil
}

type handsetInput struct {
	Extension string `path:"extension" pattern:"^[0-9]{1,12}$"`
	Body      struct {
		Lift bool `json:"lift" doc:"False: put it back"`
	}
}

func (s *Server) postSimHandset(_ context.Context, in *handsetInput) (*struct{}, error) {
	w, err := s.world()
	if err != nil {
		return nil, err
	}
	return nil, w.Handset(in.Extension, in.Body.Lift)
}

type simHoldInput struct {
	Extension string `path:"extension" pattern:"^[0-9]{1,12}$"`
	Body      struct {
		On bool `json:"on" doc:"False: take the other back"`
	}
}

func (s *Server) postSimHold(_ context.Context, in *simHoldInput) (*struct{}, error) {
	w, err := s.world()
	if err != nil {
		return nil, err
	}
	return nil, w.Hold(in.Extension, in.Body.On)
}

type dayInput struct{ Body Day }

func (s *Server) postSimDay(_ context.Context, in *dayInput) (*worldAnswer, error) {
	w, err := s.world()
	if err != nil {
		return nil, err
	}
	if err := w.StartDay(in.Body); err != nil {
		return nil, err
	}
	return &worldAnswer{w.World()}, nil
}
