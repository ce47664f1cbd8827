package rtp

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"callbox/telephony"
)

const (
	reportEvery  = 5 * time.Second // on average (RFC 3550 6.2)
	compensation = 1.21828         // for what the random interval would otherwise come to on average (RFC 3550 6.3.1)
	pollTicks    = 10              // reports wait up to 200 ms to be read: no speech hangs on them
	mostPolls    = 4               // datagrams read at once
)

// reports are the RTCP side of a session (RFC 3550 6). They belong to the media loop.
type reports struct {
	due  int // ticks to the next report
	in   *inbound
	out  *outbound
	conn Conn // for RTCP alone; nil: none
	name [cnameSize]byte

	heard    netip.AddrPort // where the far end's reports come from
	told     uint32         // the middle of the NTP time of its last sender report
	toldAt   time.Time
	sent     report // our last one
	expected uint64 // of the far end's packets, at our last report
	received uint64

	far       reception // how the far end hears us
	deaf      int       // its reports on end that say it heard nothing of what we sent
	sentThen  uint32    // packets sent up to its last report
	roundTrip time.Duration

	room   [mostReport]byte
	packet [maxPacket]byte
}

// begin makes ready to report under a name that says nothing of the box (RFC 7022 4.2).
func (r *reports) begin() {
	const letters = "0123456789abcdefghijklmnopqrstuvwxyz"
	for i := range r.name {
		r.name[i] = letters[rand.IntN(len(letters))]
	}
	r.due = interval() / 2
}

// interval is the random time to the next report, in ticks.
func interval() int {
	return int((0.5 + rand.Float64()) * float64(reportEvery/telephony.Tick) / compensation)
}

// tick reads what the far end reports, and reports when it is time to. It is called every pollTicks.
func (r *reports) tick(p *Params) {
	if r.conn != nil {
		r.poll()
	}
	if r.due -= pollTicks; r.due <= 0 {
		r.due = interval()
		r.report(p)
	}
}

func (r *reports) poll() {
	for range mostPolls {
		n, from, ok := r.conn.TryRead(r.packet[:])
		if !ok {
			return
		}
		r.take(r.packet[:n], from, pollTicks*telephony.Tick/2)
	}
}

// take hears a report, which waited so long for us on average. It counts only if it comes from the host and the source
// that are heard.
func (r *reports) take(packet []byte, from netip.AddrPort, waited time.Duration) {
	heard, ok := r.in.latch.remote()
	if !ok || from.Addr() != heard.Addr() {
		r.in.stats.foreign.Add(1)
		return
	}
	if s := r.in.params.SRTP; s != nil {
		var err error
		if packet, err = s.openReport(packet); err != nil {
			r.in.stats.forged.Add(1)
			return
		}
	}
	f, ok := readReport(packet, r.out.header.SSRC)
	switch {
	case !ok:
		r.in.stats.malformed.Add(1)
		return
	case r.in.source.begun && f.from != r.in.source.ssrc:
		r.in.stats.foreign.Add(1)
		return
	}
	now := time.Now().Add(-waited)
	r.heard = from
	if f.sender {
		r.told, r.toldAt = middle(f.ntp), now
	}
	r.hearAbout(f.hears, now)
}

// hearAbout takes in how the far end hears us.
func (r *reports) hearAbout(b reception, now time.Time) {
	const plenty = 100 // packets of ours, of which some must have arrived
	switch talked := r.out.packets - r.sentThen; {
	case talked < plenty:
	case !b.hasReception || b.highest == r.far.highest:
		r.deaf++
	default:
		r.deaf = 0
	}
	r.sentThen, r.far = r.out.packets, b
	if b.lastReport == 0 || b.lastReport != middle(r.sent.ntp) {
		return
	}
	trip := time.Duration(middle(ntpTime(now))-b.lastReport-b.sinceReport) * time.Second >> 16
	if trip = max(trip, 0); trip > time.Minute {
		return // turned around by a clock that jumped
	}
	if r.roundTrip == 0 {
		r.roundTrip = trip
	}
	r.roundTrip += (trip - r.roundTrip) / 8 // each is out by half of pollTicks; on average they are right
}

// report tells the far end how it is heard, and if it was sent anything how much.
func (r *reports) report(p *Params) {
	conn, to, ok := r.way(p)
	if !ok {
		return
	}
	now := time.Now()
	out := r.out
	r.sent = report{
		from: out.header.SSRC, sender: out.packets != r.sent.packets, ntp: ntpTime(now), rtp: out.header.Timestamp,
		packets: out.packets, octets: out.octets, hears: r.reception(now),
	}
	packet := r.sent.write(&r.room, &r.name)
	if p.SRTP != nil {
		var err error
		if packet, err = p.SRTP.sealReport(packet); err != nil {
			return
		}
	}
	_ = conn.WriteTo(packet, to)
}

// way is how reports reach the far end: beside its speech if that was agreed (RFC 5761), or else at the port that it named,
// or from where its own reports come.
func (r *reports) way(p *Params) (conn Conn, to netip.AddrPort, ok bool) {
	speech, ok := r.in.latch.remote()
	switch {
	case !ok:
		return nil, to, false
	case p.MuxControl:
		return r.in.conn, speech, true
	case r.conn == nil:
		return nil, to, false
	case r.heard.Addr() == speech.Addr():
		return r.conn, r.heard, true
	case p.Control.IsValid():
		return r.conn, p.Control, true
	}
	return r.conn, netip.AddrPortFrom(speech.Addr(), speech.Port()+1), true
}

// reception is how we hear the far end (RFC 3550 A.3).
func (r *reports) reception(now time.Time) reception {
	s := &r.in.sequence
	if !r.in.source.begun {
		return reception{}
	}
	b := reception{
		hasReception: true, source: r.in.source.ssrc, lost: uint32(min(s.lost(), 0x7FFFFF)),
		highest: uint32(s.cycles)<<16 | uint32(s.newest), jitter: r.in.flow.jitter(), lastReport: r.told,
	}
	expected, received := s.expected-r.expected, s.received-r.received
	r.expected, r.received = s.expected, s.received
	if expected > received {
		b.fraction = uint8(min((expected-received)*256/expected, 255))
	}
	if r.told != 0 {
		b.sinceReport = uint32(now.Sub(r.toldAt) << 16 / time.Second)
	}
	return b
}
