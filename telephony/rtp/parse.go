package rtp

import "github.com/pion/rtp"

// kind is what a datagram turns out to be.
type kind uint8

const (
	speech  kind = iota
	control      // RTCP on the same port (RFC 5761 4)
	malformed
)

const (
	fixedHeader = 12 // octets (RFC 3550 5.1)
	version     = 2
)

// kindOf tells a datagram's kind by what is never encrypted.
func kindOf(b []byte) kind {
	switch {
	case len(b) < 2 || b[0]>>6 != version:
		return malformed
	case b[1] >= 192 && b[1] <= 223:
		return control
	case len(b) < fixedHeader:
		return malformed
	}
	return speech
}

// parse reads a packet's header and finds its payload, without padding.
func parse(b []byte, h *rtp.Header) (payload []byte, k kind) {
	if k = kindOf(b); k != speech {
		return nil, k
	}
	n, err := h.Unmarshal(b)
	if err != nil || n > len(b) {
		return nil, malformed
	}
	payload = b[n:]
	if h.Padding {
		if len(payload) == 0 {
			return nil, malformed
		}
		pad := int(payload[len(payload)-1])
		if pad == 0 || pad > len(payload) {
			return nil, malformed
		}
		payload = payload[:len(payload)-pad]
	}
	return payload, speech
}
