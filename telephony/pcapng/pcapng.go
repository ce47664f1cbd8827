// Package pcapng writes signalling messages as a capture file that Wireshark and tshark open
// (draft-ietf-opsawg-pcapng). Nothing was captured: the packets around the messages are made up (datagram.go, lapd.go).
package pcapng

import (
	"encoding/binary"
	"io"
	"time"
)

// A LinkType says what the packets of an interface begin with (LINKTYPE_ of the tcpdump group).
type LinkType uint16

// The link types that the box writes.
const (
	Raw       LinkType = 101 // an IPv4 or IPv6 header
	LinuxLAPD LinkType = 177 // a pseudo-header that says who sent it, then a Q.921 frame from its address on
)

// The types of blocks and options, and the byte order of a section.
const (
	sectionBlock   = 0x0A0D0D0A
	interfaceBlock = 1
	packetBlock    = 6
	byteOrder      = 0x1A2B3C4D

	optionEnd        = 0
	optionComment    = 1
	optionName       = 2 // of an interface
	optionFlags      = 2 // of a packet
	optionProgram    = 4 // of a section
	optionResolution = 9 // of an interface's times: a negative power of ten

	flagInbound  = 1
	flagOutbound = 2
)

// A Writer writes one section of packets. The first error of the file below stays; Err tells it.
type Writer struct {
	w          io.Writer
	interfaces int
	err        error
}

// NewWriter begins a section. Program is the name of who writes it.
func NewWriter(w io.Writer, program string) *Writer {
	p := &Writer{w: w}
	b := binary.LittleEndian.AppendUint32(nil, byteOrder)
	b = binary.LittleEndian.AppendUint16(b, 1)
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint64(b, 1<<64-1) // the section's length: it ends with the file
	b = appendOption(b, optionProgram, []byte(program))
	p.block(sectionBlock, endOptions(b))
	return p
}

// Err is the first error of writing.
func (p *Writer) Err() error { return p.err }

// Interface adds an interface and gives its number for packets.
func (p *Writer) Interface(name string, link LinkType) int {
	b := binary.LittleEndian.AppendUint16(nil, uint16(link))
	b = append(b, 0, 0, 0, 0, 0, 0) // reserved; packets of any length
	b = appendOption(b, optionName, []byte(name))
	b = appendOption(b, optionResolution, []byte{9})
	p.block(interfaceBlock, endOptions(b))
	p.interfaces++
	return p.interfaces - 1
}

// A Packet is what went over an interface.
type Packet struct {
	Interface int
	Time      time.Time // 1970 to 2554
	Sent      bool
	Comment   string // shown beside it; may be empty
	Octets    []byte
}

// Packet adds a packet.
func (p *Writer) Packet(k Packet) {
	at := uint64(k.Time.UnixNano())
	b := binary.LittleEndian.AppendUint32(nil, uint32(k.Interface))
	b = binary.LittleEndian.AppendUint32(b, uint32(at>>32))
	b = binary.LittleEndian.AppendUint32(b, uint32(at))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(k.Octets)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(k.Octets)))
	b = padded(append(b, k.Octets...))
	if k.Comment != "" {
		b = appendOption(b, optionComment, []byte(k.Comment))
	}
	flags := uint32(flagInbound)
	if k.Sent {
		flags = flagOutbound
	}
	b = appendOption(b, optionFlags, binary.LittleEndian.AppendUint32(nil, flags))
	p.block(packetBlock, endOptions(b))
}

// block writes a block, whose length stands before and behind its body.
func (p *Writer) block(kind uint32, body []byte) {
	if p.err != nil {
		return
	}
	length := uint32(12 + len(body))
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, length), kind)
	b = binary.LittleEndian.AppendUint32(b, length)
	b = append(b, body...)
	_, p.err = p.w.Write(binary.LittleEndian.AppendUint32(b, length))
}

func appendOption(b []byte, code uint16, value []byte) []byte {
	value = value[:min(len(value), 1<<16-1)]
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	return padded(append(b, value...))
}

func endOptions(b []byte) []byte { return append(b, optionEnd, 0, 0, 0) }

// padded fills up to a multiple of four octets. Whatever stands before the body's last part is one already.
func padded(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
