package webui

import (
	"context"
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
		Present string `json:"present,omitempty" maxLength:"256" doc:"Empty for an account without one, after a passkey has proved who asks"`
		Next    string `json:"next" minLength:"1" maxLength:"256"`
	}
}

// postPassword changes the own password. A wrong present one is slowed down like one at the sign-in: a page that somebody left open
// is no way to find it.
func (s *Server) postPassword(ctx context.Context, in *passwordInput) (*sessionAnswer, error) {
	p := asker(ctx)
	if _, err := accountOf(ctx); err != nil {
		return nil, err
	}
	if in.Body.Present == "" && !s.Accounts.Proved(connOf(ctx).secret) {
		return nil, errProof
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

type sessionsAnswer struct {
	Body struct {
		Sessions []OwnSession `json:"sessions"`
	}
}

func (s *Server) getSessions(ctx context.Context, _ *struct{}) (*sessionsAnswer, error) {
	return s.sessionsOf(ctx, asker(ctx).Name)
}

func (s *Server) deleteSessions(ctx context.Context, _ *struct{}) (*struct{}, error) {
	return s.endSessions(ctx, asker(ctx).Name)
}

// getUserSessions: an administrator sees where somebody is signed in (A14.5).
func (s *Server) getUserSessions(ctx context.Context, in *userNameInput) (*sessionsAnswer, error) {
	return s.sessionsOf(ctx, in.Name)
}

func (s *Server) deleteUserSessions(ctx context.Context, in *userNameInput) (*struct{}, error) {
	return s.endSessions(ctx, in.Name)
}

func (s *Server) sessionsOf(ctx context.Context, user string) (*sessionsAnswer, error) {
	answer := &sessionsAnswer{}
	var err error
	answer.Body.Sessions, err = s.Accounts.Sessions(user, connOf(ctx).secret)
	return answer, err
}

func (s *Server) endSessions(ctx context.Context, user string) (*struct{}, error) {
	return nil, s.Accounts.EndSessions(ctx, user, connOf(ctx).secret, by(ctx))
}
