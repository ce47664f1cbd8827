package webui

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"callbox/telephony"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// seatBeat is how often it is looked whether a browser may still be the phone that it is.
const seatBeat = 2 * time.Second

// Phones takes browsers as telephones.
type Phones interface {
	// ServeBrowser speaks SIP (RFC 7118) for an extension over a connection, of which each Read and each Write is one message,
	// until ctx or the connection ends.
	ServeBrowser(ctx context.Context, conn net.Conn, extension string) error
}

var errNoSeat = telephony.Errorf(telephony.Conflict, "请先签入，并把座席电话设为一部分机，浏览器才能作为话机。",
	"Sign in as an agent who sits at a phone inside: then this browser can be that phone.")

// getPhone makes the browser the phone where its agent sits, for as long as the agent is signed in there and the session lasts:
// by itself it is nobody's phone (A5.21). A token is no agent, and so no phone.
func (s *Server) getPhone(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
	extension, err := s.extensionOf(asker(ctx).Agent)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		if !ownPage(r) {
			_ = huma.WriteErr(s.api, ctx, http.StatusForbidden, "", errForeign)
			return
		}
		if conn, err := newWebSocket(w, r, "sip"); err == nil {
			s.keepPhone(r, conn, extension)
		}
	}}, nil
}

// keepPhone serves the browser until its agent is no longer the one at the phone.
func (s *Server) keepPhone(r *http.Request, conn net.Conn, extension string) {
	ctx, end := context.WithCancel(r.Context())
	defer end()
	go func() {
		beat := time.NewTicker(seatBeat)
		defer beat.Stop()
		for {
			select {
			case <-beat.C:
				if !s.keeps(r, extension) {
					end()
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	_ = s.Phones.ServeBrowser(ctx, conn, extension) // the page sees the connection close and says so
}

// keeps reports whether a browser stays the phone that it is. Its session has to last and its agent to sit there, and the page has to be
// awake: one that sleeps rings for nobody. It comes again when it wakes. A call that it is in goes on for as long as there is speech.
func (s *Server) keeps(r *http.Request, extension string) bool {
	person, refusal := s.admit(r, Agent)
	at, err := s.extensionOf(person.Agent)
	return refusal == nil && err == nil && at == extension && (!s.desks.gone(person.Agent) || s.talks(person.Agent))
}

func (s *Server) talks(agent string) bool {
	return slices.ContainsFunc(s.Live.Live().Agents, func(a telephony.LiveAgent) bool { return a.ID == agent && a.State == telephony.AgentTalking })
}

// extensionOf is the extension of the phone over SIP where an agent who is signed in sits.
func (s *Server) extensionOf(agent string) (extension string, err error) {
	if s.Configs.Config().Agent(agent) == nil {
		return "", errNoAgent
	}
	if !s.Configs.Config().Has(telephony.FunctionBrowserPhones) {
		return "", telephony.OffError()
	}
	for _, a := range s.Live.Live().Agents {
		if at := telephony.Target(a.Phone); a.ID == agent && at.Kind() == telephony.ToPhone && a.State != telephony.AgentSignedOut {
			extension = at.ID()
		}
	}
	if extension == "" {
		return "", errNoSeat
	}
	if p := s.Configs.Config().Phone(extension); p != nil && p.Port != "" {
		return "", telephony.Errorf(telephony.Conflict, "分机 %s 是插在设备上的普通电话，浏览器不能代替它。请在别的分机签入。",
			"Phone %s is plugged into the box and no browser can be it. Sign in at another phone.", extension)
	}
	return extension, nil
}

// ownPage reports whether a WebSocket is asked for by the box's own page: a browser lets every site ask, with the cookie, and
// names the site (RFC 6455 10.2). What names none is no browser.
func ownPage(r *http.Request) bool {
	named := r.Header.Get("Origin")
	origin, err := url.Parse(named)
	return named == "" || err == nil && origin.Host == r.Host
}
