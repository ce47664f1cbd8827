package dahdi

import (
	"errors"
	"fmt"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"callbox/hal"
)

const (
	dSlot        = 16 // the D-channel's
	lastSlot     = 31
	fcsSize      = 2 // octets (Q.921 2.7)
	shortest     = 3 // octets of a frame without FCS: an address and the control field of an unnumbered one (Q.921 2.9)
	frameBuffers = 32
	frameSize    = 1024 // octets with FCS that do not fit any more
)

// A span is an E1. The owner sends; the loop receives and owns what has no atomic.
type span struct {
	name     string
	port     port
	dChannel int // a file
	slots    [lastSlot + 1]*timeslot
	events   chan hal.SpanEvent
	wake     func() // the loop, to look at the span

	alarm atomic.Value // of hal.SpanAlarm
	told  hal.SpanAlarm
	line  atomic.Pointer[hal.SpanCounters] // what the card counts
	begin hal.SpanCounters                 // where its counters stood at the start

	badFCS, aborts, overruns atomic.Uint64
	frame                    [frameSize]byte
}

// openSpan finds, assigns, configures and starts a span, and opens its channels.
func openSpan(name string, o SpanOptions, blockMS, control int) (*span, error) {
	s := &span{name: name, port: port{control: control, number: o.Port}, dChannel: -1, events: make(chan hal.SpanEvent, hal.SpanEventBox)}
	err := s.start(o)
	if err == nil {
		err = s.openChannels(blockMS)
	}
	if err == nil {
		err = s.look()
	}
	if err != nil {
		s.close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s.begin, s.told = *s.line.Load(), s.Alarm()
	return s, nil
}

// start sets the line before the channels, for what a channel can be follows from the line on most cards.
func (s *span) start(o SpanOptions) error {
	if err := s.port.take(o.Card); err != nil {
		return err
	}
	if s.port.channels != lastSlot {
		return fmt.Errorf("port %d has %d channels: it is no E1", s.port.number, s.port.channels)
	}
	line := lineConfig{span: int32(s.port.span), lbo: int32(o.LBO), lineConfig: lineCCS | lineHDB3, sync: int32(o.Timing)}
	if o.CRC4 {
		line.lineConfig |= lineCRC4
	}
	if err := ioctl(s.port.control, ioSpanConfig, &line); err != nil {
		return fmt.Errorf("the card does not take the line's configuration: %w", err)
	}
	for n := 1; n <= lastSlot; n++ {
		signaling := sigClear
		if n == dSlot {
			signaling = sigHDLCFCS
		}
		if err := s.port.configure(n, signaling, lawA); err != nil {
			return err
		}
	}
	return s.port.start()
}

func (s *span) openChannels(blockMS int) (err error) {
	if s.dChannel, err = openChannel(s.port.channel(dSlot), frameBuffers, frameSize); err != nil {
		return err
	}
	for n := 1; n <= lastSlot; n++ {
		if n == dSlot {
			continue
		}
		if s.slots[n], err = openTimeslot(s.port.channel(n), blockMS); err != nil {
			return err
		}
	}
	return set(s.dChannel, ioFlush, flushAll)
}

// close gives the span back.
func (s *span) close() {
	if s.dChannel >= 0 {
		unix.Close(s.dChannel)
	}
	for _, t := range s.slots {
		if t != nil {
			t.close()
		}
	}
	s.port.giveBack()
}

// Name is "e1/1" and so on.
func (s *span) Name() string { return s.name }

// Events tells frames and alarms.
func (s *span) Events() <-chan hal.SpanEvent { return s.events }

// Timeslot is bearer n.
func (s *span) Timeslot(n int) hal.Timeslot {
	if n < 1 || n > lastSlot || n == dSlot {
		return nil
	}
	return s.slots[n]
}

// Alarm is the state of the received signal, a second old at most.
func (s *span) Alarm() hal.SpanAlarm { return s.alarm.Load().(hal.SpanAlarm) }

var (
	errNoRoom = errors.New("the D-channel has more frames to send than it takes: the frame is lost")
	errLength = fmt.Errorf("a frame has %d to %d octets", shortest, frameSize-1-fcsSize)
)

// Send puts a frame on the D-channel.
func (s *span) Send(frame []byte) error {
	if len(frame) < shortest || len(frame) >= frameSize-fcsSize {
		return errLength
	}
	octets := append(make([]byte, 0, frameSize), frame...)
	octets = append(octets, 0, 0) // which the kernel makes the FCS
	_, err := unix.Write(s.dChannel, octets)
	if err == eventWaits {
		s.fetchEvents()
		s.wake()
		_, err = unix.Write(s.dChannel, octets)
	}
	if err == unix.EAGAIN {
		return errNoRoom
	}
	return err
}

// ready takes in what happened on the D-channel.
func (s *span) ready(events uint32) {
	if events&unix.EPOLLPRI != 0 {
		s.fetchEvents()
		_ = s.look()
	}
	for {
		n, err := unix.Read(s.dChannel, s.frame[:])
		if err == eventWaits {
			s.fetchEvents()
			_ = s.look()
			continue
		}
		if err != nil || n <= 0 {
			return
		}
		s.deliver(s.frame[:n])
	}
}

// fetchEvents counts the events of the D-channel. Any goroutine may call it.
func (s *span) fetchEvents() {
	for {
		switch nextEvent(s.dChannel) {
		case 0:
			return
		case eventBadFCS:
			s.badFCS.Add(1)
		case eventAbort:
			s.aborts.Add(1)
		case eventOverrun:
			s.overruns.Add(1)
		}
	}
}

// deliver hands a frame and its FCS, which the kernel has checked, to the owner. While an alarm waits for room in the
// owner's box, frames are dropped, for they would come before it.
func (s *span) deliver(octets []byte) {
	n := len(octets) - fcsSize
	if n < shortest {
		return
	}
	if s.told == s.Alarm() {
		select {
		case s.events <- hal.FrameReceived{Octets: append([]byte(nil), octets[:n]...)}:
			return
		default:
		}
	}
	s.overruns.Add(1)
}

// look reads the state of the line and tells a change of it. A card that is gone is one where nothing is plugged in.
func (s *span) look() error {
	info := spanInfo{span: int32(s.port.span)}
	if err := ioctl(s.port.control, ioSpanStat, &info); err != nil {
		s.alarm.Store(hal.LOS)
		s.tell()
		return fmt.Errorf("the span does not tell its state: %w", err)
	}
	s.line.Store(&hal.SpanCounters{
		CodeViolations: uint64(max(uint32(info.bpv), info.violations)), // older drivers count one, newer the other
		CRC:            uint64(uint32(info.crc4)),
		FarEndCRC:      uint64(uint32(info.eBits)),
	})
	s.alarm.Store(alarmOf(info.alarms))
	s.tell()
	return nil
}

// tell tells the newest alarm as soon as there is room. It reports whether the owner knows it.
func (s *span) tell() bool {
	alarm := s.Alarm()
	if alarm == s.told {
		return true
	}
	select {
	case s.events <- hal.AlarmChanged{Alarm: alarm}:
		s.told = alarm
		return true
	default:
		return false
	}
}

// alarmOf is the worst of the alarms that the kernel tells.
func alarmOf(bits int32) hal.SpanAlarm {
	switch {
	case bits&alarmLOS != 0:
		return hal.LOS
	case bits&alarmBlue != 0:
		return hal.AIS
	case bits&(alarmRed|alarmRecovering|alarmLFA|alarmLMFA) != 0:
		return hal.Red
	case bits&alarmYellow != 0:
		return hal.Yellow
	}
	return hal.Clear
}

// Counters are the errors since the start, a second old at most. The kernel does not tell slips.
func (s *span) Counters() hal.SpanCounters {
	c := *s.line.Load()
	c.CodeViolations -= s.begin.CodeViolations
	c.CRC -= s.begin.CRC
	c.FarEndCRC -= s.begin.FarEndCRC
	c.BadFCS, c.Aborts, c.Overruns = s.badFCS.Load(), s.aborts.Load(), s.overruns.Load()
	return c
}
