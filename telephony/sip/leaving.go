package sip

import (
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// hangUp releases the leg and says BYE. The call is free of the leg before the BYE is answered, and whether it is or not
// (pain 6).
func (l *leg) hangUp(r telephony.Released) state {
	l.release(r)
	return l.sendBye(r.Cause)
}

func (l *leg) sendBye(c telephony.Cause) state {
	l.byeCause = c
	l.clock.stopAll()
	if l.report(); l.reporting != nil { // a BYE that overtakes the report ends the dialog that it goes by
		l.clock.set(alarmReported, reportTime)
		return (*leg).reportingLast
	}
	l.byeAgain(nil)
	return (*leg).leaving
}

// reportTime is how long a BYE waits for the answer to what came of a transfer.
const reportTime = 2 * time.Second

// reportingLast lets the far end learn what came of its transfer before our BYE.
func (l *leg) reportingLast() state {
	done := false
	switch e := l.next().(type) {
	case answered:
		if !l.reported(e) {
			l.lateAnswer(e)
		}
		done = l.reporting == nil
	case *serverTx:
		if l.parting(e); e.req.Method == sipgo.BYE {
			return l.linger()
		}
	case alarm:
		if e == alarmGone {
			return nil
		}
		done = e == alarmReported
	}
	if !done {
		return (*leg).reportingLast
	}
	l.byeAgain(nil)
	return (*leg).leaving
}

// byeAgain sends a BYE, in answer to a challenge if there is one.
func (l *leg) byeAgain(challenge *sipgo.Response) bool {
	l.seq++
	req := l.stack.request(&l.dialog, sipgo.BYE, l.seq)
	if challenge != nil && !l.account.authorize(req, challenge) {
		return false
	}
	req.AppendHeader(reason(l.byeCause))
	l.out.tx = l.begin(req, l.hop())
	return true
}

// leaving waits for the answer to our BYE. The transaction repeats it and gives up after 64*T1 (RFC 3261 17.1.2.2).
func (l *leg) leaving() state {
	switch e := l.next().(type) {
	case answered:
		switch {
		case e.req != l.out.tx.req:
			l.lateAnswer(e)
		case e.err != nil:
			return l.linger()
		case e.res.IsProvisional():
		case isChallenge(e.res) && l.mayTry(e.res) && l.byeAgain(e.res):
		default:
			return l.linger()
		}
	case *serverTx:
		l.parting(e)
	case alarm:
		if e == alarmGone {
			return nil
		}
	}
	return (*leg).leaving
}

// byeCame answers the far end's BYE.
func (l *leg) byeCame(tx *serverTx) state {
	tx.respond(l.stack.answer(tx.req, 200, ""))
	l.release(releasedBy(tx.req))
	l.clock.stopAll()
	return l.linger()
}

// linger keeps the leg's goroutine as long as forks of its INVITE may still answer (RFC 3261 13.2.2.4).
func (l *leg) linger() state {
	left := time.Until(l.out.forks)
	if left <= 0 {
		return nil
	}
	l.clock.set(alarmGone, left)
	return (*leg).lingering
}

func (l *leg) lingering() state {
	switch e := l.next().(type) {
	case answered:
		l.lateAnswer(e)
	case *serverTx:
		l.parting(e)
	case alarm:
		if e == alarmGone {
			return nil
		}
	}
	return (*leg).lingering
}

// parting answers a request that crossed our BYE, or came after the far end's.
func (l *leg) parting(tx *serverTx) {
	if tx.req.Method == sipgo.BYE {
		tx.respond(l.stack.answer(tx.req, 200, ""))
		return
	}
	tx.respond(l.stack.answer(tx.req, 481, ""))
}
