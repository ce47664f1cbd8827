package webui

import (
	"context"
	"time"
)

// longestMeasurement is what the capacity of a slow computer takes at the most, with a margin.
const longestMeasurement = 10 * time.Minute

// longestSelfTest is what a self-test of a slow computer takes at the most, with a margin.
const longestSelfTest = 3 * time.Minute

type healthAnswer struct{ Body Health }

func (s *Server) getHealth(context.Context, *struct{}) (*healthAnswer, error) {
	h := s.Machine.Health()
	h.Version, h.Board, h.Started = s.Version, s.Board, s.Started
	return &healthAnswer{h}, nil
}

type capacityInput struct {
	Anyway bool `query:"anyway" doc:"Measure while calls are in progress, which takes the processor from them"`
}

type capacityAnswer struct{ Body Capacity }

func (s *Server) postCapacity(ctx context.Context, in *capacityInput) (*capacityAnswer, error) {
	if err := s.Configs.Note(ctx, by(ctx), "capacity.measured", "", ""); err != nil {
		return nil, err
	}
	c, err := s.Machine.Measure(ctx, in.Anyway)
	if err != nil {
		return nil, err
	}
	return &capacityAnswer{c}, nil
}

type selfTestAnswer struct{ Body SelfTest }

func (s *Server) postSelfTest(ctx context.Context, _ *struct{}) (*selfTestAnswer, error) {
	if err := s.Configs.Note(ctx, by(ctx), "selftest.made", "", ""); err != nil {
		return nil, err
	}
	t, err := s.Machine.SelfTest(ctx)
	if err != nil {
		return nil, err
	}
	return &selfTestAnswer{t}, nil
}
