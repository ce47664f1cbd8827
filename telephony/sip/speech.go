package sip

import (
	"net/netip"

	"callbox/telephony/rtp"
	"callbox/telephony/webrtc"
)

// A Speech is that of a browser which calls without SIP, such as a visitor of a web site: its offer is answered as an INVITE's is.
// Its methods belong to one goroutine.
type Speech struct{ media *media }

// NewSpeech makes the speech of a peer, which it closes with itself. Advertise is what the answer names as ours, if it is valid.
func NewSpeech(peer *webrtc.Peer, advertise netip.Addr) *Speech {
	m := newMedia(peer, advertise, bothLaws, dtmfAuto)
	m.browser, m.seal.network = &browser{Peer: peer}, networkWS
	return &Speech{m}
}

// Answer takes the browser's offer (RFC 8829) and gives our answer, or says what is wrong with the offer.
func (s *Speech) Answer(offer []byte) ([]byte, error) { return s.media.answer(offer) }

// Secured tells once what became of the keys.
func (s *Speech) Secured() <-chan webrtc.Secured { return s.media.secured() }

// Secure puts the keys in force: from here on there is speech.
func (s *Speech) Secure(keys webrtc.Secured) { s.media.securedBy(keys) }

// Session is what the media loop plays.
func (s *Speech) Session() *rtp.Session { return s.media.Session }
