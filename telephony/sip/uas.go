package sip

import (
	"errors"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// newIncoming makes the leg of an INVITE, or says why it is refused. A call whose speech cannot be agreed on is refused
// before anybody is rung (RFC 3261 13.3.1.3).
func (s *Stack) newIncoming(req *sipgo.Request, from hop, who origin) (*leg, *fault) {
	if isSDP(req) {
		if d, err := readSDP(req.Body()); err != nil {
			return nil, sdpFault(err)
		} else if _, ok := d.choose(who.codecs()); !ok {
			return nil, sdpFault(errNoCodec)
		}
	}
	timer, f := askedTimer(req)
	if f != nil {
		return nil, f
	}
	conn, err := s.opt.Media()
	if err != nil {
		s.opt.Log.Warn("no port for speech", "error", err)
		return nil, &fault{status: 503, headers: []sipgo.Header{reason(telephony.CauseCongestion)}}
	}
	l := newLeg(s, answering(req, from), newMedia(conn, s.opt.Advertise, who.codecs(), who.dtmf()))
	l.in.first, l.in.delayed, l.timer = originOf(req), !isSDP(req), timer
	l.user, l.pinned = who.contactUser(), who.phone != nil
	l.account = who.accountAt(l.hop())
	if !l.enter(who.line(), telephony.LineDialing, who.limit()) {
		l.media.Close()
		return nil, &fault{status: 486, headers: []sipgo.Header{reason(telephony.CauseNoChannel)}}
	}
	l.in.arrival = telephony.Arrival{Leg: l, Line: l.line.id, Caller: who.callerOf(req), Called: who.calledOf(req)}
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
		l.proceed(l.stack.answer(l.in.tx.req, 180, l.tag))
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
		if e.req.Method == sipgo.BYE { // the caller may hang up in this way too (RFC 3261 15)
			e.respond(l.stack.answer(e.req, 200, l.tag))
			l.in.tx.respond(l.stack.answer(l.in.tx.req, 487, l.tag))
			l.release(releasedBy(e.req))
			return nil
		}
		l.stray(e)
	case alarm:
		if e == alarmProceed {
			l.in.tx.respond(l.in.pending)
			l.clock.set(alarmProceed, provisionalPeriod)
		}
		if e == alarmGone {
			return nil
		}
	}
	return (*leg).waiting
}

// proceed sends a provisional answer, and again each minute.
func (l *leg) proceed(res *sipgo.Response) {
	res.AppendHeader(l.stack.contact(l.user, l.flow.network))
	res.AppendHeader(sipgo.NewHeader("Allow", allowed))
	l.in.pending = res
	l.in.tx.respond(res)
	l.clock.set(alarmProceed, provisionalPeriod)
}

// progress sends 183 with our answer. Where the INVITE had no offer there is nothing to answer yet, and a provisional
// answer that nobody confirms may not carry an offer (RFC 3262 5): the caller is told 180.
func (l *leg) progress() {
	if l.in.delayed {
		l.proceed(l.stack.answer(l.in.tx.req, 180, l.tag))
		return
	}
	body, err := l.media.answer(l.in.tx.req.Body())
	if err != nil {
		return // it was readable when it came
	}
	res := l.stack.answer(l.in.tx.req, 183, l.tag)
	setSDP(res, body)
	l.proceed(res)
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

// accept sends 200 with our answer, or with our offer where the INVITE had none.
func (l *leg) accept() state {
	body, err := l.agree(l.in.tx.req)
	if err != nil { // it was readable when it came
		return l.reject(telephony.CauseIncompatible)
	}
	l.clock.stop(alarmProceed)
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
	l.in.final.AppendHeader(l.stack.contact(l.user, l.flow.network))
	l.in.final.AppendHeader(sipgo.NewHeader("Allow", allowed))
	l.in.final.AppendHeader(sipgo.NewHeader("Supported", "timer"))
	l.timer.announce(l.in.final)
	setSDP(l.in.final, body)
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
	case mediaLost:
		l.in.hangup, l.byeCause = true, telephony.CauseTemporary
		l.release(telephony.Released{Cause: telephony.CauseTemporary, Witness: telephony.ByMediaLoss})
	case *serverTx:
		if e.req.Method == sipgo.BYE {
			return l.byeCame(e)
		}
		l.stray(e)
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
