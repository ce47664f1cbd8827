package sip

import (
	"net/netip"
	"sync/atomic"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
	"callbox/telephony/rtp"
)

// A phone is an extension that registers with the box (A1.20, A1.21).
type phone struct {
	*line
	stack     *Stack
	extension string
	config    atomic.Pointer[telephony.Phone]
	contacts  atomic.Pointer[[]binding] // newest first, never empty; nil: offline. The registrar writes it
}

// A binding is one address where a phone is registered (RFC 3261 10).
type binding struct {
	uri     sipgo.Uri
	way     way
	flow    hop // where its REGISTER came from: through a NAT the only way back
	expires time.Time
	callID  string
	seq     uint32
	silent  bool // it stopped answering OPTIONS
}

func newPhone(s *Stack, extension string) *phone {
	p := &phone{line: newLine(phoneID(extension), s.opt.Office), stack: s, extension: extension}
	p.rest = telephony.LineOffline
	return p
}

// phoneID is the line of an extension.
func phoneID(extension string) string { return "phone/" + extension }

func (p *phone) configure(c *telephony.Phone) {
	p.config.Store(c)
	p.change(func() { p.name = c.Name })
}

// bindings are those that are alive.
func (p *phone) bindings() []binding {
	if list := p.contacts.Load(); list != nil {
		return *list
	}
	return nil
}

// bind puts a new list of bindings in force and tells the line's state.
func (p *phone) bind(list []binding) {
	if len(list) == 0 {
		p.contacts.Store(nil)
	} else {
		p.contacts.Store(&list)
	}
	p.tellRest()
}

// registeredAt reports whether a message comes from the very place where the phone is registered.
func (p *phone) registeredAt(from hop) bool {
	for _, b := range p.bindings() {
		if b.flow == from {
			return true
		}
	}
	return false
}

// registeredFrom reports whether the phone is registered from an address.
func (p *phone) registeredFrom(a netip.Addr) bool {
	for _, b := range p.bindings() {
		if b.flow.addr.Addr() == a {
			return true
		}
	}
	return false
}

// Dial rings the phone where it registered last. A phone that is in a call decides for itself whether it rings.
func (p *phone) Dial(o telephony.Order) (telephony.Leg, error) {
	at, ok := p.reachable()
	if !ok {
		return nil, telephony.Errorf(telephony.Unavailable, "分机 %s 未注册，请检查话机", "phone %s is not registered: look at the phone", p.extension)
	}
	var headers []sipgo.Header
	if o.AutoAnswer { // A1.22; one header for each half of the phones of this world
		headers = []sipgo.Header{
			sipgo.NewHeader("Call-Info", "<sip:"+p.stack.host()+">;answer-after=0"),
			sipgo.NewHeader("Alert-Info", "<http://"+p.stack.host()+">;info=alert-autoanswer"),
		}
	}
	encryption := p.config.Load().Encryption
	if coverOf(encryption, at.flow.network) == coverUnsafe {
		return nil, telephony.Errorf(telephony.Unavailable, "分机 %s 要求加密媒体，但话机没有用 TLS 注册，请在话机上改用 TLS",
			"phone %s is to have encrypted media, but is not registered over TLS: choose TLS on the phone", p.extension)
	}
	return p.stack.dial(outgoing{
		line: p.line, encryption: encryption, state: telephony.LineRinging, local: p.stack.caller(o.From, p.stack.host()),
		remote: party{uri: sipgo.Uri{Scheme: "sip", User: p.extension, Host: p.stack.host()}}, target: at.uri, flow: at.flow, pinned: true,
		user: telephony.CleanNumber(o.From.Number), headers: headers, codecs: bothLaws, dtmf: dtmfAuto, unreachable: telephony.CauseAbsent,
	})
}

// caller is a calling party as From shows it. One who is not to be shown, or not known, is anonymous (RFC 3323 4.1); one of whom the
// name alone is known, such as a visitor of a web site, has that.
func (s *Stack) caller(c telephony.Caller, host string) party {
	c = telephony.CleanCaller(c)
	if c.Withheld || c.Number == "" {
		shown := "Anonymous"
		if c.Name != "" && !c.Withheld {
			shown = displayName(c.Name)
		}
		return party{name: shown, uri: sipgo.Uri{Scheme: "sip", User: "anonymous", Host: "anonymous.invalid"}}
	}
	return party{name: displayName(c.Name), uri: sipgo.Uri{Scheme: "sip", User: userPart(c.Number), Host: host}}
}

// host is the box's own address as a URI has it.
func (s *Stack) host() string {
	a := s.localAddr("UDP").Addr()
	if a.Is6() {
		return "[" + a.String() + "]"
	}
	return a.String()
}

// What an origin means for the leg that comes from it.

func (o origin) codecs() []rtp.Codec {
	if o.trunk != nil {
		return o.trunk.codecs()
	}
	return bothLaws
}

func (o origin) dtmf() string {
	if o.trunk != nil {
		return o.trunk.config.Load().DTMF
	}
	return dtmfAuto
}

func (o origin) encryption() telephony.Encryption {
	if o.trunk != nil {
		return o.trunk.config.Load().Encryption
	}
	return o.phone.config.Load().Encryption
}

// accountAt answers the challenges to our requests within the dialog, which go to a hop; a phone has none to make. A call
// that wants them elsewhere than at the trunk, in its name, is after the trunk's password.
func (o origin) accountAt(to hop) account {
	if o.trunk != nil && o.trunk.sends(to) {
		return o.trunk.account()
	}
	return account{}
}

func (o origin) contactUser() string {
	if o.trunk != nil {
		return o.trunk.contactUser()
	}
	return ""
}

// limit is how many legs the line may carry; 0: no bound.
func (o origin) limit() int {
	if o.trunk != nil {
		return o.trunk.config.Load().MaxCalls
	}
	return maxCallsPerPhone
}

// maxCallsPerPhone bounds what one set of credentials can do.
const maxCallsPerPhone = 8
