package sip

import (
	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// callerOf is who calls, as far as the origin may say it: a phone is its extension, a trunk is believed, and its assertion
// before its From where it is one whose assertions count (RFC 3325 9.1).
func (o origin) callerOf(req *sipgo.Request) telephony.Caller {
	if o.phone != nil {
		return telephony.Caller{Number: o.phone.extension, Name: o.phone.config.Load().Name}
	}
	from := req.From()
	number, name := userOf(&from.Address), from.DisplayName
	anonymous := from.Address.User == "anonymous" || from.Address.Host == "anonymous.invalid"
	if user, display, ok := asserted(req); ok && o.trunk.config.Load().Identity != telephony.IdentityFrom {
		number, name = user, display
	}
	for private := range list(req, "privacy") {
		anonymous = anonymous || private != "none"
	}
	c := telephony.CleanCaller(telephony.Caller{Number: number, Name: unescape(name)})
	c.Withheld = anonymous
	return c
}

// asserted reads P-Asserted-Identity.
func asserted(req *sipgo.Request) (number, name string, ok bool) {
	for _, h := range req.GetHeaders("p-asserted-identity") {
		var u sipgo.Uri
		name, err := sipgo.ParseAddressValue(h.Value(), &u, nil)
		if err == nil && userOf(&u) != "" {
			return userOf(&u), name, true
		}
	}
	return "", "", false
}

// identity tells the carrier the calling number in the form that the trunk has, and asks it to keep that to itself where the
// caller wants it (RFC 3325 9.1 and 9.2, RFC 3323 4.2). A trunk that knows From alone is told no more than From says.
func (t *trunk) identity(c telephony.Caller, host string) []sipgo.Header {
	number := telephony.CleanNumber(c.Number)
	if number == "" {
		return nil
	}
	u := sipgo.Uri{Scheme: "sip", User: userPart(number), Host: host}
	var headers []sipgo.Header
	switch t.config.Load().Identity {
	case telephony.IdentityFrom:
	case telephony.IdentityPreferred:
		headers = append(headers, sipgo.NewHeader("P-Preferred-Identity", "<"+u.String()+">"))
	default:
		headers = append(headers, sipgo.NewHeader("P-Asserted-Identity", "<"+u.String()+">"))
	}
	if c.Withheld {
		headers = append(headers, sipgo.NewHeader("Privacy", "id"))
	}
	return headers
}
