package sip

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// networkTLS is SIP over TLS as Via spells it (RFC 3261 26.2.1).
const networkTLS = "TLS"

// defaultTLSPort is where SIP over TLS is served (RFC 3261 19.1.2).
const defaultTLSPort = 5061

// errStranger says that the box does not begin a TLS connection there: it knows by no trunk whose certificate to ask for. A
// phone is reached by the connection over which it registered (RFC 5626 5.3).
var errStranger = errors.New("no trunk over TLS has this address")

// dialTLS connects to a trunk and makes sure that it is the one.
func (s *Stack) dialTLS(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	var t *trunk
	for _, other := range s.lines.Load().trunks {
		peers := other.peers.Load()
		if other.network() == networkTLS && peers != nil && slices.Contains(*peers, to) {
			t = other
		}
	}
	if t == nil {
		return nil, errStranger
	}
	conn, err := s.opt.Dial(ctx, to)
	if err != nil {
		return nil, err
	}
	c := tls.Client(conn, t.tlsConfig())
	if err := c.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

// tlsConfig asks for a certificate of the trunk's name by an authority that the computer trusts (RFC 5922 7), or for the one
// that has the configured fingerprint.
func (t *trunk) tlsConfig() *tls.Config {
	host, _ := t.hostPort()
	c := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if want := t.config.Load().Fingerprint; want != "" {
		c.InsecureSkipVerify = true // VerifyConnection is stricter
		c.VerifyConnection = func(state tls.ConnectionState) error {
			sum := sha256.Sum256(state.PeerCertificates[0].Raw)
			if !strings.EqualFold(hex.EncodeToString(sum[:]), strings.ReplaceAll(want, ":", "")) {
				return errors.New("the certificate has another fingerprint than the trunk is configured with")
			}
			return nil
		}
	}
	return c
}
