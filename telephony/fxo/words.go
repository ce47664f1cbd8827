package fxo

import (
	"fmt"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/machine"
)

// An event is one thing that happened to the line: on the wire, in its sound, by a timer, or by a verb of the office.
type event interface{ event() }

type (
	// wire: the exchange did something to the wire.
	wire struct{ hal.FXOEvent }
	// expired: a timer is due.
	expired struct{ machine.Timer }
	// identified: the caller's identity was heard.
	identified struct{ telephony.Caller }
	// tone: a tone of the exchange was recognised, or goes on in a call: for so many of its periods, which are seconds of
	// one without a break, the last of them without a word of the box.
	tone struct {
		dsp.Signal
		periods, quiet int
		dBm0           float64 // outside of a call
	}
	// voice: somebody or something sounds that is no tone of the exchange.
	voice struct{}
	// answering: who or what seems to be at the other end of the call.
	answering struct{ dsp.AnswerFinding }
	// waits: the exchange told of another caller in the call.
	waits struct{ telephony.Caller }
	// measured: the line returns our own voice weakened by so much.
	measured struct{ returnLossDB float64 }
	// digit: the far end pressed a key.
	digit struct{ key byte }
	// silent: nobody, the box included, was heard for the limit that hear gave.
	silent struct{}
	// sent: the digits of send are out.
	sent struct{}
	// failed: the port refused a verb.
	failed struct{ err error }
	// exam: somebody wants the line measured. measurement is how it sounds when it should be quiet, and what it returns.
	exam        struct{ reply chan<- *telephony.LineReport }
	measurement struct {
		reading dsp.Reading
		echo    dsp.EchoReturn
	}
	// dial: the office wants to place a call.
	dial struct{ digits string }
	// answer: the office takes the call.
	answer struct{}
	// flash: the office wants the R key pressed.
	flash struct{}
	// release: the office ends the call.
	release struct{ telephony.Cause }
	// settings: the configuration of the line, in force from its next call on.
	settings struct {
		disabled       bool          // take no calls, either way
		outOnly        bool          // let callers ring (A1.17)
		polarityAnswer bool          // the exchange turns the battery at the answer and back at the release
		early          bool          // a caller's number may come before the first ring, unannounced
		pulse          bool          // dial by pulses
		toneWait       time.Duration // dial without dial tone after so long
		silence        time.Duration // release after so long without a sound either way; 0: never
	}
)

func (wire) event()        {}
func (expired) event()     {}
func (identified) event()  {}
func (tone) event()        {}
func (voice) event()       {}
func (answering) event()   {}
func (waits) event()       {}
func (measured) event()    {}
func (digit) event()       {}
func (silent) event()      {}
func (sent) event()        {}
func (failed) event()      {}
func (exam) event()        {}
func (measurement) event() {}
func (dial) event()        {}
func (answer) event()      {}
func (flash) event()       {}
func (release) event()     {}
func (settings) event()    {}

// An action is what the machine wants done: Start and Stop of package machine, or one of the types below.
type action any

type (
	// seize closes the loop, open opens it. A bare line keeps its echo.
	seize struct{ bare bool }
	open  struct{}
	// hear says what to listen for from here on; silence is the settings' and goes with speech.
	hear struct {
		what    heard
		silence time.Duration
	}
	// send dials digits by tones, and sent follows; pulse dials them by pulses, and hal.Pulsed follows.
	send  struct{ digits string }
	pulse struct{ digits string }
	// press is the R key.
	press struct{}
	// take makes the leg of the last dial the line's leg; refuse ends it with a cause.
	take   struct{}
	refuse struct{ telephony.Cause }
	// arrive makes a new leg and hands it to the office.
	arrive struct{ telephony.Caller }
	// tell tells the leg's owner; end is the last that it hears.
	tell struct{ telephony.Event }
	end  telephony.Released
	// report tells what was measured; decline, that nothing can be, since a call was first.
	report  struct{ telephony.LineMeasures }
	decline struct{}
	// show is the line's state as the box sees it.
	show struct {
		state  telephony.LineState
		busy   int
		detail string
	}
	// odd is for the journal: what should not have come.
	odd string
)

// heard is what the line listens for.
type heard uint8

const (
	nothing  heard = iota // the media loop leaves the line alone
	callerID              // the caller's identity, on hook
	tones                 // tones of the exchange
	answers               // the same, and who or what answers
	speech                // digits, the tones that end a call, and silence
	busyTone              // nothing: the line plays busy tone
	line                  // noise, hum and echo: the line plays a test signal
)

// The timers of an analogue line.
const (
	ringBelief machine.Timer = "ring belief"
	ringStop   machine.Timer = "ring stop"
	callerWait machine.Timer = "caller wait"
	callerKeep machine.Timer = "caller keep"
	toneWait   machine.Timer = "dial tone wait"
	answerWait machine.Timer = "answer wait"
	turnSettle machine.Timer = "turn settle"
	lateAnswer machine.Timer = "late answer"
	loopDrop   machine.Timer = "loop drop"
	doubted    machine.Timer = "doubted"
	wireCut    machine.Timer = "wire cut"
	turnedAway machine.Timer = "turned away"
	guard      machine.Timer = "guard"
	examTime   machine.Timer = "exam"
)

// How long they run.
const (
	// A ring lasts a second in China (GB/T 3380-1982) and no ring of any service less than 400 ms; a pulse of another
	// telephone on the wire lasts 100.
	ringBeliefTime = 200 * time.Millisecond
	// The pause between two rings is 4 s, 10 % more at most; a ring itself lasts 1 s.
	ringStopAfterRing   = 6 * time.Second
	ringStopDuringRing  = 7 * time.Second
	callerWaitAfterRing = 4 * time.Second // the number is through 200 ms before the next ring (YD/T 1277.1)
	callerWaitFromRing  = 5 * time.Second
	// A number comes before the ring where the exchange turns the battery first; it is forgotten if no ring follows.
	callerKeepTime = 10 * time.Second
	toneWaitTime   = 5 * time.Second
	// An exchange has a register on the line within half a second, whatever is heard of it.
	toneWaitLeast = 500 * time.Millisecond
	// Without polarity an answer can only be guessed (see calling).
	answerAfterRingback = 6 * time.Second
	answerAfterDialling = 10 * time.Second
	// An exchange may turn the battery when an incoming call is answered.
	turnSettleTime = time.Second
	// Dial tone so soon after an answer says that the caller had gone in the pause between two rings: 1.5 s to recognise it
	// and as much again for a slow exchange. Later it is somebody's music.
	lateAnswerTime = 3 * time.Second
	// A kewlstart exchange opens the loop for 500 to 1000 ms (signalling.md 6.7); what is shorter is a crackle.
	loopDropTime = 200 * time.Millisecond
	// Witnesses of one release speak within a few seconds of each other.
	doubtTime   = 10 * time.Second
	silenceTime = 120 * time.Second // pain 33: a line that tells nothing at all
	// What is longer is a cut wire.
	wireCutTime = 2 * time.Second
	// Six periods of busy tone: nobody takes that for anything else.
	turnAwayTime = 4200 * time.Millisecond
	guardTime    = 2 * time.Second
	// A digit is out in three seconds, and the line is measured in four.
	examTimeout = 6 * time.Second
)

// String tells an event as the journal shows it.
func (e expired) String() string    { return "expiry of " + string(e.Timer) }
func (e identified) String() string { return "caller's number" }
func (e tone) String() string       { return string(e.Signal) + " tone" }
func (voice) String() string        { return "voice" }
func (e answering) String() string  { return "answer by " + string(e.Answer) }
func (e waits) String() string      { return "another caller" }
func (measured) String() string     { return "echo" }
func (e digit) String() string      { return fmt.Sprintf("digit %c", e.key) }
func (silent) String() string       { return "silence" }
func (sent) String() string         { return "end of dialling" }
func (e failed) String() string     { return "fault of the port: " + e.err.Error() }
func (exam) String() string         { return "order to measure" }
func (measurement) String() string  { return "measurement" }
func (e dial) String() string       { return "order to dial" }
func (answer) String() string       { return "answer" }
func (flash) String() string        { return "flash" }
func (e release) String() string    { return "release" }
func (settings) String() string     { return "settings" }
