package sip

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// option100rel is the option tag of provisional answers that are confirmed by a PRACK (RFC 3262).
const option100rel = "100rel"

// reliable is the state of the provisional answers to an INVITE that came in. A caller who can confirm them gets no others:
// the early media of a 183 that was lost would be missing until the answer.
type reliable struct {
	wanted    bool            // constant: the caller can confirm them
	seq       uint32          // RSeq of the last
	unacked   *sipgo.Response // it is not confirmed yet
	next      *sipgo.Response // goes out when it is: one at a time (RFC 3262 3)
	interval  time.Duration   // until it goes out again
	described bool            // one of them has our description
	offers    bool            // which is an offer: its PRACK will hold the answer
	settled   bool            // offer and answer are exchanged: the 2xx has no description (RFC 6337 2.2)
	answer    bool            // Answer was asked for and waits for the PRACK
}

// holdsBack reports whether a 2xx has to wait: what is not confirmed has a description (RFC 3262 3).
func (r *reliable) holdsBack() bool {
	return r.unacked != nil && isSDP(r.unacked) || r.next != nil && isSDP(r.next)
}

// proceedReliably sends a provisional answer until its PRACK is there.
func (l *leg) proceedReliably(res *sipgo.Response) {
	r := &l.in.reliable
	if r.unacked != nil {
		r.next = res
		return
	}
	if r.seq == 0 {
		r.seq = rand.Uint32N(1<<31-1) + 1 // RFC 3262 3: below 2^31 to begin with
	} else {
		r.seq++
	}
	res.AppendHeader(sipgo.NewHeader("Require", option100rel))
	res.AppendHeader(sipgo.NewHeader("RSeq", strconv.FormatUint(uint64(r.seq), 10)))
	r.unacked, r.interval = res, timerT1
	l.in.tx.respond(res)
	l.clock.set(alarmResend, r.interval)
	l.clock.set(alarmNoAck, 64*timerT1)
}

// proceedAgain repeats the provisional answer that waits for its PRACK, each time after twice the wait (RFC 3262 3).
func (l *leg) proceedAgain() {
	r := &l.in.reliable
	l.in.tx.respond(r.unacked)
	r.interval *= 2
	l.clock.set(alarmResend, r.interval)
}

// pracked takes a PRACK (RFC 3262 3 and 5). It gives the state in which the call goes on, or nil for the present one.
func (l *leg) pracked(tx *serverTx) state {
	r := &l.in.reliable
	if r.unacked == nil || tx.req.GetHeader("rack") == nil ||
		strings.Join(strings.Fields(tx.req.GetHeader("rack").Value()), " ") != rackOf(r.unacked) {
		tx.respond(l.stack.answer(tx.req, 481, ""))
		return nil
	}
	offered := r.offers && isSDP(r.unacked)
	body, err := l.settle(r.unacked, tx.req)
	switch {
	case err != nil && offered:
		l.refuseWithin(tx, sdpFault(err))
		return l.reject(telephony.CauseIncompatible)
	case err != nil: // a new offer: the session goes on as it is
		l.refuseWithin(tx, sdpFault(err))
		return nil
	}
	r.unacked = nil
	l.clock.stop(alarmResend, alarmNoAck)
	res := l.stack.answer(tx.req, 200, "")
	if body != nil {
		setSDP(res, body)
	}
	tx.respond(res)
	if next := r.next; next != nil {
		r.next = nil
		l.proceedReliably(next)
	}
	if r.answer && !r.holdsBack() {
		return l.accept()
	}
	return nil
}

// settle takes the description of a PRACK: the answer to an offer of ours, or a new offer, to which it gives our answer.
func (l *leg) settle(confirmed *sipgo.Response, prack *sipgo.Request) (answer []byte, err error) {
	r := &l.in.reliable
	switch {
	case r.offers && isSDP(confirmed):
		r.offers = false
		if !isSDP(prack) {
			return nil, errSDP
		}
		err = l.media.accept(prack.Body())
	case isSDP(prack):
		answer, err = l.media.answer(prack.Body())
	}
	r.settled = r.settled || isSDP(confirmed)
	return answer, err
}

// rackOf is what the PRACK of a provisional answer names (RFC 3262 7.2).
func rackOf(res *sipgo.Response) string {
	return fmt.Sprintf("%s %d %s", res.GetHeader("rseq").Value(), res.CSeq().SeqNo, res.CSeq().MethodName)
}

// A branch is an early dialog: one of those that our INVITE reached and that said so (RFC 3261 12.1, 16.7).
type branch struct {
	dialog
	rseq uint32 // of its last reliable answer
	sdp  []byte // its last description
}

// branches are the early dialogs of an outgoing leg. Owned by its goroutine.
type branches struct {
	byTag   map[string]*branch
	inForce *branch // whose description the speech follows
}

// maxBranches bounds how many phones behind a proxy may ring for one call of ours.
const maxBranches = 16

// branchOf is the early dialog of a provisional answer, or nil if it makes none.
func (l *leg) branchOf(res *sipgo.Response) *branch {
	tag := res.To().Params.GetOr("tag", "")
	b := l.out.branches.byTag[tag]
	if b != nil || tag == "" || res.StatusCode == sipgo.StatusTrying || len(l.out.branches.byTag) >= maxBranches {
		return b
	}
	if l.out.branches.byTag == nil {
		l.out.branches.byTag = map[string]*branch{}
	}
	b = &branch{dialog: l.dialog}
	b.adopt(res)
	l.out.branches.byTag[tag] = b
	return b
}

// inTurn confirms a provisional answer that asks for it, and reports whether it is to be taken: an echo is not, nor one that
// came before its turn (RFC 3262 4).
func (l *leg) inTurn(b *branch, res *sipgo.Response) bool {
	h := res.GetHeader("rseq")
	if h == nil || !has(res, option100rel, "require") {
		return true
	}
	seq, err := strconv.ParseUint(strings.TrimSpace(h.Value()), 10, 32)
	if b == nil || err != nil || seq == 0 || b.rseq != 0 && uint32(seq) != b.rseq+1 {
		return false
	}
	b.rseq = uint32(seq)
	b.refresh(res)
	l.seq++
	req := l.stack.request(&b.dialog, sipgo.PRACK, l.seq)
	req.AppendHeader(sipgo.NewHeader("RAck", rackOf(res)))
	l.stack.begin(l, req, b.hop(), func(*sipgo.Response, error) {}) // what is refused there ends the INVITE as well
	return true
}

// hear puts the description of a branch in force.
func (l *leg) hear(b *branch, body []byte) error {
	if err := l.media.accept(body); err != nil {
		return err
	}
	if b != nil {
		b.sdp = body
		l.out.branches.inForce = b
	}
	return nil
}

// earlyUpdate takes an UPDATE of a party that we call and that has not answered (RFC 3311 5.2).
func (l *leg) earlyUpdate(tx *serverTx) {
	b := l.out.branches.byTag[tx.req.From().Params.GetOr("tag", "")]
	if b == nil || b.remoteSeq != 0 && tx.req.CSeq().SeqNo <= b.remoteSeq {
		l.stray(tx)
		return
	}
	b.remoteSeq = tx.req.CSeq().SeqNo
	l.updated(tx)
	if isSDP(tx.req) && !l.media.offering {
		b.sdp = tx.req.Body()
	}
}
