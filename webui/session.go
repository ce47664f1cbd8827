package webui

import (
	"context"
	"errors"
	"net/http"

	"callbox/telephony"
)

var (
	errOwned = telephony.Errorf(telephony.Conflict,
		"设备已被认领。请用已有账户登录；若忘记密码，请在面板上重置。",
		"The box has an owner. Sign in with an account; if the password is lost, reset at the panel.")
	errTooMany = telephony.Errorf(telephony.TooMany,
		"尝试次数过多，请稍候再试。", "Too many tries. Wait a moment and try again.")
)

type claimCode struct {
	Body struct {
		Code string `json:"code"`
	}
}

func (s *Server) getClaim(context.Context, *struct{}) (*claimCode, error) {
	if s.Accounts.Claimed() {
		return nil, errOwned
	}
	answer := &claimCode{}
	answer.Body.Code = s.Accounts.ClaimCode()
	return answer, nil
}

type claimInput struct {
	Body struct {
		Code     string `json:"code" minLength:"1" maxLength:"32" doc:"As the front panel shows it"`
		User     string `json:"user" minLength:"1" maxLength:"64"`
		Password string `json:"password" minLength:"1" maxLength:"256"`
	}
}

type sessionAnswer struct {
	Cookie http.Cookie `header:"Set-Cookie"`
	Body   Person
}

// postClaim makes the first administrator and signs in as that. A wrong code is slowed down like a wrong password.
func (s *Server) postClaim(ctx context.Context, in *claimInput) (*sessionAnswer, error) {
	if s.Accounts.Claimed() {
		return nil, errOwned
	}
	err := s.guesses.try(connOf(ctx).source, "claim", func() error {
		return s.Accounts.Claim(ctx, in.Body.Code, in.Body.User, in.Body.Password, By{Who: in.Body.User, Source: connOf(ctx).source})
	})
	if err != nil {
		return nil, err
	}
	return s.open(ctx, in.Body.User, in.Body.Password)
}

type signInInput struct {
	Secret string `cookie:"callbox"`
	Body   struct {
		User     string `json:"user" minLength:"1" maxLength:"64"`
		Password string `json:"password" minLength:"1" maxLength:"256"`
	}
}

// postSession opens a session, and ends the one that the browser brings: who planted or kept its cookie has nothing of the new one.
func (s *Server) postSession(ctx context.Context, in *signInInput) (answer *sessionAnswer, err error) {
	err = s.guesses.try(connOf(ctx).source, in.Body.User, func() error {
		answer, err = s.open(ctx, in.Body.User, in.Body.Password)
		return err
	})
	if err != nil && !errors.Is(err, errTooMany) { // a flood of guesses shall not fill the audit
		_ = s.Configs.Note(ctx, By{Who: in.Body.User, Source: connOf(ctx).source}, "session.refused", "", "")
	}
	if err == nil && in.Secret != "" {
		s.Accounts.SignOut(in.Secret)
	}
	return answer, err
}

// open starts a session and puts its secret where no script can read it.
func (s *Server) open(ctx context.Context, user, password string) (*sessionAnswer, error) {
	whoever := By{Who: user, Source: connOf(ctx).source}
	secret, person, err := s.Accounts.SignIn(ctx, user, password, whoever)
	if err != nil {
		return nil, err
	}
	if err := s.Configs.Note(ctx, whoever, "session.opened", "", ""); err != nil {
		return nil, err
	}
	return &sessionAnswer{Cookie: s.cookie(ctx, secret, 0), Body: person}, nil
}

func (s *Server) cookie(ctx context.Context, secret string, maxAge int) http.Cookie {
	return http.Cookie{
		Name: cookieName, Value: secret, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: connOf(ctx).tls,
	}
}

type whoAnswer struct{ Body Person }

func (s *Server) getSession(ctx context.Context, _ *struct{}) (*whoAnswer, error) {
	p := asker(ctx)
	if p.Name == "" {
		return nil, errUnsigned
	}
	return &whoAnswer{p}, nil
}

type signOutInput struct {
	Secret string `cookie:"callbox"`
}

type signOutAnswer struct {
	Cookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) deleteSession(ctx context.Context, in *signOutInput) (*signOutAnswer, error) {
	if in.Secret != "" {
		s.Accounts.SignOut(in.Secret)
	}
	return &signOutAnswer{s.cookie(ctx, "", -1)}, nil
}
