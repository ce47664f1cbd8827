package sim

import (
	"errors"
	"fmt"
	"sync/atomic"

	"callbox/hal"
	"callbox/telephony"
)

// A span is one E1 between the exchange and the box, and the hal.Span that the box sees. Its office (the goroutine in run)
// owns the exchange's end; the media loop owns the speech of the bearers. What the box sends waits for the office in frames.
type span struct {
	*teller
	name   string
	frames chan []byte // from the box
	slots  [32]*bearer
	alarm  atomic.Value // hal.SpanAlarm
}

// framesWaiting is how many frames of the box the office keeps unread; the window of Q.921 is far smaller.
const framesWaiting = 64

var errNoRoom = errors.New("the D-channel has no room for the frame: it is lost, and layer 2 sends it again")

func newSpan(name string, stop <-chan struct{}) *span {
	s := &span{teller: newTeller(stop), name: name, frames: make(chan []byte, framesWaiting)}
	s.alarm.Store(hal.Clear)
	for n := range s.slots {
		if n%16 != 0 { // 0 is the framing, 16 the D-channel
			s.slots[n] = newBearer()
		}
	}
	return s
}

// Name is "e1/1" and so on.
func (s *span) Name() string { return s.name }

// Events tells frames and alarms.
func (s *span) Events() <-chan hal.SpanEvent { return s.out }

// Send takes a frame to the exchange.
func (s *span) Send(frame []byte) error {
	if err := checkFrame(frame); err != nil {
		return err
	}
	select {
	case s.frames <- append([]byte(nil), frame...):
		return nil
	default:
		s.lost.Add(1)
		return errNoRoom
	}
}

// The shortest frame has an address and a control field, the longest the information of N201 behind a control field of two
// octets (Q.921 2, 5.9.3).
const (
	minFrame = 3
	maxFrame = 260 + 4
)

func checkFrame(frame []byte) error {
	if len(frame) < minFrame || len(frame) > maxFrame {
		return fmt.Errorf("a frame of %d octets: Q.921 has %d to %d", len(frame), minFrame, maxFrame)
	}
	return nil
}

// set changes the alarm that the box sees.
func (s *span) set(a hal.SpanAlarm) {
	s.alarm.Store(a)
	s.alarmed(a)
}

// Timeslot is a bearer, or nil.
func (s *span) Timeslot(n int) hal.Timeslot {
	if n < 0 || n >= len(s.slots) || s.slots[n] == nil {
		return nil
	}
	return s.slots[n]
}

// Alarm is the state of the signal that the box receives.
func (s *span) Alarm() hal.SpanAlarm { return s.alarm.Load().(hal.SpanAlarm) }

// Counters are those of a perfect cable: only what found no room.
func (s *span) Counters() hal.SpanCounters { return hal.SpanCounters{Overruns: s.lost.Load()} }

// A bearer is one timeslot: the media loop calls Hear and Say and owns what has no atomic, the office says who is at the
// far end.
type bearer struct {
	open    atomic.Bool
	far     atomic.Pointer[farEnd] // never nil
	through *farEnd                // the far end whose mouth has nothing more to say
}

func newBearer() *bearer {
	b := &bearer{}
	b.far.Store(nobody)
	return b
}

// Open lets the bearer's speech through.
func (b *bearer) Open() error {
	b.open.Store(true)
	return nil
}

// Close ends that.
func (b *bearer) Close() error {
	b.open.Store(false)
	return nil
}

// Hear fills the block with what the far end says.
func (b *bearer) Hear(block *hal.Block) {
	far := b.far.Load()
	switch {
	case !b.open.Load() || far.mouth == nil || far == b.through:
		clear(block[:])
	case !far.mouth.Next((*telephony.Frame)(block)):
		b.through = far
	}
}

// Say takes a block to the far end; a closed bearer is silent.
func (b *bearer) Say(block *hal.Block) {
	far := b.far.Load()
	switch {
	case far.ear == nil:
	case b.open.Load():
		far.ear.hear(block)
	default:
		far.ear.hear(&silence)
	}
}

var silence hal.Block

// connect changes the far end, from the next tick on.
func (b *bearer) connect(mouth telephony.Source, ear ear) { b.far.Store(&farEnd{mouth, ear}) }

// disconnect leaves the bearer silent.
func (b *bearer) disconnect() { b.far.Store(nobody) }
