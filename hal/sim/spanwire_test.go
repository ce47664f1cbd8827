package sim

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

func TestParseSpanWire(t *testing.T) {
	ok := "frames:127.0.0.1:9001,127.0.0.1:9002,slots:127.0.0.1:9003,127.0.0.1:9004"
	w, err := ParseSpanWire(ok)
	if err != nil || w.Frames.Local.Port() != 9001 || w.Frames.Remote.Port() != 9002 || w.Slots.Local.Port() != 9003 || w.Slots.Remote.Port() != 9004 {
		t.Errorf("%+v, %v", w, err)
	}
	if w, err = ParseSpanWire("frames:[::1]:1,[::1]:2"); err != nil || w.Slots.Local.IsValid() {
		t.Errorf("frames alone: %+v, %v", w, err)
	}
	for _, bad := range []string{
		"", "frames:127.0.0.1:9001", "slots:127.0.0.1:1,127.0.0.1:2", "frames:host:1,host:2", "units:127.0.0.1:1,127.0.0.1:2",
		"frames:127.0.0.1:1,127.0.0.1:2,frames:127.0.0.1:3,127.0.0.1:4", "frames:127.0.0.1:1,127.0.0.1:2,slots", ok + ",",
	} {
		if _, err := ParseSpanWire(bad); err == nil || !strings.Contains(err.Error(), "write frames:") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// A wireEnd is a wired span with a socket of the test's at each of its far ends.
type wireEnd struct {
	*testing.T
	span          *wiredSpan
	frames, slots *net.UDPConn
}

func newWireEnd(t *testing.T) *wireEnd {
	t.Helper()
	listen := func() *net.UDPConn {
		c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	e := &wireEnd{T: t, frames: listen(), slots: listen()}
	addr := func(c *net.UDPConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }
	any := netip.MustParseAddrPort("127.0.0.1:0")
	var err error
	e.span, err = newWiredSpan("e1/1", 1, SpanWire{
		Frames: WireEnds{Local: any, Remote: addr(e.frames)}, Slots: WireEnds{Local: any, Remote: addr(e.slots)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.span.close)
	return e
}

// send sends a datagram to one of the span's sockets.
func (e *wireEnd) send(from, to *net.UDPConn, b []byte) {
	e.Helper()
	if _, err := from.WriteTo(b, to.LocalAddr()); err != nil {
		e.Fatal(err)
	}
}

// read reads the next datagram that fits.
func (e *wireEnd) read(from *net.UDPConn, fits func([]byte) bool) []byte {
	e.Helper()
	b := make([]byte, 2000)
	_ = from.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		n, _, err := from.ReadFrom(b)
		if err != nil {
			e.Fatal(err)
		}
		if fits(b[:n]) {
			return b[:n]
		}
	}
}

// event is the next that the span tells.
func (e *wireEnd) event() hal.SpanEvent {
	e.Helper()
	select {
	case got := <-e.span.Events():
		return got
	case <-time.After(10 * time.Second):
		e.Fatal("the span told nothing")
		return nil
	}
}

func TestWiredFrames(t *testing.T) {
	e := newWireEnd(t)
	if err := e.span.Send([]byte{0, 1, 0x7F}); err != nil {
		t.Fatal(err)
	}
	if got := e.read(e.frames, func([]byte) bool { return true }); string(got) != "\x00\x01\x7f" {
		t.Errorf("the far end got % x", got)
	}
	stranger, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	e.send(stranger, e.span.frames, []byte("a stranger"))
	e.send(e.frames, e.span.frames, make([]byte, maxFrame+1)) // longer than any frame
	e.send(e.frames, e.span.frames, []byte{2, 1, 0x73})
	if got := e.event().(hal.FrameReceived); string(got.Octets) != "\x02\x01\x73" {
		t.Errorf("the span told % x", got.Octets)
	}
	if n := e.span.Counters().Overruns; n != 1 {
		t.Errorf("%d frames lost, want 1", n)
	}
}

// Signalling.md: audio every 20 ms even when idle, and an alarm by a datagram of its own or by a bit of any.
func TestWiredSlots(t *testing.T) {
	e := newWireEnd(t)
	seen := map[byte]bool{}
	for len(seen) < 30 {
		b := e.read(e.slots, func(b []byte) bool { return len(b) == slotPacket })
		if b[0] != 0xE1 || b[1] != 1 || b[2] != 1 || b[3] == 0 || b[3] == 16 || b[3] > 31 || b[slotHeader] != dsp.ALawSilence {
			t.Fatalf("an idle timeslot sends % x", b[:slotHeader+1])
		}
		seen[b[3]] = true
	}
	for _, row := range []struct {
		packet []byte
		want   hal.SpanAlarm
	}{
		{[]byte{0xE1, 2, 1, 0, 0, 0, 0x80, 0}, hal.Red},
		{[]byte{0xE1, 2, 1, 0, 0, 0, 0, 0}, hal.Clear},
		{[]byte{0xE1, 1, 1, 5, 0, 0, 0x80, 0}, hal.Red},
		{[]byte{0xE1, 1, 1, 6, 0, 0, 0x0D, 0}, hal.Clear},
	} {
		e.send(e.slots, e.span.slots, []byte{0xE1, 1, 1, 16, 0, 0, 0x80, 0}) // no such bearer
		e.send(e.slots, e.span.slots, row.packet)
		if got := e.event(); got != (hal.AlarmChanged{Alarm: row.want}) || e.span.Alarm() != row.want {
			t.Errorf("% x: told %v, alarm %s, want %s", row.packet, got, e.span.Alarm(), row.want)
		}
	}
}

// What is said and heard passes bit by bit, in the order of its sequence, without what came late or twice.
func TestWiredSpeech(t *testing.T) {
	e := newWireEnd(t)
	slot := e.span.Timeslot(17)
	if err := slot.Open(); err != nil {
		t.Fatal(err)
	}
	var block hal.Block
	slot.Hear(&block) // what waited for nobody is gone
	for i, seq := range []uint16{65535, 0, 65535, 0, 1} {
		packet := make([]byte, slotPacket)
		copy(packet, []byte{0xE1, 1, 1, 17, byte(seq >> 8), byte(seq)})
		for n := range packet[slotHeader:] {
			packet[slotHeader+n] = byte(i)
		}
		e.send(e.slots, e.span.slots, packet)
	}
	e.send(e.slots, e.span.slots, []byte{0xE1, 2, 1, 0, 0, 0, 0x80, 0})
	e.event() // all of them are in
	var heard []string
	for range 4 {
		slot.Hear(&block)
		var octets [telephony.FrameSamples]byte
		dsp.EncodeALaw(octets[:], block[:])
		heard = append(heard, fmt.Sprintf("%02x%02x", octets[0], octets[159]))
	}
	if got, want := strings.Join(heard, " "), "0000 0101 0404 d5d5"; got != want {
		t.Errorf("heard %s, want %s", got, want)
	}
	dsp.DecodeALaw(block[:], []byte(strings.Repeat("\x2A", telephony.FrameSamples)))
	slot.Say(&block)
	said := e.read(e.slots, func(b []byte) bool { return b[3] == 17 && b[slotHeader] != dsp.ALawSilence })
	if len(said) != slotPacket || said[slotHeader] != 0x2A || said[slotPacket-1] != 0x2A {
		t.Errorf("the far end got % x", said)
	}
	before := binary.BigEndian.Uint16(said[4:])
	if n := testing.AllocsPerRun(100, func() { slot.Hear(&block); slot.Say(&block) }); n != 0 {
		t.Errorf("Hear and Say allocate %v times", n)
	}
	said = e.read(e.slots, func(b []byte) bool { return b[3] == 17 && binary.BigEndian.Uint16(b[4:]) != before })
	if after := binary.BigEndian.Uint16(said[4:]); after != before+1 {
		t.Errorf("sequence %d follows %d", after, before)
	}
}
