package webui

import (
	"context"
	"strings"
	"time"

	"callbox/telephony"
)

// An OwnSession is one of the places where somebody is signed in.
type OwnSession struct {
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"` // last use, within ten minutes
	Source  string    `json:"source,omitempty"`
	Current bool      `json:"current"` // the one that asks
}

var errNoAccount = telephony.Errorf(telephony.Conflict,
	"令牌和本机命令没有密码，请用账户登录。", "A token and the box's own commands have no password. Sign in with an account.")

type passwordInput struct {
	Body struct {
		Present string `json:"present" minLength:"1" maxLength:"256"`
		Next    string `json:"next" minLength:"1" maxLength:"256"`
	}
}

// postPassword changes the own password. A wrong present one is slowed down like one at the sign-in: a page that somebody left open
// is no way to find it.
func (s *Server) postPassword(ctx context.Context, in *passwordInput) (*sessionAnswer, error) {
	p := asker(ctx)
	if strings.Contains(p.Name, ":") {
		return nil, errNoAccount
	}
	var secret string
	err := s.guesses.try(connOf(ctx).source, p.Name, func() (err error) {
		secret, err = s.Accounts.ChangePassword(ctx, p.Name, in.Body.Present, in.Body.Next, by(ctx))
		return err
	})
	if err != nil {
		return nil, err
	}
	return &sessionAnswer{Cookie: s.cookie(ctx, secret, 0), Body: p}, nil
}

type ownInput struct {
	Secret string `cookie:"callbox"`
}

type sessionsAnswer struct {
	Body struct {
		Sessions []OwnSession `json:"sessions"`
	}
}

func (s *Server) getSessions(_ context.Context, in *ownInput) (*sessionsAnswer, error) {
	answer := &sessionsAnswer{}
	var err error
	answer.Body.Sessions, err = s.Accounts.Sessions(in.Secret)
	return answer, err
}

func (s *Server) deleteSessions(ctx context.Context, in *ownInput) (*struct{}, error) {
	return nil, s.Accounts.SignOutOthers(ctx, in.Secret, by(ctx))
}
