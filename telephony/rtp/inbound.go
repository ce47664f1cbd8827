package rtp

import (
	"net/netip"

	"callbox/telephony"
	"callbox/telephony/dsp"

	"github.com/pion/rtp"
)

const (
	maxPacket  = 1500
	maxSamples = 480 // a packet of 60 ms; longer ones are refused
	mostReads  = 32  // packets read a tick; a flood beyond waits in the socket, where the kernel drops it
	audible    = 8   // more than the smallest code of either law
	look       = 32  // of so many samples at one
	muteFade   = 40  // samples: 5 ms, so that a mute makes no click
	drainTicks = 10  // every so often the socket is read until it is empty
	lostTicks  = int(MediaTimeout / telephony.Tick)
)

// inbound is the way from the far end. It belongs to the media loop.
type inbound struct {
	conn   Conn
	stats  *counters
	digits chan<- telephony.Digit
	lost   chan<- struct{}

	params   *Params
	ticks    int // since the beginning
	quiet    int // ticks since the last packet
	silent   int // ticks of digital silence since it was to be heard; negative once there was more
	latch    latch
	source   source
	sequence sequence
	events   eventsIn
	muted    bool // by a key, in the last tick
	dtmf     *dsp.DTMFReceiver
	header   rtp.Header
	packet   [maxPacket]byte
	flow     flow
	reports  *reports
	jitter   jitterBuffer
}

// configure goes by new params.
func (in *inbound) configure(p *Params) {
	if in.params == nil || in.params.Remote != p.Remote {
		in.latch.reset(p.Remote)
		in.conn.Lock(netip.AddrPort{})
	}
	in.params, in.quiet, in.silent = p, 0, 0
}

// hear reads what has come in and plays what is due.
func (in *inbound) hear(f *telephony.Frame) {
	hears := in.params.Direction.hears()
	in.events.tick()
	in.ticks++
	in.quiet++
	for range mostReads {
		if in.ticks%drainTicks != 0 && in.sequence.gapless() && in.jitter.ahead() {
			break
		}
		n, from, ok := in.conn.TryRead(in.packet[:])
		if !ok {
			break
		}
		switch s := in.params.SRTP; {
		case hears:
			in.take(in.packet[:n], from)
		case s != nil:
			_, _ = s.open(in.packet[:n]) // not heard, but its rollover counter must not be lost (RFC 3711 3.3.1)
		}
	}
	if in.ticks%drainTicks == 0 {
		in.jitter.settle()
	}
	if !hears {
		in.jitter.reset()
		clear(f[:])
		return
	}
	in.watch()
	if concealed := in.jitter.play(f); concealed > 0 {
		in.stats.concealed.Add(uint64(concealed))
	}
	in.mute(f)
	if in.silent >= 0 {
		if in.silent++; isAudible(f) {
			in.silent = -1
		}
	}
	in.listen(f)
}

// isAudible tells whether there is more than digital silence. It looks at a few samples only: where there is any noise, one
// of the next ticks shows it.
func isAudible(f *telephony.Frame) bool {
	for i := 0; i < len(f); i += look {
		if f[i] > audible || f[i] < -audible {
			return true
		}
	}
	return false
}

// mute silences what lies under a key: the key is told, and whatever is heard of its tone would make it two (pain 40).
func (in *inbound) mute(f *telephony.Frame) {
	before := in.muted
	in.muted = in.events.covers(in.jitter.next - telephony.FrameSamples)
	if !before && !in.muted {
		return
	}
	for i := range f {
		switch {
		case i < muteFade && !before:
			f[i] = blend(f[i], 0, i, muteFade)
		case i < muteFade && !in.muted:
			f[i] = blend(0, f[i], i, muteFade)
		case in.muted:
			f[i] = 0
		}
	}
}

// take hears one packet.
func (in *inbound) take(packet []byte, from netip.AddrPort) {
	h := &in.header
	packet, ok := in.open(packet, from)
	if !ok {
		in.stats.forged.Add(1)
		return
	}
	payload, kind := parse(packet, h)
	switch {
	case kind == control:
		if in.params.MuxControl {
			in.reports.take(packet, from, telephony.Tick/2)
		}
	case kind == malformed:
		in.stats.malformed.Add(1)
	case !in.accept(from, h) || !in.believe(h):
		in.stats.foreign.Add(1)
	default:
		in.quiet = 0
		in.sort(h, payload)
	}
}

// open decrypts a packet of speech, unless it would not be heard anyhow, and tells whether it is the far end's.
func (in *inbound) open(packet []byte, from netip.AddrPort) (plain []byte, ok bool) {
	s := in.params.SRTP
	if s == nil || kindOf(packet) != speech || in.latch.excludes(from) {
		return packet, true
	}
	plain, err := s.open(packet)
	return plain, err == nil
}

// accept tells whether the packet comes from where the far end is. Where that is what was signalled, nobody can take its
// place any more, and the connection is locked.
func (in *inbound) accept(from netip.AddrPort, h *rtp.Header) bool {
	locked := in.latch.locked()
	ok := in.latch.accept(from, h.SSRC, h.SequenceNumber)
	if ok && !locked && in.latch.locked() {
		in.conn.Lock(from)
	}
	return ok
}

// believe tells whether the packet is of the source that is heard; another one in its place starts afresh.
func (in *inbound) believe(h *rtp.Header) bool {
	same, changed := in.source.note(h.SSRC, h.SequenceNumber)
	if changed {
		in.sequence.begun, in.events.begun = false, false
		in.jitter.afresh = true
	}
	return same
}

// sort gives a packet to whom it concerns.
func (in *inbound) sort(h *rtp.Header, payload []byte) {
	switch in.sequence.note(h.SequenceNumber) {
	case duplicate, astray:
		in.stats.duplicate.Add(1)
		return
	case reordered:
		in.stats.reordered.Add(1)
	}
	in.stats.received.Add(1)
	in.stats.lost.Store(in.sequence.lost())
	p := in.params
	switch decode := decoder(p, h.PayloadType); {
	case decode != nil:
		in.speech(h.Timestamp, payload, decode)
	case h.PayloadType == p.EventPT && p.EventPT != 0:
		in.event(h, payload)
	case h.PayloadType == comfort:
		in.comfort(h.Timestamp, payload)
	default:
		in.stats.unknown.Add(1)
	}
}

func (in *inbound) speech(ts uint32, payload []byte, decode func([]int16, []byte)) {
	if len(payload) == 0 || len(payload) > maxSamples {
		in.stats.malformed.Add(1)
		return
	}
	in.flow.note(uint32(in.ticks*telephony.FrameSamples) - ts)
	first, second, inTime := in.jitter.room(ts, len(payload))
	if !inTime {
		in.stats.late.Add(1)
		return
	}
	decode(first, payload[:len(first)])
	decode(second, payload[len(first):])
}

// decoder is how to read a payload type, or nil. Either form of G.711 is understood at any time, since a far end may
// change between those it offered (RFC 3264 5.1).
func decoder(p *Params, payloadType uint8) func([]int16, []byte) {
	switch {
	case payloadType == p.Codec.PayloadType && p.Codec.Name == PCMU.Name, payloadType == PCMU.PayloadType:
		return dsp.DecodeULaw
	case payloadType == p.Codec.PayloadType, payloadType == PCMA.PayloadType:
		return dsp.DecodeALaw
	}
	return nil
}

func (in *inbound) comfort(ts uint32, payload []byte) {
	if len(payload) == 0 {
		in.stats.malformed.Add(1)
		return
	}
	in.jitter.comfort.describe(ts, payload)
}

func (in *inbound) event(h *rtp.Header, payload []byte) {
	if len(payload) < eventSize {
		in.stats.malformed.Add(1)
		return
	}
	if key, pressed := in.events.take(h, payload); pressed {
		in.tell(telephony.Digit{Key: key})
	}
}

// listen hears keys in the audio. Where telephone-event is negotiated it hears none: the far end tells them (pain 40).
func (in *inbound) listen(f *telephony.Frame) {
	if !in.params.InBandDTMF || in.params.EventPT != 0 {
		return
	}
	if key, pressed := in.dtmf.Frame(f); pressed {
		in.tell(telephony.Digit{Key: key, InBand: true})
	}
}

func (in *inbound) tell(d telephony.Digit) {
	select {
	case in.digits <- d:
	default:
		in.stats.dropped.Add(1)
	}
}

// watch tells when nothing came for too long.
func (in *inbound) watch() {
	if in.quiet == lostTicks {
		select {
		case in.lost <- struct{}{}:
		default: // it was told before and nobody looked
		}
	}
}
