package webui

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"callbox/telephony"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// A Role is what a person may do; each includes those before it.
type Role string

// The roles, least first. Anyone needs no sign-in.
const (
	Anyone     Role = "anyone"
	Agent      Role = "agent"      // takes calls: sees and changes what is of the own desk (team.go)
	Supervisor Role = "supervisor" // sees and hears every call, changes every agent's state; or those of a team (team.go)
	Admin      Role = "admin"      // changes the box
)

var ranks = []Role{Anyone, Agent, Supervisor, Admin}

// Reaches says that the role includes the one that is needed. A role that the box does not know reaches nothing.
func (r Role) Reaches(need Role) bool {
	have, want := slices.Index(ranks, r), slices.Index(ranks, need)
	return want == 0 || want > 0 && have >= want
}

// The cookie of a session. Over TLS its name keeps others from planting one: a browser takes __Host- from nobody but this host, and over
// TLS alone (RFC 6265bis 4.1.3.2; ASVS 3.3.3). The page of a box on plain http has a plain one.
const (
	cookieName      = "__Host-callbox"
	plainCookieName = "callbox"
)

func cookieFor(secure bool) string {
	if secure {
		return cookieName
	}
	return plainCookieName
}

// sessionOf is the secret of the session that a request brings, if any.
func sessionOf(r *http.Request) string {
	secure, _ := secured(r)
	c, err := r.Cookie(cookieFor(secure))
	if err != nil {
		return ""
	}
	return c.Value
}

type personKey struct{}

// local is root on the box itself, by the unix socket that only root can open.
var local = Person{Name: "local:root", Role: Admin}

var (
	errUnsigned  = telephony.Errorf(telephony.Unsigned, "请先登录。", "Sign in first.")
	errUnclaimed = telephony.Errorf(telephony.Unsigned,
		"设备还没有主人，无法登录。请先在页面上用面板显示的认领码认领（POST /api/claim）。",
		"The box has no owner yet, so that nobody can sign in. First claim it on its page, by the code that its panel shows (POST /api/claim).")
	errRights = telephony.Errorf(telephony.Forbidden,
		"您的权限不足，请联系管理员。", "Your rights do not reach this. Ask the administrator.")
	errForeign = telephony.Errorf(telephony.Forbidden,
		"请求来自其他网站，已拒绝。请在设备自己的页面上操作。",
		"The request came from another site and is refused. Use the box's own page.")
)

// gate stands before every row of the table and lets through whom the row names.
func (s *Server) gate(need Role) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		ctx = huma.WithValue(ctx, connKey{}, s.connection(r))
		person, refusal := s.admit(r, need)
		if refusal != nil {
			if person.Name != "" && s.overreach.first(person.Name) {
				_ = s.Configs.Note(ctx.Context(), By{Who: person.Name, Source: source(r.RemoteAddr)}, "rights.refused", r.Method+" "+ctx.Operation().Path, "")
			}
			_ = huma.WriteErr(s.api, ctx, http.StatusForbidden, "", refusal)
			return
		}
		if d, ok := ctx.Operation().Metadata["lasts"].(time.Duration); ok {
			_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(d))
		}
		next(huma.WithValue(ctx, personKey{}, person))
	}
}

// admit says who asks, or why the request is refused; then who it is only where rights are what is missing.
func (s *Server) admit(r *http.Request, need Role) (Person, error) {
	person, byItself := s.who(r)
	if (byItself || person.Name == "") && s.foreign.Check(r) != nil {
		return Person{}, errForeign
	}
	switch {
	case need == Anyone || person.Role.Reaches(need):
		return person, nil
	case person.Name == "" && !s.Accounts.Claimed():
		return Person{}, errUnclaimed
	case person.Name == "":
		return Person{}, errUnsigned
	}
	return person, errRights
}

// overreach notes in the audit who asked for more than the own rights reach, once a minute: a program that asks for ever shall not
// fill it.
type overreach struct {
	mu   sync.Mutex
	told map[string]time.Time // by person
}

const maxTold = 256 // persons remembered

// first reports whether the person was not told of for a minute.
func (o *overreach) first(person string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if time.Since(o.told[person]) < time.Minute {
		return false
	}
	if o.told == nil || len(o.told) >= maxTold {
		o.told = map[string]time.Time{}
	}
	o.told[person] = time.Now()
	return true
}

// who finds the person of a request: the unix socket, a token in the Authorization header, or the session's cookie. A cookie is sent by
// a browser without being asked, and so is what it was told for HTTP's Basic: these need a guard against other sites.
func (s *Server) who(r *http.Request) (p Person, byItself bool) {
	if p, ok := r.Context().Value(personKey{}).(Person); ok {
		return p, false
	}
	_, secret, basic := r.BasicAuth() // a token in the place of the password, for programs that know nothing else
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if ok {
		secret = bearer
	}
	if ok || basic {
		if p, ok := s.Accounts.Token(secret); ok && s.Configs.Config().Has(telephony.FunctionPrograms) {
			return p, basic
		}
		return Person{}, false
	}
	if secret := sessionOf(r); secret != "" {
		if p, ok := s.Accounts.Session(secret); ok {
			return p, true
		}
	}
	return Person{}, false
}

// asker is who sent the request that a handler answers; nobody (the zero Person) on rows for anyone.
func asker(ctx context.Context) Person {
	p, _ := ctx.Value(personKey{}).(Person)
	return p
}

// by is who sent it, for the audit.
func by(ctx context.Context) By { return By{Who: asker(ctx).Name, Source: connOf(ctx).source} }
