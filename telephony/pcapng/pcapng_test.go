package pcapng

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// block is what a reader finds.
type block struct {
	kind    uint32
	body    []byte // up to its options
	options map[uint16][]byte
}

// blocks reads a file by the book (draft-ietf-opsawg-pcapng 3.1, 3.5), not by the writer's code.
func blocks(t interface{ Fatalf(string, ...any) }, file []byte) (list []block) {
	for len(file) > 0 {
		kind, length := binary.LittleEndian.Uint32(file), int(binary.LittleEndian.Uint32(file[4:]))
		if length%4 != 0 || length > len(file) || int(binary.LittleEndian.Uint32(file[length-4:])) != length {
			t.Fatalf("a block of type %X is not framed: length %d of %d", kind, length, len(file))
		}
		b := block{kind: kind, body: file[8 : length-4], options: map[uint16][]byte{}}
		fixed := map[uint32]int{sectionBlock: 16, interfaceBlock: 8}[kind]
		if kind == packetBlock {
			fixed = 20 + (int(binary.LittleEndian.Uint32(b.body[12:]))+3)/4*4
		}
		rest := b.body[fixed:]
		b.body = b.body[:fixed]
		for {
			code, size := binary.LittleEndian.Uint16(rest), int(binary.LittleEndian.Uint16(rest[2:]))
			rest = rest[4:]
			if code == optionEnd {
				break
			}
			b.options[code] = rest[:size]
			rest = rest[(size+3)/4*4:]
		}
		if len(rest) != 0 {
			t.Fatalf("%d octets behind the options of a block of type %X", len(rest), kind)
		}
		list, file = append(list, b), file[length:]
	}
	return list
}

// What is written is read again, whatever the lengths.
func TestFileHoldsItsPackets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var file bytes.Buffer
		w := NewWriter(&file, "Callbox")
		sip, span := w.Interface("sip", Raw), w.Interface("e1/1", LinuxLAPD)
		at := time.Date(2026, 11, 23, 1, 2, 3, 456789012, time.UTC)
		packets := rapid.SliceOf(rapid.Custom(func(t *rapid.T) Packet {
			return Packet{
				Interface: rapid.SampledFrom([]int{sip, span}).Draw(t, "interface"), Time: at, Sent: rapid.Bool().Draw(t, "sent"),
				Comment: rapid.String().Draw(t, "comment"), Octets: rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "octets"),
			}
		})).Draw(t, "packets")
		for _, k := range packets {
			w.Packet(k)
		}
		got := blocks(t, file.Bytes())
		if w.Err() != nil || len(got) != 3+len(packets) || got[0].kind != sectionBlock || got[1].kind != interfaceBlock || got[2].kind != interfaceBlock {
			t.Fatalf("%v, %d blocks", w.Err(), len(got))
		}
		if string(got[2].options[optionName]) != "e1/1" || binary.LittleEndian.Uint16(got[2].body) != 177 {
			t.Errorf("interface %+v", got[2])
		}
		for i, k := range packets {
			b := got[3+i]
			stamp := uint64(binary.LittleEndian.Uint32(b.body[4:]))<<32 | uint64(binary.LittleEndian.Uint32(b.body[8:]))
			octets := b.body[20:][:binary.LittleEndian.Uint32(b.body[12:])]
			way := binary.LittleEndian.Uint32(b.options[optionFlags])
			if int(binary.LittleEndian.Uint32(b.body)) != k.Interface || int64(stamp) != at.UnixNano() || !bytes.Equal(octets, k.Octets) ||
				string(b.options[optionComment]) != k.Comment || (way == flagOutbound) != k.Sent {
				t.Errorf("packet %+v reads %+v", k, b)
			}
		}
	})
}

type fullDisk struct{ left int }

func (d *fullDisk) Write(b []byte) (int, error) {
	if d.left--; d.left < 0 {
		return 0, errors.New("disk full")
	}
	return len(b), nil
}

func TestErrorStays(t *testing.T) {
	w := NewWriter(&fullDisk{1}, "Callbox")
	w.Interface("sip", Raw)
	w.Packet(Packet{})
	if w.Err() == nil {
		t.Error("the disk was full, and nobody says so")
	}
}

// A receiver adds up what it gets, the checksum included, and finds ones (RFC 1071 1).
func TestChecksumsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload := rapid.SliceOfN(rapid.Byte(), 0, 60).Draw(t, "payload")
		ends := rapid.SampledFrom([][2]string{
			{"10.0.0.1:5060", "10.0.0.2:5060"},
			{"0.0.0.0:5060", "10.0.0.2:5060"},
			{"[::]:5060", "10.0.0.2:5062"},
			{"[2001:db8::7]:5060", "[fe80::1%eth0]:5060"},
			{"10.0.0.1:5060", "[2001:db8::8]:5060"},
			{"[::ffff:10.0.0.1]:1", "10.0.0.9:2"},
		}).Draw(t, "ends")
		b := Datagram(netip.MustParseAddrPort(ends[0]), netip.MustParseAddrPort(ends[1]), payload)
		var udp, addresses []byte
		if b[0]>>4 == 4 {
			udp, addresses = b[20:], b[12:20]
			if checksum(b[:20]) != 0 || int(binary.BigEndian.Uint16(b[2:])) != len(b) {
				t.Errorf("IPv4 header % X", b[:20])
			}
		} else {
			udp, addresses = b[40:], b[8:40]
			if int(binary.BigEndian.Uint16(b[4:])) != len(udp) {
				t.Errorf("IPv6 header % X", b[:40])
			}
		}
		pseudo := append(bytes.Clone(addresses), 0, 17, byte(len(udp)>>8), byte(len(udp)))
		if checksum(pseudo, udp) != 0 || !bytes.Equal(udp[8:], payload) || int(binary.BigEndian.Uint16(udp[4:])) != len(udp) {
			t.Errorf("datagram % X", udp)
		}
	})
}

func TestAddressesThatAreNotKnown(t *testing.T) {
	for _, c := range [][4]string{
		{"", "", "192.0.2.1", "192.0.2.2"},
		{"0.0.0.0", "10.0.0.2", "192.0.2.1", "10.0.0.2"},
		{"::", "10.0.0.2", "192.0.2.1", "10.0.0.2"},
		{"10.0.0.1", "2001:db8::8", "2001:db8::1", "2001:db8::8"},
	} {
		address := func(s string) netip.Addr { a, _ := netip.ParseAddr(s); return a }
		if from, to := addresses(address(c[0]), address(c[1])); from != address(c[2]) || to != address(c[3]) {
			t.Errorf("%q to %q goes from %v to %v", c[0], c[1], from, to)
		}
	}
}

// Each frame confirms all that came before it and counts on from its own side's last (Q.921 3.5.2), modulo 128, and C/R is
// 1 in a command of the network (3.3.2), whichever side the box is.
func TestFramesCountUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &LAPD{Network: rapid.Bool().Draw(t, "network")}
		var count [2]int
		for _, sent := range rapid.SliceOfN(rapid.Bool(), 0, 400).Draw(t, "sent") {
			own, far := 0, 1
			if !sent {
				own, far = 1, 0
			}
			f := l.Frame(sent, []byte{8, 2})[16:]
			command := byte(0)
			if sent == l.Network {
				command = 2
			}
			if f[0] != command || f[1] != 1 || int(f[2]) != count[own]%128*2 || int(f[3]) != count[far]%128*2 || f[4] != 8 {
				t.Fatalf("frame % X after %v", f, count)
			}
			count[own]++
		}
	})
}
