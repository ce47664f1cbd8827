package sip

import (
	"crypto/subtle"
	"fmt"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// A door decides who may come in: a trunk by its address, a phone by its password. Owned by the desk.
type door struct {
	stack   *Stack
	nonces  *nonces
	guesses guesses
	decoy   string // the password of accounts that do not exist
}

func newDoor(s *Stack) *door {
	return &door{stack: s, nonces: newNonces(), guesses: guesses{}, decoy: token(16)}
}

// An origin is where an incoming call comes from: one line, and how much of what the call says of itself is believed.
type origin struct {
	phone *phone // or
	trunk *trunk
}

func (o origin) line() *line {
	if o.phone != nil {
		return o.phone.line
	}
	return o.trunk.line
}

// admit finds out who sends an INVITE. A phone that is registered at the very address comes before a trunk there, so
// that both can share one; whoever is neither is asked for a password, whatever name he gives (reliability.md figure 10).
func (d *door) admit(req *sipgo.Request, from hop) (origin, *fault) {
	lines := d.stack.lines.Load()
	user := req.From().Address.User
	p := lines.phones[user]
	if from.phone == "" && (p == nil || !p.registeredAt(from)) {
		if t := lines.trunkAt(from, req); t != nil {
			if why := t.refusesCalls(); why != nil {
				return origin{}, why
			}
			return origin{trunk: t}, nil
		}
	}
	if f := d.authenticate(req, from, user); f != nil {
		return origin{}, f
	}
	return origin{phone: p}, nil
}

// authenticate checks the digest credentials of a request for an account (RFC 3261 22.4, RFC 7616). An account that does
// not exist takes the same steps to the same answers. A browser speaks for the phone where its agent sits, and for no other; that
// the agent is signed in is what whoever handed the connection over answers for (A5.21).
func (d *door) authenticate(req *sipgo.Request, at hop, account string) *fault {
	now, from := time.Now(), at.addr.Addr()
	p := d.stack.lines.Load().phones[account]
	if at.phone != "" {
		if at.phone != account || p == nil {
			return &fault{status: 403}
		}
		return nil
	}
	if d.guesses.blocked(from, d.stack.transport.sources.knows(from), account, now) && (p == nil || !p.registeredFrom(from)) {
		return &fault{status: 403}
	}
	credentials, ok := credentialsFor(req)
	if !ok {
		return d.challenge(now, false)
	}
	switch d.nonces.judge(credentials["nonce"], credentials["nc"], now) {
	case nonceForged:
		return d.challenge(now, false)
	case nonceStale:
		return d.challenge(now, true)
	}
	password := d.decoy
	if p != nil {
		password = p.config.Load().Password
	}
	want := credentials.digest(string(req.Method), password)
	fits := subtle.ConstantTimeCompare([]byte(want), []byte(credentials["response"])) == 1
	if !fits || p == nil || password == "" || credentials["username"] != account {
		if d.guesses.wrong(from, account, now) {
			d.stack.odd("sip/door", fmt.Sprintf("%v is blocked for %v: too many wrong passwords, last for %q", from, guessBlock, account))
		}
		return &fault{status: 403}
	}
	if !d.nonces.use(credentials["nonce"], credentials["nc"], now) {
		return d.challenge(now, true)
	}
	d.guesses.right(from, account)
	return nil
}

// credentialsFor finds the credentials that are meant for us among those of a request.
func credentialsFor(req *sipgo.Request) (authParams, bool) {
	for _, h := range req.GetHeaders("authorization") {
		if p, ok := parseDigest(h.Value()); ok && p["realm"] == realm && p["qop"] == "auth" && p.algorithm() != "" {
			return p, true
		}
	}
	return nil, false
}

// challenge asks for credentials. It offers MD5 alone: RFC 8760 would put SHA-256 beside it, but the phones of many years
// (libre before 2.0 among them) give up at any challenge that names something else.
func (d *door) challenge(now time.Time, stale bool) *fault {
	value := fmt.Sprintf(`Digest realm="%s", nonce="%s", qop="auth", algorithm=%s`, realm, d.nonces.fresh(now), algMD5)
	if stale {
		value += ", stale=true"
	}
	return &fault{status: 401, headers: []sipgo.Header{sipgo.NewHeader("WWW-Authenticate", value)}}
}

// calledOf is the number that the far end dialled: the Request-URI, or To where the Request-URI is our own contact.
func (o origin) calledOf(req *sipgo.Request) string {
	user := userOf(&req.Recipient)
	if o.trunk != nil && (user == "" || user == o.trunk.contactUser()) {
		user = userOf(&req.To().Address)
	}
	return telephony.CleanNumber(user)
}
