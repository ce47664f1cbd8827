package sip

import (
	"bytes"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"callbox/telephony/rtp"
)

// The bounds of a session description from outside.
const (
	maxSDP        = 8 << 10 // octets
	maxMediaLines = 8
)

// What is wrong with a session description. The first is the sender's fault (400), the others mean that the two of us
// have nothing to talk with (488).
var (
	errSDP       = errors.New("the session description is not well formed")
	errNoAudio   = errors.New("no RTP/AVP audio with an address and a port is offered; the box takes PCMA and PCMU")
	errNoCodec   = errors.New("no common codec: the box takes PCMA and PCMU")
	errNoKeys    = errors.New("encrypted media is required here: offer RTP/SAVP with a=crypto of " + strings.Join(rtp.Suites, ", "))
	errNoBrowser = errors.New("a browser offers " + protoBrowser + " with a=fingerprint:sha-256 and a=rtcp-mux, and is active in DTLS")
	errOtherKeys = errors.New("a browser keeps its certificate for the whole call")
	errUnsafe    = errors.New("encrypted media is required here, and its keys travel over TLS only: use SIP over TLS")
)

// directions are the attributes that say who sends, as the side that wrote the description sees it (RFC 3264 5.1).
var directions = map[string]rtp.Direction{
	"sendrecv": rtp.SendRecv, "sendonly": rtp.SendOnly, "recvonly": rtp.RecvOnly, "inactive": rtp.Inactive,
}

// reversed is a direction as the other side sees it.
func reversed(d rtp.Direction) rtp.Direction {
	switch d {
	case rtp.SendOnly:
		return rtp.RecvOnly
	case rtp.RecvOnly:
		return rtp.SendOnly
	}
	return d
}

// A mediaLine is an m= line as it was offered. An answer has to name each one again, in order (RFC 3264 6).
type mediaLine struct {
	media, proto string
	formats      []string
}

// A description is what the box reads out of the far end's SDP: its one audio stream, and the lines beside it.
type description struct {
	lines   []mediaLine
	audio   int            // which line is the audio stream
	remote  netip.AddrPort // where it wants to hear; the address may be unspecified (old-style hold)
	codecs  []rtp.Codec    // of ours, in its order
	eventPT uint8          // of telephone-event (RFC 4733); 0: not offered
	dir     rtp.Direction  // as it sees it
	key     key            // by which it encrypts; no suite: in the clear, or a browser
	web     webLine        // of a browser
}

// held reports whether the far end has put us on hold (RFC 3264 8.4, and the address 0.0.0.0 of RFC 2543).
func (d *description) held() bool {
	return d.dir == rtp.SendOnly || d.dir == rtp.Inactive || d.remote.Addr().IsUnspecified()
}

// readSDP reads a description from outside, for a leg that may take some streams and not others.
func readSDP(body []byte, takes cover) (*description, error) {
	var s sdp.SessionDescription
	if !bytes.HasSuffix(body, []byte("\n")) {
		body = append(slices.Clone(body), "\r\n"...) // some forget the last line's end, and pion insists on it
	}
	if len(body) > maxSDP || s.Unmarshal(body) != nil || len(s.MediaDescriptions) > maxMediaLines {
		return nil, errSDP
	}
	d := &description{audio: -1, dir: rtp.SendRecv}
	for i, m := range s.MediaDescriptions {
		d.lines = append(d.lines, mediaLine{m.MediaName.Media, strings.Join(m.MediaName.Protos, "/"), m.MediaName.Formats})
		if d.audio >= 0 || !isAudio(m) {
			continue
		}
		if takes == coverBrowser {
			if w, ok := readWebLine(&s, m); ok {
				d.audio, d.web = i, w
				d.readAudio(&s, m)
			}
			continue
		}
		k, ok := isOurs(m, takes)
		if !ok {
			continue
		}
		connection := m.ConnectionInformation
		if connection == nil {
			connection = s.ConnectionInformation
		}
		if addr, ok := address(connection); ok {
			d.audio = i
			d.remote, d.key = netip.AddrPortFrom(addr, uint16(m.MediaName.Port.Value)), k
			d.readAudio(&s, m)
		}
	}
	switch {
	case takes == coverUnsafe:
		return nil, errUnsafe
	case d.audio < 0 && takes == coverAlways:
		return nil, errNoKeys
	case d.audio < 0 && takes == coverBrowser:
		return nil, errNoBrowser
	case d.audio < 0:
		return nil, errNoAudio
	}
	if len(d.codecs) == 0 {
		return nil, errNoCodec
	}
	return d, nil
}

// isAudio reports whether the line is audio that is not refused by port 0.
func isAudio(m *sdp.MediaDescription) bool {
	port := m.MediaName.Port.Value
	return m.MediaName.Media == "audio" && port > 0 && port < 1<<16
}

// isOurs reports whether the line is a stream of RTP that may be taken. Speech is encrypted where keys are given, which some do
// beside RTP/AVP, so that whoever knows nothing of them can answer.
func isOurs(m *sdp.MediaDescription, takes cover) (k key, ok bool) {
	proto := strings.Join(m.MediaName.Protos, "/")
	if takes == coverEither || takes == coverAlways {
		k = bestKey(readKeys(m))
	}
	sealed := k.suite != ""
	return k, proto == protoSealed && sealed || proto == protoPlain && (sealed || takes != coverAlways)
}

func address(c *sdp.ConnectionInformation) (netip.Addr, bool) {
	if c == nil || c.Address == nil {
		return netip.Addr{}, false
	}
	host, _, _ := strings.Cut(c.Address.Address, "/")
	a, err := netip.ParseAddr(host)
	return a.Unmap(), err == nil && !a.IsMulticast()
}

// readAudio takes the codecs, telephone events and direction of the audio line.
func (d *description) readAudio(s *sdp.SessionDescription, m *sdp.MediaDescription) {
	names := map[string]string{"0": "PCMU/8000", "8": "PCMA/8000"}
	for _, a := range m.Attributes {
		if pt, name, ok := strings.Cut(a.Value, " "); a.Key == "rtpmap" && ok {
			names[pt] = strings.ToUpper(strings.TrimSuffix(strings.TrimSpace(name), "/1"))
		}
	}
	for _, f := range m.MediaName.Formats {
		pt, err := strconv.ParseUint(f, 10, 7)
		if err != nil {
			continue
		}
		switch names[f] {
		case "PCMU/8000":
			d.codecs = append(d.codecs, rtp.Codec{Name: rtp.PCMU.Name, PayloadType: uint8(pt)})
		case "PCMA/8000":
			d.codecs = append(d.codecs, rtp.Codec{Name: rtp.PCMA.Name, PayloadType: uint8(pt)})
		case "TELEPHONE-EVENT/8000":
			d.eventPT = uint8(pt)
		}
	}
	for _, attributes := range [][]sdp.Attribute{s.Attributes, m.Attributes} { // the media line's overrides
		for _, a := range attributes {
			if dir, ok := directions[a.Key]; ok {
				d.dir = dir
			}
		}
	}
}

// choose picks the codec both sides have: the first of ours that is offered.
func (d *description) choose(ours []rtp.Codec) (rtp.Codec, bool) {
	for _, want := range ours {
		for _, c := range d.codecs {
			if c.Name == want.Name {
				return c, true
			}
		}
	}
	return rtp.Codec{}, false
}

// An audioLine is what the box writes about its one stream.
type audioLine struct {
	local   netip.AddrPort
	codecs  []rtp.Codec
	eventPT uint8 // 0: none
	dir     rtp.Direction
	proto   string
	keys    []key
	web     *ourWebLine // nil: the far end is no browser
}

// ptimeMS is the packet time of the box, its tick.
const ptimeMS = 20

// write makes a description. beside are the lines of the offer that this answers, with the audio stream at its place;
// the others are refused (RFC 3264 6: port zero).
func (a audioLine) write(id, version uint64, beside []mediaLine, audio int) []byte {
	kind := "IP4"
	if a.local.Addr().Is6() {
		kind = "IP6"
	}
	host := a.local.Addr().String()
	s := sdp.SessionDescription{
		Origin:                sdp.Origin{Username: "-", SessionID: id, SessionVersion: version, NetworkType: "IN", AddressType: kind, UnicastAddress: host},
		SessionName:           "callbox",
		ConnectionInformation: &sdp.ConnectionInformation{NetworkType: "IN", AddressType: kind, Address: &sdp.Address{Address: host}},
		TimeDescriptions:      []sdp.TimeDescription{{}},
	}
	if a.web != nil {
		a.web.session(&s)
	}
	for i, l := range beside {
		if i == audio {
			s.MediaDescriptions = append(s.MediaDescriptions, a.media())
			continue
		}
		s.MediaDescriptions = append(s.MediaDescriptions, &sdp.MediaDescription{MediaName: sdp.MediaName{
			Media: l.media, Protos: strings.Split(l.proto, "/"), Formats: l.formats,
		}})
	}
	if len(beside) == 0 {
		s.MediaDescriptions = append(s.MediaDescriptions, a.media())
	}
	b, _ := s.Marshal() // never fails: it writes into memory
	return b
}

func (a audioLine) media() *sdp.MediaDescription {
	m := &sdp.MediaDescription{MediaName: sdp.MediaName{
		Media: "audio", Port: sdp.RangedPort{Value: int(a.local.Port())}, Protos: strings.Split(a.proto, "/"),
	}}
	add := func(pt uint8, name string) {
		f := strconv.Itoa(int(pt))
		m.MediaName.Formats = append(m.MediaName.Formats, f)
		m.WithValueAttribute("rtpmap", f+" "+name+"/8000")
	}
	for _, c := range a.codecs {
		add(c.PayloadType, strings.ToUpper(c.Name))
	}
	if a.eventPT != 0 {
		add(a.eventPT, "telephone-event")
		m.WithValueAttribute("fmtp", strconv.Itoa(int(a.eventPT))+" 0-15")
	}
	for _, k := range a.keys {
		m.WithValueAttribute("crypto", k.line())
	}
	if a.web != nil {
		a.web.stream(m, &a)
	}
	m.WithValueAttribute("ptime", strconv.Itoa(ptimeMS))
	return m.WithPropertyAttribute(a.dir.String())
}
