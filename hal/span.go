package hal

// A Span is one E1 of 31 timeslots beside the framing (G.704), with a D-channel in timeslot 16 (common channel signalling).
// One owner (the span's goroutine in telephony/e1) calls its verbs and reads its events; the media loop alone calls Hear
// and Say of a timeslot. Nothing here waits.
type Span interface {
	// Name is the port's name on the board: "e1/1".
	Name() string
	// Events tells frames and alarms in order. The box is bounded at SpanEventBox; a driver that finds it full drops frames,
	// which layer 2 sends again, and of alarms all but the newest.
	Events() <-chan SpanEvent
	// Send puts a frame on the D-channel: the octets from the address field on, without flags and FCS (Q.921 2). The octets
	// are copied. A frame that the driver has no room for is lost with an error.
	Send(frame []byte) error
	// Timeslot is bearer n, 1 to 15 and 17 to 31; nil for any other number.
	Timeslot(n int) Timeslot
	// Alarm is the state of the received signal now (G.775). Any goroutine may ask.
	Alarm() SpanAlarm
	// Counters are the errors since the driver's start. Any goroutine may ask.
	Counters() SpanCounters
}

// A Timeslot is one bearer channel of a span. Idle A-law (0xD5) is sent while it is closed.
type Timeslot interface {
	// Open lets the bearer's speech through, Close ends that. The owner of the span calls them.
	Open() error
	Close() error
	// Hear fills the block with what came since the last tick, Say sends one. A block of A-law passes bit by bit
	// (G.711: every A-law value is decoded to a linear value that encodes to itself).
	Hear(*Block)
	Say(*Block)
}

// SpanEventBox is the least number of events that a driver keeps for a slow owner.
const SpanEventBox = 256

// A SpanEvent is one thing that a span tells. The set is closed; switch on its type.
type SpanEvent interface{ spanEvent() }

type (
	// FrameReceived is a frame of the D-channel with a good FCS, as Send takes it. The octets are the receiver's.
	FrameReceived struct{ Octets []byte }
	// AlarmChanged is a new state of the received signal.
	AlarmChanged struct{ Alarm SpanAlarm }
)

func (FrameReceived) spanEvent() {}
func (AlarmChanged) spanEvent()  {}

// SpanAlarm is the state of a span's received signal.
type SpanAlarm string

// The alarms of a span, worst first.
const (
	LOS    SpanAlarm = "los"    // no signal: nothing plugged in
	AIS    SpanAlarm = "ais"    // all ones: the far end has a fault further on
	Red    SpanAlarm = "red"    // no frame alignment
	Yellow SpanAlarm = "yellow" // the far end does not receive us (RAI)
	Clear  SpanAlarm = "clear"
)

// SpanCounters count the errors of a span; each only grows.
type SpanCounters struct {
	CodeViolations uint64 // HDB3 (G.703)
	CRC            uint64 // CRC-4 blocks received wrong (G.704)
	FarEndCRC      uint64 // blocks that the far end received wrong: E bits (G.704)
	FrameSlips     uint64
	BadFCS         uint64 // D-channel frames with a wrong check sequence (Q.921 2.7)
	Aborts         uint64 // D-channel frames that the far end broke off (Q.921 2.8)
	Overruns       uint64 // D-channel frames longer than the driver takes, or lost for want of room
}
