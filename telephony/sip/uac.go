package sip

import (
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
	"callbox/telephony/rtp"
)

// Timer C, the period of provisional answers, and how long a trunk may leave an INVITE and its three repeats without a word: a
// server that is there says 100 within 200 ms (RFC 3261 8.2.6.1), and timer B, 32 s of silence, is more than a caller bears.
const (
	ringLimit         = 3 * time.Minute // RFC 3261 16.6 step 11 asks for more than that of proxies; nobody waits longer
	provisionalPeriod = time.Minute     // RFC 3261 13.3.1.1
	unheardLimit      = 8 * timerT1
)

// An outgoing is a call to place, as its line wants it.
type outgoing struct {
	line          *line
	limit         int  // legs on the line; 0: no bound
	emergency     bool // no bound holds
	state         telephony.LineState
	local, remote party
	target        sipgo.Uri
	flow          hop
	others        []hop // that serve the same, in their order (RFC 3263 4.3)
	pinned        bool
	user          string // of our Contact
	account       account
	codecs        []rtp.Codec
	dtmf          string
	encryption    telephony.Encryption
	headers       []sipgo.Header
	unreachable   telephony.Cause // when there is no way to the far end
	unanswered    func()          // told when the far end says nothing at all
}

// dial starts a leg.
func (s *Stack) dial(o outgoing) (telephony.Leg, error) {
	if o.emergency {
		o.limit = 0
	} else if s.calls.Load() >= s.maxCalls {
		return nil, telephony.Errorf(telephony.Busy, "并发呼叫已达上限 %d，请稍后再试", "the box has its %d calls at once: try again later", s.maxCalls)
	}
	speech, err := s.newMedia(o.flow.network, o.encryption, o.codecs, o.dtmf)
	if err != nil {
		return nil, err
	}
	l := newLeg(s, calling(o.local, o.remote, o.target, o.flow, o.user), speech)
	l.account, l.out.order, l.pinned = o.account, o, o.pinned
	if !l.enter(o.line, o.state, o.limit) {
		l.media.Close()
		return nil, telephony.Errorf(telephony.Busy, "线路 %s 已满", "line %s has no channel free: dial on another", o.line.id)
	}
	if !s.legs.add(l) {
		l.release(releasedByBox(telephony.CauseTemporary))
		return nil, telephony.Errorf(telephony.Unavailable, "系统正在停止", "the box is about to stop")
	}
	go l.run((*leg).inviting)
	return l, nil
}

// inviting sends the INVITE with our offer.
func (l *leg) inviting() state {
	l.sendFirst()
	l.clock.set(alarmRing, ringLimit)
	return (*leg).dialing
}

// sendFirst sends the INVITE to a place that has not had it yet.
func (l *leg) sendFirst() bool {
	if l.out.order.unanswered != nil {
		l.clock.set(alarmUnheard, unheardLimit)
	}
	return l.sendInvite(nil)
}

// sendInvite sends an INVITE, in answer to a challenge if there is one.
func (l *leg) sendInvite(challenge *sipgo.Response) bool {
	l.seq++
	req := l.stack.request(&l.dialog, sipgo.INVITE, l.seq)
	if challenge != nil && !l.account.authorize(req, challenge) {
		return false
	}
	for _, h := range l.out.order.headers {
		req.AppendHeader(h)
	}
	l.timer.ask(req)
	setSDP(req, l.media.offer())
	l.out.tx = l.begin(req, l.hop())
	return true
}

// dialing is an outgoing leg that is not answered yet.
func (l *leg) dialing() state {
	switch e := l.next().(type) {
	case answered:
		return l.inviteAnswered(e)
	case verbRelease:
		l.release(releasedByBox(e.cause))
		return l.cancel(e.cause)
	case wayGone:
		if e.at == l.hop() {
			l.release(telephony.Released{Cause: l.out.order.unreachable, Witness: telephony.BySignalling})
			return l.cancel(l.out.order.unreachable)
		}
	case unsecured: // with an answer that was early
		l.release(telephony.Released{Cause: telephony.CauseIncompatible, Witness: telephony.ByMediaLoss})
		return l.cancel(telephony.CauseIncompatible)
	case *serverTx:
		if e.req.Method == sipgo.UPDATE {
			l.earlyUpdate(e)
			break
		}
		l.stray(e)
	case alarm:
		switch e {
		case alarmRing:
			l.release(telephony.Released{Cause: telephony.CauseNoAnswer, Witness: telephony.ByTimer})
			return l.cancel(telephony.CauseNoAnswer)
		case alarmUnheard:
			return l.unheard()
		case alarmGone:
			return nil
		}
	}
	return (*leg).dialing
}

// unheard gives up on a place that says nothing. It may wake up yet (lateAnswer).
func (l *leg) unheard() state {
	silence := answered{req: l.out.tx.req, err: sipgo.ErrTransactionTimeout}
	l.out.unheard = append(l.out.unheard, &unheardInvite{tx: l.out.tx})
	if l.tryOther(silence) {
		return (*leg).dialing
	}
	l.release(l.noAnswer(silence.err))
	return l.cancel(telephony.CauseNoResponse)
}

// inviteAnswered takes an answer to our first INVITE.
func (l *leg) inviteAnswered(e answered) state {
	if e.req != l.out.tx.req { // of an attempt that was challenged, or unheard until now
		l.lateAnswer(e)
		return (*leg).dialing
	}
	l.clock.stop(alarmUnheard)
	switch {
	case l.tryOther(e):
		return (*leg).dialing
	case e.err != nil:
		l.release(l.noAnswer(e.err))
		return nil
	case e.res.IsProvisional():
		l.provisional(e.res)
		return (*leg).dialing
	case e.res.IsSuccess():
		return l.pickedUp(e.res)
	case isChallenge(e.res) && l.mayTry(e.res) && l.sendInvite(e.res):
		return (*leg).dialing
	}
	l.release(releasedBy(e.res))
	return nil
}

// tryOther sends the INVITE to the next place that serves the trunk, where one did not answer, cannot be reached or has no room
// (RFC 3263 4.3); but not once a far end behind it was heard.
func (l *leg) tryOther(e answered) bool {
	o := &l.out.order
	full := e.err == nil && e.res.StatusCode == sipgo.StatusServiceUnavailable
	if e.err == nil && !full || len(o.others) == 0 || l.out.rang || l.out.early {
		return false
	}
	if e.err != nil && o.unanswered != nil {
		o.unanswered()
	}
	l.flow, o.others = o.others[0], o.others[1:]
	l.out.proceeds, l.out.branches, l.tried = false, branches{}, 0
	return l.sendFirst()
}

// noAnswer is the release when the far end said nothing, or could not be reached.
func (l *leg) noAnswer(err error) telephony.Released {
	if l.out.order.unanswered != nil {
		l.out.order.unanswered()
	}
	if isTimeout(err) {
		return telephony.Released{Cause: telephony.CauseNoResponse, Witness: telephony.ByTimer}
	}
	return telephony.Released{Cause: l.out.order.unreachable, Witness: telephony.BySignalling}
}

// provisional takes a 1xx: ringing, and speech before the answer (RFC 3261 13.2.2.1, RFC 3960).
func (l *leg) provisional(res *sipgo.Response) {
	l.out.proceeds = true
	b := l.branchOf(res)
	if !l.inTurn(b, res) {
		return
	}
	if res.StatusCode == sipgo.StatusRinging && !l.out.rang {
		l.out.rang = true
		l.tell(telephony.Ringing{})
	}
	if res.StatusCode > 100 && isSDP(res) && l.hear(b, res.Body()) == nil && !l.out.early {
		l.out.early = true
		l.tell(telephony.Progress{})
	}
}

// pickedUp is the first 2xx: the dialog stands (RFC 3261 13.2.2.4).
func (l *leg) pickedUp(res *sipgo.Response) state {
	l.tried = 0
	l.clock.stop(alarmRing)
	l.confirm(res)
	if err := l.described(res); err != nil {
		return l.hangUp(telephony.Released{Cause: telephony.CauseIncompatible, Witness: telephony.BySignalling})
	}
	l.line.move(l, telephony.LineTalking)
	l.up.Store(true)
	l.media.Answered()
	l.tell(telephony.Answered{})
	l.tellHeld()
	l.timer.granted(res)
	l.timer.arm(l.clock)
	return (*leg).talking
}

// described puts the description of a first 2xx in force, or the one that its branch gave before.
func (l *leg) described(res *sipgo.Response) error {
	b := l.out.branches.byTag[l.remote.tag]
	switch {
	case isSDP(res):
		return l.media.accept(res.Body())
	case b != nil && b.sdp != nil && b != l.out.branches.inForce:
		return l.media.accept(b.sdp)
	case l.media.offering:
		return errSDP // neither here nor in a provisional answer
	}
	return nil
}

// confirm makes the dialog of a first 2xx and sends its ACK.
func (l *leg) confirm(res *sipgo.Response) {
	l.out.forks = time.Now().Add(64 * timerT1)
	l.adopt(res)
	tag := l.remote.tag
	l.farTag.Store(&tag)
	l.sendAck(res)
}

// sendAck confirms a 2xx of ours (RFC 3261 13.2.2.4). It is kept for the echoes of the 2xx.
func (l *leg) sendAck(res *sipgo.Response) {
	l.out.acked = res.CSeq().SeqNo
	l.out.ack = l.ack(&l.dialog, l.out.acked)
}

// ack sends the ACK of a dialog: the leg's, or another fork's.
func (l *leg) ack(d *dialog, seq uint32) *path {
	s := l.stack
	p := &path{transport: s.transport, to: d.hop(), leg: l}
	req := s.request(d, sipgo.ACK, seq)
	if s.transport.has(p.to) {
		p.WriteMsg(req) // what is lost is asked for again by the echo of the 2xx
		return p
	}
	go func() {
		if s.transport.connect(p.to) == nil {
			p.WriteMsg(req)
		}
	}()
	return p
}

// cancel takes back our INVITE: at once if the far end has shown that it knows it, else as soon as it does (RFC 3261 9.1).
func (l *leg) cancel(c telephony.Cause) state {
	l.byeCause = c
	l.clock.stop(alarmRing, alarmUnheard)
	if l.out.proceeds {
		l.sendCancel(l.out.tx, l.byeCause)
		l.clock.set(alarmCancelled, 64*timerT1)
	}
	return (*leg).cancelling
}

func (l *leg) sendCancel(of *clientTx, c telephony.Cause) {
	req := cancelOf(of.req)
	req.AppendHeader(reason(c))
	l.stack.begin(l, req, of.path.to, func(*sipgo.Response, error) {})
}

// cancelling waits for what the cancelled INVITE comes to. An answer that crossed the CANCEL is confirmed and hung up, or
// the far end would sit in a call that nobody else is in (pitfall 2).
func (l *leg) cancelling() state {
	switch e := l.next().(type) {
	case answered:
		switch {
		case e.req != l.out.tx.req:
			l.lateAnswer(e)
		case e.err != nil || e.res.StatusCode >= 300:
			return nil
		case e.res.IsSuccess():
			l.confirm(e.res)
			return l.sendBye(l.byeCause)
		case !l.out.proceeds:
			l.out.proceeds = true
			l.sendCancel(l.out.tx, l.byeCause)
			l.clock.set(alarmCancelled, 64*timerT1)
		}
	case *serverTx:
		l.stray(e)
	case alarm:
		if e == alarmCancelled || e == alarmGone {
			return nil
		}
	}
	return (*leg).cancelling
}
