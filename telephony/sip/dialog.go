package sip

import (
	"slices"

	sipgo "github.com/emiago/sipgo/sip"
)

// A party is one end of a dialog as From and To name it.
type party struct {
	name string
	uri  sipgo.Uri
	tag  string
}

// A dialog is what two user agents hold in common (RFC 3261 12). Owned by its leg's goroutine; id and tag never change.
type dialog struct {
	id        string // Call-ID
	tag       string // ours
	local     party
	remote    party
	seq       uint32 // of our last request
	remoteSeq uint32 // of the far end's last request; 0: none came
	routes    []sipgo.Uri
	target    sipgo.Uri // where the far end wants requests
	flow      hop       // where its messages come from
	pinned    bool      // requests go to the flow, whatever the far end says: a phone, maybe behind a NAT
	user      string    // of our Contact
}

// answering makes the dialog of an INVITE that came in (RFC 3261 12.1.1).
func answering(req *sipgo.Request, flow hop) dialog {
	d := dialog{
		id: req.CallID().Value(), tag: token(8), flow: flow,
		local:     party{name: req.To().DisplayName, uri: req.To().Address},
		remote:    party{name: req.From().DisplayName, uri: req.From().Address, tag: req.From().Params.GetOr("tag", "")},
		remoteSeq: req.CSeq().SeqNo, seq: 1,
	}
	d.local.tag = d.tag
	d.target = req.From().Address
	if c := req.Contact(); c != nil {
		d.target = *c.Address.Clone()
	}
	for _, h := range req.GetHeaders("record-route") {
		if r, ok := h.(*sipgo.RecordRouteHeader); ok {
			d.routes = append(d.routes, r.Address)
		}
	}
	return d
}

// calling makes the dialog of an INVITE that goes out; the far end's half comes with its answer.
func calling(local, remote party, target sipgo.Uri, flow hop, user string) dialog {
	d := dialog{id: token(16), tag: token(8), local: local, remote: remote, target: target, flow: flow, user: user}
	d.local.tag = d.tag
	return d
}

// adopt takes the far end's half from an answer to our INVITE (RFC 3261 12.1.2).
func (d *dialog) adopt(res *sipgo.Response) {
	d.remote.tag = res.To().Params.GetOr("tag", "")
	d.routes = nil
	for _, h := range res.GetHeaders("record-route") {
		if r, ok := h.(*sipgo.RecordRouteHeader); ok {
			d.routes = append(d.routes, r.Address)
		}
	}
	slices.Reverse(d.routes)
	d.refresh(res)
}

// refresh takes a new remote target (RFC 3261 12.2.1.2, 12.2.2; pitfall 7).
func (d *dialog) refresh(m sipgo.Message) {
	if hs := m.GetHeaders("contact"); len(hs) > 0 {
		if c, ok := hs[0].(*sipgo.ContactHeader); ok && !c.Address.Wildcard && isHost(c.Address.Host) {
			d.target = *c.Address.Clone()
		}
	}
}

// hop is where requests within the dialog go.
func (d *dialog) hop() hop {
	if d.pinned {
		return d.flow
	}
	if len(d.routes) > 0 {
		return uriHop(&d.routes[0], d.flow)
	}
	return uriHop(&d.target, d.flow)
}

// request makes a request within the dialog (RFC 3261 12.2.1.1). ACK repeats the number of its INVITE.
func (s *Stack) request(d *dialog, method sipgo.RequestMethod, seq uint32) *sipgo.Request {
	target, routes := d.target, d.routes
	if len(routes) > 0 && !routes[0].UriParams.Has("lr") { // a strict router takes the Request-URI for itself
		target, routes = routes[0], append(slices.Clone(routes[1:]), target)
	}
	target.Headers = nil // what a Contact would have us add is not for us to add (RFC 3261 19.1.5)
	req := sipgo.NewRequest(method, target)
	req.AppendHeader(s.newVia(d.hop().network))
	for _, r := range routes {
		req.AppendHeader(&sipgo.RouteHeader{Address: r})
	}
	hops := sipgo.MaxForwardsHeader(70)
	req.AppendHeader(&hops)
	from := &sipgo.FromHeader{DisplayName: d.local.name, Address: d.local.uri}
	from.Params.Add("tag", d.local.tag)
	req.AppendHeader(from)
	to := &sipgo.ToHeader{DisplayName: d.remote.name, Address: d.remote.uri}
	if d.remote.tag != "" {
		to.Params.Add("tag", d.remote.tag)
	}
	req.AppendHeader(to)
	id := sipgo.CallIDHeader(d.id)
	req.AppendHeader(&id)
	req.AppendHeader(&sipgo.CSeqHeader{SeqNo: seq, MethodName: method})
	if s.opt.UserAgent != "" {
		req.AppendHeader(sipgo.NewHeader("User-Agent", s.opt.UserAgent))
	}
	if method == sipgo.INVITE || method == sipgo.UPDATE {
		req.AppendHeader(s.contactIn(d, d.hop()))
		req.AppendHeader(sipgo.NewHeader("Allow", allowed))
		req.AppendHeader(sipgo.NewHeader("Supported", extensions))
	}
	req.SetBody(nil)
	return req
}

// contactIn is our address for the far end's requests within the dialog: SIPS for who is to be reached so (RFC 3261 8.1.1.8, 12.1.1).
func (s *Stack) contactIn(d *dialog, by hop) *sipgo.ContactHeader {
	c := s.contact(d.user, by.network)
	if d.target.Scheme == "sips" && by.isPrivate() {
		c.Address.Scheme = d.target.Scheme
		c.Address.UriParams.Remove("transport") // 26.2.2: a word for TLS beside it is deprecated
	}
	return c
}

// setSDP gives a message a session description.
func setSDP(m interface {
	AppendHeader(sipgo.Header)
	SetBody([]byte)
}, body []byte,
) {
	kind := sipgo.ContentTypeHeader(typeSDP)
	m.AppendHeader(&kind)
	m.SetBody(body)
}

// cancelOf is the CANCEL of an INVITE that is on its way (RFC 3261 9.1).
func cancelOf(invite *sipgo.Request) *sipgo.Request {
	c := sipgo.NewRequest(sipgo.CANCEL, invite.Recipient)
	c.AppendHeader(invite.Via().Clone())
	sipgo.CopyHeaders("Route", invite, c)
	hops := sipgo.MaxForwardsHeader(70)
	c.AppendHeader(&hops)
	for _, name := range []string{"From", "To", "Call-ID"} {
		sipgo.CopyHeaders(name, invite, c)
	}
	c.AppendHeader(&sipgo.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: sipgo.CANCEL})
	c.SetBody(nil)
	return c
}
