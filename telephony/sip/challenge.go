package sip

import (
	sipgo "github.com/emiago/sipgo/sip"
)

// account is what answers a challenge.
type account struct{ user, password string }

// isChallenge reports whether an answer asks for credentials (RFC 3261 22.2, 22.3).
func isChallenge(res *sipgo.Response) bool {
	return res.StatusCode == sipgo.StatusUnauthorized || res.StatusCode == sipgo.StatusProxyAuthRequired
}

// challengeIn picks the challenge to answer: the first that the box can meet, as the far end likes that best (RFC 8760
// 2.4).
func challengeIn(res *sipgo.Response) (authParams, bool) {
	name := "www-authenticate"
	if res.StatusCode == sipgo.StatusProxyAuthRequired {
		name = "proxy-authenticate"
	}
	for _, h := range res.GetHeaders(name) {
		if p, ok := parseDigest(h.Value()); ok && p.algorithm() != "" {
			return p, true
		}
	}
	return nil, false
}

// authorize adds the credentials that an answer asked for to the next request. It reports false when there are none to
// give.
func (a account) authorize(req *sipgo.Request, res *sipgo.Response) bool {
	challenge, ok := challengeIn(res)
	if !ok || a.user == "" {
		return false
	}
	value, err := answerChallenge(challenge, string(req.Method), req.Recipient.String(), a.user, a.password)
	if err != nil {
		return false
	}
	name := "Authorization"
	if res.StatusCode == sipgo.StatusProxyAuthRequired {
		name = "Proxy-Authorization"
	}
	req.AppendHeader(sipgo.NewHeader(name, value))
	return true
}

// mayTry reports whether a challenge is worth an answer: the first is, and another only if it says that the password was
// right and the nonce old.
func (l *leg) mayTry(res *sipgo.Response) bool {
	challenge, ok := challengeIn(res)
	if !ok || l.tried > 0 && challenge["stale"] != "true" || l.tried > 2 {
		return false
	}
	l.tried++
	return true
}
