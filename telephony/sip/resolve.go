package sip

import (
	"context"
	"net"
	"net/netip"
	"strings"
)

// resolve finds where a name serves SIP, best first: its SRV records, or its addresses at the default port (RFC 3263 4.2
// without NAPTR, since the transport is configured). It waits for the name server.
func resolve(ctx context.Context, name, network string) ([]netip.AddrPort, error) {
	r := net.DefaultResolver
	var peers []netip.AddrPort
	service, proto := "sip", strings.ToLower(network)
	if network == networkTLS {
		service, proto = "sips", "tcp"
	}
	if _, records, err := r.LookupSRV(ctx, service, proto, name); err == nil {
		for _, record := range records {
			found, _ := r.LookupNetIP(ctx, "ip", record.Target)
			for _, a := range found {
				peers = append(peers, netip.AddrPortFrom(a.Unmap(), record.Port))
			}
		}
	}
	if len(peers) > 0 {
		return peers, nil
	}
	found, err := r.LookupNetIP(ctx, "ip", name)
	for _, a := range found {
		peers = append(peers, netip.AddrPortFrom(a.Unmap(), portOf(network)))
	}
	return peers, err
}

const defaultPort = 5060

// portOf is where a network is served if nothing else is said (RFC 3261 19.1.2).
func portOf(network string) uint16 {
	if network == networkTLS {
		return defaultTLSPort
	}
	return defaultPort
}
