package webui

import (
	"context"
	"crypto/rand"
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
		Code     string      `json:"code" minLength:"1" maxLength:"32" doc:"As the front panel shows it"`
		User     string      `json:"user" minLength:"1" maxLength:"64"`
		Password string      `json:"password,omitempty" maxLength:"256"`
		Passkey  *NewPasskey `json:"passkey,omitempty" doc:"In the place of a password"`
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
	code, user, whoever := in.Body.Code, in.Body.User, By{Who: in.Body.User, Source: connOf(ctx).source}
	err := s.guesses.try(whoever.Source, "claim", func() error {
		if in.Body.Passkey == nil {
			return s.Accounts.Claim(ctx, code, user, in.Body.Password, whoever)
		}
		handle, p, err := s.madePasskey(ctx, toClaim, user, *in.Body.Passkey)
		if err != nil {
			return err
		}
		return s.Accounts.ClaimByPasskey(ctx, code, user, handle, p, whoever)
	})
	if err != nil {
		return nil, err
	}
	secret, person, err := s.Accounts.LetIn(ctx, user, whoever)
	if err != nil {
		return nil, err
	}
	return s.opened(ctx, secret, person, "")
}

type claimOptionsInput struct {
	Body struct {
		Code string `json:"code" minLength:"1" maxLength:"32"`
		User string `json:"user" minLength:"1" maxLength:"64"`
	}
}

// postClaimOptions begins the first administrator's passkey. The code is checked before, so that a wrong one leaves no passkey behind.
func (s *Server) postClaimOptions(ctx context.Context, in *claimOptionsInput) (*optionsAnswer, error) {
	err := s.guesses.try(connOf(ctx).source, "claim", func() error { return s.Accounts.MayClaim(in.Body.Code, in.Body.User) })
	if err != nil {
		return nil, err
	}
	return s.beginPasskey(ctx, toClaim, Keyring{User: in.Body.User, Handle: []byte(rand.Text())})
}

type signInInput struct {
	Body struct {
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
	if brought := connOf(ctx).secret; err == nil && brought != "" {
		s.Accounts.SignOut(brought)
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
	return s.opened(ctx, secret, person, "")
}

// opened notes a new session and how it was opened, and answers with it.
func (s *Server) opened(ctx context.Context, secret string, p Person, how string) (*sessionAnswer, error) {
	if err := s.Configs.Note(ctx, By{Who: p.Name, Source: connOf(ctx).source}, "session.opened", "", how); err != nil {
		return nil, err
	}
	return &sessionAnswer{Cookie: s.cookie(ctx, secret, 0), Body: p}, nil
}

func (s *Server) cookie(ctx context.Context, secret string, maxAge int) http.Cookie {
	return http.Cookie{
		Name: cookieFor(connOf(ctx).secure), Value: secret, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: connOf(ctx).secure,
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

type signOutAnswer struct {
	Cookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) deleteSession(ctx context.Context, _ *struct{}) (*signOutAnswer, error) {
	if secret := connOf(ctx).secret; secret != "" {
		s.Accounts.SignOut(secret)
	}
	return &signOutAnswer{s.cookie(ctx, "", -1)}, nil
}
