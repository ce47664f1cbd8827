package sip

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
	"strings"
	"time"
)

// The digest algorithms of the box, as RFC 8760 names them.
const (
	algMD5    = "MD5"
	algSHA256 = "SHA-256"
)

// realm is what phones are asked for. It is no secret and does not change, so that phones may keep a hash.
const realm = "callbox"

const maxDigestParams = 32

// authParams are the parameters of an Authorization or WWW-Authenticate header, names in lower case, values unquoted.
type authParams map[string]string

// parseDigest reads a header of the scheme Digest. Another scheme, or text out of form, counts as no header (RFC 4475
// 3.3.7).
func parseDigest(value string) (authParams, bool) {
	scheme, rest, ok := strings.Cut(strings.TrimSpace(value), " ")
	if !ok || !strings.EqualFold(scheme, "Digest") {
		return nil, false
	}
	params := authParams{}
	for rest = strings.TrimSpace(rest); rest != ""; {
		name, after, ok := strings.Cut(rest, "=")
		if !ok || len(params) == maxDigestParams {
			return nil, false
		}
		var v string
		if v, rest, ok = cutValue(strings.TrimSpace(after)); !ok {
			return nil, false
		}
		params[strings.ToLower(strings.TrimSpace(name))] = v
	}
	return params, true
}

// cutValue takes a token or a quoted string off the front of a list, with the comma behind it.
func cutValue(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ",")
		return strings.TrimSpace(value), strings.TrimSpace(rest), true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i < len(s) {
				b.WriteByte(s[i])
			}
		case '"':
			rest = strings.TrimSpace(s[i+1:])
			rest, comma := strings.CutPrefix(rest, ",")
			return b.String(), strings.TrimSpace(rest), comma || rest == ""
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false // no closing quote
}

// digest is the response of RFC 7616 3.4.1 for the parameters of a request. The uri is the one that the header names.
func (p authParams) digest(method, password string) string {
	h := func(parts ...string) string { return hashHex(p.algorithm(), strings.Join(parts, ":")) }
	ha1 := h(p["username"], p["realm"], password)
	ha2 := h(method, p["uri"])
	if p["qop"] == "" { // RFC 2069
		return h(ha1, p["nonce"], ha2)
	}
	return h(ha1, p["nonce"], p["nc"], p["cnonce"], p["qop"], ha2)
}

// algorithm is the named algorithm in our spelling; none named means MD5, and an unknown one is "".
func (p authParams) algorithm() string {
	switch name := p["algorithm"]; {
	case name == "", strings.EqualFold(name, algMD5):
		return algMD5
	case strings.EqualFold(name, algSHA256):
		return algSHA256
	}
	return ""
}

func hashHex(algorithm, s string) string {
	var h hash.Hash = md5.New() // what phones of the last twenty years speak
	if algorithm == algSHA256 {
		h = sha256.New()
	}
	h.Write([]byte(s))
	return hex.EncodeToString(h.Sum(nil))
}

// answerChallenge makes the Authorization value for a challenge. It refuses a challenge that it cannot meet.
func answerChallenge(challenge authParams, method, uri, user, password string) (string, error) {
	alg := challenge.algorithm()
	if alg == "" {
		return "", fmt.Errorf("the far end asks for digest algorithm %q, which the box does not speak", challenge["algorithm"])
	}
	a := authParams{
		"username": user, "realm": challenge["realm"], "nonce": challenge["nonce"], "uri": uri, "algorithm": alg,
	}
	for q := range strings.SplitSeq(challenge["qop"], ",") {
		if strings.TrimSpace(q) == "auth" {
			a["qop"], a["nc"], a["cnonce"] = "auth", "00000001", token(8)
		}
	}
	if challenge["qop"] != "" && a["qop"] == "" {
		return "", fmt.Errorf("the far end asks for digest protection %q, the box offers auth", challenge["qop"])
	}
	var b strings.Builder
	fmt.Fprintf(&b, `Digest username="%s", realm="%s", nonce="%s", uri="%s", response="%s", algorithm=%s`,
		quoted(user), quoted(a["realm"]), quoted(a["nonce"]), quoted(uri), a.digest(method, password), alg)
	if opaque, ok := challenge["opaque"]; ok {
		fmt.Fprintf(&b, `, opaque="%s"`, quoted(opaque))
	}
	if a["qop"] != "" {
		fmt.Fprintf(&b, `, qop=auth, nc=%s, cnonce="%s"`, a["nc"], a["cnonce"])
	}
	return b.String(), nil
}

var quoting = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "", "\n", "")

func quoted(s string) string { return quoting.Replace(s) }

// token is n random octets in hex, for tags, branches and nonces.
func token(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}

const (
	nonceLife = 5 * time.Minute
	maxNonces = 1 << 16 // in use at once, each proved by a password; where there are more, phones are asked again
)

// A nonceVerdict says what a nonce that came back is worth.
type nonceVerdict int

const (
	nonceForged nonceVerdict = iota // not ours
	nonceStale                      // ours, but old or used up: ask again without a reproach
	nonceGood
)

// nonces hands out nonces and takes each count of each once. A nonce costs no memory until credentials that fit came
// with it. Owned by the desk.
type nonces struct {
	secret [32]byte
	used   map[string]nonceUse
}

type nonceUse struct {
	count   uint64
	expires time.Time
}

func newNonces() *nonces {
	n := &nonces{used: map[string]nonceUse{}}
	rand.Read(n.secret[:])
	return n
}

// fresh is a nonce for a challenge: the time and its seal.
func (n *nonces) fresh(now time.Time) string {
	var b [8 + 8 + 16]byte
	binary.BigEndian.PutUint64(b[:], uint64(now.UnixNano()))
	rand.Read(b[8:16])
	copy(b[16:], n.seal(b[:16]))
	return hex.EncodeToString(b[:])
}

func (n *nonces) seal(b []byte) []byte {
	mac := hmac.New(sha256.New, n.secret[:])
	mac.Write(b)
	return mac.Sum(nil)[:16]
}

// judge says whether a nonce is ours and young, and its count new. It changes nothing.
func (n *nonces) judge(nonce, nc string, now time.Time) nonceVerdict {
	b, err := hex.DecodeString(nonce)
	if err != nil || len(b) != 32 || subtle.ConstantTimeCompare(b[16:], n.seal(b[:16])) != 1 {
		return nonceForged
	}
	made := time.Unix(0, int64(binary.BigEndian.Uint64(b)))
	if now.Sub(made) > nonceLife {
		return nonceStale
	}
	if count, err := strconv.ParseUint(nc, 16, 32); err != nil || count <= n.used[nonce].count {
		return nonceStale
	}
	return nonceGood
}

// use spends a count of a nonce that was judged good and came with credentials that fit. A full table refuses: the
// phone is asked again.
func (n *nonces) use(nonce, nc string, now time.Time) bool {
	if _, known := n.used[nonce]; !known && len(n.used) >= maxNonces {
		n.sweep(now)
		if len(n.used) >= maxNonces {
			return false
		}
	}
	count, _ := strconv.ParseUint(nc, 16, 32)
	n.used[nonce] = nonceUse{count: count, expires: now.Add(nonceLife)}
	return true
}

func (n *nonces) sweep(now time.Time) {
	for nonce, use := range n.used {
		if now.After(use.expires) {
			delete(n.used, nonce)
		}
	}
}
