package sip

import (
	"bytes"
	"regexp"

	"callbox/telephony"
)

// trace hands a message of the leg's dialog to the tracer: to or from a hop. What belongs to no leg (nil) is nobody's story.
func (l *leg) trace(sent bool, far hop, octets []byte) {
	if l == nil || l.stack.opt.Tracer == nil {
		return
	}
	l.stack.opt.Tracer.Trace(telephony.Trace{
		Leg: l.name, Line: l.line.id, Protocol: telephony.ProtocolSIP, Sent: sent,
		Local: l.stack.localAddr(far.network), Remote: far.addr, Octets: masked(octets),
	})
}

var (
	credentials    = regexp.MustCompile(`(?im)^(?:proxy-)?authorization[ \t]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*`)
	digestResponse = regexp.MustCompile(`(?i)(response\s*=\s*)(?:"(?:[^"\\]|\\.)*"|[^,\s]*)`)
)

// inlineKey is the key in an a=crypto line (RFC 4568 6.1). What spells it otherwise is no key to the box either.
var inlineKey = regexp.MustCompile(`inline:[^|\s]*`)

// masked is a message without the digest responses in it (no password, but what one can be guessed from) and without the keys
// of its speech.
func masked(octets []byte) []byte {
	if bytes.Contains(octets, []byte("inline:")) {
		octets = inlineKey.ReplaceAll(octets, []byte("inline:***"))
	}
	if !hasCredentials(octets) {
		return octets
	}
	return credentials.ReplaceAllFunc(octets, func(header []byte) []byte {
		return digestResponse.ReplaceAll(header, []byte(`${1}"***"`))
	})
}

// hasCredentials spares most messages the search by expressions, which takes as long as all else that is done with them.
func hasCredentials(octets []byte) bool {
	for line := range bytes.Lines(octets) {
		name, _, _ := bytes.Cut(line, []byte(":"))
		name = bytes.TrimSpace(name)
		if bytes.EqualFold(name, []byte("Authorization")) || bytes.EqualFold(name, []byte("Proxy-Authorization")) {
			return true
		}
	}
	return false
}
