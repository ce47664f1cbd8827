package webui

import (
	"context"
	"net/http"
	"strings"

	"callbox/telephony"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

type websiteCallInput struct {
	ID string `path:"id" maxLength:"32"`
}

var errNoSocket = telephony.Errorf(telephony.Invalid, "网上呼叫由网页上的 call.js 通过 WebSocket 发起。",
	"Calls from a web site are made by call.js on its pages, over a WebSocket.")

// getWebsiteCall takes a visitor of another site as a caller (A1.11): the one row that a page of elsewhere may ask for, by a
// WebSocket alone. No cookie and no token counts. A WebSocket that is refused tells a script nothing (WebSockets 3.1), so that
// each is made and what speaks against the call is a message.
func (s *Server) getWebsiteCall(ctx context.Context, in *websiteCallInput) (*huma.StreamResponse, error) {
	source := connOf(ctx).source
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
			_ = huma.WriteErr(s.api, ctx, http.StatusUnprocessableEntity, "", errNoSocket)
			return
		}
		if conn, err := newWebSocket(w, r, "callbox"); err == nil {
			s.Websites.ServeVisitor(r.Context(), conn, in.ID, r.Header.Get("Origin"), source)
		}
	}}, nil
}
