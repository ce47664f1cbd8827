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

var errTooLong = fmt.Errorf("a message may have %d octets", maxMessage)

// parser is sipgo's, with a stricter eye on addresses. It is read-only and safe for any goroutine.
var parser = newParser()

func newParser() *sipgo.Parser {
	headers := maps.Clone(sipgo.DefaultHeadersParser())
	for _, name := range []string{"from", "f", "to", "t", "contact", "m"} {
		lax := headers[name]
		headers[name] = func(name []byte, value string) (sipgo.Header, error) {
			if err := checkAddress(value); err != nil {
				return nil, err
			}
			return lax(name, value)
		}
	}
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
	return parser.ParseSIP(raw)
}

var errAddress = errors.New("an address is not well formed")

// checkAddress refuses what sipgo's parser lets pass in the first address of a From, To or Contact: a name that is
// neither quoted nor made of tokens, white space inside the URI, or a URI with headers but no brackets (RFC 4475
// 3.1.2.13-15).
func checkAddress(s string) error {
	open := indexOutsideQuotes(s, '<')
	if open < 0 {
		spec, _, _ := strings.Cut(s, ";")
		if strings.ContainsAny(spec, "? \t") {
			return errAddress
		}
		return nil
	}
	name := strings.TrimSpace(s[:open])
	if !strings.HasPrefix(name, `"`) && strings.Trim(name, tokenChars+" \t") != "" {
		return errAddress
	}
	uri, _, ok := strings.Cut(s[open+1:], ">")
	if !ok || strings.ContainsAny(uri, " \t<") {
		return errAddress
	}
	return nil
}

// tokenChars are those of a token, RFC 3261 25.1, and the octets of UTF-8 that many phones put into names unquoted.
var tokenChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~" + highOctets()

func highOctets() string {
	var b strings.Builder
	for r := rune(0x80); r < 0x3000; r++ {
		b.WriteRune(r)
	}
	return b.String()
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

// refusal is the answer 400 to a request that cannot be parsed: its own lines sent back, since nothing else of it can be
// trusted. It is nil when there is no request to answer (RFC 3261 16.3, RFC 4475 3.1.2).
func refusal(raw []byte, why error) []byte {
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	lines := strings.Split(string(head), "\r\n")
	if strings.HasPrefix(lines[0], "SIP/") || !strings.Contains(lines[0], " ") || strings.HasPrefix(lines[0], "ACK ") {
		return nil
	}
	var b strings.Builder
	b.WriteString("SIP/2.0 400 " + oneLine(why.Error()) + "\r\n")
	via, keep := false, false
	for _, l := range lines[1:] {
		if !strings.HasPrefix(l, " ") && !strings.HasPrefix(l, "\t") { // else it folds the line before
			name, _, ok := strings.Cut(l, ":")
			name = strings.ToLower(strings.TrimSpace(name))
			keep = ok && copied[name]
			via = via || keep && (name == "via" || name == "v")
		}
		if keep {
			b.WriteString(l + "\r\n")
		}
	}
	if !via {
		return nil
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
