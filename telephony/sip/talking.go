package sip

import (
	"math/rand/v2"
	"strconv"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// talking is a leg whose dialog stands, whoever called.
func (l *leg) talking() state {
	switch e := l.next().(type) {
	case verbRelease:
		return l.hangUp(releasedByBox(e.cause))
	case mediaLost, unsecured:
		return l.hangUp(telephony.Released{Cause: telephony.CauseTemporary, Witness: telephony.ByMediaLoss})
	case confirmation:
		if l.confirmed(e.req) == nil {
			l.tellHeld()
		}
	case answered:
		return l.answeredWithin(e)
	case verbReferred:
		l.report()
	case *serverTx:
		return l.requestWithin(e)
	case alarm:
		return l.alarmWithin(e)
	}
	return (*leg).talking
}

func (l *leg) alarmWithin(a alarm) state {
	switch a {
	case alarmResend:
		l.resend()
	case alarmRefresh, alarmReoffer:
		if l.in.final != nil { // one INVITE at a time (RFC 3261 14.1)
			l.clock.set(alarmReoffer, l.glareWait())
			break
		}
		l.sendInvite(nil)
		l.out.reoffering = true
	case alarmNoAck, alarmExpired:
		return l.hangUp(telephony.Released{Cause: telephony.CauseTimerExpiry, Witness: telephony.ByTimer})
	case alarmGone:
		return nil
	}
	return (*leg).talking
}

// requestWithin takes a request of the far end.
func (l *leg) requestWithin(tx *serverTx) state {
	if !l.inOrder(tx) {
		return (*leg).talking
	}
	switch tx.req.Method {
	case sipgo.BYE:
		return l.byeCame(tx)
	case sipgo.INVITE:
		l.reinvited(tx)
	case sipgo.UPDATE:
		l.updated(tx)
	case sipgo.REFER:
		l.referred(tx)
	case sipgo.PRACK: // it crossed our 2xx
		l.pracked(tx)
	default:
		l.stray(tx)
	}
	return (*leg).talking
}

// inOrder answers a request that is not of this dialog, or older than one that came before (RFC 3261 12.2.2).
func (l *leg) inOrder(tx *serverTx) bool {
	seq := tx.req.CSeq().SeqNo
	switch {
	case tx.req.From().Params.GetOr("tag", "") != l.remote.tag:
		tx.respond(l.stack.answer(tx.req, 481, ""))
		return false
	case l.flow.isPrivate() && tx.from.network != l.flow.network: // what began in private goes on so
		tx.respond(l.stack.answer(tx.req, 403, ""))
		return false
	case l.remoteSeq != 0 && seq <= l.remoteSeq:
		tx.respond(l.stack.answer(tx.req, 500, ""))
		return false
	}
	l.remoteSeq = seq
	return true
}

// reinvited takes an INVITE within the dialog: hold, a new address, or a refresh (RFC 3261 14.2).
func (l *leg) reinvited(tx *serverTx) {
	switch {
	case l.out.reoffering: // glare
		tx.respond(l.stack.answer(tx.req, 491, ""))
		return
	case l.in.final != nil: // the INVITE before is not confirmed yet
		l.refuseWithin(tx, retryLater())
		return
	}
	timer, f := askedTimer(tx.req)
	if f != nil {
		l.refuseWithin(tx, f)
		return
	}
	body, err := l.agree(tx.req)
	if err != nil { // the session goes on as it is
		l.refuseWithin(tx, sdpFault(err))
		return
	}
	l.in.tx, l.timer = tx, timer
	l.flow = tx.from
	l.refresh(tx.req)
	l.confirmable(body)
	l.timer.arm(l.clock)
	l.tellHeld()
}

// updated takes an UPDATE: a refresh, or an offer (RFC 3311 5.2).
func (l *leg) updated(tx *serverTx) {
	timer, f := askedTimer(tx.req)
	if f != nil {
		l.refuseWithin(tx, f)
		return
	}
	var body []byte
	if isSDP(tx.req) {
		if l.out.reoffering || l.media.offering {
			tx.respond(l.stack.answer(tx.req, 491, ""))
			return
		}
		var err error
		if body, err = l.media.answer(tx.req.Body()); err != nil {
			l.refuseWithin(tx, sdpFault(err))
			return
		}
	}
	l.flow, l.timer = tx.from, timer
	l.refresh(tx.req)
	res := l.stack.answer(tx.req, 200, "")
	res.AppendHeader(l.stack.contactIn(&l.dialog, l.flow))
	l.timer.announce(res)
	if body != nil {
		setSDP(res, body)
	}
	tx.respond(res)
	l.timer.arm(l.clock)
	l.tellHeld()
}

// retryLater refuses an offer that came before the one before it was answered (RFC 3261 14.2, RFC 3311 5.2).
func retryLater() *fault {
	return &fault{status: 500, headers: []sipgo.Header{sipgo.NewHeader("Retry-After", strconv.Itoa(rand.IntN(10)))}}
}

func (l *leg) refuseWithin(tx *serverTx, f *fault) {
	res := l.stack.answer(tx.req, f.status, "")
	if f.reason != "" {
		res.Reason = f.reason
	}
	for _, h := range f.headers {
		res.AppendHeader(h)
	}
	tx.respond(res)
}

// stray answers a request that the state has no use for.
func (l *leg) stray(tx *serverTx) {
	switch tx.req.Method {
	case sipgo.OPTIONS:
		l.refuseWithin(tx, optionsAnswer)
	case sipgo.INVITE, sipgo.UPDATE:
		tx.respond(l.stack.answer(tx.req, 491, l.tag))
	default:
		tx.respond(l.stack.answer(tx.req, 481, l.tag))
	}
}

// tellHeld tells a change of hold.
func (l *leg) tellHeld() {
	if on := l.media.held(); on != l.held {
		l.held = on
		l.tell(telephony.Held{On: on})
	}
}

// answeredWithin takes an answer while the dialog stands: to a re-INVITE of ours, or late ones to the first.
func (l *leg) answeredWithin(e answered) state {
	if l.reported(e) {
		return (*leg).talking
	}
	if !l.out.reoffering || e.req != l.out.tx.req {
		l.lateAnswer(e)
		return (*leg).talking
	}
	if e.err == nil && e.res.IsProvisional() {
		return (*leg).talking
	}
	l.out.reoffering = false
	switch {
	case e.err != nil || e.res.StatusCode == 408 || e.res.StatusCode == 481: // the dialog is gone over there (RFC 5057 5.1)
		return l.hangUp(telephony.Released{Cause: telephony.CauseTimerExpiry, Witness: telephony.ByTimer})
	case e.res.IsSuccess():
		l.tried = 0
		l.refresh(e.res)
		l.sendAck(e.res)
		if isSDP(e.res) && l.media.accept(e.res.Body()) == nil {
			l.tellHeld()
		}
		l.timer.granted(e.res)
		l.timer.arm(l.clock)
	case e.res.StatusCode == sipgo.StatusRequestPending:
		l.clock.set(alarmReoffer, l.glareWait())
	case isChallenge(e.res) && l.mayTry(e.res) && l.sendInvite(e.res):
		l.out.reoffering = true
	default: // refused: the session goes on until its time is over
		l.timer.lapse(l.clock)
	}
	return (*leg).talking
}

// glareWait is how long to wait after 491: who made the Call-ID waits longer (RFC 3261 14.1).
func (l *leg) glareWait() time.Duration {
	tick := 10 * time.Millisecond
	if l.in.first == (firstRequest{}) {
		return 2100*time.Millisecond + time.Duration(rand.IntN(190))*tick
	}
	return time.Duration(rand.IntN(200)) * tick
}

// lateAnswer takes what still comes for an INVITE that was answered, or given up: the echo of its 2xx, the 2xx of another fork
// (RFC 3261 13.2.2.4; pitfall 4), or the first word of a place that was silent, which is told that nobody waits for it any more.
func (l *leg) lateAnswer(e answered) {
	if e.err != nil || e.req.Method != sipgo.INVITE {
		return
	}
	switch {
	case e.res.IsProvisional():
		l.takeBack(e.req)
	case !e.res.IsSuccess():
	case e.res.To().Params.GetOr("tag", "") == l.remote.tag:
		if l.out.ack != nil && e.res.CSeq().SeqNo == l.out.acked {
			l.out.ack.again()
		}
	default:
		l.dismiss(e)
	}
}

// takeBack cancels an INVITE whose place was silent until now (RFC 3261 9.1).
func (l *leg) takeBack(invite *sipgo.Request) {
	if u := l.unheardAt(invite); u != nil && !u.cancelled {
		u.cancelled = true
		l.sendCancel(u.tx, telephony.CauseElsewhere)
	}
}

// unheardAt finds the INVITE among those whose place was silent.
func (l *leg) unheardAt(invite *sipgo.Request) *unheardInvite {
	for _, u := range l.out.unheard {
		if u.tx.req == invite {
			return u
		}
	}
	return nil
}

// dismiss confirms a 2xx that nobody waits for, and hangs up.
func (l *leg) dismiss(e answered) {
	fork := l.dialog
	if u := l.unheardAt(e.req); u != nil {
		fork.flow = u.tx.path.to
	}
	fork.adopt(e.res)
	l.ack(&fork, e.res.CSeq().SeqNo)
	fork.seq = e.res.CSeq().SeqNo + 1
	bye := l.stack.request(&fork, sipgo.BYE, fork.seq)
	bye.AppendHeader(reason(telephony.CauseElsewhere))
	l.stack.begin(l, bye, fork.hop(), func(*sipgo.Response, error) {})
}
