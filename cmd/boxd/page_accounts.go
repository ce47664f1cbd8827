package main

import (
	"context"
	"time"

	"callbox/storage"
	"callbox/webui"
)

// signOutTime bounds how long a sign-out may wait for the disk.
const signOutTime = 5 * time.Second

// accounts joins the page to users, sessions, tokens and the claim code.
type accounts struct{ *storage.Store }

func personOf(p storage.Person) webui.Person {
	return webui.Person{Name: p.Name, Role: webui.Role(p.Role), Agent: p.Agent, Queues: p.Queues}
}

// Claim makes the first administrator of whoever read the code on the panel.
func (a accounts) Claim(ctx context.Context, code, user, password string, by webui.By) error {
	return a.Store.Claim(ctx, code, user, password, storage.By(by))
}

// SignIn checks a password and opens a session.
func (a accounts) SignIn(ctx context.Context, user, password string, by webui.By) (string, webui.Person, error) {
	secret, p, err := a.Store.SignIn(ctx, user, password, by.Source)
	return secret, personOf(p), err
}

// LetIn opens a session for a user who has shown a passkey.
func (a accounts) LetIn(ctx context.Context, user string, by webui.By) (string, webui.Person, error) {
	secret, p, err := a.Store.LetIn(ctx, user, by.Source)
	return secret, personOf(p), err
}

// Session is who holds the secret of a session.
func (a accounts) Session(secret string) (webui.Person, bool) {
	p, ok := a.Store.Session(secret)
	return personOf(p), ok
}

// SignOut ends a session.
func (a accounts) SignOut(secret string) {
	ctx, cancel := context.WithTimeout(context.Background(), signOutTime)
	defer cancel()
	a.Store.SignOut(ctx, secret) // the cookie is gone whatever the disk does, and the session ends by itself
}

// ChangePassword gives a user another password.
func (a accounts) ChangePassword(ctx context.Context, user, present, next string, by webui.By) (string, error) {
	return a.Store.ChangePassword(ctx, user, present, next, storage.By(by))
}

// Sessions lists where a user is signed in.
func (a accounts) Sessions(user, secret string) ([]webui.OwnSession, error) {
	kept, err := a.Store.Sessions(user, secret)
	list := make([]webui.OwnSession, 0, len(kept))
	for _, k := range kept {
		list = append(list, webui.OwnSession(k))
	}
	return list, err
}

// EndSessions ends them but the one with the secret.
func (a accounts) EndSessions(ctx context.Context, user, secret string, by webui.By) error {
	return a.Store.EndSessions(ctx, user, secret, storage.By(by))
}

// Token is who holds the secret of a token.
func (a accounts) Token(secret string) (webui.Person, bool) {
	p, ok := a.Store.Token(secret)
	return personOf(p), ok
}

// Users lists the people with an account.
func (a accounts) Users() ([]webui.User, error) {
	kept, err := a.Store.Users()
	list := make([]webui.User, 0, len(kept))
	for _, u := range kept {
		list = append(list, webui.User{Name: u.Name, Role: webui.Role(u.Role), Agent: u.Agent, Queues: u.Queues, Created: u.Created, Seen: u.Seen, Password: u.Password, Passkeys: u.Passkeys})
	}
	return list, err
}

func userOf(u webui.User) storage.User {
	return storage.User{Name: u.Name, Role: storage.Role(u.Role), Agent: u.Agent, Queues: u.Queues}
}

// AddUser makes a user.
func (a accounts) AddUser(ctx context.Context, u webui.User, password string, by webui.By) error {
	return a.Store.AddUser(ctx, userOf(u), password, storage.By(by))
}

// PutUser makes or changes a user.
func (a accounts) PutUser(ctx context.Context, u webui.User, password string, by webui.By) error {
	return a.Store.PutUser(ctx, userOf(u), password, storage.By(by))
}

// DeleteUser removes a user.
func (a accounts) DeleteUser(ctx context.Context, name string, by webui.By) error {
	return a.Store.DeleteUser(ctx, name, storage.By(by))
}

func token(t storage.Token) webui.Token {
	return webui.Token{ID: t.ID, Name: t.Name, Role: webui.Role(t.Role), Created: t.Created, By: t.By, Expires: t.Expires, Queues: t.Queues}
}

// Tokens lists the programs that may come in.
func (a accounts) Tokens() ([]webui.Token, error) {
	kept, err := a.Store.Tokens()
	list := make([]webui.Token, 0, len(kept))
	for _, t := range kept {
		list = append(list, token(t))
	}
	return list, err
}

// CreateToken gives the secret, which is shown this once.
func (a accounts) CreateToken(ctx context.Context, t webui.Token, by webui.By) (string, webui.Token, error) {
	secret, made, err := a.Store.CreateToken(ctx, storage.Token{Name: t.Name, Role: storage.Role(t.Role), Expires: t.Expires, Queues: t.Queues}, storage.By(by))
	return secret, token(made), err
}

// PutTokenTeam gives a token another team.
func (a accounts) PutTokenTeam(ctx context.Context, id string, queues []string, by webui.By) error {
	return a.Store.PutTokenTeam(ctx, id, queues, storage.By(by))
}

// DeleteToken removes a token.
func (a accounts) DeleteToken(ctx context.Context, id string, by webui.By) error {
	return a.Store.DeleteToken(ctx, id, storage.By(by))
}
