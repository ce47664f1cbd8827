package sim

import (
	"errors"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"
)

// A phoneCall is the one call of a phone. The phone's goroutine owns it.
type phoneCall struct {
	dialog
	phone *Phone
	stage Stage
	with  string // the other's number
	talk  *talk

	invite   *sip.Request
	incoming *sip.ServerTx // of an INVITE to us, until it is answered
	outgoing *sip.ClientTx // of our own
	reached  bool          // our INVITE had a provisional response
	gaveUp   bool          // the person wants our INVITE no more
	tried    bool          // our INVITE carried credentials
	timers   []*time.Timer // stopped with the call
	unacked  *time.Timer   // sends our 2xx again until the ACK comes
}

// received takes each request, on a goroutine of sipgo's.
func (p *Phone) received(req *sip.Request, tx *sip.ServerTx) {
	if req.Method == sip.INVITE {
		tx.OnCancel(func(*sip.Request) { p.post(func() { p.cancelled(tx) }) })
	}
	p.post(func() { p.request(req, tx) })
}

// request answers one request.
func (p *Phone) request(req *sip.Request, tx *sip.ServerTx) {
	call := p.callOf(req)
	switch {
	case req.Method == sip.ACK:
		if call != nil && call.unacked != nil {
			call.unacked.Stop()
		}
	case req.Method == sip.INVITE && call != nil:
		call.changed(req, tx)
	case req.Method == sip.INVITE:
		p.ring(req, tx)
	case req.Method == sip.OPTIONS, req.Method == sip.NOTIFY && call != nil: // how a transfer stands
		p.respond(tx, req, sip.StatusOK, "OK")
	case req.Method == sip.BYE && call != nil:
		p.respond(tx, req, sip.StatusOK, "OK")
		p.over("the far end hung up")
	case req.Method == sip.BYE, req.Method == sip.CANCEL:
		p.respond(tx, req, sip.StatusCallTransactionDoesNotExists, "No such call")
	default:
		p.respond(tx, req, sip.StatusMethodNotAllowed, "Not here")
	}
}

// callOf is the phone's call if the request belongs to it.
func (p *Phone) callOf(req *sip.Request) *phoneCall {
	if p.call != nil && req.CallID() != nil && req.CallID().Value() == p.call.id {
		return p.call
	}
	return nil
}

func (p *Phone) respond(tx *sip.ServerTx, req *sip.Request, status int, reason string) {
	_ = tx.Respond(sip.NewResponseFromRequest(req, status, reason, nil))
}

// ring takes an INVITE as the person at the phone wants it.
func (p *Phone) ring(req *sip.Request, tx *sip.ServerTx) {
	media, err := parseMedia(req.Body(), p.o.Codecs)
	switch {
	case p.call != nil:
		p.respond(tx, req, sip.StatusBusyHere, "Busy Here")
		return
	case p.o.Reject != 0:
		p.respond(tx, req, p.o.Reject, "Rejected")
		return
	case err != nil || req.Contact() == nil:
		p.respond(tx, req, sip.StatusNotAcceptableHere, "No common codec")
		return
	}
	c := &phoneCall{phone: p, stage: Ringing, with: req.From().Address.User, invite: req, incoming: tx}
	if c.talk, err = p.newTalk(media); err != nil {
		p.respond(tx, req, sip.StatusInternalServerError, "No socket")
		return
	}
	ringing := sip.NewResponseFromRequest(req, sip.StatusRinging, "Ringing", nil)
	ringing.AppendHeader(p.station.contact())
	c.adopt(req, ringing)
	_ = tx.Respond(ringing)
	p.call = c
	p.tell()
	switch {
	case wantsAnswer(req):
		_ = c.answer()
	case !p.o.NeverAnswer:
		c.in(p.o.AnswerAfter, func() { _ = c.answer() })
	}
}

// adopt makes the dialog of an INVITE to us, with the tag of our first response (RFC 3261 12.1.1).
func (c *phoneCall) adopt(req *sip.Request, first *sip.Response) {
	c.dialog = dialog{
		id: req.CallID().Value(), target: *req.Contact().Address.Clone(),
		local: first.To().AsFrom(), remote: first.From().AsTo(),
	}
}

// in does something in a while if the call still lives.
func (c *phoneCall) in(d time.Duration, act func()) {
	c.timers = append(c.timers, c.phone.after(d, func() {
		if c.phone.call == c {
			act()
		}
	}))
}

// answer takes the call that rings.
func (c *phoneCall) answer() error {
	if c.stage != Ringing {
		return fmt.Errorf("there is nothing to answer: the phone is %s", c.stage)
	}
	ok := sip.NewResponseFromRequest(c.invite, sip.StatusOK, "OK", nil)
	ok.To().Params = c.local.Params.Clone()
	ok.AppendHeader(c.phone.station.contact())
	c.accept(c.incoming, withSDP(ok, c.talk.sdp(sendRecv)))
	c.begin()
	return nil
}

// accept sends a 2xx until its ACK comes (RFC 3261 13.3.1.4: T1 doubling up to T2, and a BYE after 64*T1).
func (c *phoneCall) accept(tx *sip.ServerTx, ok *sip.Response) {
	_ = tx.Respond(ok)
	var again func(wait, waited time.Duration)
	again = func(wait, waited time.Duration) {
		c.unacked = c.phone.after(wait, func() {
			switch {
			case c.phone.call != c:
			case waited > 64*sip.T1:
				_ = c.hangUp()
			default:
				_ = tx.Respond(ok)
				again(min(2*wait, sip.T2), waited+wait)
			}
		})
	}
	again(sip.T1, 0)
}

// begin starts the talk.
func (c *phoneCall) begin() {
	p := c.phone
	c.stage = Talking
	p.heard.Store(c.talk.handset.tape)
	c.talk.start()
	if p.o.TalkFor > 0 {
		c.in(p.o.TalkFor, func() { _ = c.hangUp() })
	}
	p.tell()
}

// changed takes a re-INVITE: hold and retrieve (RFC 3264 8.4), or a new address.
func (c *phoneCall) changed(req *sip.Request, tx *sip.ServerTx) {
	p := c.phone
	media, err := parseMedia(req.Body(), p.o.Codecs)
	if err != nil || c.stage == Ringing || c.stage == Calling {
		p.respond(tx, req, sip.StatusNotAcceptableHere, "Not acceptable")
		return
	}
	if req.Contact() != nil {
		c.target = *req.Contact().Address.Clone()
	}
	c.talk.to(media)
	c.stage = Talking
	if !media.weSend() {
		c.stage = Held
	}
	ok := sip.NewResponseFromRequest(req, sip.StatusOK, "OK", nil)
	ok.AppendHeader(p.station.contact())
	c.accept(tx, withSDP(ok, c.talk.sdp(media.direction.answer())))
	p.tell()
}

// cancelled ends the ringing of a call that the caller gave up; sipgo has answered the CANCEL and the INVITE.
func (p *Phone) cancelled(tx *sip.ServerTx) {
	if p.call != nil && p.call.incoming == tx && p.call.stage == Ringing {
		p.over("the caller gave up")
	}
}

// over ends the call and says why.
func (p *Phone) over(note string) {
	if p.call == nil {
		return
	}
	p.call.end()
	p.call, p.note = nil, note
	p.tell()
}

func (c *phoneCall) end() {
	for _, t := range c.timers {
		t.Stop()
	}
	if c.unacked != nil {
		c.unacked.Stop()
	}
	c.talk.stop()
}

// hangUp ends the call in the way that its stage asks for. What is only being set up is over when the far end says so.
func (c *phoneCall) hangUp() error {
	p := c.phone
	switch c.stage {
	case Calling:
		c.gaveUp = true
		if c.reached {
			c.cancel()
		}
		return nil
	case Ringing:
		p.respond(c.incoming, c.invite, sip.StatusGlobalDecline, "Decline")
	default:
		p.send(p.station.request(sip.BYE, &c.dialog), func(*sip.Request, *sip.Response) {})
	}
	p.over("hung up")
	return nil
}

// invite calls a number.
func (p *Phone) invite(number string) error {
	if p.call != nil {
		return errPhoneBusy
	}
	if number == "" {
		return errors.New("there is no number to call")
	}
	t, err := p.newTalk(media{})
	if err != nil {
		return err
	}
	c := &phoneCall{dialog: p.station.newDialog(number), phone: p, stage: Calling, with: number, talk: t}
	p.call = c
	c.sendInvite(withSDP(p.station.request(sip.INVITE, &c.dialog), t.sdp(sendRecv)))
	p.tell()
	return nil
}

func (c *phoneCall) sendInvite(req *sip.Request) {
	c.invite, c.reached = req, false
	c.outgoing = c.phone.send(req, c.invited)
}

// invited takes a response to our INVITE.
func (c *phoneCall) invited(req *sip.Request, res *sip.Response) {
	p := c.phone
	switch {
	case res.IsProvisional():
		if c.gaveUp && !c.reached {
			c.cancel() // not before the first response (RFC 3261 9.1)
		}
		c.reached = true
		return
	case res.IsSuccess():
		c.confirmed(req, res)
		return
	case p.call != c:
		return
	}
	if again := p.station.authorized(req, res, &c.dialog); again != nil && !c.tried && !c.gaveUp {
		c.tried = true
		c.sendInvite(again)
		return
	}
	if c.stage == Calling { // a re-INVITE that failed changes nothing (RFC 3261 14.1)
		p.over(fmt.Sprintf("%d %s", res.StatusCode, res.Reason))
	}
}

// confirmed acknowledges a 2xx and starts the talk, or ends at once a call that is wanted no more.
func (c *phoneCall) confirmed(req *sip.Request, res *sip.Response) {
	p := c.phone
	c.remote = *res.To()
	if res.Contact() != nil {
		c.target = *res.Contact().Address.Clone()
	}
	ack := p.station.requestAt(sip.ACK, &c.dialog, req.CSeq().SeqNo)
	acknowledge := func(*sip.Response) { _ = p.station.transport.WriteMsg(ack) }
	acknowledge(res)
	c.outgoing.OnRetransmission(acknowledge)
	media, err := parseMedia(res.Body(), p.o.Codecs)
	if err != nil || c.gaveUp || p.call != c {
		c.stage = Talking
		_ = c.hangUp()
		return
	}
	c.talk.to(media)
	if c.stage == Calling {
		c.begin()
	}
}

// cancel takes our INVITE back. What the far end does not confirm in 64*T1 is over all the same (RFC 3261 9.1).
func (c *phoneCall) cancel() {
	req := c.phone.station.requestAt(sip.CANCEL, &c.dialog, c.invite.CSeq().SeqNo)
	req.Recipient = c.invite.Recipient
	req.ReplaceHeader(c.invite.Via().Clone())
	c.phone.send(req, func(*sip.Request, *sip.Response) {})
	c.in(64*sip.T1, func() { c.phone.over("given up, and the far end does not say so") })
}

// refer asks the far end to call somebody in our place. The far end hangs up when it is done.
func (c *phoneCall) refer(number string) error {
	if c.stage != Talking && c.stage != Held {
		return fmt.Errorf("there is no talk to transfer: the phone is %s", c.stage)
	}
	to := c.phone.station.domain
	to.User = number
	req := c.phone.station.request(sip.REFER, &c.dialog)
	req.AppendHeader(sip.NewHeader("Refer-To", "<"+to.String()+">"))
	c.phone.send(req, func(*sip.Request, *sip.Response) {})
	return nil
}

// hold asks the far end to wait (RFC 3264 8.4), or takes it back.
func (c *phoneCall) hold(on bool) error {
	if c.stage != Talking {
		return fmt.Errorf("there is no talk to hold: the phone is %s", c.stage)
	}
	ours := sendRecv
	if on {
		ours = sendOnly
	}
	c.tried = false
	c.sendInvite(withSDP(c.phone.station.request(sip.INVITE, &c.dialog), c.talk.sdp(ours)))
	return nil
}
