package sip

import (
	"bytes"
	"math/rand/v2"
	"net/netip"

	"callbox/telephony"
	"callbox/telephony/rtp"
)

// How keys travel on a line: events where the far end has them and tones where not, or one of the two for sure.
const (
	dtmfAuto   = "auto"
	dtmfEvents = "rfc4733"
	dtmfInBand = "inband"
)

// ourEventPT is the payload type that the box offers for telephone-event, the one that most of the world uses.
const ourEventPT = 101

// bothLaws is what a line takes that has no wishes of its own.
var bothLaws = []rtp.Codec{rtp.PCMA, rtp.PCMU}

// media is a leg's speech and its side of offer and answer (RFC 3264). Owned by the leg's goroutine; the rtp.Session
// inside is the matrix's as well.
type media struct {
	*rtp.Session
	local   netip.AddrPort
	codecs  []rtp.Codec // in the order of our liking
	dtmf    string
	seal    seal
	browser *browser // nil: the far end is none

	id, version uint64
	ours        []byte       // the last description of ours
	far         *description // the last of the far end's that is in force
	codec       rtp.Codec    // with it
	event       uint8
	offering    bool // ours is an offer that is not answered yet
}

// newMedia opens a port for speech with a far end whose signalling comes by a network.
func (s *Stack) newMedia(network string, want telephony.Encryption, codecs []rtp.Codec, dtmf string) (*media, error) {
	var conn rtp.Conn
	var far *browser
	if network == networkWS {
		if s.opt.Browsers == nil {
			return nil, errNoBrowsers
		}
		peer, err := s.opt.Browsers()
		if err != nil {
			return nil, err
		}
		conn, far = peer, &browser{Peer: peer}
	} else {
		var err error
		if conn, err = s.opt.Media(); err != nil {
			return nil, err
		}
	}
	m := newMedia(conn, s.opt.Advertise, codecs, dtmf)
	m.browser, m.seal.want, m.seal.network = far, want, network
	return m, nil
}

var errNoBrowsers = telephony.Errorf(telephony.Unavailable, "浏览器电话的 UDP 端口打不开，请查看日志", "the UDP port of browsers as telephones is not open: see the log")

func newMedia(conn rtp.Conn, advertise netip.Addr, codecs []rtp.Codec, dtmf string) *media {
	local := conn.LocalAddr()
	if advertise.IsValid() {
		local = netip.AddrPortFrom(advertise, local.Port())
	}
	return &media{
		Session: rtp.NewSession(conn), local: local, codecs: codecs, dtmf: dtmf, id: rand.Uint64() >> 1, version: rand.Uint64() >> 33,
	}
}

// offer is our description for a far end that has to answer. Repeated for the same session it is the same octets
// (RFC 3264 8: the version stands still).
func (m *media) offer() []byte {
	a := audioLine{local: m.local, codecs: m.codecs, dir: rtp.SendRecv, proto: protoPlain, keys: m.seal.offer()}
	if len(a.keys) > 0 {
		a.proto = protoSealed
	}
	if m.browser != nil {
		a.proto, a.web = protoBrowser, m.browser.ours(setupEither, ourStream)
	}
	if m.dtmf != dtmfInBand {
		a.eventPT = ourEventPT
	}
	m.offering = true
	return m.publish(a, nil, 0)
}

// publish writes a description and counts its version up if it says something new (RFC 3264 8).
func (m *media) publish(a audioLine, beside []mediaLine, audio int) []byte {
	if same := a.write(m.id, m.version, beside, audio); bytes.Equal(same, m.ours) {
		return same
	}
	m.version++
	m.ours = a.write(m.id, m.version, beside, audio)
	return m.ours
}

// answer reads the far end's offer, puts what was agreed in force and gives our answer.
func (m *media) answer(body []byte) ([]byte, error) {
	d, err := readSDP(body, coverOf(m.seal.want, m.seal.network))
	if err != nil {
		return nil, err
	}
	c, ok := d.choose(m.codecs)
	if !ok {
		return nil, errNoCodec
	}
	a := audioLine{local: m.local, codecs: []rtp.Codec{c}, eventPT: d.eventPT, dir: reversed(d.dir), proto: d.lines[d.audio].proto}
	if m.dtmf == dtmfInBand {
		a.eventPT = 0
	}
	if err := m.agree(d, c, a.eventPT); err != nil {
		return nil, err
	}
	if d.key.suite != "" {
		ours := m.seal.own(d.key.suite)
		a.keys = []key{{d.key.tag, ours.suite, ours.secret}} // under the tag of the one that was chosen (RFC 4568 5.1.2)
	}
	if m.browser != nil {
		a.web = m.browser.ours(setupPassive, d.web)
	}
	return m.publish(a, d.lines, d.audio), nil
}

// accept reads the far end's answer to our offer and puts what was agreed in force.
func (m *media) accept(body []byte) error {
	takes := coverNone
	switch {
	case m.browser != nil:
		takes = coverBrowser
	case m.seal.offered:
		takes = coverAlways
	}
	d, err := readSDP(body, takes)
	if err != nil {
		return err
	}
	if m.seal.offered && !m.seal.answered(d.key) {
		return errNoKeys
	}
	c, ok := d.choose(m.codecs)
	if !ok {
		return errNoCodec
	}
	m.offering = false
	event := d.eventPT
	if m.dtmf == dtmfInBand {
		event = 0
	}
	return m.agree(d, c, event)
}

// agree puts a session in force; with a browser as soon as there are keys.
func (m *media) agree(d *description, c rtp.Codec, event uint8) error {
	if m.browser != nil {
		if err := m.browser.greet(d.web); err != nil {
			return err
		}
	} else if err := m.seal.agree(d.key); err != nil {
		return err
	}
	m.far, m.codec, m.event = d, c, event
	if m.browser == nil || m.browser.secured != nil {
		m.Configure(m.params())
	}
	return nil
}

// params is what the session means for the speech.
func (m *media) params() rtp.Params {
	p := rtp.Params{
		Remote: m.far.remote, Codec: m.codec, EventPT: m.event, InBandDTMF: m.dtmf == dtmfInBand || m.dtmf != dtmfEvents && m.event == 0,
		Direction: reversed(m.far.dir), PtimeMS: ptimeMS, SRTP: m.seal.srtp,
	}
	switch {
	case m.browser != nil:
		p.Remote, p.SRTP, p.MuxControl = m.browser.secured.Far, m.browser.secured.SRTP, true
	case p.Remote.Addr().IsUnspecified(): // old-style hold: nowhere to send to
		p.Remote = netip.AddrPort{}
	}
	return p
}

// held reports whether the far end has put us on hold.
func (m *media) held() bool { return m.far != nil && m.far.held() }

// codecsOf turns a configuration's list into codecs; empty means both.
func codecsOf(names []string) []rtp.Codec {
	var codecs []rtp.Codec
	for _, n := range names {
		for _, c := range bothLaws {
			if c.Name == n {
				codecs = append(codecs, c)
			}
		}
	}
	if codecs == nil {
		return bothLaws
	}
	return codecs
}
