package q921

import (
	"bytes"
	"fmt"
	"slices"
)

// modulus is of the sequence numbers (3.5.2.1).
const modulus = 128

// whileEstablished is states 7 and 8, figures B.7 and B.8.
func (l *Link) whileEstablished(f frame) {
	switch f.kind {
	case information:
		l.information(f)
	case rr, rnr, rej:
		l.supervisory(f)
	case sabme: // 5.7.1
		l.unnumbered(controlUA, false, f.final)
		l.fault('F', "the far end re-establishes the link")
		l.renew()
	case disc: // 5.5.3.2
		l.unnumbered(controlUA, false, f.final)
		l.end()
	case ua: // 5.8.7
		l.unsolicitedUA(f)
	case dm:
		l.unsolicitedDM(f)
	case frmr: // 5.8.6
		l.fault('K', "the far end rejected a frame")
		l.establish(false)
	}
}

// unsolicitedDM is a DM without our SABME or DISC (5.8.7, 5.7.1): the far end has no link, unless it answers a frame that
// crossed its own re-establishment.
func (l *Link) unsolicitedDM(f frame) {
	if f.final {
		l.fault('B', "unsolicited DM with F = 1")
	} else {
		l.fault('E', "unsolicited DM with F = 0")
	}
	if !f.final || l.state == timerRecovery {
		l.establish(false)
	}
}

// information takes in an I frame (5.6.2).
func (l *Link) information(f frame) {
	switch {
	case f.ns == l.vr:
		l.vr = (l.vr + 1) % modulus
		l.rejected = false
		l.owing = true
		l.do(Indicate{f.message})
		if f.final { // 5.6.2.1
			l.supervise(controlRR, false, true)
		}
	case !l.rejected: // 5.8.1
		l.rejected = true
		l.supervise(controlREJ, false, f.final)
	case f.final:
		l.supervise(controlRR, false, true)
	}
	if !l.valid(f.nr) {
		l.sequenceError(f)
		return
	}
	if l.state == established && !l.peerBusy {
		l.progress(f.nr)
	}
	l.acknowledged(f.nr)
}

// supervisory takes in RR, RNR or REJ (5.6.3.2, 5.6.4, 5.6.5).
func (l *Link) supervisory(f frame) {
	l.peerBusy = f.kind == rnr
	if f.command && f.final {
		l.supervise(controlRR, false, true)
	}
	answer := !f.command && f.final
	if answer && l.state == established { // 5.8.7
		l.fault('A', "unsolicited supervisory response with F = 1")
	}
	if !l.valid(f.nr) {
		l.sequenceError(f)
		return
	}
	recovered := answer && l.state == timerRecovery
	switch {
	case l.state == timerRecovery && !recovered: // T200 goes on
	case f.kind == rnr: // T200 asks again and again whether it takes frames by now (5.6.5)
		l.await()
	case f.kind == rr && !recovered:
		l.progress(f.nr)
	default:
		l.rest()
	}
	if recovered || f.kind == rej && l.state == established {
		l.state, l.vs = established, f.nr // what the far end does not have goes out again (5.6.4, 5.8.3)
	}
	l.acknowledged(f.nr)
}

// progress keeps T200 for as long as frames are on their way, and anew when one of them was acknowledged (5.6.3.2).
func (l *Link) progress(nr uint8) {
	switch nr {
	case l.vs:
		l.rest()
	case l.va:
	default:
		l.await()
	}
}

// valid reports whether V(A) <= N(R) <= V(S) (3.5.2.6).
func (l *Link) valid(nr uint8) bool { return (nr-l.va)%modulus <= l.inFlight() }

func (l *Link) inFlight() uint8 { return (l.vs - l.va) % modulus }

// sequenceError is an N(R) that acknowledges what was never sent (5.8.2).
func (l *Link) sequenceError(f frame) {
	l.fault('J', fmt.Sprintf("N(R) %d is outside of V(A) %d to V(S) %d", f.nr, l.va, l.vs))
	l.establish(false)
}

// acknowledged lets go of the frames before N(R), which the far end has.
func (l *Link) acknowledged(nr uint8) {
	l.queue = slices.Delete(l.queue, 0, int((nr-l.va)%modulus))
	l.va = nr
}

// transmit sends what waits as far as the window and the far end allow (5.6.1). A frame that goes out again has its old
// octets, but for N(R) and P.
func (l *Link) transmit() {
	if l.state != established || l.peerBusy {
		return
	}
	for n := l.inFlight(); n < k && int(n) < len(l.queue); n++ {
		octets := l.queue[n]
		octets[2], octets[3] = l.vs<<1, l.vr<<1
		l.do(Send{bytes.Clone(octets)})
		l.vs = (l.vs + 1) % modulus
		l.owing = false // N(R) says it
		if !l.waiting {
			l.await()
		}
	}
}

// acknowledge tells what was received if no I frame has told it (5.6.2.2).
func (l *Link) acknowledge() {
	if l.owing {
		l.supervise(controlRR, false, false)
	}
}

// enquire asks the far end what it has and enters timer recovery (5.6.7, 5.10.3.3).
func (l *Link) enquire() {
	l.supervise(controlRR, true, true)
	l.await()
	l.state = timerRecovery
}

// supervise sends an S frame; final is its P/F bit. Its N(R) acknowledges (5.6.3.1).
func (l *Link) supervise(control byte, command, final bool) {
	last := l.vr << 1
	if final {
		last |= 1
	}
	l.do(Send{[]byte{l.side.address(command), teiOctet, control, last}})
	l.owing = false
}
