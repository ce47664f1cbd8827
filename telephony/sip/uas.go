package sip

import (
	"errors"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// newIncoming makes the leg of an INVITE, or says why it is refused. A call whose speech cannot be agreed on is refused
// before anybody is rung (RFC 3261 13.3.1.3).
func (s *Stack) newIncoming(req *sipgo.Request, from hop, who origin) (*leg, *fault) {
	takes := coverOf(who.encryption(), from.network)
	if takes == coverUnsafe {
		return nil, sdpFault(errUnsafe)
	}
	if isSDP(req) {
		if d, err := readSDP(req.Body(), takes); err != nil {
			return nil, sdpFault(err)
		} else if _, ok := d.choose(who.codecs()); !ok {
			return nil, sdpFault(errNoCodec)
		}
	}
	timer, f := askedTimer(req)
	if f != nil {
		return nil, f
	}
	replaces, f := s.replacedBy(req, who)
	if f != nil {
		return nil, f
	}
	speech, err := s.newMedia(from.network, who.encryption(), who.codecs(), who.dtmf())
	if err != nil {
		s.opt.Log.Warn("no port for speech", "error", err)
		return nil, &fault{status: 503, headers: []sipgo.Header{reason(telephony.CauseCongestion)}}
	}
	l := newLeg(s, answering(req, from), speech)
	l.in.first, l.in.delayed, l.timer = originOf(req), !isSDP(req), timer
	tag := l.remote.tag
	l.farTag.Store(&tag)
	l.in.reliable.wanted = has(req, option100rel, "supported", "k", "require")
	l.user, l.pinned = who.contactUser(), who.phone != nil
	l.account = who.accountAt(l.hop())
	if !l.enter(who.line(), telephony.LineDialing, who.limit()) {
		l.media.Close()
		return nil, &fault{status: 486, headers: []sipgo.Header{reason(telephony.CauseNoChannel)}}
	}
	l.in.arrival = telephony.Arrival{
		Leg: l, Line: l.line.id, Caller: who.callerOf(req), Called: who.calledOf(req),
		Redirecting: who.redirectingOf(req), Replaces: replaces,
	}
	return l, nil
}

// sdpFault is the refusal of a session description.
func sdpFault(err error) *fault {
	if errors.Is(err, errSDP) {
		return &fault{status: 400, reason: "Bad SDP"}
	}
	return &fault{status: 488, headers: []sipgo.Header{sipgo.NewHeader("Warning", `305 callbox "`+err.Error()+`"`)}}
}

// arriving is an incoming leg from its INVITE on: 100 at once, and the office gets it.
func (l *leg) arriving() state {
	l.in.tx.respond(l.stack.answer(l.in.tx.req, 100, ""))
	l.stack.opt.Office.Arrive(l.in.arrival)
	return (*leg).waiting
}

// waiting is an incoming leg that is not answered yet.
func (l *leg) waiting() state {
	switch e := l.next().(type) {
	case verbAlert:
		l.alert()
	case verbProgress:
		l.progress()
	case verbAnswer:
		return l.accept()
	case verbRelease:
		return l.reject(e.cause)
	case cancelled:
		l.in.tx.respond(l.stack.answer(l.in.tx.req, 487, l.tag))
		l.release(releasedBy(e.req))
		return nil
	case *serverTx:
		return l.requestEarly(e)
	case unsecured:
		return l.reject(telephony.CauseIncompatible)
	case alarm:
		return l.alarmEarly(e)
	}
	return (*leg).waiting
}

// requestEarly takes a request of a caller who is not answered yet.
func (l *leg) requestEarly(tx *serverTx) state {
	switch tx.req.Method {
	case sipgo.BYE: // the caller may hang up in this way too (RFC 3261 15)
		tx.respond(l.stack.answer(tx.req, 200, l.tag))
		l.in.tx.respond(l.stack.answer(l.in.tx.req, 487, l.tag))
		l.release(releasedBy(tx.req))
		return nil
	case sipgo.PRACK:
		if l.inOrder(tx) {
			if next := l.pracked(tx); next != nil || l.released {
				return next
			}
		}
	case sipgo.UPDATE:
		if !l.inOrder(tx) {
			break
		}
		if isSDP(tx.req) && !l.in.reliable.settled { // the offer of the INVITE is not answered (RFC 3311 5.2)
			l.refuseWithin(tx, retryLater())
			break
		}
		l.updated(tx)
	default:
		l.stray(tx)
	}
	return (*leg).waiting
}

func (l *leg) alarmEarly(a alarm) state {
	switch a {
	case alarmProceed:
		if l.in.reliable.wanted {
			l.proceed(l.stack.answer(l.in.tx.req, l.in.pending.StatusCode, l.tag))
			break
		}
		l.in.tx.respond(l.in.pending)
		l.clock.set(alarmProceed, provisionalPeriod)
	case alarmResend:
		l.proceedAgain()
	case alarmNoAck: // a caller who confirms nothing hears nothing either (RFC 3262 3)
		return l.reject(telephony.CauseTimerExpiry)
	case alarmGone:
		return nil
	}
	return (*leg).waiting
}

// proceed sends a provisional answer, and again each minute.
func (l *leg) proceed(res *sipgo.Response) {
	res.AppendHeader(l.stack.contactIn(&l.dialog, l.flow))
	res.AppendHeader(sipgo.NewHeader("Allow", allowed))
	l.in.pending = res
	l.clock.set(alarmProceed, provisionalPeriod)
	if l.in.reliable.wanted {
		l.proceedReliably(res)
		return
	}
	l.in.tx.respond(res)
}

// alert sends 180. Where the INVITE had no offer, the first answer that is confirmed has to carry ours (RFC 3262 5).
func (l *leg) alert() {
	res := l.stack.answer(l.in.tx.req, 180, l.tag)
	if l.in.delayed && l.in.reliable.wanted {
		l.describe(res)
	}
	l.proceed(res)
}

// progress sends 183 with our side of the session. Where the INVITE had no offer there is nothing to answer yet, and a
// provisional answer that nobody confirms may not carry an offer: the caller is told 180.
func (l *leg) progress() {
	if l.in.delayed && !l.in.reliable.wanted {
		l.alert()
		return
	}
	res := l.stack.answer(l.in.tx.req, 183, l.tag)
	l.describe(res)
	l.proceed(res)
}

// describe gives a provisional answer our side of the session; one that is confirmed gives it once.
func (l *leg) describe(res *sipgo.Response) {
	r := &l.in.reliable
	if r.described {
		return
	}
	body, err := l.agree(l.in.tx.req)
	if err != nil {
		return // it was readable when it came
	}
	r.described, r.offers = r.wanted, l.in.delayed
	setSDP(res, body)
}

// reject refuses the call with a cause.
func (l *leg) reject(c telephony.Cause) state {
	res := l.stack.answer(l.in.tx.req, statusFor(c), l.tag)
	res.AppendHeader(reason(c))
	if res.StatusCode == sipgo.StatusServiceUnavailable {
		for _, h := range l.stack.desk.busy().headers {
			res.AppendHeader(h)
		}
	}
	l.in.tx.respond(res)
	l.release(releasedByBox(c))
	return nil
}

// accept sends 200 with our answer, or with our offer where the INVITE had none. One that must wait for a PRACK does.
func (l *leg) accept() state {
	r := &l.in.reliable
	if r.holdsBack() {
		r.answer = true
		return (*leg).waiting
	}
	var body []byte
	if r.settled {
		l.in.delayed = false
	} else {
		var err error
		if body, err = l.agree(l.in.tx.req); err != nil { // it was readable when it came
			return l.reject(telephony.CauseIncompatible)
		}
	}
	r.next = nil
	l.clock.stop(alarmProceed, alarmResend, alarmNoAck)
	l.up.Store(true)
	l.media.Answered()
	l.line.move(l, telephony.LineTalking)
	l.confirmable(body)
	return (*leg).accepted
}

// agree gives the body of our 2xx to an INVITE.
func (l *leg) agree(invite *sipgo.Request) ([]byte, error) {
	if l.in.delayed = !isSDP(invite); l.in.delayed {
		return l.media.offer(), nil
	}
	return l.media.answer(invite.Body())
}

// confirmable sends a 2xx to the INVITE and repeats it until its ACK is there (RFC 3261 13.3.1.4; pitfall 5).
func (l *leg) confirmable(body []byte) {
	l.in.final = l.stack.answer(l.in.tx.req, 200, l.tag)
	l.in.final.AppendHeader(l.stack.contactIn(&l.dialog, l.flow))
	l.in.final.AppendHeader(sipgo.NewHeader("Allow", allowed))
	l.in.final.AppendHeader(sipgo.NewHeader("Supported", extensions))
	l.timer.announce(l.in.final)
	if body != nil {
		setSDP(l.in.final, body)
	}
	l.in.tx.respond(l.in.final)
	l.in.interval = timerT1
	l.clock.set(alarmResend, l.in.interval)
	l.clock.set(alarmNoAck, 64*timerT1)
}

// resend sends the 2xx again, each time after twice the wait.
func (l *leg) resend() {
	l.in.tx.respond(l.in.final)
	l.in.interval = min(2*l.in.interval, timerT2)
	l.clock.set(alarmResend, l.in.interval)
}

// confirmed takes an ACK for our 2xx. It is known by its number alone, whatever other requests came in between
// (RFC 3261 13.2.2.4; pitfall 6). With a delayed offer it carries the answer.
func (l *leg) confirmed(req *sipgo.Request) error {
	if l.in.final == nil || req.CSeq().SeqNo != l.in.tx.req.CSeq().SeqNo {
		return nil // an echo
	}
	l.in.final = nil
	l.clock.stop(alarmResend, alarmNoAck)
	if !l.in.delayed {
		return nil
	}
	if !isSDP(req) {
		return errSDP
	}
	return l.media.accept(req.Body())
}

// accepted is an incoming leg whose 200 waits for its ACK. Speech flows already.
func (l *leg) accepted() state {
	switch e := l.next().(type) {
	case confirmation:
		return l.established(e.req)
	case alarm:
		switch e {
		case alarmResend:
			l.resend()
		case alarmNoAck:
			return l.hangUp(telephony.Released{Cause: telephony.CauseTimerExpiry, Witness: telephony.ByTimer})
		case alarmGone:
			return nil
		}
	case verbRelease: // the BYE has to wait for the ACK (RFC 3261 15)
		l.in.hangup, l.byeCause = true, e.cause
		l.release(releasedByBox(e.cause))
	case mediaLost, unsecured:
		l.in.hangup, l.byeCause = true, telephony.CauseTemporary
		l.release(telephony.Released{Cause: telephony.CauseTemporary, Witness: telephony.ByMediaLoss})
	case *serverTx:
		switch {
		case e.req.Method == sipgo.BYE:
			return l.byeCame(e)
		case e.req.Method == sipgo.PRACK && l.inOrder(e): // it crossed our 2xx
			l.pracked(e)
		default:
			l.stray(e)
		}
	}
	return (*leg).accepted
}

// established is what follows the ACK of the first INVITE.
func (l *leg) established(req *sipgo.Request) state {
	err := l.confirmed(req)
	if l.in.final != nil {
		return (*leg).accepted // an ACK for something else
	}
	if err != nil {
		return l.hangUp(telephony.Released{Cause: telephony.CauseIncompatible, Witness: telephony.BySignalling})
	}
	if l.in.hangup {
		return l.sendBye(l.byeCause)
	}
	l.tellHeld()
	l.timer.arm(l.clock)
	return (*leg).talking
}
