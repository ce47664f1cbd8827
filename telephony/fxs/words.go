package fxs

import (
	"fmt"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/machine"
)

// An event is one thing that happened to the telephone: on its hook, on its keys, by a timer, or by a verb of the office.
type event interface{ event() }

type (
	// hook: the telephone was lifted, hung up or flashed.
	hook struct{ hal.FXSEvent }
	// digit: a key was pressed.
	digit struct{ key byte }
	// expired: a timer is due.
	expired struct{ machine.Timer }
	// failed: the port refused a verb.
	failed struct{ err error }
	// dial: the office rings the telephone. Inside says that another extension calls.
	dial struct {
		caller telephony.Caller
		inside bool
	}
	// alert, progress and answer: the office rings whom the telephone called, lets it hear the far end, connects it.
	alert    struct{}
	progress struct{}
	answer   struct{}
	// release: the office ends the call.
	release struct{ telephony.Cause }
	// settings: the configuration of the telephone, in force from its next call on.
	settings struct {
		extension string                   // empty: nobody has the port
		whole     func(digits string) bool // the number needs no wait for more digits
	}
)

func (hook) event()     {}
func (digit) event()    {}
func (expired) event()  {}
func (failed) event()   {}
func (dial) event()     {}
func (alert) event()    {}
func (progress) event() {}
func (answer) event()   {}
func (release) event()  {}
func (settings) event() {}

// An action is what the machine wants done: Start and Stop of package machine, or one of the types below.
type action any

type (
	// ring puts ringing voltage on the line or takes it off.
	ring struct{ on bool }
	// play lets the telephone hear a tone of the country, in place of its party; none: nothing.
	play struct{ signal dsp.Signal }
	// identify tells the telephone who calls, while it is on hook.
	identify struct{ telephony.Caller }
	// listen begins or ends to hear the telephone.
	listen struct{ on bool }
	// open opens the loop for a moment: the other party has hung up (kewlstart).
	open struct{}
	// take makes the leg of the last dial the one in use; refuse ends it with a cause.
	take   struct{}
	refuse struct{ telephony.Cause }
	// arrive makes a new leg, the one in use, and hands it to the office.
	arrive struct{ called string }
	// tell tells the owner of the leg in use; end is the last that it hears.
	tell struct{ telephony.Event }
	end  telephony.Released
	// look finds out whether the message lamp is to be lit.
	look struct{}
	// show is the telephone's state as the box sees it.
	show struct {
		state  telephony.LineState
		busy   int
		detail string
	}
	// odd is for the journal: what should not have come.
	odd string
)

// The timers of a telephone.
const (
	cadence    machine.Timer = "cadence"
	identity   machine.Timer = "identity"
	firstDigit machine.Timer = "first digit"
	nextDigit  machine.Timer = "next digit"
	refused    machine.Timer = "refused"
	howling    machine.Timer = "howling"
	lamp       machine.Timer = "lamp"
)

// How long they run (GB/T 3380-1982 for ringing, YD/T 1277.1 for the identity, which begins half a second after the first
// ring at the soonest and is through 200 ms before the second).
const (
	identityAfter  = 600 * time.Millisecond
	firstDigitTime = 10 * time.Second
	nextDigitTime  = 4 * time.Second
	refusedTime    = 30 * time.Second // of busy tone, and then the howler
	howlerTime     = 60 * time.Second // and then silence, until the handset is on its hook
	lampTime       = time.Minute      // between two looks for messages
)

// ringOutside is one second in five; ringInside tells a colleague apart by two short rings. On and off in turn.
var (
	ringOutside = []time.Duration{time.Second, 4 * time.Second}
	ringInside  = []time.Duration{400 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond, 4 * time.Second}
)

// String tells an event as the journal shows it.
func (e hook) String() string     { return e.FXSEvent.String() }
func (e digit) String() string    { return fmt.Sprintf("digit %c", e.key) }
func (e expired) String() string  { return "expiry of " + string(e.Timer) }
func (e failed) String() string   { return "fault of the port: " + e.err.Error() }
func (dial) String() string       { return "order to ring" }
func (alert) String() string      { return "alert" }
func (progress) String() string   { return "progress" }
func (answer) String() string     { return "answer" }
func (e release) String() string  { return "release" }
func (e settings) String() string { return "settings" }
