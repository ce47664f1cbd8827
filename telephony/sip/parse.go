package sip

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"strings"

	sipgo "github.com/emiago/sipgo/sip"
)

// maxMessage bounds a message, in octets. The longest of RFC 4475 has 3,500.
const maxMessage = 16 << 10

var errTooLong = fmt.Errorf("a message may have at most %d octets", maxMessage)

// parser is sipgo's, with a stricter eye on addresses and a looser one on white space. It is read-only and safe for any
// goroutine.
var parser = newParser()

func newParser() *sipgo.Parser {
	headers := maps.Clone(sipgo.DefaultHeadersParser())
	wrap := func(before func(string) (string, error), names ...string) {
		for _, name := range names {
			parse := headers[name]
			headers[name] = func(name []byte, value string) (sipgo.Header, error) {
				value, err := before(value)
				if err != nil {
					return nil, err
				}
				return parse(name, value)
			}
		}
	}
	wrap(func(s string) (string, error) { return tighten(s, ";="), checkAddress(s) }, "from", "f", "to", "t", "contact", "m")
	wrap(func(s string) (string, error) { return tighten(s, "/;=,"), nil }, "via", "v")
	wrap(func(s string) (string, error) { return strings.Join(strings.Fields(s), " "), nil }, "cseq")
	return sipgo.NewParser(sipgo.WithHeadersParsers(headers))
}

// parse reads one message. A panic of the parser counts as a message that cannot be read: it hurts nobody else.
func parse(raw []byte) (m sipgo.Message, err error) {
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, fmt.Errorf("the parser failed: %v", p)
		}
	}()
	if len(raw) > maxMessage {
		return nil, errTooLong
	}
	if isForeign(raw) {
		return nil, errScheme
	}
	return parser.ParseSIP(raw)
}

// isForeign reports whether a request is for a URI of a scheme that sipgo cannot read at all, such as "soap.beep:".
func isForeign(raw []byte) bool {
	line, _, _ := bytes.Cut(raw, []byte("\r\n"))
	parts := strings.Split(string(line), " ")
	if len(parts) != 3 {
		return false
	}
	scheme, _, ok := strings.Cut(parts[1], ":")
	return ok && isScheme(scheme) && strings.ContainsAny(scheme, "+-.0123456789")
}

var (
	errScheme  = errors.New("unsupported URI scheme")
	errAddress = errors.New("an address is not well formed")
)

// tighten takes out the white space that the grammar allows around separators and that sipgo trips over (RFC 4475
// 3.1.1.1), outside of quotes and brackets.
func tighten(s, separators string) string {
	var b strings.Builder
	quoted, inside, pending := false, false, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		space := c == ' ' || c == '\t'
		switch {
		case quoted && c == '\\' && i+1 < len(s):
			b.WriteByte(c)
			i++
			c = s[i]
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '<' || c == '>'):
			inside = c == '<'
		case !quoted && !inside && space:
			pending = true
			continue
		}
		if pending && !strings.ContainsRune(separators, rune(c)) && !endsWithAny(&b, separators) {
			b.WriteByte(' ')
		}
		pending = false
		b.WriteByte(c)
	}
	return b.String()
}

func endsWithAny(b *strings.Builder, set string) bool {
	s := b.String()
	return s == "" || strings.IndexByte(set, s[len(s)-1]) >= 0
}

// checkAddress refuses what sipgo's parser lets pass in the first address of a From, To or Contact: a name that is
// neither quoted nor made of tokens, white space inside the URI, or a URI with headers but no brackets (RFC 4475
// 3.1.2.13-15).
func checkAddress(s string) error {
	open := indexOutsideQuotes(s, '<')
	if open < 0 {
		spec, _, _ := strings.Cut(s, ";")
		if strings.ContainsAny(strings.TrimSpace(spec), "? \t") {
			return errAddress
		}
		return nil
	}
	name := strings.TrimSpace(s[:open])
	if !strings.HasPrefix(name, `"`) && !isPlainName(name) {
		return errAddress
	}
	uri, _, ok := strings.Cut(s[open+1:], ">")
	if !ok || strings.ContainsAny(uri, " \t<") {
		return errAddress
	}
	return nil
}

// isToken reports whether s is made of the characters of a token (RFC 3261 25.1).
func isToken(s string) bool { return s != "" && strings.Trim(s, tokenChars) == "" }

const tokenChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~"

// isPlainName reports whether s may stand unquoted before an address: tokens, and whatever is not ASCII, since many
// phones put Chinese names there as they are.
func isPlainName(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < 0x80 && !strings.ContainsRune(tokenChars+" \t", r) }) < 0
}

func indexOutsideQuotes(s string, want byte) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case !quoted && s[i] == want:
			return i
		}
	}
	return -1
}

// copied are the headers that every answer repeats, in their long and compact forms (RFC 3261 8.2.6.2).
var copied = map[string]bool{
	"via": true, "v": true, "from": true, "f": true, "to": true, "t": true, "call-id": true, "i": true, "cseq": true,
}

// refusal is the answer to a request that cannot be parsed, 400 as a rule: its own lines sent back, since nothing else of
// it can be trusted. It is nil when there is no request to answer (RFC 3261 16.3, RFC 4475 3.1.2).
func refusal(raw []byte, why error) []byte {
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	lines := strings.Split(string(head), "\r\n")
	method, uri, _ := strings.Cut(lines[0], " ")
	if !isToken(method) || method == "ACK" || !strings.Contains(uri, ":") {
		return nil // a response is stopped by the slash of SIP/2.0
	}
	status := "400 Bad Request: "
	if errors.Is(why, errScheme) {
		status = "416 "
	}
	var b strings.Builder
	b.WriteString("SIP/2.0 " + status + oneLine(why.Error()) + "\r\n")
	keep := false
	for _, l := range lines[1:] {
		if !strings.HasPrefix(l, " ") && !strings.HasPrefix(l, "\t") { // else it folds the line before
			name, _, ok := strings.Cut(l, ":")
			keep = ok && copied[strings.ToLower(strings.TrimSpace(name))]
		}
		if keep {
			b.WriteString(l + "\r\n")
		}
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
	return []byte(b.String())
}

// oneLine makes a reason phrase of an error: printable, short, on one line.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	return s[:min(len(s), 80)]
}
