package q931

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"callbox/telephony"
)

// A call is one call reference in use.
type call struct {
	on      *Interface
	ref     Ref
	state   state
	channel Channel // as SETUP asked for it, then as both ends agreed
	agreed  bool    // an answer to SETUP has named the channel (5.1.2, 5.2.3)
	why     Reason  // it ends; Cause 0: it does not
	byUs    bool
	told    Reason // what the far end is told in place of why: what its DISCONNECT got wrong, or that it did not respond
	running []running
}

// add begins a call; a channel that is none is not asked for.
func (i *Interface) add(ref Ref, s state, asked Channel) *call {
	if asked.slot() == 0 {
		asked = Channel{}
	}
	c := &call{on: i, ref: ref, state: s, channel: asked}
	i.calls = append(i.calls, c)
	return c
}

func (c *call) message(t MessageType) *Message { return c.ref.message(t) }

func (c *call) send(m *Message) []byte { return c.on.send(m) }

// odd is for the journal, with the state as engineers write it: U10, N7.
func (c *call) odd(what string) {
	c.on.odd(c.ref, fmt.Sprintf("%s in %c%d", what, "UN"[c.on.side], c.number()))
}

// number is the state as STATUS tells it.
func (c *call) number() CallState { return numbers[c.state][c.on.side] }

// because keeps why the call ends, by us. The first reason stands.
func (c *call) because(cause telephony.Cause) {
	if c.why.Cause == 0 {
		c.why, c.byUs = c.on.side.reason(cause), true
	}
}

// blame is because, by the far end. A clearing message that gives no cause means 31 (5.8.6.1).
func (c *call) blame(why Reason) {
	if why.Cause == 0 {
		why = Reason{Cause: telephony.CauseUnspecified, Location: why.Location}
	}
	if c.why.Cause == 0 {
		c.why = why
	}
}

// enter changes the state. No timer outlives its state, but a STATUS may be awaited until the call is cleared (5.8.10).
func (c *call) enter(s state) {
	for _, r := range slices.Clone(c.running) {
		if r.name != t322 || s.phase() == clearing || s == null {
			c.stop(r.name)
		}
	}
	c.state = s
}

// end is the last that is heard of the call.
func (c *call) end(maintenance bool) {
	c.enter(null)
	c.on.calls = slices.DeleteFunc(c.on.calls, func(other *call) bool { return other == c })
	c.on.do(Released{Ref: c.ref, Cause: c.why.Cause, Location: c.why.Location, ByUs: c.byUs, Maintenance: maintenance})
}

// receive takes in a message, unless its elements forbid it, and tells the far end what was wrong with it (5.8.4 to 5.8.7).
func (c *call) receive(m *Message) {
	complaint, grave := m.fault(c.on.side, c.state.phase() != clearing)
	if complaint.Cause != 0 {
		c.odd(fmt.Sprintf("%v: %v", m, complaint))
	}
	switch m.Type {
	case TypeSetup: // 5.8.3.2 e): our answer to the first one was in time, or will be
		return
	case TypeDisconnect:
		c.disconnected(m, complaint)
		return
	case TypeRelease:
		c.released(m, complaint)
		return
	case TypeReleaseComplete:
		c.blame(m.Reason)
		c.end(false)
		return
	case TypeStatus: // is never answered by STATUS
		if !grave {
			c.status(m)
		}
		return
	}
	if !grave {
		c.take(m)
	}
	if complaint.Cause != 0 {
		c.report(complaint)
	}
}

// take gives a message to the phase that the call is in.
func (c *call) take(m *Message) {
	expected := false
	switch m.Type {
	case TypeStatusEnquiry: // 5.8.10
		c.report(c.on.side.reason(causeStatusEnquiry))
		return
	case TypeNotify, TypeFacility, TypeSegment: // 5.9, Q.932, annex H: nothing that we offer
		return
	}
	switch c.state.phase() {
	case outgoing:
		expected = c.outgoing(m)
	case incoming:
		expected = c.incoming(m)
	case up:
		expected = c.active(m)
	case clearing:
		expected = c.clearing(m)
	}
	if !expected {
		c.unexpected(m)
	}
}

// verb does what the owner asks. What a message has overtaken does nothing.
func (c *call) verb(v verb) {
	done := false
	switch v := v.(type) {
	case Clear:
		c.clear(v)
		done = true
	case MoreDigits:
		done = c.moreDigits(v)
	case AskDigits:
		done = c.answer(TypeSetupAcknowledge, Message{Progress: v.Progress}, v.Channel)
	case Proceed:
		done = c.answer(TypeCallProceeding, Message{Progress: v.Progress}, v.Channel)
	case Alert:
		done = c.answer(TypeAlerting, Message{Progress: v.Progress}, v.Channel)
	case Connect:
		done = c.answer(TypeConnect, Message{Connected: v.Connected}, v.Channel)
	case TellProgress:
		done = c.tellProgress(v)
	case Enquire:
		done = c.enquire()
	}
	if !done {
		c.odd(strings.TrimPrefix(fmt.Sprintf("%T asked for", v), "q931."))
	}
}

// element is the channel as a message names it; nil if it names none.
func (ch Channel) element(exclusive bool) *Channels {
	if slot := ch.slot(); slot != 0 {
		return &Channels{Slots: slot, Exclusive: exclusive}
	}
	return nil
}

// slot is the channel as a bit; 0 if it is none.
func (ch Channel) slot() uint32 { return 1 << uint(ch.Number) & slots }

// channel is the one that a message names.
func (m *Message) channel() Channel {
	if m.Channels == nil || m.Channels.Slots == 0 {
		return Channel{}
	}
	return Channel{Number: bits.TrailingZeros32(m.Channels.Slots), Exclusive: m.Channels.Exclusive}
}
