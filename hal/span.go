package hal

// A Span is one E1: 31 timeslots of 64 kbit/s beside the framing. What drives calls over it comes with ISDN PRI; until then a
// board can name its spans and the page can show them dark.
type Span interface {
	// Name is the port's name on the board: "e1/1".
	Name() string
	// Alarm is the state of the received signal now (G.775).
	Alarm() SpanAlarm
}

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
