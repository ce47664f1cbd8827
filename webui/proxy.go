package webui

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// forwarded is a request with the address of the visitor in the place of that of a reverse proxy before the box, where the configuration
// names the proxy. Each proxy writes whom it heard behind what came: the last address that is no such proxy is the visitor's, and what
// stands before it anybody may have made up (ASVS 4.1.3, 15.3.4).
func (s *Server) forwarded(r *http.Request) *http.Request {
	proxies := s.Configs.Config().Site.Proxies
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if len(proxies) == 0 || err != nil {
		return r
	}
	visitor := at.Addr().Unmap()
	chain := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, before := range slices.Backward(chain) {
		next, err := netip.ParseAddr(strings.TrimSpace(before))
		if err != nil || !isOneOf(proxies, visitor) {
			break
		}
		visitor = next.Unmap().WithZone("")
	}
	ctx := r.Context()
	if said := r.Header.Get("X-Forwarded-Proto"); isOneOf(proxies, at.Addr().Unmap()) && (said == "https" || said == "http") {
		ctx = context.WithValue(ctx, schemeKey{}, said)
	}
	r = r.WithContext(ctx) // a copy
	r.RemoteAddr = netip.AddrPortFrom(visitor, at.Port()).String()
	return r
}

type schemeKey struct{}

// secured says that the asker came by https, and whether a proxy told it that the configuration names: how the asker came to it such a one may
// tell, and else the connection does.
func secured(r *http.Request) (is, told bool) {
	scheme, told := r.Context().Value(schemeKey{}).(string)
	if told {
		return scheme == "https", true
	}
	return r.TLS != nil, false
}

// originOf is the box's address as the asker wrote it.
func originOf(r *http.Request) string {
	if is, _ := secured(r); is {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func isOneOf(list []string, a netip.Addr) bool {
	return slices.ContainsFunc(list, func(text string) bool {
		one, err := netip.ParseAddr(text)
		return err == nil && one.Unmap() == a
	})
}
