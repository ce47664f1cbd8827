package webui

import (
	"context"
	"time"

	"callbox/telephony"
)

type usersAnswer struct {
	Body struct {
		Users []User `json:"users"`
	}
}

func (s *Server) getUsers(context.Context, *struct{}) (*usersAnswer, error) {
	list, err := s.Accounts.Users()
	answer := &usersAnswer{}
	answer.Body.Users = list
	return answer, err
}

type userInput struct {
	Body struct {
		Name     string `json:"name" pattern:"^[a-z0-9][a-z0-9._-]{0,63}$"`
		Role     Role   `json:"role" enum:"agent,supervisor,admin"`
		Agent    string `json:"agent,omitempty" maxLength:"32" doc:"The agent whom this user is"`
		Password string `json:"password,omitempty" maxLength:"256" doc:"Empty: keep the one that is"`
		New      bool   `json:"new,omitempty" doc:"Leave a user who exists as is, and answer conflict"`

		Queues []string `json:"queues,omitempty" maxItems:"64" doc:"A supervisor's team: the queues, with their agents and calls, beyond which the supervisor sees nothing; empty: the whole box"`
	}
}

func (s *Server) postUser(ctx context.Context, in *userInput) (*struct{}, error) {
	u := User{Name: in.Body.Name, Role: in.Body.Role, Agent: in.Body.Agent, Queues: in.Body.Queues}
	if in.Body.New {
		return nil, s.Accounts.AddUser(ctx, u, in.Body.Password, by(ctx))
	}
	return nil, s.Accounts.PutUser(ctx, u, in.Body.Password, by(ctx))
}

type userNameInput struct {
	Name string `path:"name" maxLength:"64"`
}

func (s *Server) deleteUser(ctx context.Context, in *userNameInput) (*struct{}, error) {
	if asker(ctx).Name == in.Name {
		return nil, telephony.Errorf(telephony.Conflict,
			"不能删除自己的账户，请由另一位管理员删除。", "You cannot remove yourself. Another administrator can.")
	}
	return nil, s.Accounts.DeleteUser(ctx, in.Name, by(ctx))
}

type tokensAnswer struct {
	Body struct {
		Tokens []Token `json:"tokens"`
	}
}

func (s *Server) getTokens(context.Context, *struct{}) (*tokensAnswer, error) {
	list, err := s.Accounts.Tokens()
	answer := &tokensAnswer{}
	answer.Body.Tokens = list
	return answer, err
}

type tokenInput struct {
	Body struct {
		Name    string    `json:"name" minLength:"1" maxLength:"64" doc:"The program that uses it"`
		Role    Role      `json:"role" enum:"agent,supervisor,admin"`
		Expires time.Time `json:"expires,omitzero" doc:"Empty: never"`
		Queues  []string  `json:"queues,omitempty" maxItems:"64" doc:"As of a user"`
	}
}

type tokenAnswer struct {
	Body struct {
		Token  Token  `json:"token"`
		Secret string `json:"secret" doc:"Shown this once"`
	}
}

func (s *Server) postToken(ctx context.Context, in *tokenInput) (*tokenAnswer, error) {
	answer := &tokenAnswer{}
	var err error
	answer.Body.Secret, answer.Body.Token, err = s.Accounts.CreateToken(ctx,
		Token{Name: in.Body.Name, Role: in.Body.Role, Expires: in.Body.Expires, Queues: in.Body.Queues}, by(ctx))
	return answer, err
}

type tokenTeamInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Queues []string `json:"queues" maxItems:"64" doc:"As of a user"`
	}
}

func (s *Server) putTokenTeam(ctx context.Context, in *tokenTeamInput) (*struct{}, error) {
	return nil, s.Accounts.PutTokenTeam(ctx, in.ID, in.Body.Queues, by(ctx))
}

type tokenIDInput struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Server) deleteToken(ctx context.Context, in *tokenIDInput) (*struct{}, error) {
	return nil, s.Accounts.DeleteToken(ctx, in.ID, by(ctx))
}
