package dahdi

import (
	"math"

	"golang.org/x/sys/unix"

	"callbox/hal"
)

// A speech is the speech path of a channel. It belongs to the media loop: hear and say are a read and a write that never
// wait. The blocks that were received are the line's clock; by them the path reckons how much the kernel still has to send,
// which it cannot be asked.
type speech struct {
	fd     int
	block  int // octets of the kernel's blocks
	law    *law
	shared bool // the channel's events are the loop's, and until it has fetched them there is nothing to read or write

	begun    bool   // something was heard
	quiet    int    // ticks since a block came
	received []byte // and not yet heard
	queued   int    // octets that were sent and are not yet on the line; less than none when it ran dry
	surplus  int    // octets that are not to be sent, for there is too much delay
	unheard  excess
	unsent   excess
	octets   [len(hal.Block{})]byte
}

const (
	perMS     = 8                // octets
	tick      = len(hal.Block{}) // octets
	lineDepth = 160 * perMS      // octets that the kernel keeps each way: as much as the media loop makes up for
	patience  = 500              // ticks, 10 s: how long speech is late before the delay is cut
	standing  = 5                // ticks without a block: the line has no clock
)

func newSpeech(fd, block int, l *law) *speech {
	s := &speech{fd: fd, block: block, law: l, received: make([]byte, 0, lineDepth+tick)}
	s.restart()
	return s
}

// restart forgets what there was: a call begins.
func (s *speech) restart() {
	s.begun, s.quiet, s.received, s.queued, s.surplus = false, 0, s.received[:0], -1, 0
	s.unheard, s.unsent = newExcess(), newExcess()
}

// hear fills the block with what came, or with silence while nothing has.
func (s *speech) hear(b *hal.Block) {
	s.count(s.receive())
	if len(s.received) < tick {
		clear(b[:])
		return
	}
	rest := s.received
	if !s.begun || len(rest) >= lineDepth { // what came while the loop was elsewhere is only delay
		rest, s.begun = rest[len(rest)-tick:], true
	}
	s.law.decode(b[:], rest[:tick])
	rest = rest[tick:]
	late := s.unheard.after(len(rest))
	rest = rest[late-late%s.block:]
	s.received = s.received[:copy(s.received, rest)]
}

// count counts the ticks without a block. After a line that stood still nobody knows what was sent meanwhile.
func (s *speech) count(came bool) {
	if s.quiet++; !came {
		return
	}
	if s.quiet > standing {
		_ = set(s.fd, ioFlush, flushWrite)
		s.queued = -1
	}
	s.quiet = 0
}

// receive takes in all that came, and reports whether something did.
func (s *speech) receive() (came bool) {
	for len(s.received)+s.block <= cap(s.received) {
		n, err := unix.Read(s.fd, s.received[len(s.received):][:s.block])
		if err == eventWaits && s.forgetEvents() {
			continue
		}
		if err != nil || n <= 0 {
			return came
		}
		came = true
		s.received = s.received[:len(s.received)+n]
		s.queued -= n
	}
	return came
}

// say sends a block. There is one block of the kernel's ahead of it, so that a loop which is late by that much leaves no
// hole; a loop which was later, and makes up for it, has only added delay, which is cut.
func (s *speech) say(b *hal.Block) {
	switch {
	case s.queued < 0:
		s.queued = 0
		s.send(s.law.silence[:s.block])
	case s.queued > 2*s.block:
		return
	}
	s.surplus += s.unsent.after(s.queued - s.block)
	cut := min(s.surplus, tick)
	s.surplus -= cut
	s.law.encode(s.octets[:], b[:])
	s.send(s.octets[cut:])
}

// send writes octets in the kernel's blocks. What it has no room for is lost.
func (s *speech) send(octets []byte) {
	for len(octets) > 0 {
		n, err := unix.Write(s.fd, octets[:min(s.block, len(octets))])
		if err == eventWaits && s.forgetEvents() {
			continue
		}
		if err != nil || n <= 0 {
			return
		}
		s.queued += n
		octets = octets[n:]
	}
}

// forgetEvents fetches the events of a bearer, which tell only of alarms that the D-channel tells too. It reports whether
// there was any.
func (s *speech) forgetEvents() (any bool) {
	for !s.shared && nextEvent(s.fd) != 0 {
		any = true
	}
	return any
}

// An excess finds out what lies in a queue and is never needed, by the least that lay there for a while.
type excess struct {
	least int
	ticks int
}

func newExcess() excess { return excess{least: math.MaxInt} }

// after takes what lies in the queue after a tick, and tells once in a while how much of it is only delay.
func (e *excess) after(have int) int {
	e.least = min(e.least, have)
	if e.ticks++; e.ticks < patience {
		return 0
	}
	late := max(e.least, 0)
	*e = newExcess()
	return late
}
