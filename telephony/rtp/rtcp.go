package rtp

import (
	"encoding/binary"
	"time"
)

// Packet types of RTCP and their fixed sizes (RFC 3550 6.4, 6.5, 12.1). They are read and written here, and not with
// pion/rtcp, which allocates for each packet: reports are made on the media tick.
const (
	senderReport   = 200
	receiverReport = 201
	description    = 202

	senderSize    = 28 // octets of a sender report without blocks
	receiverSize  = 8
	blockSize     = 24
	mostReport    = senderSize + blockSize + 28 // with the description behind it
	cname         = 1
	cnameSize     = 16
	mostCompounds = 16 // packets that are looked at in a datagram
)

// A reception is a report block: how one side hears the other (RFC 3550 6.4.1).
type reception struct {
	source       uint32
	fraction     uint8  // of 256, lost since the report before
	lost         uint32 // 24 bits
	highest      uint32 // sequence number with its cycles
	jitter       uint32 // timestamp units
	lastReport   uint32 // middle of the NTP time of the last sender report heard; 0: none
	sinceReport  uint32 // 1/65536 s
	hasReception bool
}

// A report is one sender or receiver report.
type report struct {
	from    uint32
	sender  bool
	ntp     uint64
	rtp     uint32
	packets uint32
	octets  uint32
	hears   reception // of the receiver of the report; none if it hears nothing
}

// write writes the report and the description of its source that must follow it (RFC 3550 6.1).
func (r *report) write(b *[mostReport]byte, name *[cnameSize]byte) []byte {
	size, kind := receiverSize, byte(receiverReport)
	if r.sender {
		size, kind = senderSize, senderReport
		binary.BigEndian.PutUint64(b[8:], r.ntp)
		binary.BigEndian.PutUint32(b[16:], r.rtp)
		binary.BigEndian.PutUint32(b[20:], r.packets)
		binary.BigEndian.PutUint32(b[24:], r.octets)
	}
	blocks := byte(0)
	if r.hears.hasReception {
		r.hears.write(b[size:])
		size += blockSize
		blocks = 1
	}
	head(b[:], version<<6|blocks, kind, size)
	binary.BigEndian.PutUint32(b[4:], r.from)
	d := b[size:]
	const chunk = 4 + 4 + 2 + cnameSize + 2 // header, source, item, end of items up to a word
	clear(d[:chunk])
	head(d, version<<6|1, description, chunk)
	binary.BigEndian.PutUint32(d[4:], r.from)
	d[8], d[9] = cname, cnameSize
	copy(d[10:], name[:])
	return b[:size+chunk]
}

func head(b []byte, first, kind byte, size int) {
	b[0], b[1] = first, kind
	binary.BigEndian.PutUint16(b[2:], uint16(size/4-1))
}

func (r *reception) write(b []byte) {
	binary.BigEndian.PutUint32(b, r.source)
	binary.BigEndian.PutUint32(b[4:], uint32(r.fraction)<<24|r.lost&0xFFFFFF)
	binary.BigEndian.PutUint32(b[8:], r.highest)
	binary.BigEndian.PutUint32(b[12:], r.jitter)
	binary.BigEndian.PutUint32(b[16:], r.lastReport)
	binary.BigEndian.PutUint32(b[20:], r.sinceReport)
}

// readReport finds the first sender or receiver report of a compound packet and in it the block about a source. What is
// not RTCP from end to end is refused (RFC 3550 A.2).
func readReport(b []byte, about uint32) (r report, ok bool) {
	for n := 0; len(b) > 0; n++ {
		if len(b) < 4 || b[0]>>6 != version || n == mostCompounds {
			return report{}, false
		}
		size := 4 * (int(binary.BigEndian.Uint16(b[2:])) + 1)
		if size > len(b) {
			return report{}, false
		}
		if kind := b[1]; !ok && (kind == senderReport || kind == receiverReport) {
			if r, ok = readOne(b[:size], about); !ok {
				return report{}, false
			}
		}
		b = b[size:]
	}
	return r, ok
}

func readOne(b []byte, about uint32) (r report, ok bool) {
	if len(b) < receiverSize {
		return r, false
	}
	r.from = binary.BigEndian.Uint32(b[4:])
	at := receiverSize
	if r.sender = b[1] == senderReport; r.sender {
		if at = senderSize; len(b) < at {
			return r, false
		}
		r.ntp = binary.BigEndian.Uint64(b[8:])
		r.rtp = binary.BigEndian.Uint32(b[16:])
		r.packets = binary.BigEndian.Uint32(b[20:])
		r.octets = binary.BigEndian.Uint32(b[24:])
	}
	blocks := int(b[0] & 0x1F)
	if len(b) < at+blocks*blockSize {
		return r, false
	}
	for ; blocks > 0; blocks, at = blocks-1, at+blockSize {
		if binary.BigEndian.Uint32(b[at:]) == about {
			r.hears.read(b[at:])
		}
	}
	return r, true
}

func (r *reception) read(b []byte) {
	lost := binary.BigEndian.Uint32(b[4:])
	*r = reception{
		hasReception: true,
		source:       binary.BigEndian.Uint32(b),
		fraction:     uint8(lost >> 24), lost: lost & 0xFFFFFF,
		highest:     binary.BigEndian.Uint32(b[8:]),
		jitter:      binary.BigEndian.Uint32(b[12:]),
		lastReport:  binary.BigEndian.Uint32(b[16:]),
		sinceReport: binary.BigEndian.Uint32(b[20:]),
	}
}

// ntpTime is a time as RTCP tells it: seconds since 1900 and their fraction (RFC 3550 4).
func ntpTime(t time.Time) uint64 {
	const from1900To1970 = 2_208_988_800
	return uint64(t.Unix()+from1900To1970)<<32 | uint64(t.Nanosecond())<<32/uint64(time.Second)
}

// middle is the middle half of an NTP time, which reports name each other by.
func middle(ntp uint64) uint32 { return uint32(ntp >> 16) }
