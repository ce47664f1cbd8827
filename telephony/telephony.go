// Package telephony holds the words of the box. Read this file first: it names every noun that the rest of the program is
// made of. A line is a wire to the outside, a phone an extension inside; a call is the story of one caller; each party of a
// call is on the end of one leg. The package holds no state and starts nothing.
package telephony

import (
	"fmt"
	"time"
)

// A Leg is one party's end of one call: a caller on an analogue line, a timeslot of an E1, an agent's phone. It is born
// with the call and dies with it; the line it used lives on. Its verbs ask and return at once; what came of it is told on
// Events, where Released is last. A verb that comes too late (Answer after release) does nothing.
type Leg interface {
	// String is the line's id and the leg's number on it, such as "fxo/1#12", for logs and the journal.
	String() string
	// Alert tells the calling party that the box rings (SIP 180; nothing on an analogue line).
	Alert()
	// Progress opens the port to an incoming caller before the answer, so that tones and speech of the far end are heard
	// (SIP 183 with early media; nothing on an analogue line, which cannot). Answer may follow at any time.
	Progress()
	// Answer takes the call of an incoming leg. From here on the port carries speech both ways.
	Answer()
	// Press sends digits (0-9 * # A-D) to the far end in the form the leg has: tones, RFC 4733. "!" alone flashes the hook of
	// an analogue line.
	Press(digits string)
	// Release ends the leg with a cause that the far end is told as far as its signalling can say it.
	Release(Cause)
	// Events tells what the far end did, in order. The box is bounded: digits beyond it are dropped, Released always fits.
	// The channel is closed after Released.
	Events() <-chan Event
	// Port is the party's mouth and ear. It may be heard before Answer (early media) and is silent after Released.
	Port() Port
}

// An Event is what a far end did. The set is closed; switch on its type.
type Event interface{ event() }

type (
	// Ringing: the far end of an outgoing leg is being alerted.
	Ringing struct{}
	// Progress: the far end plays tones or speech before it answers; the leg's port carries them.
	Progress struct{}
	// Answered: the far end of an outgoing leg took the call.
	Answered struct{}
	// Digit is a key pressed by the far end, told once per press. InBand says that the audio carries its tone too, so that
	// nobody sends it on a second time.
	Digit struct {
		Key    byte // '0'-'9', '*', '#', 'A'-'D'
		InBand bool
	}
	// Identified: the caller's number came after the arrival (caller ID between rings, or late).
	Identified struct{ Caller Caller }
	// CallWaits: somebody else calls the line during the call, and the exchange says who.
	CallWaits struct{ Caller Caller }
	// Held: the far end put this party on hold, or took it back.
	Held struct{ On bool }
	// Transfer: the far end asks that whom it talks with be put through: to what it dialled, or to whom it talks with on
	// another leg of its own. The call carries it out, or not, and tells what came of it once.
	Transfer struct {
		To   string      // as dialled at that phone; empty with Leg
		Leg  string      // the name of the other leg
		Tell func(Cause) // CauseNormal: it is done. Returns at once
	}
	// Flashed: the far end flashed its hook.
	Flashed struct{}
	// Speech: something is wrong with the speech of a leg over a network, or nothing is any more.
	Speech struct{ Fault SpeechFault }
	// Released is the last event of a leg.
	Released struct {
		Cause   Cause
		ByBox   bool    // the box asked for it
		Witness Witness // what made the box believe it, on lines that do not say so themselves
		// Confidence is how sure the witnesses made the box, 0 to 1; 0 where nobody judged, because a message said so.
		Confidence float64
	}
)

func (Ringing) event()    {}
func (Progress) event()   {}
func (Answered) event()   {}
func (Digit) event()      {}
func (Identified) event() {}
func (CallWaits) event()  {}
func (Held) event()       {}
func (Transfer) event()   {}
func (Flashed) event()    {}
func (Speech) event()     {}
func (Quality) event()    {}
func (Released) event()   {}

// A Witness says how the end of a call was seen.
type Witness string

// The witnesses of a release.
const (
	BySignalling Witness = "signalling" // a message said so
	ByLoopDrop   Witness = "loop_drop"  // the exchange opened the loop
	ByPolarity   Witness = "polarity"   // the exchange turned the battery
	ByBusyTone   Witness = "busy_tone"  // busy, congestion or vacant-number tone was heard
	ByDialTone   Witness = "dial_tone"  // the exchange asks for a new number
	ByNotice     Witness = "notice"     // an announcement of the network was heard in place of an answer
	BySilence    Witness = "silence"    // nothing was heard for too long
	ByRingStop   Witness = "ring_stop"  // ringing ended before the answer
	ByMediaLoss  Witness = "media_loss" // no packet came for too long
	ByTimer      Witness = "timer"      // the protocol's timer expired
)

var witnessTexts = map[Witness]Text{
	BySignalling: {ZH: "信令通知", EN: "a message said so"},
	ByLoopDrop:   {ZH: "局端断开环路", EN: "the exchange opened the loop"},
	ByPolarity:   {ZH: "局端反极", EN: "the exchange turned the battery"},
	ByBusyTone:   {ZH: "听到忙音", EN: "busy tone was heard"},
	ByDialTone:   {ZH: "听到拨号音", EN: "dial tone was heard"},
	ByNotice:     {ZH: "听到局端录音通知", EN: "a notice of the network was heard"},
	BySilence:    {ZH: "长时间无声", EN: "nothing was heard for too long"},
	ByRingStop:   {ZH: "振铃停止", EN: "the ringing stopped"},
	ByMediaLoss:  {ZH: "收不到语音包", EN: "speech packets ceased"},
	ByTimer:      {ZH: "定时器超时", EN: "a timer expired"},
}

// Text is the witness in words, for people; empty if there was none.
func (w Witness) Text() Text { return witnessTexts[w] }

// A Line is a way to the outside or to one phone. It outlives its legs.
type Line interface {
	// ID is the line's name in configuration, journal and page: "fxo/1", "trunk/ctc", "phone/801".
	ID() string
	// Dial starts an outgoing leg and returns at once; what becomes of it is told on the leg's Events. It refuses with an
	// *Error when the line is busy, blocked or not registered (glare included).
	Dial(Order) (Leg, error)
}

// An Order is one call to place on a line.
type Order struct {
	Call       CallID
	To         string // digits to send; empty for a phone, whose line is its address
	From       Caller // what to present as the calling party
	AutoAnswer bool   // ask the phone to answer by itself
	Emergency  bool   // no bound of the line's or the box's holds for it

	Avoid []string // lines to the outside that failed this call: it goes by another
}

// A Caller is what is known of a calling party. Both fields are text from outside: bounded by CleanCaller, never trusted.
type Caller struct {
	Number   string `json:"number"`             // digits, may begin with '+'; empty when unknown
	Name     string `json:"name,omitempty"`     // as the network or the phone gave it
	Withheld bool   `json:"withheld,omitempty"` // the caller asked not to be shown
}

// An Arrival is the birth of a call: a leg that came in by a line and waits for Alert, Answer or Release.
type Arrival struct {
	Leg    Leg
	Line   string // the line's id
	Caller Caller
	Called string // the digits that the network or the phone sent; empty on an analogue line
	// Redirecting is the number that forwarded the call here, where the network tells it.
	Redirecting string
	// Replaces is the leg of another call whose place the new one takes (RFC 3891); empty: none.
	Replaces string
	// Data is what the far end says of itself beside its number: text from outside, attached to the call within the bounds of
	// what travels with one (A2.22), never trusted.
	Data map[string]string
}

// An Office is what a line needs of the exchange that it belongs to. Its verbs post and return at once.
type Office interface {
	// Arrive hands over a new incoming leg. An office that is full releases it with CauseCongestion.
	Arrive(Arrival)
	// LineChanged tells the state of a line, each time it changes.
	LineChanged(LineStatus)
	// Append writes to the journal what the line has to tell (alarms, counters, odd messages).
	Append(Entry)
}

// LineState is what a line is doing.
type LineState string

// The states of a line.
const (
	LineIdle    LineState = "idle"
	LineRinging LineState = "ringing" // a call is coming in
	LineDialing LineState = "dialing" // a call is going out
	LineTalking LineState = "talking"
	LineBlocked LineState = "blocked" // taken out of service by configuration
	LineFault   LineState = "fault"   // alarm, no battery, trunk not registered
	LineOffline LineState = "offline" // a phone that is not registered
)

// A LineStatus is a snapshot of one line. Trunks carry several calls: Busy counts them.
type LineStatus struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	State  LineState `json:"state"`
	Busy   int       `json:"busy"`
	Detail string    `json:"detail,omitempty"` // the reason of a fault, a phone's contact address
	Since  time.Time `json:"since"`
}

// A CallID names a call for ever: the number of the box's start, a dash, the number of the call since then ("12-34").
type CallID string

// NewCallID makes the id of the nth call after the given start of the box.
func NewCallID(boot uint32, n uint64) CallID { return CallID(fmt.Sprintf("%d-%d", boot, n)) }
