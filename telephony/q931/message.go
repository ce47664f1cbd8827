package q931

import (
	"errors"
	"fmt"
	"slices"
)

// MaxMessage is the longest message in octets: N201 of the data link (Q.921 5.9.3). Segmentation (annex H) is not offered.
const MaxMessage = 260

// discriminator is the protocol discriminator of call control (4.2).
const discriminator = 0x08

// referenceFlag is the bit in front of a call reference value that says who chose it (4.3).
const referenceFlag = 0x8000

// A Message is what one DL-DATA carries, as far as the box reads it. A zero field is an element that is not there; where zero
// says something, the field is a pointer.
type Message struct {
	Value uint16 // call reference value; 0: the global call reference
	Flag  bool   // call reference flag: the message goes to the side that chose the value (4.3)
	Type  MessageType

	Complete    bool // sending complete
	Bearer      Bearer
	Reason      Reason
	State       *CallState
	Channels    *Channels
	Progress    []Progress // at most maxProgress
	Display     string     // at most maxDisplay octets
	Connected   Number
	Calling     Number
	Called      Number
	Redirecting Number
	Restart     *RestartClass

	unknown []element // elements that nobody knows here (5.8.7.1)
	bad     []element // elements whose contents make no sense (5.8.6.2, 5.8.7.2)
}

// What Decode refuses. Nothing is answered to any of it (5.8.1, 5.8.2, 5.8.3.1).
var (
	errShort     = errors.New("a message too short to have a type (5.8.2)")
	errLong      = fmt.Errorf("a message of more than %d octets", MaxMessage)
	errProtocol  = errors.New("a message of another protocol than Q.931 (5.8.1)")
	errReference = errors.New("a call reference that is not of 1 or 2 octets (5.8.3.1)")
)

// Decode reads a message. It refuses what cannot be answered; elements that it cannot read it leaves out and remembers, so
// that the machine can tell the sender.
func Decode(octets []byte) (*Message, error) {
	switch {
	case len(octets) < 4:
		return nil, errShort
	case len(octets) > MaxMessage:
		return nil, errLong
	case octets[0] != discriminator:
		return nil, errProtocol
	}
	m := &Message{}
	switch octets[1] {
	case 1:
		m.Value, m.Flag = uint16(octets[2]&0x7F), octets[2]&0x80 != 0
	case 2:
		value := uint16(octets[2])<<8 | uint16(octets[3])
		m.Value, m.Flag = value&^referenceFlag, value&referenceFlag != 0
	default:
		return nil, errReference
	}
	rest := octets[2+octets[1]:]
	if len(rest) == 0 {
		return nil, errShort
	}
	m.Type = MessageType(rest[0])
	m.readAll(rest[1:])
	return m, nil
}

// readAll reads the elements in whatever order they come, which 5.8.5.1 permits, and passes over other codesets (4.5.2-4.5.4).
func (m *Message) readAll(b []byte) {
	locked, codeset := byte(0), byte(0)
	for len(b) > 0 {
		id := element(b[0])
		if id&0xF0 == elementShift {
			codeset = b[0] & 0x07
			if id&0x08 == 0 {
				locked = codeset
			}
			b = b[1:]
			continue
		}
		var contents []byte
		whole := true
		contents, b, whole = cut(b)
		if codeset == 0 && !(whole && m.read(id, contents)) {
			m.note(&m.bad, id)
		}
		codeset = locked
	}
}

// cut takes the first element off. One that says it is longer than the message is not whole, and is the last.
func cut(b []byte) (contents, rest []byte, whole bool) {
	if b[0]&0x80 != 0 {
		return nil, b[1:], true
	}
	if len(b) < 2 || len(b) < 2+int(b[1]) {
		return nil, nil, false
	}
	end := 2 + int(b[1])
	return b[2:end], b[end:], true
}

// note remembers an element for a diagnostic, once.
func (m *Message) note(list *[]element, id element) {
	if len(*list) < maxDiagnostics && !slices.Contains(*list, id) {
		*list = append(*list, id)
	}
}

// Encode gives the octets of the message, elements in the order of their code points (4.5.1), the call reference in 2 octets
// as on every primary rate interface (4.3).
func (m *Message) Encode() []byte {
	value := m.Value
	if m.Flag {
		value |= referenceFlag
	}
	b := make([]byte, 0, 64)
	b = append(b, discriminator, 2, byte(value>>8), byte(value), byte(m.Type))
	if m.Complete {
		b = append(b, byte(elementComplete))
	}
	return m.writeAll(b)
}

// String is the message's name with what matters most in it, for people who read a trace.
func (m *Message) String() string {
	s := m.Type.String()
	if m.Reason.Cause != 0 {
		s += " " + m.Reason.String()
	}
	if m.State != nil {
		s += fmt.Sprintf(" state %d", *m.State)
	}
	return s
}
