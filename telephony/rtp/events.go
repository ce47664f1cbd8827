package rtp

import (
	"encoding/binary"
	"strings"

	"callbox/telephony"

	"github.com/pion/rtp"
)

// keys are the events 0 to 15 of RFC 4733 table 3, and heard those that a far end may send: 16 is the flash of an ordinary
// telephone behind an adapter (RFC 2833 3.10).
const (
	keys  = "0123456789*#ABCD"
	heard = keys + "!"
)

const (
	eventSize   = 4 // octets (RFC 4733 2.3)
	eventEnd    = 0x80
	eventVolume = 10 // -10 dBm0

	heldTicks  = 5 // an event without an end ends after 100 ms without a packet
	afterTicks = 2 // for 40 ms after the end a packet of the same key without a marker is still of the same press

	updates    = 5  // packets while a digit is down: 100 ms
	endCopies  = 3  // RFC 4733 2.5.1.4
	digitTicks = 10 // from one digit to the next
)

// eventsIn hears keys in telephone-events (RFC 4733). A press is one press by its timestamp, however often it is told. A
// far end that changes the timestamp on the way, as some do, and as RFC 4733 2.5.1.3 wants for a key held over 8 seconds,
// is known by the missing marker.
type eventsIn struct {
	begun bool
	code  byte
	ts    uint32
	ended bool
	until uint32 // the timestamp that it is known to have lasted to
	quiet int    // ticks since its last packet
}

// tick tells that 20 ms have passed.
func (e *eventsIn) tick() { e.quiet++ }

// holding tells that a key is down.
func (e *eventsIn) holding() bool { return e.begun && !e.ended && e.quiet <= heldTicks }

// covers tells that speech of this time lies under a key: one that is down, or one that has ended, while what came with it
// waits in the jitter buffer.
func (e *eventsIn) covers(ts uint32) bool {
	behind := int32(e.until - ts)
	return e.holding() || e.begun && behind > 0 && behind <= mostDelay
}

// take hears a packet's payload, which has eventSize octets or more, and reports a press.
func (e *eventsIn) take(h *rtp.Header, payload []byte) (key byte, pressed bool) {
	code, end := payload[0], payload[1]&eventEnd != 0
	until := h.Timestamp + uint32(binary.BigEndian.Uint16(payload[2:]))
	switch {
	case int(code) >= len(heard): // fax tones
		return 0, false
	case !e.begun:
	case int32(h.Timestamp-e.ts) < 0 && e.quiet <= heldTicks: // overtaken by the next press
		return 0, false
	case code == e.code && (h.Timestamp == e.ts || !h.Marker && e.goesOn()):
		e.ts, e.ended, e.until, e.quiet = h.Timestamp, e.ended || end, until, 0
		return 0, false
	}
	*e = eventsIn{begun: true, code: code, ts: h.Timestamp, ended: end, until: until}
	return heard[code], true
}

// goesOn tells whether the same press may go on under another timestamp.
func (e *eventsIn) goesOn() bool {
	if e.ended {
		return e.quiet <= afterTicks
	}
	return e.quiet <= heldTicks
}

// eventsOut sends digits as telephone-events: 100 ms each, its end three times, 40 ms of pause.
type eventsOut struct {
	digits string
	tick   int    // of the first of digits
	begun  uint32 // the timestamp that the whole of it goes by
}

// next makes the payload of this tick's packet, at the time now; nothing is sent in the pause.
func (e *eventsOut) next(now uint32, payload *[eventSize]byte) (marker bool, begun uint32, send bool) {
	if e.tick == 0 {
		e.begun = now
	}
	payload[0], payload[1] = byte(strings.IndexByte(keys, e.digits[0])), eventVolume
	if e.tick >= updates {
		payload[1] |= eventEnd
	}
	duration := min(e.tick+1, updates) * telephony.FrameSamples
	binary.BigEndian.PutUint16(payload[2:], uint16(duration))
	marker, send = e.tick == 0, e.tick < updates+endCopies
	if e.tick++; e.tick == digitTicks {
		e.digits, e.tick = e.digits[1:], 0
	}
	return marker, e.begun, send
}
