package sip

import (
	"bytes"
	"math/rand/v2"
	"net/netip"

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
	local  netip.AddrPort
	codecs []rtp.Codec // in the order of our liking
	dtmf   string
	seal   seal

	id, version uint64
	ours        []byte       // the last description of ours
	far         *description // the last of the far end's that is in force
	offering    bool         // ours is an offer that is not answered yet
}

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
	return m.publish(a, d.lines, d.audio), nil
}

// accept reads the far end's answer to our offer and puts what was agreed in force.
func (m *media) accept(body []byte) error {
	takes := coverNone
	if m.seal.offered {
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

// agree puts a session in force.
func (m *media) agree(d *description, c rtp.Codec, event uint8) error {
	if err := m.seal.agree(d.key); err != nil {
		return err
	}
	m.far = d
	m.Configure(m.params(d, c, event))
	return nil
}

// params is what a session means for the speech.
func (m *media) params(d *description, c rtp.Codec, event uint8) rtp.Params {
	remote := d.remote
	if remote.Addr().IsUnspecified() { // old-style hold: nowhere to send to
		remote = netip.AddrPort{}
	}
	return rtp.Params{
		Remote: remote, Codec: c, EventPT: event, InBandDTMF: m.dtmf == dtmfInBand || m.dtmf != dtmfEvents && event == 0,
		Direction: reversed(d.dir), PtimeMS: ptimeMS, SRTP: m.seal.srtp,
	}
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
