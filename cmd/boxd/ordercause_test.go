package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"golang.org/x/crypto/acme"
)

// TestWhyNoCertificate (RFC 8555 6.7): what an authority or the network says is told in both languages, and what to do about it.
func TestWhyNoCertificate(t *testing.T) {
	refused := func(kind string) error {
		why := &acme.Error{StatusCode: 403, ProblemType: "urn:ietf:params:acme:error:" + kind, Detail: "in its own words"}
		return fmt.Errorf("http-01: %w", &acme.AuthorizationError{Identifier: "pbx.example.cn", Errors: []error{why}})
	}
	for _, c := range []struct {
		name   string
		err    error
		zh, en string
	}{
		{"dns", refused("dns"), "域名解析", "no address of the name"},
		{"connection", refused("connection"), "连不上本设备", "open port 80 or 443"},
		{"unauthorized", refused("unauthorized"), "不是本设备", "something else than this box"},
		{"caa", refused("caa"), "CAA", "CAA"},
		{"rateLimited, of the order itself", &acme.Error{ProblemType: "urn:ietf:params:acme:error:rateLimited"}, "太频繁", "too often"},
		{"of two the first to mend", errors.Join(refused("unauthorized"), refused("dns")), "域名解析", "no address of the name"},
		{"no such authority", &net.DNSError{Name: "acme.example.cn", IsNotFound: true}, "查不到签发机构", "is not found"},
		{"an authority that nobody vouches for", &tls.CertificateVerificationError{Err: errors.New("unknown")}, "不可信", "vouches"},
		{"no network", &net.OpError{Op: "dial", Err: errors.New("refused")}, "能否上网", "reaches the internet"},
		{"no answer", context.DeadlineExceeded, "能否上网", "reaches the internet"},
		{"anything else", refused("badNonce"), "80 或 443", "80 or 443"},
	} {
		if got := whyNoCertificate(c.err); !strings.Contains(got.ZH, c.zh) || !strings.Contains(got.EN, c.en) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
