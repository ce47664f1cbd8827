package sim

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// A SpanWire joins a span to another process over UDP, at two heights (signalling.md, "The E1 wire between processes").
type SpanWire struct {
	Frames WireEnds // one datagram is one frame of the D-channel
	Slots  WireEnds // one datagram is 20 ms of a bearer, or an alarm; may be left out
}

// WireEnds are the addresses of one UDP path.
type WireEnds struct{ Local, Remote netip.AddrPort }

// ParseSpanWire reads "frames:LOCAL,REMOTE,slots:LOCAL,REMOTE", each an address with its port; slots may be left out.
func ParseSpanWire(s string) (w SpanWire, err error) {
	const form = "write frames:LOCAL,REMOTE,slots:LOCAL,REMOTE with addresses such as 127.0.0.1:9001"
	parts := strings.Split(s, ",")
	for ; len(parts) >= 2; parts = parts[2:] {
		height, local, _ := strings.Cut(parts[0], ":")
		ends := map[string]*WireEnds{"frames": &w.Frames, "slots": &w.Slots}[height]
		if ends == nil || ends.Local.IsValid() {
			return w, fmt.Errorf("span wire %q: %s", s, form)
		}
		if ends.Local, err = netip.ParseAddrPort(local); err != nil {
			return w, fmt.Errorf("span wire: address %q: %s", local, form)
		}
		if ends.Remote, err = netip.ParseAddrPort(parts[1]); err != nil {
			return w, fmt.Errorf("span wire: address %q: %s", parts[1], form)
		}
	}
	if len(parts) != 0 || !w.Frames.Local.IsValid() {
		return w, fmt.Errorf("span wire %q: %s", s, form)
	}
	return w, nil
}

// A wiredSpan is a hal.Span whose far end is another process. Its three goroutines (two that read, one that keeps idle
// bearers sounding) share nothing but atomics and channels with the span's owner and the media loop.
type wiredSpan struct {
	*teller
	name    string
	wire    SpanWire
	frames  *net.UDPConn
	slots   *net.UDPConn // nil: no bearers
	bearers [32]*wiredBearer

	far   [2]atomic.Bool // an alarm told by a block, and by a datagram of its own
	alarm atomic.Value   // hal.SpanAlarm
	ends  chan struct{}  // closed to end it
	over  sync.WaitGroup
}

// newWiredSpan opens the sockets and starts.
func newWiredSpan(name string, number int, w SpanWire) (*wiredSpan, error) {
	s := &wiredSpan{name: name, wire: w, ends: make(chan struct{})}
	s.teller = newTeller(s.ends)
	s.alarm.Store(hal.Clear)
	var err error
	if s.frames, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(w.Frames.Local)); err != nil {
		return nil, fmt.Errorf("the wire of %s cannot be opened: %w; choose another local address", name, err)
	}
	if w.Slots.Local.IsValid() {
		if s.slots, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(w.Slots.Local)); err != nil {
			s.frames.Close()
			return nil, fmt.Errorf("the wire of %s cannot be opened: %w; choose another local address", name, err)
		}
	}
	for n := range s.bearers {
		if n%16 != 0 {
			s.bearers[n] = newWiredBearer(s, number, n)
		}
	}
	s.over.Go(s.teller.run)
	s.over.Go(s.readFrames)
	if s.slots != nil {
		s.over.Go(s.readSlots)
		s.over.Go(s.idle)
	}
	return s, nil
}

func (s *wiredSpan) close() {
	close(s.ends)
	s.frames.Close()
	if s.slots != nil {
		s.slots.Close()
	}
	s.over.Wait()
}

// Name is "e1/1" and so on.
func (s *wiredSpan) Name() string { return s.name }

// Events tells frames and alarms.
func (s *wiredSpan) Events() <-chan hal.SpanEvent { return s.out }

// Send sends a frame as one datagram. Nobody at the far end is like a cut D-channel: no error.
func (s *wiredSpan) Send(frame []byte) error {
	if err := checkFrame(frame); err != nil {
		return err
	}
	if _, err := s.frames.WriteToUDPAddrPort(frame, s.wire.Frames.Remote); err != nil && errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// Timeslot is a bearer, or nil.
func (s *wiredSpan) Timeslot(n int) hal.Timeslot {
	if n < 0 || n >= len(s.bearers) || s.bearers[n] == nil {
		return nil
	}
	return s.bearers[n]
}

// Alarm is what the far end tells; its silence is for layer 2 to see.
func (s *wiredSpan) Alarm() hal.SpanAlarm { return s.alarm.Load().(hal.SpanAlarm) }

// Counters count what was no frame, or found no room.
func (s *wiredSpan) Counters() hal.SpanCounters { return hal.SpanCounters{Overruns: s.lost.Load()} }

func (s *wiredSpan) readFrames() {
	var b [maxFrame + 1]byte
	for {
		n, from, err := s.frames.ReadFromUDPAddrPort(b[:])
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // nobody listens at the far end (ICMP): the next read waits
		case unmapped(from) != s.wire.Frames.Remote:
		case checkFrame(b[:n]) != nil:
			s.lost.Add(1)
		default:
			s.frame(b[:n])
		}
	}
}

func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// The header of a slots datagram (signalling.md).
const (
	slotHeader = 8
	slotMark   = 0xE1
	slotBlock  = 1 // of a timeslot
	slotAlarm  = 2
	alarmBit   = 0x80
	slotPacket = slotHeader + telephony.FrameSamples
)

func (s *wiredSpan) readSlots() {
	var b [slotPacket + 1]byte
	for {
		n, from, err := s.slots.ReadFromUDPAddrPort(b[:])
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
		case unmapped(from) != s.wire.Slots.Remote, n < slotHeader, b[0] != slotMark:
		case b[1] == slotAlarm:
			s.flag(1, b[6]&alarmBit != 0)
		case b[1] == slotBlock && b[3] < 32 && s.bearers[b[3]] != nil:
			s.flag(0, b[6]&alarmBit != 0)
			if n == slotPacket {
				s.bearers[b[3]].take(b[:n])
			}
		}
	}
}

// flag notes whether the far end tells an alarm, in one of the two ways, and tells a change.
func (s *wiredSpan) flag(way int, on bool) {
	if s.far[way].Swap(on) == on {
		return
	}
	now := hal.Clear
	if s.far[0].Load() || s.far[1].Load() {
		now = hal.Red
	}
	if s.alarm.Swap(now) == now {
		return
	}
	s.alarmed(now)
}

// idle sends silence on every bearer that nobody uses, each 20 ms.
func (s *wiredSpan) idle() {
	tick := time.NewTicker(telephony.Tick)
	defer tick.Stop()
	for {
		select {
		case <-s.ends:
			return
		case <-tick.C:
		}
		for _, b := range s.bearers {
			if b != nil && !b.open.Load() {
				b.send(&b.rest)
			}
		}
	}
}

// A wiredBearer is one timeslot of a wired span. Received blocks wait in a small ring between the reader and the media loop.
type wiredBearer struct {
	span       *wiredSpan
	open       atomic.Bool
	fresh      atomic.Bool // just opened: what waits is of the time before
	sent       atomic.Uint32
	talk, rest [slotPacket]byte // what the media loop sends, and the idle goroutine

	blocks  [ringBlocks]hal.Block
	written atomic.Uint32 // by the reader
	read    atomic.Uint32 // by the media loop
	last    uint16        // sequence of the newest block; the reader's
	begun   bool          // a block has come; the reader's
	filled  bool          // the ring has had its prefill since it ran dry; the media loop's
}

// ringBlocks bounds what waits, and with it the delay; prefill is what is awaited after the ring ran dry, so that two clocks
// of nearly the same speed do not make a gap each tick.
const (
	ringBlocks = 4
	prefill    = 2
)

func newWiredBearer(s *wiredSpan, number, n int) *wiredBearer {
	b := &wiredBearer{span: s}
	for _, packet := range []*[slotPacket]byte{&b.talk, &b.rest} {
		copy(packet[:], []byte{slotMark, slotBlock, byte(number), byte(n)})
		for i := range packet[slotHeader:] {
			packet[slotHeader+i] = dsp.ALawSilence
		}
	}
	return b
}

// Open lets the bearer's speech through.
func (b *wiredBearer) Open() error {
	b.fresh.Store(true)
	b.open.Store(true)
	return nil
}

// Close ends that: the idle goroutine keeps the bearer sounding.
func (b *wiredBearer) Close() error {
	b.open.Store(false)
	return nil
}

// take keeps a block; one that is late or doubled, or finds the ring full, is dropped.
func (b *wiredBearer) take(packet []byte) {
	seq := binary.BigEndian.Uint16(packet[4:])
	if ahead := int16(seq - b.last); b.begun && ahead <= 0 && ahead > -100 {
		return
	}
	b.last, b.begun = seq, true
	w := b.written.Load()
	if w-b.read.Load() >= ringBlocks || !b.open.Load() {
		return
	}
	dsp.DecodeALaw(b.blocks[w%ringBlocks][:], packet[slotHeader:])
	b.written.Store(w + 1)
}

// Hear fills the block with what came from the far end, or silence.
func (b *wiredBearer) Hear(block *hal.Block) {
	if b.fresh.Swap(false) {
		b.read.Store(b.written.Load())
	}
	r := b.read.Load()
	waiting := b.written.Load() - r
	if waiting == 0 {
		b.filled = false
	}
	if b.filled = b.filled || waiting >= prefill; !b.filled {
		clear(block[:])
		return
	}
	*block = b.blocks[r%ringBlocks]
	b.read.Store(r + 1)
}

// Say sends a block.
func (b *wiredBearer) Say(block *hal.Block) {
	if b.span.slots != nil && b.open.Load() {
		dsp.EncodeALaw(b.talk[slotHeader:], block[:])
		b.send(&b.talk)
	}
}

func (b *wiredBearer) send(packet *[slotPacket]byte) {
	binary.BigEndian.PutUint16(packet[4:], uint16(b.sent.Add(1)))
	_, _ = b.span.slots.WriteToUDPAddrPort(packet[:], b.span.wire.Slots.Remote) // nobody there is a cut wire
}
