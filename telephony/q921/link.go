package q921

import (
	"fmt"

	"callbox/telephony/machine"
)

// A state is one of Annex B.2 that a link of a fixed TEI has; down is what layer 1 makes of all of them.
type state uint8

const (
	down                  state = iota
	teiAssigned                 // state 4: released
	awaitingEstablishment       // state 5: our SABME is out
	awaitingRelease             // state 6: our DISC is out
	established                 // state 7: multiple frame established
	timerRecovery               // state 8: the far end owes an answer to our P = 1
)

// A Link is one end of a data link. Whoever calls Step owns it.
type Link struct {
	side  Side
	state state
	asked bool // layer 3 asked for the SABME that is out ("layer 3 initiated")
	rc    int  // retransmissions up to now

	queue    [][]byte // the frames in flight, the one of V(A) first, and behind them those that wait
	va, vs   uint8    // V(A), V(S)
	vr       uint8    // V(R)
	peerBusy bool     // RNR came
	rejected bool     // our REJ is out, and its frame has not come yet ("reject exception")
	owing    bool     // this step owes an acknowledgement ("acknowledge pending")
	waiting  bool     // T200 runs; of use in state established

	actions []Action
}

// New makes a link that waits for PhysicalUp.
func New(s Side) *Link { return &Link{side: s} }

// Step takes in an event and returns what is to be done about it, in order.
func (l *Link) Step(e Event) []Action {
	l.actions = nil
	switch e := e.(type) {
	case PhysicalUp:
		if l.state == down {
			l.state = teiAssigned
		}
	case PhysicalDown:
		l.lose()
	case Received:
		l.receive(e.Octets)
	case Expired:
		l.expire(e.Timer)
	case Establish:
		l.establishRequest()
	case Release:
		l.releaseRequest()
	case Data:
		l.dataRequest(e.Octets)
	}
	l.transmit()
	l.acknowledge()
	return l.actions
}

func (l *Link) do(a ...Action) { l.actions = append(l.actions, a...) }

func (l *Link) fault(code byte, what string) { l.do(Fault{code, what}) }

// multiFrame reports whether the link carries messages (states 7 and 8).
func (l *Link) multiFrame() bool { return l.state == established || l.state == timerRecovery }

// await starts T200, anew if it runs; T203 runs only while nothing is awaited (5.10.3).
func (l *Link) await() {
	l.do(machine.Stop{Timer: T203}, machine.Start{Timer: T200, After: t200Time})
	l.waiting = true
}

// rest starts T203 and stops T200.
func (l *Link) rest() {
	l.do(machine.Stop{Timer: T200}, machine.Start{Timer: T203, After: t203Time})
	l.waiting = false
}

// end brings the link to state 4, in which no timer runs and no message waits.
func (l *Link) end() {
	l.do(machine.Stop{Timer: T200}, machine.Stop{Timer: T203}, Released{})
	l.state, l.queue = teiAssigned, nil
}

// lose is PH-DEACTIVATE indication.
func (l *Link) lose() {
	if l.state > teiAssigned {
		l.end()
	}
	l.state = down
}

func (l *Link) receive(octets []byte) {
	if l.state == down {
		return
	}
	f, fault := l.side.decode(octets)
	switch {
	case fault.Code != 0:
		l.reject(fault)
	case f.kind == none:
	case l.state == teiAssigned:
		l.whileReleased(f)
	case l.state == awaitingEstablishment:
		l.whileEstablishing(f)
	case l.state == awaitingRelease:
		l.whileReleasing(f)
	default:
		l.whileEstablished(f)
	}
}

// reject is the frame rejection condition (5.8.5): a link in operation starts anew, elsewhere the frame is dropped.
func (l *Link) reject(f Fault) {
	l.do(f)
	if l.multiFrame() {
		l.establish(false)
	}
}

func (l *Link) establishRequest() {
	switch l.state {
	case teiAssigned, established, timerRecovery:
		l.queue = nil
		l.establish(true) // 5.5.1.2, 5.7.1
	case awaitingEstablishment: // figure B.5: what began as a re-establishment of our own is layer 3's now
		l.queue = nil
		l.asked = true
	}
}

func (l *Link) releaseRequest() {
	switch l.state {
	case teiAssigned:
		l.do(Released{})
	case awaitingEstablishment, established, timerRecovery:
		l.queue, l.rc = nil, 0
		l.unnumbered(controlDISC, true, true) // 5.5.3.2
		l.await()
		l.state = awaitingRelease
	}
}

// dataRequest queues a message. While a re-establishment of our own goes on layer 3 knows nothing of it and goes on sending.
func (l *Link) dataRequest(message []byte) {
	switch {
	case !l.multiFrame() && (l.state != awaitingEstablishment || l.asked):
	case len(message) > n201:
		l.fault('O', fmt.Sprintf("message of %d octets not sent: N201 is %d", len(message), n201))
	case len(l.queue) == queueLimit: // whoever takes nothing for so long is lost, and layer 3 must know that messages are
		l.fault(0, fmt.Sprintf("%d messages wait for the far end: the link starts anew", queueLimit))
		l.queue = nil
		l.establish(true)
	default:
		l.queue = append(l.queue, append([]byte{l.side.address(true), teiOctet, 0, 0}, message...))
	}
}

func (l *Link) expire(t machine.Timer) {
	switch {
	case t == T203 && l.state == established: // 5.10.3.3
		l.rc = 0
		l.enquire()
	case t == T200 && l.state == established: // 5.6.7, 5.6.5
		l.rc = 1
		l.enquire()
	case t == T200 && l.state > teiAssigned && l.rc == n200:
		l.giveUp()
	case t == T200 && l.state > teiAssigned:
		l.rc++
		l.again()
	}
}

// again sends anew what was not answered.
func (l *Link) again() {
	switch l.state {
	case awaitingEstablishment:
		l.unnumbered(controlSABME, true, true) // 5.5.1.3
		l.await()
	case awaitingRelease:
		l.unnumbered(controlDISC, true, true) // 5.5.3.3
		l.await()
	case timerRecovery:
		l.enquire() // 5.6.7
	}
}

// giveUp is what N200 retransmissions without an answer lead to.
func (l *Link) giveUp() {
	switch l.state {
	case awaitingEstablishment: // 5.5.1.3
		l.fault('G', "no answer to SABME")
		l.end()
	case awaitingRelease: // 5.5.3.3
		l.fault('H', "no answer to DISC")
		l.end()
	case timerRecovery: // 5.6.7, 5.7.1
		l.fault('I', "no answer to the enquiry")
		l.establish(false)
	}
}
