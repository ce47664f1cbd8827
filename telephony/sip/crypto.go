package sip

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"callbox/telephony"
	"callbox/telephony/rtp"
)

// How speech travels (RFC 3551, RFC 3711).
const (
	protoPlain  = "RTP/AVP"
	protoSealed = "RTP/SAVP"
)

// offeredSuites is how many of rtp.Suites the box offers: not the last, whose tag of 32 bits is for those that know no other.
const offeredSuites = 3

// A cover says which of a far end's streams a leg may take.
type cover uint8

const (
	coverNone    cover = iota // speech in the clear, and keys are not looked at
	coverEither               // as it is offered
	coverAlways               // encrypted speech alone
	coverBrowser              // a browser's, whose keys DTLS makes
	coverUnsafe               // encrypted speech alone, but the way is none to send keys by: nothing
)

// coverOf follows from what a line asks for and from the way that the signalling takes: a key that others can read on its way
// keeps nothing secret (RFC 4568 7.1).
func coverOf(e telephony.Encryption, network string) cover {
	private := network == networkTLS
	switch {
	case network == networkWS:
		return coverBrowser
	case e == telephony.EncryptionRequired && private:
		return coverAlways
	case e == telephony.EncryptionRequired:
		return coverUnsafe
	case e == telephony.EncryptionOffered && private:
		return coverEither
	}
	return coverNone
}

// A key is an a=crypto line: by what the side that wrote it encrypts (RFC 4568 4). It is in no log and no trace.
type key struct {
	tag, suite string
	secret     []byte // master key and salt
}

// line is the attribute's value.
func (k key) line() string {
	return k.tag + " " + k.suite + " inline:" + base64.StdEncoding.EncodeToString(k.secret)
}

// readKeys takes those crypto lines of a stream that the box can go by.
func readKeys(m *sdp.MediaDescription) (keys []key) {
	for _, a := range m.Attributes {
		if a.Key != "crypto" {
			continue
		}
		if k, ok := parseKey(a.Value); ok {
			keys = append(keys, k)
		}
	}
	return keys
}

// parseKey reads "1 AES_CM_128_HMAC_SHA1_80 inline:...|2^20". A line with several keys, with an identifier of its key in each
// packet, or with a parameter that changes the transform is left alone (RFC 4568 6.1, 6.3).
func parseKey(value string) (k key, ok bool) {
	fields := strings.Fields(value)
	if len(fields) < 3 || strings.Trim(fields[0], "0123456789") != "" || len(fields[0]) > 9 {
		return key{}, false
	}
	for _, p := range fields[3:] {
		if !strings.HasPrefix(p, "-") && !strings.HasPrefix(p, "WSH=") {
			return key{}, false
		}
	}
	inline, found := strings.CutPrefix(fields[2], "inline:")
	inline, rest, _ := strings.Cut(inline, "|")
	if !found || strings.ContainsAny(rest, ":;") {
		return key{}, false
	}
	secret, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(inline, "="))
	size := rtp.KeySize(fields[1])
	if err != nil || size == 0 || len(secret) != size {
		return key{}, false
	}
	return key{fields[0], fields[1], secret}, true
}

// bestKey is the one of a far end's whose suite is the best; the zero key where there is none.
func bestKey(keys []key) key {
	for _, suite := range rtp.Suites {
		if i := slices.IndexFunc(keys, func(k key) bool { return k.suite == suite }); i >= 0 {
			return keys[i]
		}
	}
	return key{}
}

// A seal is the encryption of a leg's speech. Owned by the leg's goroutine, but for the SRTP in it.
type seal struct {
	want    telephony.Encryption
	network string         // by which the signalling goes
	ours    map[string]key // by suite; each is used for one session alone
	theirs  key            // in force; no suite: speech in the clear
	srtp    *rtp.SRTP
	offered bool // our last offer had keys
}

// offer gives the keys of an offer of ours: of the suite in force, or of all that the box likes; none for speech in the clear.
func (s *seal) offer() (keys []key) {
	suites := rtp.Suites[:offeredSuites]
	switch {
	case s.srtp != nil:
		suites = []string{s.theirs.suite}
	case coverOf(s.want, s.network) != coverAlways:
		suites = nil
	}
	for _, suite := range suites {
		keys = append(keys, s.own(suite))
	}
	s.offered = len(keys) > 0
	return keys
}

// own is our key of a suite, the same until the session changes. Its tag is the suite's place.
func (s *seal) own(suite string) key {
	k, ok := s.ours[suite]
	if !ok {
		k = key{strconv.Itoa(slices.Index(rtp.Suites, suite) + 1), suite, make([]byte, rtp.KeySize(suite))}
		rand.Read(k.secret) // never fails
		if s.ours == nil {
			s.ours = map[string]key{}
		}
		s.ours[suite] = k
	}
	return k
}

// answered reports whether a key answers one that we offered (RFC 4568 5.1.3).
func (s *seal) answered(theirs key) bool {
	k, ok := s.ours[theirs.suite]
	return ok && k.tag == theirs.tag
}

// agree puts the far end's key in force; the zero key is speech in the clear. What is encrypted by a key of ours goes on
// counting while the key stands, since a packet's number must not come twice under one key (RFC 3711 9.1); a key that is given
// up is never used again.
func (s *seal) agree(theirs key) (err error) {
	switch {
	case theirs.suite == "":
		s.ours, s.srtp = nil, nil
	case s.srtp != nil && theirs.suite == s.theirs.suite && bytes.Equal(theirs.secret, s.theirs.secret):
	case s.srtp != nil && theirs.suite == s.theirs.suite:
		s.srtp, err = s.srtp.Follow(theirs.suite, theirs.secret)
	default:
		delete(s.ours, s.theirs.suite)
		s.srtp, err = rtp.NewSRTP(theirs.suite, s.own(theirs.suite).secret, theirs.secret)
	}
	s.theirs = theirs
	return err
}
