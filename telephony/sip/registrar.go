package sip

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
)

// The bounds of registrations.
const (
	minExpires     = 30 * time.Second
	defaultExpires = 5 * time.Minute
	maxExpires     = time.Hour
	maxContacts    = 4 // of a phone; the oldest makes room
)

// A registrar knows where phones are (RFC 3261 10.3). The desk owns it; what it finds is kept with the phone.
type registrar struct {
	stack   *Stack
	door    *door
	watched map[place]*watched
	signs   chan sign
}

func newRegistrar(s *Stack, d *door) *registrar {
	return &registrar{stack: s, door: d, watched: map[place]*watched{}, signs: make(chan sign, 16)}
}

// register handles a REGISTER. The account is the user of To; credentials of another do not fit.
func (r *registrar) register(req *sipgo.Request, from hop, key string) {
	s := r.stack
	account := req.To().Address.User
	if f := r.door.authenticate(req, from, account); f != nil {
		s.refuse(req, from, f)
		return
	}
	p := s.lines.Load().phones[account]
	tx := s.newServerTx(key, req, from, nil)
	list, f := rebind(p.bindings(), req, from, time.Now())
	if f != nil {
		res := s.answer(req, f.status, token(8))
		for _, h := range f.headers {
			res.AppendHeader(h)
		}
		tx.respond(res)
		return
	}
	p.bind(list)
	res := s.answer(req, 200, token(8))
	for _, b := range list {
		c := &sipgo.ContactHeader{Address: b.uri}
		if b.way != (way{}) {
			c.Params.Add("+sip.instance", b.way.instance)
			c.Params.Add("reg-id", b.way.id)
		}
		c.Params.Add("expires", strconv.Itoa(int(time.Until(b.expires).Round(time.Second)/time.Second)))
		res.AppendHeader(c)
	}
	grantOutbound(res, list, from)
	tx.respond(res)
}

// rebind is the list of bindings after a REGISTER (RFC 3261 10.3 steps 6 to 8).
func rebind(old []binding, req *sipgo.Request, from hop, now time.Time) ([]binding, *fault) {
	list := slices.DeleteFunc(slices.Clone(old), func(b binding) bool { return !now.Before(b.expires) })
	contacts := req.GetHeaders("contact")
	if len(contacts) > maxContacts {
		return nil, badRequest("Too Many Contacts")
	}
	id, seq := req.CallID().Value(), req.CSeq().SeqNo
	for _, h := range contacts {
		c, ok := h.(*sipgo.ContactHeader)
		if !ok {
			return nil, badRequest("Bad Contact")
		}
		expires, f := expiresOf(req, c)
		if f != nil {
			return nil, f
		}
		if c.Address.Wildcard {
			if expires != 0 || len(contacts) > 1 {
				return nil, badRequest("Bad Contact")
			}
			return nil, nil
		}
		if !from.speaks(c.Address.Scheme) || !isHost(c.Address.Host) {
			return nil, badRequest("Bad Contact")
		}
		b := binding{uri: *c.Address.Clone(), way: wayOf(req, c, from), flow: from, expires: now.Add(expires), callID: id, seq: seq}
		i := slices.IndexFunc(list, b.replaces)
		if i >= 0 {
			if list[i].callID == id && seq <= list[i].seq {
				return nil, &fault{status: 500} // out of order
			}
			list = slices.Delete(list, i, i+1)
		}
		if expires > 0 {
			list = slices.Insert(list, 0, b)
		}
	}
	return list[:min(len(list), maxContacts)], nil
}

// replaces reports whether a binding is of the same address, or of the same way of the same phone.
func (b binding) replaces(o binding) bool {
	return o.uri.String() == b.uri.String() || b.way != (way{}) && o.way == b.way
}

// expiresOf is how long a contact asks to be kept: its own parameter, the request's header, or our default.
func expiresOf(req *sipgo.Request, c *sipgo.ContactHeader) (time.Duration, *fault) {
	text := c.Params.GetOr("expires", "")
	if h := req.GetHeader("expires"); text == "" && h != nil {
		text = h.Value()
	}
	seconds, err := strconv.ParseUint(text, 10, 32)
	if err != nil { // none, or out of form (RFC 3261 10.2.1.1)
		return defaultExpires, nil
	}
	asked := time.Duration(seconds) * time.Second
	if asked > 0 && asked < minExpires {
		return 0, &fault{status: 423, headers: []sipgo.Header{
			sipgo.NewHeader("Min-Expires", strconv.Itoa(int(minExpires/time.Second))),
		}}
	}
	return cmp.Or(min(asked, maxExpires), 0), nil
}

// sweep lets bindings go that were not renewed: a phone that vanished is offline (pain 6).
func (r *registrar) sweep(now time.Time) {
	for _, p := range r.stack.lines.Load().phones {
		old := p.bindings()
		list := slices.DeleteFunc(slices.Clone(old), func(b binding) bool { return !now.Before(b.expires) })
		if len(list) != len(old) {
			p.bind(list)
		}
	}
}
