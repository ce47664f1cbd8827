package pcapng

import (
	"encoding/binary"
	"net/netip"
)

// The made-up addresses of those whose own is not known (RFC 5737, RFC 3849).
var (
	someIPv4 = [2]netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")}
	someIPv6 = [2]netip.Addr{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")}
)

const protocolUDP = 17

// Datagram is an IP packet with a UDP datagram in it, checksums included. Addresses that are not known are made up.
func Datagram(from, to netip.AddrPort, payload []byte) []byte {
	source, target := addresses(from.Addr().Unmap(), to.Addr().Unmap())
	udp := binary.BigEndian.AppendUint16(nil, from.Port())
	udp = binary.BigEndian.AppendUint16(udp, to.Port())
	udp = binary.BigEndian.AppendUint16(udp, uint16(8+len(payload)))
	udp = append(append(udp, 0, 0), payload...)
	sum := checksum(pseudoHeader(source, target, len(udp)), udp)
	if sum == 0 {
		sum = 0xFFFF // RFC 768: zero says that there is none
	}
	binary.BigEndian.PutUint16(udp[6:], sum)
	return append(header(source, target, len(udp)), udp...)
}

// addresses gives both ends an address of one family.
func addresses(from, to netip.Addr) (source, target netip.Addr) {
	some := someIPv4
	if from.Is6() && !from.IsUnspecified() || to.Is6() && !to.IsUnspecified() {
		some = someIPv6
	}
	known := func(a, other netip.Addr) netip.Addr {
		if !a.IsValid() || a.IsUnspecified() || a.BitLen() != other.BitLen() {
			return other
		}
		return a.WithZone("")
	}
	return known(from, some[0]), known(to, some[1])
}

// header is the IP header before so many octets of UDP (RFC 791 3.1, RFC 8200 3).
func header(source, target netip.Addr, octets int) []byte {
	if source.Is6() {
		b := binary.BigEndian.AppendUint16([]byte{0x60, 0, 0, 0}, uint16(octets))
		return append(append(append(b, protocolUDP, 64), source.AsSlice()...), target.AsSlice()...)
	}
	b := binary.BigEndian.AppendUint16([]byte{0x45, 0}, uint16(20+octets))
	b = append(b, 0, 0, 0x40, 0, 64, protocolUDP, 0, 0) // whole, may not be broken into fragments
	b = append(append(b, source.AsSlice()...), target.AsSlice()...)
	binary.BigEndian.PutUint16(b[10:], checksum(b))
	return b
}

// pseudoHeader is what the checksum of UDP covers beside the datagram (RFC 768, RFC 8200 8.1).
func pseudoHeader(source, target netip.Addr, octets int) []byte {
	b := append(source.AsSlice(), target.AsSlice()...)
	b = binary.BigEndian.AppendUint32(b, uint32(octets))
	return append(b, 0, 0, 0, protocolUDP)
}

// checksum is that of RFC 1071 over parts of which all but the last are even.
func checksum(parts ...[]byte) uint16 {
	var sum uint32
	for _, b := range parts {
		for ; len(b) >= 2; b = b[2:] {
			sum += uint32(binary.BigEndian.Uint16(b))
		}
		if len(b) == 1 {
			sum += uint32(b[0]) << 8
		}
	}
	for sum > 0xFFFF {
		sum = sum>>16 + sum&0xFFFF
	}
	return ^uint16(sum)
}
