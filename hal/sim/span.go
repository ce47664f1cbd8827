package sim

import (
	"errors"

	"callbox/hal"
)

// A darkSpan is an E1 port with nothing plugged in.
type darkSpan string

// Name is "e1/1" and so on.
func (s darkSpan) Name() string { return string(s) }

// Events never tells anything.
func (darkSpan) Events() <-chan hal.SpanEvent { return nil }

// Send loses the frame.
func (darkSpan) Send([]byte) error { return errDark }

// Timeslot is a bearer without sound.
func (darkSpan) Timeslot(n int) hal.Timeslot {
	if n < 1 || n > 31 || n == 16 {
		return nil
	}
	return darkSlot{}
}

// Alarm is loss of signal.
func (darkSpan) Alarm() hal.SpanAlarm { return hal.LOS }

// Counters stay at zero.
func (darkSpan) Counters() hal.SpanCounters { return hal.SpanCounters{} }

var errDark = errors.New("the span is dark: nothing is plugged in")

type darkSlot struct{}

func (darkSlot) Open() error       { return nil }
func (darkSlot) Close() error      { return nil }
func (darkSlot) Hear(b *hal.Block) { clear(b[:]) }
func (darkSlot) Say(*hal.Block)    {}
