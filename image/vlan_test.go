package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
)

// A trunk is a port of a switch that the machine's cable is in, and that sends and takes frames of one VLAN with its tag
// (IEEE 802.1Q 9.3). The other side of the switch is QEMU's network, which knows no tags. Both, and the trunk, hear whatever is said on a hub
// of QEMU's; the trunk says it once more, with the tag or without.
type trunk struct {
	*net.UDPConn // to QEMU: a frame in each packet
	qemu         *net.UDPAddr
	vlan         atomic.Uint32 // that the switch has there; 0 is none, and then it is just a cable
	asked        atomic.Uint32 // in which the box has sent something, last
	bare         atomic.Value  // the last frame of the box without a tag, in hexadecimal
	answered     atomic.Uint32 // a bit for each ping that the box has answered
}

const (
	addresses = 12 // octets of a frame before its type or its tag
	tagLength = 4
	tagType   = 0x8100
)

// ownAddress is that of the machine's network card, the first that QEMU gives.
var ownAddress = []byte{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}

// throughTrunk puts a trunk between the machine and its network, from its next start on.
func (m *machine) throughTrunk() {
	m.t.Helper()
	host := net.ParseIP(strings.TrimSuffix(m.dhcp, ":8443"))
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: host, Port: 7000})
	if err != nil {
		m.t.Fatal(err)
	}
	m.life.Cleanup(func() { c.Close() })
	m.trunk = &trunk{UDPConn: c, qemu: &net.UDPAddr{IP: host, Port: 7001}}
	go m.trunk.run()
}

// options are QEMU's for it, beside those of the network n and the network card on the hub's port h.
func (k *trunk) options() (list []string) {
	near, far := k.qemu, k.LocalAddr().(*net.UDPAddr)
	for _, netdev := range []string{
		fmt.Sprintf("dgram,id=t,local.type=inet,local.host=%s,local.port=%d,remote.type=inet,remote.host=%s,remote.port=%d", near.IP, near.Port, far.IP, far.Port),
		"hubport,id=h,hubid=0", "hubport,id=hn,hubid=0,netdev=n", "hubport,id=ht,hubid=0,netdev=t",
	} {
		list = append(list, "-netdev", netdev)
	}
	return list
}

func (k *trunk) run() {
	buf := make([]byte, 1<<16)
	for {
		n, err := k.Read(buf)
		if err != nil {
			return
		}
		if again := k.pass(buf[:n]); again != nil {
			_, _ = k.WriteToUDP(again, k.qemu)
		}
	}
}

// pass is a frame as it comes out at the switch's other side; nil where it does not.
func (k *trunk) pass(frame []byte) []byte {
	vlan := uint16(k.vlan.Load())
	if vlan == 0 || len(frame) < addresses+tagLength {
		return nil
	}
	head, rest := frame[:addresses], frame[addresses:]
	tagged := binary.BigEndian.Uint16(rest) == tagType
	switch {
	case tagged:
		id := binary.BigEndian.Uint16(rest[2:]) & 0xfff
		k.asked.Store(uint32(id))
		if id == vlan {
			inner := rest[tagLength:]
			k.note(inner)
			return bytes.Join([][]byte{head, inner}, nil)
		}
	case bytes.Equal(head[6:], ownAddress):
		k.bare.Store(fmt.Sprintf("%x", frame[:min(len(frame), 60)]))
	default:
		tag := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, tagType), vlan)
		return bytes.Join([][]byte{head, tag, rest}, nil)
	}
	return nil
}

// Where things are in a frame behind its addresses and its tag: the type, an IPv4 header without options (RFC 791) and an ICMP echo (RFC 792).
const (
	ipHeader   = 2
	ipProtocol = ipHeader + 9
	icmpHeader = ipHeader + 20
	icmpID     = icmpHeader + 4
	icmpEnd    = icmpHeader + 8
	icmp       = 1
)

// ping asks the box at 10.0.2.77 for an echo, from QEMU's network, in a VLAN; 0 is none.
func (k *trunk) ping(vlan uint16, number byte) {
	p := make([]byte, icmpEnd)
	copy(p, []byte{0x08, 0x00, 0x45, 0, 0, icmpEnd - ipHeader, 0, 0, 0, 0, 64, icmp, 0, 0, 10, 0, 2, 2, 10, 0, 2, 77, 8, 0})
	p[icmpID+1] = number
	for _, part := range []struct{ begin, end, sum int }{{ipHeader, icmpHeader, ipHeader + 10}, {icmpHeader, icmpEnd, icmpHeader + 2}} {
		binary.BigEndian.PutUint16(p[part.sum:], checksum(p[part.begin:part.end]))
	}
	frame := append(bytes.Clone(ownAddress), 0x52, 0x55, 10, 0, 2, 2)
	if vlan != 0 {
		frame = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(frame, tagType), vlan)
	}
	_, _ = k.WriteToUDP(append(frame, p...), k.qemu)
}

// checksum is that of the internet (RFC 1071), of an even number of octets.
func checksum(b []byte) uint16 {
	sum := uint32(0)
	for i := 0; i < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// note looks for an echo of the box.
func (k *trunk) note(p []byte) {
	if len(p) >= icmpEnd && bytes.HasPrefix(p, []byte{0x08, 0x00, 0x45}) && p[ipProtocol] == icmp && p[icmpHeader] == 0 {
		k.answered.Or(1 << (p[icmpID+1] & 31))
	}
}

// setVLAN sets one at the panel; the box starts again.
func (m *machine) setVLAN(from, to string) {
	m.t.Helper()
	m.choose("Address")
	m.choose("VLAN")
	asks := func(text string) bool { return strings.HasPrefix(text, "VLAN, 0: none") }
	m.until("the panel asks for the VLAN", func() bool { return asks(m.screen()[0]) && strings.Contains(m.screen()[2], "^") })
	m.enter(asks, from, to)
	m.until("the panel asks once more", func() bool { return strings.Contains(m.shown(), "OK: do it") })
	m.press(keyUp + keyOK)
}

// A trunk lets through what has its tag, and gives its tag to what comes from the network behind it.
func TestTrunk(t *testing.T) {
	const box, behind = "\x52\x54\x00\x12\x34\x56", "\x52\x55\x0a\x00\x02\x02"
	for _, c := range []struct{ what, in, out string }{
		{"the box in its VLAN", behind + box + "\x81\x00\x00\x14\x08\x00hello", behind + box + "\x08\x00hello"},
		{"the box in another", behind + box + "\x81\x00\x00\x15\x08\x00hello", ""},
		{"the box in none", behind + box + "\x08\x00hello", ""},
		{"the network", box + behind + "\x08\x06hello", box + behind + "\x81\x00\x00\x14\x08\x06hello"},
		{"nobody", box + behind, ""},
	} {
		k := &trunk{}
		k.vlan.Store(20)
		if got := k.pass([]byte(c.in)); string(got) != c.out {
			t.Errorf("%s: %q", c.what, got)
		}
	}
}
