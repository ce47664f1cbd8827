// Package q931 is call control on the D-channel of a primary rate interface: Q.931 as EuroISDN has it (ETS 300 102-1), which
// is what Chinese carriers deliver (YDN 034), on the user's side and on the network's. It is a codec and a pure machine:
// messages, expiries and verbs go in, messages, timers and news come out. Clauses in comments are Q.931's where nothing
// else is named.
package q931

import (
	"fmt"
	"slices"

	"callbox/telephony"
)

// maxCalls bounds the calls of an interface: 30 channels, those that wait for one, and those that are being cleared.
const maxCalls = 256

// maxReference is the highest call reference value of 2 octets (4.3).
const maxReference = 0x7FFF

// Options are what an Interface has to know.
type Options struct{ Side Side }

// An Interface is the machine of one D-channel: its calls, the restarts of its channels, and whether the data link is up. The
// goroutine that owns its host owns it.
type Interface struct {
	side     Side
	up       bool      // the data link
	calls    []*call   // in the order of their birth
	last     uint16    // call reference of ours
	restarts []restart // of ours, the first of them under way
	actions  []Action
}

// New makes an interface without calls whose data link is down.
func New(o Options) *Interface { return &Interface{side: o.Side} }

// FreeRef is the next call reference of ours that is free; there is none while 256 calls are in progress. They go round, so
// that a late answer to the end of one call does not meet the beginning of another.
func (i *Interface) FreeRef() (Ref, bool) {
	if len(i.calls) >= maxCalls {
		return Ref{}, false
	}
	r := Ref{Value: i.last%maxReference + 1}
	for i.find(r) != nil {
		r.Value = r.Value%maxReference + 1
	}
	return r, true
}

// Step takes in an event and returns what is to be done about it, in order.
func (i *Interface) Step(e Event) []Action {
	i.actions = nil
	switch e := e.(type) {
	case LinkUp:
		i.linkUp()
	case LinkDown:
		i.linkDown()
	case Received:
		i.received(e.Octets)
	case Expired:
		i.expired(e.Timer)
	case Call:
		i.call(e)
	case Restart:
		i.restart(e.Channels)
	case verb:
		if c := i.find(e.ref()); c != nil { // else it was released meanwhile
			c.verb(e)
		}
	}
	return i.actions
}

func (i *Interface) do(a ...Action) { i.actions = append(i.actions, a...) }

func (i *Interface) odd(r Ref, what string) { i.do(Odd{Ref: r, What: what}) }

func (i *Interface) send(m *Message) []byte {
	octets := m.Encode()
	i.do(Send{octets})
	return octets
}

func (i *Interface) find(r Ref) *call {
	for _, c := range i.calls {
		if c.ref == r {
			return c
		}
	}
	return nil
}

// received sends a message to its call (5.8.1 to 5.8.3).
func (i *Interface) received(octets []byte) {
	m, err := Decode(octets)
	switch {
	case err != nil:
		i.odd(Ref{}, err.Error())
		return
	case !i.up:
		i.odd(Ref{}, fmt.Sprintf("%v without a data link", m))
		return
	case m.Value == 0:
		i.global(m)
		return
	}
	ref := Ref{Value: m.Value, Theirs: !m.Flag}
	if c := i.find(ref); c != nil {
		c.receive(m)
		return
	}
	i.unknown(ref, m)
}

// unknown answers a message whose call reference belongs to no call (5.8.3.2, 5.8.10, 5.8.11).
func (i *Interface) unknown(ref Ref, m *Message) {
	switch {
	case (m.Type == TypeSetup || m.Type == TypeResume) && !ref.Theirs: // d)
		i.odd(ref, fmt.Sprintf("%v for a call reference of ours", m))
	case m.Type == TypeSetup:
		i.setup(ref, m)
	case m.Type == TypeReleaseComplete: // c)
	case m.Type == TypeStatusEnquiry:
		i.send(ref.status(i.side.reason(causeStatusEnquiry), 0))
	case m.Type == TypeStatus && (m.State == nil || *m.State == 0):
	case m.Type == TypeStatus:
		i.refuse(ref, i.side.reason(causeWrongState))
	default: // a), b)
		i.odd(ref, fmt.Sprintf("%v for no call", m))
		i.refuse(ref, i.side.reason(causeBadReference))
	}
}

// refuse sends RELEASE COMPLETE.
func (i *Interface) refuse(ref Ref, why Reason) {
	m := ref.message(TypeReleaseComplete)
	m.Reason = why
	i.send(m)
}

// linkUp is a data link established (5.8.9), or reset if it was up already (5.8.8).
func (i *Interface) linkUp() {
	reset := i.up
	i.up = true
	if len(i.restarts) > 0 { // RESTART may be lost with what was on its way; T316 would take two minutes to notice
		i.do(Send{i.restarts[0].octets})
	}
	for _, c := range slices.Clone(i.calls) {
		switch {
		case reset && (c.state == overlapSending || c.state == overlapReceiving): // digits may be lost
			c.because(telephony.CauseTemporary)
			c.disconnect(nil)
		case reset:
		case c.state == active:
			c.stop(t309)
			c.enquire()
		default: // it was to be cleared when the link failed, or meanwhile
			c.release(c.why)
		}
	}
}

// linkDown is a data link lost, or one that could not be established again (5.8.9).
func (i *Interface) linkDown() {
	if i.up {
		i.up = false
		i.failRestarts()
		i.hold()
	}
	if len(i.calls) > 0 {
		i.do(Establish{})
	}
}

// hold lets a call that is up wait for the link for T309. So does one that is being cleared: our RELEASE goes out again when the
// link is back, which leaves no channel busy at one end only.
func (i *Interface) hold() {
	for _, c := range slices.Clone(i.calls) {
		switch c.state.phase() {
		case outgoing, incoming:
			c.because(telephony.CauseOutOfOrder)
			c.end(false)
		case up:
			c.stop(t322)
			c.start(t309)
		case clearing:
			c.enter(releaseRequest)
			c.start(t309)
		}
	}
}

// global takes a message of the global call reference: RESTART and its acknowledgement (5.8.3.2 f).
func (i *Interface) global(m *Message) {
	switch m.Type {
	case TypeRestart, TypeRestartAcknowledge:
		complaint, grave := m.fault(i.side, false)
		switch {
		case grave:
		case m.Type == TypeRestart:
			i.restarted(m)
		default:
			i.acknowledged(m)
		}
		if complaint.Cause != 0 {
			i.complain(m, complaint)
		}
	case TypeStatus:
		i.odd(Ref{}, fmt.Sprintf("%v about a restart", m))
	default:
		i.complain(m, i.side.reason(causeBadReference))
	}
}

// complain answers a message of the global call reference with STATUS.
func (i *Interface) complain(m *Message, why Reason) {
	i.odd(Ref{}, fmt.Sprintf("%v of the global call reference: %v", m, why))
	state := restartNull
	if len(i.restarts) > 0 {
		state = restartRequested
	}
	i.send(&Message{Flag: !m.Flag, Type: TypeStatus, Reason: why, State: &state})
}

// reason is a cause of the side's own.
func (s Side) reason(cause telephony.Cause, diagnostics ...byte) Reason {
	return Reason{Cause: cause, Location: s.location(), Diagnostics: diagnostics}
}

// message begins a message about the call; the flag says whether it goes to the side that chose the reference (4.3).
func (r Ref) message(t MessageType) *Message {
	return &Message{Value: r.Value, Flag: r.Theirs, Type: t}
}

func (r Ref) status(why Reason, s CallState) *Message {
	m := r.message(TypeStatus)
	m.Reason, m.State = why, &s
	return m
}
