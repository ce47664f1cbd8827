package webui

import (
	"context"
	"time"
)

// longestMail is what a mail server may take for one message, with a margin.
const longestMail = 90 * time.Second

type mailTestInput struct {
	Body struct {
		To string `json:"to" minLength:"3" maxLength:"320"`
	}
}

func (s *Server) postMailTest(ctx context.Context, in *mailTestInput) (*struct{}, error) {
	if err := s.Configs.Note(ctx, by(ctx), "mail.tested", in.Body.To, ""); err != nil {
		return nil, err
	}
	return nil, s.Postman.Test(ctx, in.Body.To)
}
