package rtp

import (
	"math/rand/v2"
	"net/netip"

	"callbox/telephony"
	"callbox/telephony/dsp"

	"github.com/pion/rtp"
)

const headerSize = 12

// outbound is the way to the far end. It belongs to the media loop.
type outbound struct {
	conn    Conn
	stats   *counters
	presses <-chan press

	header  rtp.Header // of the next packet; its timestamp is that of the frame that is said
	events  eventsOut
	tones   telephony.Source // digits sent as sound; nil: none
	frame   telephony.Frame
	packet  [headerSize + maxSamples + telephony.FrameSamples]byte
	waiting int    // octets of speech in packet
	packets uint32 // sent, as reports count them
	octets  uint32 // of their payload
	refused int    // packets on end that could not be sent
}

// begin chooses the random beginnings that RFC 3550 5.1 asks for.
func (out *outbound) begin() {
	out.header = rtp.Header{Version: version, Marker: true, SequenceNumber: uint16(rand.Uint32()), Timestamp: rand.Uint32(), SSRC: rand.Uint32()}
}

// say sends one tick to the far end. Time goes on where nothing is sent.
func (out *outbound) say(f *telephony.Frame, p *Params, to netip.AddrPort) {
	if p.EventPT == 0 {
		out.events = eventsOut{} // the far end takes no events any more
	}
	out.nextPress()
	switch {
	case out.events.digits != "" && p.EventPT != 0:
		out.sayEvent(f, p, to)
	case out.tones != nil:
		if !out.tones.Next(&out.frame) {
			out.tones = nil
		}
		out.saySpeech(&out.frame, p, to)
	default:
		out.saySpeech(f, p, to)
	}
	out.header.Timestamp += telephony.FrameSamples
}

// pause is a tick in which the far end is not to hear anything: what comes after it is a new talkspurt.
func (out *outbound) pause() {
	out.header.Timestamp += telephony.FrameSamples
	out.header.Marker, out.waiting = true, 0
}

// nextPress takes up the next digits when those before are sent.
func (out *outbound) nextPress() {
	if out.events.digits != "" || out.tones != nil {
		return
	}
	select {
	case p := <-out.presses:
		if out.tones = p.tones; out.tones == nil {
			out.events = eventsOut{digits: p.digits}
		}
	default:
	}
}

// sayEvent sends a digit in the place of speech, and speech in the pause after it.
func (out *outbound) sayEvent(f *telephony.Frame, p *Params, to netip.AddrPort) {
	var payload [eventSize]byte
	marker, begun, send := out.events.next(out.header.Timestamp, &payload)
	if !send {
		out.saySpeech(f, p, to)
		return
	}
	h := out.header
	h.PayloadType, h.Marker, h.Timestamp = p.EventPT, marker, begun
	copy(out.packet[headerSize:], payload[:])
	out.send(&h, eventSize, p, to)
	out.waiting = 0
}

// saySpeech puts a frame into the packet, and sends the packet when it is as long as the far end wants it.
func (out *outbound) saySpeech(f *telephony.Frame, p *Params, to netip.AddrPort) {
	encode := dsp.EncodeALaw
	if p.Codec.Name == PCMU.Name {
		encode = dsp.EncodeULaw
	}
	speech := out.packet[headerSize:]
	encode(speech[out.waiting:out.waiting+len(f)], f[:])
	begun := out.header.Timestamp - uint32(out.waiting)
	out.waiting += len(f)
	size := p.PtimeMS * telephony.SampleRate / 1000
	for ; out.waiting >= size; out.waiting -= size {
		h := out.header
		h.PayloadType, h.Timestamp = p.Codec.PayloadType, begun
		out.send(&h, size, p, to)
		out.header.Marker = false
		copy(speech, speech[size:out.waiting])
		begun += uint32(size)
	}
}

// send sends the first octets of the payload that lies in the packet.
func (out *outbound) send(h *rtp.Header, size int, p *Params, to netip.AddrPort) {
	_, err := h.MarshalTo(out.packet[:]) // it always fits
	out.header.SequenceNumber++
	packet := out.packet[:headerSize+size]
	if p.SRTP != nil {
		packet, err = p.SRTP.seal(packet)
	}
	if err == nil {
		err = out.conn.WriteTo(packet, to)
	}
	if err != nil {
		out.stats.sendErrors.Add(1)
		out.refused++
		return
	}
	out.refused = 0
	out.packets++
	out.octets += uint32(size)
	out.stats.sent.Add(1)
}
