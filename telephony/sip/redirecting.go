package sip

import (
	"strconv"
	"strings"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// maxDiversions bounds how far back the history of a call is read.
const maxDiversions = 16

// redirectingOf is the number that forwarded a call of a trunk here, or "": the last one, whoever else did before. A phone
// cannot say such a thing.
func (o origin) redirectingOf(req *sipgo.Request) string {
	if o.trunk == nil {
		return ""
	}
	if number := diversion(req); number != "" {
		return number
	}
	return history(req)
}

// diversion reads Diversion, of which the first is the last that diverted (RFC 5806 3).
func diversion(req *sipgo.Request) string {
	for value := range addresses(req, "diversion") {
		if number := numberIn(value); number != "" {
			return number
		}
	}
	return ""
}

// history reads History-Info: the entry from which the last one comes by a redirection, whose number says that it does
// (RFC 7044 5.2: "rc" or "mp" with the index of where it comes from) or whose URI has a cause (RFC 4458 2.1; RFC 4244 has
// neither parameter).
func history(req *sipgo.Request) string {
	var entries []string
	at := map[string]int{} // by index
	for value := range addresses(req, "history-info") {
		if len(entries) == maxDiversions {
			break
		}
		at[addressParam(value, "index")] = len(entries)
		entries = append(entries, value)
	}
	for i := len(entries) - 1; i > 0; i-- {
		for _, tag := range []string{"rc", "mp"} {
			if from, ok := at[addressParam(entries[i], tag)]; ok && addressParam(entries[i], tag) != "" && from < i {
				return numberIn(entries[from])
			}
		}
		if causeParam(entries[i]) {
			return numberIn(entries[i-1])
		}
	}
	return ""
}

// causeParam reports whether the URI of an address says that it is the target of a redirection.
func causeParam(value string) bool {
	var u sipgo.Uri
	if _, err := sipgo.ParseAddressValue(value, &u, nil); err != nil {
		return false
	}
	cause, _ := strconv.Atoi(u.UriParams.GetOr("cause", ""))
	return cause >= 300 && cause < 700
}

// numberIn is the number in an address.
func numberIn(value string) string {
	var u sipgo.Uri
	if _, err := sipgo.ParseAddressValue(value, &u, nil); err != nil {
		return ""
	}
	return telephony.CleanNumber(userOf(&u))
}

// addressParam is a parameter behind the brackets of an address, or "".
func addressParam(value, name string) string {
	_, params, _ := strings.Cut(value[strings.LastIndexByte(value, '>')+1:], ";")
	for p := range strings.SplitSeq(params, ";") {
		if k, v, _ := strings.Cut(p, "="); strings.EqualFold(strings.TrimSpace(k), name) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// addresses gives the addresses that a header lists, each with its parameters; commas within quotes or brackets part nothing.
func addresses(m sipgo.Message, name string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, h := range m.GetHeaders(name) {
			rest := h.Value()
			for rest != "" {
				end := endOfAddress(rest)
				if value := strings.TrimSpace(rest[:end]); value != "" && !yield(value) {
					return
				}
				rest = rest[min(end+1, len(rest)):]
			}
		}
	}
}

func endOfAddress(s string) int {
	quoted, inside := false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '<' || c == '>'):
			inside = c == '<'
		case c == ',' && !quoted && !inside:
			return i
		}
	}
	return len(s)
}
