package sim

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

// A media is what a session description says of the far end's audio (RFC 8866, RFC 3264). The zero value is a far end of
// which nothing is known yet.
type media struct {
	to        netip.AddrPort
	codec     string // "pcma", "pcmu"; empty: not agreed
	payload   uint8
	event     uint8 // payload type of RFC 4733; 0: none
	direction direction
}

// A direction is who sends, as the one who writes it sees it.
type direction string

const (
	sendRecv direction = "sendrecv"
	sendOnly direction = "sendonly"
	recvOnly direction = "recvonly"
	inactive direction = "inactive"
)

// answer is the direction to answer an offer with (RFC 3264 6.1).
func (d direction) answer() direction {
	switch d {
	case sendOnly:
		return recvOnly
	case recvOnly:
		return sendOnly
	}
	return d
}

// weSend reports whether the far end wants to hear us.
func (m media) weSend() bool { return m.direction == sendRecv || m.direction == recvOnly }

var staticPayloads = map[string]uint8{"pcmu": 0, "pcma": 8}

var errNoCommonCodec = errors.New("no common codec")

// offeredEvent is the payload type of RFC 4733 in our own offers.
const offeredEvent = 101

// parseMedia reads a session description: its first audio stream, with the first of its codecs that is among ours.
func parseMedia(body []byte, ours []string) (media, error) {
	var s sdp.SessionDescription
	if err := s.Unmarshal(body); err != nil {
		return media{}, err
	}
	i := slices.IndexFunc(s.MediaDescriptions, func(m *sdp.MediaDescription) bool { return m.MediaName.Media == "audio" })
	if i < 0 {
		return media{}, errors.New("no audio is offered")
	}
	audio := s.MediaDescriptions[i]
	where := audio.ConnectionInformation
	if where == nil {
		where = s.ConnectionInformation
	}
	if where == nil || where.Address == nil {
		return media{}, errors.New("the audio has no address")
	}
	addr, err := netip.ParseAddr(where.Address.Address)
	if err != nil {
		return media{}, err
	}
	m := media{to: netip.AddrPortFrom(addr, uint16(audio.MediaName.Port.Value)), direction: directionOf(&s, audio)}
	m.takeFormats(audio, ours)
	if m.codec == "" {
		return media{}, errNoCommonCodec
	}
	return m, nil
}

// takeFormats picks the codec and the event format among those of the stream.
func (m *media) takeFormats(audio *sdp.MediaDescription, ours []string) {
	for _, format := range audio.MediaName.Formats {
		n, err := strconv.ParseUint(format, 10, 7)
		if err != nil {
			continue
		}
		for _, codec := range ours {
			if m.codec == "" && staticPayloads[codec] == uint8(n) {
				m.codec, m.payload = codec, uint8(n)
			}
		}
	}
	for _, a := range audio.Attributes {
		number, name, _ := strings.Cut(a.Value, " ")
		if a.Key == "rtpmap" && strings.HasPrefix(strings.ToLower(name), "telephone-event/8000") {
			n, _ := strconv.ParseUint(number, 10, 7)
			m.event = uint8(n)
		}
	}
}

func directionOf(s *sdp.SessionDescription, audio *sdp.MediaDescription) direction {
	for _, attributes := range [][]sdp.Attribute{audio.Attributes, s.Attributes} {
		for _, a := range attributes {
			switch d := direction(a.Key); d {
			case sendRecv, sendOnly, recvOnly, inactive:
				return d
			}
		}
	}
	return sendRecv
}

// sdp describes our side: as an offer of all our codecs, or with the one that is agreed.
func (t *talk) sdp(d direction) string {
	t.version++
	far, codecs, event := t.far.Load(), t.codecs, uint8(offeredEvent)
	if far.codec != "" {
		codecs, event = []string{far.codec}, far.event
	}
	here := netip.MustParseAddrPort(t.conn.LocalAddr().String())
	family := "IP4"
	if here.Addr().Is6() {
		family = "IP6"
	}
	var formats, maps strings.Builder
	for _, c := range codecs {
		fmt.Fprintf(&formats, " %d", staticPayloads[c])
		fmt.Fprintf(&maps, "a=rtpmap:%d %s/8000\r\n", staticPayloads[c], strings.ToUpper(c))
	}
	if event != 0 {
		fmt.Fprintf(&formats, " %d", event)
		fmt.Fprintf(&maps, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\n", event, event)
	}
	return fmt.Sprintf("v=0\r\no=- %d %d IN %s %s\r\ns=phone\r\nc=IN %s %s\r\nt=0 0\r\nm=audio %d RTP/AVP%s\r\n%sa=ptime:20\r\na=%s\r\n",
		here.Port(), t.version, family, here.Addr(), family, here.Addr(), here.Port(), formats.String(), maps.String(), d)
}
