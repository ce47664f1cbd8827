package sip

import (
	"net/netip"
	"slices"
	"strings"

	sipgo "github.com/emiago/sipgo/sip"
)

// The bounds of a message that parses.
const (
	maxHeaders = 128
	maxVias    = 70 // as many hops as Max-Forwards commonly allows
)

// A fault is why a request is refused before anything is done with it.
type fault struct {
	status  int
	reason  string
	headers []sipgo.Header
}

func badRequest(reason string) *fault { return &fault{status: 400, reason: reason} }

// allowed are the methods of the box, for Allow.
const allowed = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, UPDATE, PRACK, REFER"

// knownMethods are those that RFCs define and the box does not serve: 405 and not 501 (RFC 3261 8.2.1, 21.5.2).
var knownMethods = []sipgo.RequestMethod{
	sipgo.SUBSCRIBE, sipgo.NOTIFY, sipgo.INFO, sipgo.MESSAGE, sipgo.PUBLISH,
}

// served are the methods of the box.
var served = []sipgo.RequestMethod{
	sipgo.INVITE, sipgo.ACK, sipgo.CANCEL, sipgo.BYE, sipgo.OPTIONS, sipgo.REGISTER, sipgo.UPDATE,
	sipgo.PRACK, sipgo.REFER,
}

// validate looks for what the parser lets pass. It follows the order of RFC 3261 8.2: form, version, method, headers,
// body.
func validate(req *sipgo.Request, from hop) *fault {
	for _, check := range []func(*sipgo.Request) *fault{
		checkForm, from.checkURI, checkMethod, checkExtensions, checkBody, checkAccept,
	} {
		if f := check(req); f != nil {
			return f
		}
	}
	return nil
}

// checkForm holds RFC 3261 8.1.1: what every request has, and has once.
func checkForm(req *sipgo.Request) *fault {
	if len(req.Headers()) > maxHeaders || len(req.GetHeaders("via")) > maxVias {
		return badRequest("Too Many Headers")
	}
	for _, name := range []string{"call-id", "cseq", "from", "to"} {
		if n := len(req.GetHeaders(name)); n == 0 {
			return badRequest("Missing " + name)
		} else if n > 1 {
			return badRequest("Repeated " + name)
		}
	}
	for _, name := range []string{"max-forwards", "content-length", "content-type"} {
		if len(req.GetHeaders(name)) > 1 {
			return badRequest("Repeated " + name)
		}
	}
	if req.Via() == nil {
		return badRequest("Missing Via")
	}
	if req.SipVersion != "SIP/2.0" {
		return &fault{status: 505, reason: "Version Not Supported"}
	}
	if !namesMethod(req) {
		return badRequest("CSeq Names Another Method")
	}
	if !isScheme(req.From().Address.Scheme) || !isScheme(req.To().Address.Scheme) {
		return badRequest("Bad Address")
	}
	return nil
}

// namesMethod reports whether CSeq names the request's method. sipgo spells methods in capitals, CSeq as it comes.
func namesMethod(req *sipgo.Request) bool {
	named := req.CSeq().MethodName
	return named == req.Method || !slices.Contains(served, req.Method) && strings.EqualFold(string(named), string(req.Method))
}

// checkURI holds RFC 3261 8.2.2.1: a Request-URI of a scheme that the box knows there, without headers, with a host.
func (h hop) checkURI(req *sipgo.Request) *fault {
	u := &req.Recipient
	switch {
	case !isScheme(u.Scheme) || len(u.Headers) > 0:
		return badRequest("Bad Request-URI")
	case u.Scheme == "tel":
		return nil
	case !h.speaks(u.Scheme):
		return &fault{status: 416, reason: "Unsupported URI Scheme"}
	case !isHost(u.Host) || u.Port < 0 || u.Port > 65535:
		return badRequest("Bad Request-URI")
	}
	return nil
}

func isScheme(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789+-.") == ""
}

// isHost reports whether s is a name, an IPv4 address or an IPv6 address in brackets.
func isHost(s string) bool {
	if inner, ok := strings.CutPrefix(s, "["); ok {
		a, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		return err == nil && a.Is6()
	}
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") == ""
}

func checkMethod(req *sipgo.Request) *fault {
	switch {
	case slices.Contains(served, req.Method):
		return nil
	case slices.Contains(knownMethods, req.Method):
		return &fault{status: 405, reason: "Method Not Allowed", headers: []sipgo.Header{sipgo.NewHeader("Allow", allowed)}}
	}
	return &fault{status: 501, reason: "Not Implemented", headers: []sipgo.Header{sipgo.NewHeader("Allow", allowed)}}
}

// extensions are the option tags of the box, for Supported (RFC 3262, RFC 3891, RFC 4028).
const extensions = "100rel, replaces, timer"

// has reports whether one of a message's headers lists a value, in lower case.
func has(m sipgo.Message, value string, names ...string) bool {
	for v := range list(m, names...) {
		if v == value {
			return true
		}
	}
	return false
}

// checkExtensions holds RFC 3261 8.2.2.3. A reliable provisional answer is of an INVITE alone (RFC 3262 3).
func checkExtensions(req *sipgo.Request) *fault {
	if req.Method == sipgo.ACK || req.Method == sipgo.CANCEL {
		return nil
	}
	var missing []string
	for option := range list(req, "require") {
		if option != "timer" && (option != option100rel && option != "replaces" || req.Method != sipgo.INVITE) {
			missing = append(missing, option)
		}
	}
	if missing == nil {
		return nil
	}
	return &fault{status: 420, reason: "Bad Extension", headers: []sipgo.Header{
		sipgo.NewHeader("Unsupported", strings.Join(missing, ", ")),
	}}
}

// checkBody holds RFC 3261 8.2.3: the one body that the box reads is SDP as it is, and only where it means something.
func checkBody(req *sipgo.Request) *fault {
	if len(req.Body()) == 0 || req.Method != sipgo.INVITE && req.Method != sipgo.UPDATE && req.Method != sipgo.ACK &&
		req.Method != sipgo.PRACK {
		return nil
	}
	for coding := range list(req, "content-encoding", "e") {
		if coding != "identity" {
			return &fault{status: 415, reason: "Unsupported Media Type", headers: []sipgo.Header{sipgo.NewHeader("Accept-Encoding", "identity")}}
		}
	}
	if !isSDP(req) {
		return &fault{status: 415, reason: "Unsupported Media Type", headers: []sipgo.Header{sipgo.NewHeader("Accept", typeSDP)}}
	}
	return nil
}

const typeSDP = "application/sdp"

// isSDP reports whether a message's body is a session description.
func isSDP(m sipgo.Message) bool {
	for _, h := range m.GetHeaders("content-type") {
		kind, _, _ := strings.Cut(h.Value(), ";")
		return len(m.Body()) > 0 && strings.EqualFold(strings.TrimSpace(kind), typeSDP)
	}
	return false
}

// checkAccept holds RFC 3261 21.4.7: a caller who accepts no SDP cannot be answered.
func checkAccept(req *sipgo.Request) *fault {
	if req.Method != sipgo.INVITE || len(req.GetHeaders("accept")) == 0 {
		return nil
	}
	for value := range list(req, "accept") {
		kind, _, _ := strings.Cut(value, ";")
		switch strings.TrimSpace(kind) {
		case typeSDP, "application/*", "*/*":
			return nil
		}
	}
	return &fault{status: 406, reason: "Not Acceptable", headers: []sipgo.Header{sipgo.NewHeader("Accept", typeSDP)}}
}

// list gives the comma-separated values of a header, in lower case, under its long and compact names.
func list(m sipgo.Message, names ...string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, name := range names {
			for _, h := range m.GetHeaders(name) {
				for v := range strings.SplitSeq(h.Value(), ",") {
					if v = strings.ToLower(strings.TrimSpace(v)); v != "" && !yield(v) {
						return
					}
				}
			}
		}
	}
}
