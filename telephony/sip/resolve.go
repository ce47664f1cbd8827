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
	if _, records, err := r.LookupSRV(ctx, "sip", strings.ToLower(network), name); err == nil {
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
		peers = append(peers, netip.AddrPortFrom(a.Unmap(), defaultPort))
	}
	return peers, err
}

const defaultPort = 5060
