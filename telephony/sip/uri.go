package sip

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	sipgo "github.com/emiago/sipgo/sip"
)

// userOf is the user part of a SIP or tel URI, unescaped and without parameters of its own.
func userOf(u *sipgo.Uri) string {
	user := u.User
	if u.Scheme == "tel" {
		user = u.Raw()
	}
	user, _, _ = strings.Cut(user, ";")
	if plain, err := url.PathUnescape(user); err == nil {
		return plain
	}
	return user
}

// speaks reports whether a URI of the scheme may be asked for by the hop: SIPS is for where nobody can read it on its way (RFC 3261
// 26.2.2). Beyond the box a call goes on as its next line does.
func (h hop) speaks(scheme string) bool { return scheme == "sip" || scheme == "sips" && h.isPrivate() }

// unescape takes the backslashes out of a quoted display name (RFC 3261 25.1 quoted-pair).
func unescape(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] == '\\' && i+1 < len(name) {
			i++
		}
		b.WriteByte(name[i])
	}
	return b.String()
}

// displayName makes a name safe to be put between quotes.
func displayName(name string) string { return strings.NewReplacer(`"`, "'", `\`, "/").Replace(name) }

// userPart makes text safe as the user of a URI (RFC 3261 25.1 user).
func userPart(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(userChars, s[i]) < 0 {
			fmt.Fprintf(&b, "%%%02X", s[i])
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

const userChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()&=+$,/"

// uriAddr is the address in a URI whose host is one, with the port that the URI or the network says.
func uriAddr(u *sipgo.Uri) (netip.AddrPort, bool) {
	a, err := netip.ParseAddr(strings.Trim(u.Host, "[]"))
	if err != nil {
		return netip.AddrPort{}, false
	}
	port := u.Port
	if port == 0 {
		port = 5060
	}
	return netip.AddrPortFrom(a.Unmap(), uint16(port)), port > 0 && port < 1<<16
}

// uriNetwork is the transport that a URI asks for, or the given one.
func uriNetwork(u *sipgo.Uri, otherwise string) string {
	for _, p := range u.UriParams {
		if strings.EqualFold(p.K, "transport") {
			if strings.EqualFold(p.V, "tcp") {
				return "TCP"
			}
			return "UDP"
		}
	}
	return otherwise
}

// uriHop is where requests to a URI go when the far end's own come from flow. A URI that names no address, or one that
// cannot be reached from here (a private one behind a public NAT), is left for the flow; so is one at the end of a
// connection that is there already. What began over TLS stays on it: nobody vouches for another place.
func uriHop(u *sipgo.Uri, flow hop) hop {
	addr, ok := uriAddr(u)
	if !ok || flow.isPrivate() || isInside(addr.Addr()) && !isInside(flow.addr.Addr()) || flow.reliable() && addr.Addr() == flow.addr.Addr() {
		return flow
	}
	return hop{network: uriNetwork(u, flow.network), addr: addr}
}

func isInside(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsUnspecified() || a.IsLinkLocalUnicast()
}
