package telephony

import (
	"net/netip"
	"time"
)

// The protocols of signalling messages.
const (
	ProtocolQ931 = "q931"
	ProtocolSIP  = "sip"
)

// A Trace is one signalling message as it went over a line. The tracer sets Time, Mono and Boot, as of a journal entry.
type Trace struct {
	Time     time.Time      `json:"time"`
	Mono     time.Duration  `json:"mono"` // nanoseconds since the start of the box
	Boot     uint32         `json:"boot"`
	Leg      string         `json:"leg,omitempty"` // "e1/1#12", "trunk/ctc#3"; empty for what belongs to no call
	Line     string         `json:"line"`          // "e1/1"
	Protocol string         `json:"protocol"`
	Sent     bool           `json:"sent"`            // by the box
	Local    netip.AddrPort `json:"local,omitzero"`  // the box's address; SIP only
	Remote   netip.AddrPort `json:"remote,omitzero"` // the far end's
	Octets   []byte         `json:"octets"`          // Q.931 from the protocol discriminator on, SIP as on the wire, secrets masked
}

// A Tracer keeps signalling messages for the story of a call.
type Tracer interface {
	// Trace posts a message and returns at once; the octets are not changed afterwards. What does not fit is dropped and
	// counted.
	Trace(Trace)
}

// A Reading is a signalling message in words.
type Reading struct {
	Name    string `json:"name"`    // "SETUP", "INVITE", "180 Ringing"
	Summary Text   `json:"summary"` // what matters of it, in a line: numbers, channel, cause; may be empty
	Text    Text   `json:"text"`    // all of it: a SIP message as it is, Q.931 element by element
}
