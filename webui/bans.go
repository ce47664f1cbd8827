package webui

import (
	"context"

	"callbox/telephony"
)

type bansAnswer struct {
	Body struct {
		Bans []telephony.Ban `json:"bans"`
	}
}

func (s *Server) getBans(ctx context.Context, _ *struct{}) (*bansAnswer, error) {
	answer := &bansAnswer{}
	var err error
	answer.Body.Bans, err = s.Bans.Bans(ctx)
	return answer, err
}

type banInput struct {
	Address string `path:"address" maxLength:"64" doc:"As the list names it, its slash escaped: 2001:db8::%2F64"`
}

func (s *Server) deleteBan(ctx context.Context, in *banInput) (*struct{}, error) {
	return nil, s.Bans.Unban(ctx, in.Address, by(ctx))
}
