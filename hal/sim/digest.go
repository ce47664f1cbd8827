package sim

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
)

// answerChallenge makes the credentials for a digest challenge (RFC 7616; MD5 and SHA-256, qop auth or none).
func answerChallenge(challenge, user, password, method, uri string) (credentials string, ok bool) {
	scheme, params, _ := strings.Cut(challenge, " ")
	p := digestParams(params)
	hash := digestHashes[strings.ToUpper(p["algorithm"])]
	if !strings.EqualFold(scheme, "Digest") || hash == nil {
		return "", false
	}
	a1 := hash(user + ":" + p["realm"] + ":" + password)
	a2 := hash(method + ":" + uri)
	var b strings.Builder
	fmt.Fprintf(&b, `Digest username="%s", realm="%s", nonce="%s", uri="%s"`, user, p["realm"], p["nonce"], uri)
	if strings.Contains(p["qop"], "auth") {
		const count = "00000001"
		once := rand.Text()
		fmt.Fprintf(&b, `, qop=auth, nc=%s, cnonce="%s", response="%s"`, count, once,
			hash(strings.Join([]string{a1, p["nonce"], count, once, "auth", a2}, ":")))
	} else {
		fmt.Fprintf(&b, `, response="%s"`, hash(a1+":"+p["nonce"]+":"+a2))
	}
	for _, name := range []string{"algorithm", "opaque"} {
		if v := p[name]; v != "" {
			fmt.Fprintf(&b, `, %s="%s"`, name, v)
		}
	}
	return b.String(), true
}

var digestHashes = map[string]func(string) string{
	"":        md5Hex,
	"MD5":     md5Hex,
	"SHA-256": func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) },
}

func md5Hex(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) }

// digestParams reads name=value pairs; values may be quoted and then hold commas.
func digestParams(s string) map[string]string {
	params := map[string]string{}
	for s != "" {
		name, rest, _ := strings.Cut(s, "=")
		rest = strings.TrimSpace(rest)
		var value string
		if quoted, ok := strings.CutPrefix(rest, `"`); ok {
			value, rest, _ = strings.Cut(quoted, `"`)
			_, s, _ = strings.Cut(rest, ",")
		} else {
			value, s, _ = strings.Cut(rest, ",")
		}
		params[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	return params
}
