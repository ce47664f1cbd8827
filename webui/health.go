package webui

import "context"

type healthAnswer struct{ Body Health }

func (s *Server) getHealth(context.Context, *struct{}) (*healthAnswer, error) {
	h := s.Machine.Health()
	h.Version, h.Board, h.Started = s.Version, s.Board, s.Started
	return &healthAnswer{h}, nil
}
