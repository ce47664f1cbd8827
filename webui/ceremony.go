package webui

import (
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"callbox/telephony"
)

// The bounds of challenges that wait for their answer.
const (
	ceremonyTime  = 5 * time.Minute
	maxCeremonies = 1024
	maxOfSource   = 32 // the oldest of a source gives way to its next
)

// What a browser was asked to sign for.
const (
	toSignIn = "sign in"
	toAdd    = "add"
	toClaim  = "claim"
)

// A ceremony is a challenge on its way to an authenticator and back (WebAuthn Level 3 4).
type ceremony struct {
	webauthn.SessionData
	purpose string
	user    string // who adds or claims
	source  string
	ends    time.Time
}

// ceremonies remembers the challenges that were given out, each for one answer (WebAuthn Level 3 13.4.3).
type ceremonies struct {
	mu   sync.Mutex
	open map[string]ceremony // by challenge
}

var errCeremony = telephony.Errorf(telephony.Conflict,
	"这次确认已过期或已用过，请重试。", "That took too long, or was used before. Try again.")

// begin remembers a challenge.
func (c *ceremonies) begin(n ceremony) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	n.ends = time.Now().Add(ceremonyTime)
	if c.open == nil {
		c.open = map[string]ceremony{}
	}
	oldest, own := "", 0
	for challenge, o := range c.open {
		switch {
		case !time.Now().Before(o.ends):
			delete(c.open, challenge)
		case o.source == n.source:
			if own++; oldest == "" || o.ends.Before(c.open[oldest].ends) {
				oldest = challenge
			}
		}
	}
	if own >= maxOfSource {
		delete(c.open, oldest)
	}
	if len(c.open) >= maxCeremonies {
		return errTooMany
	}
	c.open[n.Challenge] = n
	return nil
}

// take gives the ceremony of a challenge, which is over with that.
func (c *ceremonies) take(challenge, purpose, user string) (ceremony, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, ok := c.open[challenge]
	delete(c.open, challenge)
	if !ok || o.purpose != purpose || o.user != user || !time.Now().Before(o.ends) {
		return ceremony{}, errCeremony
	}
	return o, nil
}

// hostname is the name or the address by which the page was opened, without a port.
func (c conn) hostname() string {
	name := c.host
	if h, _, err := net.SplitHostPort(name); err == nil {
		name = h
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
}

// noPasskeys says why no browser makes or uses a passkey where the page was opened; nil where they do (WebAuthn Level 3 5.1.3: the
// RP ID is a domain, and the origin is potentially trustworthy. Browsers count a certificate that they warn of as none).
func (s *Server) noPasskeys(c conn) *telephony.Error {
	name := c.hostname()
	_, notAddress := netip.ParseAddr(name)
	local := name == "localhost" || strings.HasSuffix(name, ".localhost")
	switch {
	case notAddress == nil:
		return telephony.Errorf(telephony.Conflict, "通行密钥只能在用域名打开的页面上使用，不能用 %s 这样的地址。",
			"Passkeys work where this page is opened by a name, and not by an address such as %s.", name)
	case c.secure && !c.proxied && s.Certificates.OwnCertificate():
		return telephony.Errorf(telephony.Conflict, "通行密钥需要浏览器信任的证书，而设备现在用的是自签证书。请管理员在“证书”页安装证书。",
			"Passkeys need a certificate that browsers trust, and the box has only its own. An administrator puts one in under Certificate.")
	case !c.secure && !local:
		return telephony.Errorf(telephony.Conflict, "通行密钥只能在 https 页面上使用，请用 https:// 打开本页。",
			"Passkeys work over https only. Open this page with https://.")
	}
	return nil
}

// party is the box as the relying party of passkeys: at the name, and at no other, by which the page was opened.
func (s *Server) party(c conn) (*webauthn.WebAuthn, error) {
	if refusal := s.noPasskeys(c); refusal != nil {
		return nil, refusal
	}
	name := s.Configs.Config().Site.Name
	if name == "" {
		name = "Callbox"
	}
	p, err := webauthn.New(&webauthn.Config{
		RPID: c.hostname(), RPDisplayName: name, RPOrigins: []string{c.origin},
		AttestationPreference: protocol.PreferNoAttestation, // whose make a passkey is decides nothing here
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired, // a finger, a face or a PIN: the second factor
		},
		Timeouts: webauthn.TimeoutsConfig{
			Login: webauthn.TimeoutConfig{Timeout: ceremonyTime}, Registration: webauthn.TimeoutConfig{Timeout: ceremonyTime},
		},
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore, // password managers tell more than they are asked
	})
	if err != nil { // a name that is none, such as of a request that no browser made
		return nil, telephony.Errorf(telephony.Invalid, "无法用这个域名使用通行密钥：%s", "No passkey can be used at this name: %s", c.hostname())
	}
	return p, nil
}
