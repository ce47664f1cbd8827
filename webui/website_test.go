package webui

import (
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gobwas/ws"
)

// ServeVisitor says who is there.
func (b *memoryBox) ServeVisitor(_ context.Context, conn net.Conn, site, origin, source string) {
	defer conn.Close()
	fmt.Fprintf(conn, "%s %s %s", site, origin, source)
}

// A1.11: a page of elsewhere may ask for one thing, with no cookie and no token; who may call is not decided here.
func TestAVisitorIsServed(t *testing.T) {
	server := httptest.NewServer(New(newBox().options()).Handler())
	t.Cleanup(server.Close)
	const protocol, elsewhere = "Sec-WebSocket-Protocol: callbox", "Origin: https://www.example.cn"
	for name, header := range map[string]string{
		"RFC 6455 4.2.2: from another site": "",
		"Fetch Metadata 2: and named so":    "Sec-Fetch-Site: cross-site",
		"with a cookie that counts nothing": "Cookie: callbox=cookie-admin",
	} {
		_, r, status := askSocket(t, server, "/api/websites/shop/call", strings.TrimPrefix(header+"\r\n"+protocol+"\r\n"+elsewhere, "\r\n"))
		if !strings.Contains(status, " 101 ") {
			t.Errorf("%s: %q", name, status)
			continue
		}
		if frame, err := ws.ReadFrame(r); err != nil || string(frame.Payload) != "shop https://www.example.cn 127.0.0.1" {
			t.Errorf("%s: %q, %v", name, frame.Payload, err)
		}
	}
	if w := ask(server.Config.Handler, "GET", "/api/websites/shop/call", ""); w.Code != 422 || refusalOf(t, w).Message.ZH == "" {
		t.Errorf("without a WebSocket: %d", w.Code)
	}
	for _, foreign := range []string{"/api/phone", "/api/live"} { // nothing else is open to it
		if w := ask(server.Config.Handler, "GET", foreign, ""); w.Code != 401 {
			t.Errorf("%s: %d", foreign, w.Code)
		}
	}
}
