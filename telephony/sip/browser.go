package sip

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"callbox/telephony/webrtc"
)

// protoBrowser is how the speech of a browser travels: SRTP whose keys DTLS makes (RFC 5764 8, RFC 8827 6.5).
const protoBrowser = "UDP/TLS/RTP/SAVPF"

// The roles of DTLS in a description (RFC 4145 4, RFC 5763 5). The box is the server.
const (
	setupEither  = "actpass"
	setupPassive = "passive"
)

// A webLine is what a browser says of a stream beside its codecs.
type webLine struct {
	print  webrtc.Fingerprint
	name   string // of its agent for checks (RFC 8839 5.4): another one restarts ICE
	mid    string // its stream's name (RFC 5888 4)
	bundle bool   // it is offered in a group, as an answer then has to name it too (RFC 8843 7.3)
}

// readWebLine reads what a browser says of its audio: its certificate's SHA-256, that reports go beside the speech, and that it can
// be the client of DTLS. What it says of its own addresses is left alone: a lite agent learns them from its checks.
func readWebLine(s *sdp.SessionDescription, m *sdp.MediaDescription) (w webLine, ok bool) {
	value := func(key string) string {
		if v, ok := m.Attribute(key); ok {
			return v
		}
		v, _ := s.Attribute(key)
		return v
	}
	hash, print, _ := strings.Cut(value("fingerprint"), " ")
	raw, err := hex.DecodeString(strings.ReplaceAll(print, ":", ""))
	if err != nil || len(raw) != sha256.Size || !strings.EqualFold(hash, "sha-256") || value("setup") == setupPassive {
		return webLine{}, false
	}
	if _, muxed := m.Attribute("rtcp-mux"); !muxed || strings.Join(m.MediaName.Protos, "/") != protoBrowser {
		return webLine{}, false
	}
	w.print, w.name, w.mid = webrtc.Fingerprint(raw), value("ice-ufrag"), value("mid")
	group, _ := s.Attribute("group")
	names := strings.Fields(group)
	w.bundle = len(names) > 1 && names[0] == "BUNDLE" && slices.Contains(names[1:], w.mid)
	return w, true
}

// An ourWebLine is what the box says to a browser of its side.
type ourWebLine struct {
	webLine
	setup           string
	ufrag, password string
}

// session gives a description what stands before its streams (RFC 8839 5.3: the box is lite).
func (w *ourWebLine) session(s *sdp.SessionDescription) {
	s.WithPropertyAttribute("ice-lite")
	if w.bundle {
		s.WithValueAttribute("group", "BUNDLE "+w.mid)
	}
}

// stream gives the stream its attributes: our one candidate (RFC 8839 5.1), credentials and certificate.
func (w *ourWebLine) stream(m *sdp.MediaDescription, a *audioLine) {
	if w.mid != "" {
		m.WithValueAttribute("mid", w.mid)
	}
	m.WithValueAttribute("ice-ufrag", w.ufrag).WithValueAttribute("ice-pwd", w.password)
	m.WithValueAttribute("fingerprint", "sha-256 "+colons(w.print)).WithValueAttribute("setup", w.setup)
	m.WithPropertyAttribute("rtcp-mux").WithValueAttribute("msid", "callbox speech")
	const hostPriority = 126<<24 | 65535<<8 | 255 // RFC 8445 5.1.2.1, of the only one
	m.WithValueAttribute("candidate", "1 1 UDP "+strconv.Itoa(hostPriority)+" "+a.local.Addr().String()+" "+strconv.Itoa(int(a.local.Port()))+" typ host")
	m.WithPropertyAttribute("end-of-candidates")
}

// colons writes a fingerprint (RFC 8122 5).
func colons(p webrtc.Fingerprint) string {
	return strings.ReplaceAll(strings.ToUpper(fmt.Sprintf("% x", p[:])), " ", ":")
}

// A browser is the far end of a leg's speech where it is one. Owned by the leg's goroutine.
type browser struct {
	*webrtc.Peer
	name    string          // of its agent; empty: it has not said
	secured *webrtc.Secured // nil: there are no keys yet
}

// ourStream is how the box offers its stream.
var ourStream = webLine{mid: "0", bundle: true}

// ours is our side of a stream.
func (b *browser) ours(setup string, of webLine) *ourWebLine {
	w := &ourWebLine{webLine: of, setup: setup}
	w.print = b.Fingerprint()
	w.ufrag, w.password = b.Credentials()
	return w
}

// greet takes in whom the far end says to be, and refuses another in the place of the first. One that has moved to another
// network begins its checks anew.
func (b *browser) greet(w webLine) error {
	b.Expect(w.print)
	if !b.Expects(w.print) {
		return errOtherKeys
	}
	if b.name != "" && b.name != w.name {
		b.Restart()
	}
	b.name = w.name
	return nil
}

// secured tells what a browser's handshake came to; of another far end there is none.
func (m *media) secured() <-chan webrtc.Secured {
	if m.browser == nil {
		return nil
	}
	return m.browser.Secured()
}

// securedBy takes the keys of a browser: from here on there is speech.
func (m *media) securedBy(s webrtc.Secured) {
	m.browser.secured = &s
	if m.far != nil {
		m.Configure(m.params())
	}
}
