package sim

import "callbox/hal"

// A darkSpan is an E1 port with nothing plugged in; calls over it come with ISDN PRI.
type darkSpan string

// Name is "e1/1" and so on.
func (s darkSpan) Name() string { return string(s) }

// Alarm is loss of signal.
func (darkSpan) Alarm() hal.SpanAlarm { return hal.LOS }
