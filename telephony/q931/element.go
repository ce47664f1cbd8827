package q931

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf8"

	"callbox/telephony"
)

// The bounds of what a message repeats or says to people.
const (
	maxProgress = 3  // progress indicators
	maxDisplay  = 80 // octets (4.5.16)
)

// read takes in one element of codeset 0 and reports whether its contents made sense. Of an element that may come once only
// the first counts (5.8.5.2).
func (m *Message) read(id element, b []byte) bool {
	switch id {
	case elementComplete:
		m.Complete = true
	case elementBearer:
		return m.Bearer != (Bearer{}) || m.readBearer(b)
	case elementCause:
		return m.Reason.Cause != 0 || m.readReason(b)
	case elementState:
		return m.State != nil || m.readState(b)
	case elementChannel:
		return m.Channels != nil || m.readChannels(b)
	case elementProgress:
		return len(m.Progress) == maxProgress || m.readProgress(b)
	case elementDisplay:
		if m.Display == "" {
			m.Display = text(b)
		}
	case elementConnected:
		return m.Connected.read(b, id)
	case elementCalling:
		return m.Calling.read(b, id)
	case elementCalled:
		return m.Called.read(b, id)
	case elementRedirecting:
		return m.Redirecting.read(b, id)
	case elementRestart:
		return m.Restart != nil || m.readRestart(b)
	default:
		if !passed[id] {
			m.note(&m.unknown, id)
		}
	}
	return true
}

// writeAll appends the elements that the message has.
func (m *Message) writeAll(b []byte) []byte {
	if m.Bearer != (Bearer{}) {
		b = m.Bearer.write(b)
	}
	if m.Reason.Cause != 0 {
		b = m.Reason.write(b)
	}
	if m.State != nil {
		b = append(b, byte(elementState), 1, byte(*m.State)&0x3F)
	}
	if m.Channels != nil {
		b = m.Channels.write(b)
	}
	for _, p := range m.Progress[:min(len(m.Progress), maxProgress)] {
		b = append(b, byte(elementProgress), 2, 0x80|p.Standard&3<<5|byte(p.Location)&0x0F, 0x80|byte(p.Description)&0x7F)
	}
	if m.Display != "" {
		display := bounded(m.Display)
		b = append(b, byte(elementDisplay), byte(len(display)))
		b = append(b, display...)
	}
	b = m.Connected.write(b, elementConnected)
	b = m.Calling.write(b, elementCalling)
	b = m.Called.write(b, elementCalled)
	b = m.Redirecting.write(b, elementRedirecting)
	if m.Restart != nil {
		b = append(b, byte(elementRestart), 1, 0x80|byte(*m.Restart)&7)
	}
	return b
}

// group cuts the first group of octets off an element's contents: an octet whose bit 8 is 0 goes on in the next (4.5.1).
func group(b []byte) (head, rest []byte, whole bool) {
	for i, octet := range b {
		if octet&0x80 != 0 {
			return b[:i+1], b[i+1:], true
		}
	}
	return nil, nil, false
}

// standard is the coding standard in the first octet of an element; 0 is ITU-T's.
func standard(octet byte) byte { return octet >> 5 & 3 }

// rateMulti is the rate whose multiplier follows in an octet of its own.
const rateMulti = 0x18

// readBearer reads a bearer capability (4.5.5): octet 3 the capability, 4 the rate, 5 the coding; what follows is of data calls.
func (m *Message) readBearer(b []byte) bool {
	capability, rest, whole := group(b)
	if !whole || standard(capability[0]) != 0 || len(rest) == 0 {
		return false
	}
	bearer := Bearer{Transfer: Transfer(capability[0] & 0x1F), Rate: rest[0] & 0x7F}
	if bearer.Rate == 0 { // circuit mode at no rate
		return false
	}
	if rest = rest[1:]; bearer.Rate != rateMulti && len(rest) > 0 && rest[0]>>5&3 == 1 {
		bearer.Layer1 = Layer1(rest[0] & 0x1F)
	}
	m.Bearer = bearer
	return true
}

func (a Bearer) write(b []byte) []byte {
	b = append(b, byte(elementBearer), 2, 0x80|byte(a.Transfer)&0x1F, 0x80|a.Rate&0x7F)
	if a.Layer1 != 0 {
		b[len(b)-3]++
		b = append(b, 0xA0|byte(a.Layer1)&0x1F)
	}
	return b
}

// readReason reads a cause (4.5.12). A cause of another standard than ITU-T's says no more than that there was one.
func (m *Message) readReason(b []byte) bool {
	head, rest, whole := group(b)
	if !whole || len(rest) == 0 {
		return false
	}
	r := Reason{Cause: telephony.Cause(rest[0] & 0x7F), Location: Location(head[0] & 0x0F)}
	if standard(head[0]) != 0 || r.Cause == 0 {
		r.Cause = telephony.CauseUnspecified
	}
	if len(rest) > 1 {
		r.Diagnostics = append(r.Diagnostics, rest[1:min(len(rest), 1+maxDiagnostics)]...)
	}
	m.Reason = r
	return true
}

func (r Reason) write(b []byte) []byte {
	diagnostics := r.Diagnostics[:min(len(r.Diagnostics), maxDiagnostics)]
	b = append(b, byte(elementCause), byte(2+len(diagnostics)), 0x80|byte(r.Location)&0x0F, 0x80|byte(r.Cause)&0x7F)
	return append(b, diagnostics...)
}

// readState reads a call state (4.5.7).
func (m *Message) readState(b []byte) bool {
	if len(b) == 0 || b[0]>>6 != 0 {
		return false
	}
	s := CallState(b[0] & 0x3F)
	m.State = &s
	return true
}

// readChannels reads a channel identification (4.5.13) of a primary rate interface. Only RESTART names more than one channel.
func (m *Message) readChannels(b []byte) bool {
	if len(b) == 0 || b[0]&0x80 == 0 || b[0]&0x20 == 0 || b[0]&0x04 != 0 { // a basic interface, or a D-channel
		return false
	}
	c := Channels{Exclusive: b[0]&0x08 != 0}
	rest, whole := b[1:], true
	if b[0]&0x40 != 0 { // the interface is named; it is the one that the message comes from
		_, rest, whole = group(rest)
	}
	switch selection := b[0] & 3; {
	case !whole, selection == 2:
		return false
	case selection == 1:
		if c.Slots = timeslots(rest); c.Slots == 0 {
			return false
		}
	}
	restart := m.Type == TypeRestart || m.Type == TypeRestartAcknowledge
	if restart && c.Slots == 0 || !restart && bits.OnesCount32(c.Slots) > 1 {
		return false
	}
	m.Channels = &c
	return true
}

// timeslots reads the channels that an identification lists by number, or by a map of 32 bits; 0: they make no sense.
func timeslots(b []byte) (found uint32) {
	if len(b) < 2 || standard(b[0]) != 0 || b[0]&0x0F != 3 { // not B-channels
		return 0
	}
	isMap, b := b[0]&0x10 != 0, b[1:]
	if isMap {
		if len(b) < 4 {
			return 0
		}
		return binary.BigEndian.Uint32(b) & slots
	}
	for _, octet := range b {
		n := octet & 0x7F
		if n > 31 || slots>>n&1 == 0 {
			return 0
		}
		if found |= 1 << n; octet&0x80 != 0 {
			break
		}
	}
	return found
}

func (c Channels) write(b []byte) []byte {
	head := byte(0xA3) // any channel
	if c.Slots != 0 {
		head = 0xA1
	}
	if c.Exclusive {
		head |= 0x08
	}
	b = append(b, byte(elementChannel), 1, head)
	if c.Slots == 0 {
		return b
	}
	length := len(b) - 2
	b[length] += byte(1 + bits.OnesCount32(c.Slots))
	b = append(b, 0x83)
	for n := range byte(32) {
		if c.Slots>>n&1 != 0 {
			b = append(b, n)
		}
	}
	b[len(b)-1] |= 0x80
	return b
}

// readProgress reads a progress indicator (4.5.23).
func (m *Message) readProgress(b []byte) bool {
	head, rest, whole := group(b)
	if !whole || len(rest) == 0 {
		return false
	}
	m.Progress = append(m.Progress, Progress{ProgressDescription(rest[0] & 0x7F), Location(head[0] & 0x0F), standard(head[0])})
	return true
}

// readRestart reads a restart indicator (4.5.25).
func (m *Message) readRestart(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	class := RestartClass(b[0] & 7)
	if class != RestartChannels && class != RestartInterface && class != RestartInterfaces {
		return false
	}
	m.Restart = &class
	return true
}

// read takes in a number (4.5.8, 4.5.10). Octet 3a is not there where nothing is said about its presentation, and never in a
// called number.
func (n *Number) read(b []byte, id element) bool {
	if *n != (Number{}) {
		return true
	}
	head, digits, whole := group(b)
	if !whole {
		return false
	}
	n.Type, n.Plan = NumberType(head[0]>>4&7), NumberPlan(head[0]&0x0F)
	if len(head) > 1 && id != elementCalled {
		n.Presentation, n.Screening = Presentation(head[1]>>5&3), Screening(head[1]&3)
	}
	n.Digits = telephony.CleanNumber(string(digits))
	return true
}

// write appends the number as the element id, if there is one.
func (n Number) write(b []byte, id element) []byte {
	if n == (Number{}) {
		return b
	}
	digits := telephony.CleanNumber(n.Digits)
	kind := byte(n.Type)&7<<4 | byte(n.Plan)&0x0F
	if id == elementCalled {
		b = append(b, byte(id), byte(1+len(digits)), 0x80|kind)
	} else {
		b = append(b, byte(id), byte(2+len(digits)), kind, 0x80|byte(n.Presentation)&3<<5|byte(n.Screening)&3)
	}
	return append(b, digits...)
}

// text reads what a display says (4.5.16): IA5, or UTF-8 as some carriers send it. What is neither is taken for Latin.
func text(b []byte) string {
	if utf8.Valid(b) {
		return bounded(string(b))
	}
	var s strings.Builder
	for _, octet := range b {
		s.WriteRune(rune(octet))
	}
	return bounded(s.String())
}

// bounded cuts a text to what a display holds, between two runes.
func bounded(s string) string {
	if len(s) <= maxDisplay {
		return s
	}
	end := maxDisplay
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
