package webui

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"time"
)

// The bounds of what a stranger may ask of the server.
const (
	maxBody    = 1 << 20          // octets of a JSON body
	maxConfig  = 8 << 20          // octets of a configuration
	maxSpoken  = 16 << 20         // octets of a JSON body with speech in it
	answerTime = 30 * time.Second // to take an answer; streams have their own
	headerTime = 5 * time.Second
)

// keepTLS has a browser open this name over TLS alone, and past no warning, for a year (RFC 6797; ASVS 3.4.1). With the box's own
// certificate it is not said: every browser warns of that, and nobody could open the page again by this name. A browser notes it only
// where it trusts the certificate (RFC 6797 8.1), and never for an address, which stays the way in when a certificate is out of date.
const keepTLS = "max-age=31536000"

// guard puts the browser's own defences on every answer (OWASP ASVS 3.4) and bounds the time to take it.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		_ = c.SetWriteDeadline(time.Now().Add(answerTime))
		if r.ContentLength != 0 { // net/http waits for the body even of who was refused; the rows that read one give it more time
			_ = c.SetReadDeadline(time.Now().Add(headerTime))
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; "+
			"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if r.TLS != nil && !s.Certificates.OwnCertificate() {
			h.Set("Strict-Transport-Security", keepTLS)
		}
		defer s.survive(w, r)
		next.ServeHTTP(w, s.forwarded(r))
	})
}

// survive keeps a fault of one request to that request: it is logged and told in the one form of errors.
func (s *Server) survive(w http.ResponseWriter, r *http.Request) {
	switch fell := recover(); fell {
	case nil:
	case http.ErrAbortHandler:
		panic(fell) // on purpose: net/http cuts the connection
	default:
		_, row := s.mux.Handler(r) // the address itself may hold a number or a secret
		s.Log.Error("a request panicked", "row", row, "what", fell, "stack", string(debug.Stack()))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusInternalServerError)
		_ = writeJSON(w, fault)
	}
}

// conn is what the handlers know of the connection.
type conn struct {
	source  string // the far end's address, an IPv6 one cut to its /64
	host    string // by which it found the page, with the port if there is one
	origin  string // the box's address as the far end wrote it: "https://box.example.cn"
	secure  bool   // that is https
	proxied bool   // a named proxy said so, and the far end sees the proxy's certificate
	tls     bool   // the connection that reached the box is encrypted
	secret  string // of the session that it brings, if any
	log     *slog.Logger
}

func (s *Server) connection(r *http.Request) conn {
	secure, proxied := secured(r)
	return conn{
		source: source(r.RemoteAddr), host: r.Host, origin: originOf(r), secure: secure, proxied: proxied, tls: r.TLS != nil,
		secret: sessionOf(r), log: s.Log,
	}
}

type connKey struct{}

func connOf(ctx context.Context) conn {
	c, _ := ctx.Value(connKey{}).(conn)
	return c
}

// source is the address that guesses are counted by.
func source(remote string) string {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return "local"
	}
	addr := ap.Addr().Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	prefix, _ := addr.Prefix(64)
	return prefix.String()
}
