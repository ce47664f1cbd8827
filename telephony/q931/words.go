package q931

import (
	"strconv"

	"callbox/telephony"
	"callbox/telephony/machine"
)

// Side is the end of the interface that the machine is (Q.931 1.1).
type Side uint8

// The sides of an interface.
const (
	User Side = iota
	Network
)

// A Ref names a call on one D-channel (Q.931 4.3). Theirs says that the far end chose the value.
type Ref struct {
	Value  uint16 // 1 to 32767
	Theirs bool
}

// String is the reference as timers and traces name it: "o17", ours, or "t17", theirs.
func (r Ref) String() string {
	if r.Theirs {
		return "t" + strconv.Itoa(int(r.Value))
	}
	return "o" + strconv.Itoa(int(r.Value))
}

// A Number is a called, calling, connected or redirecting number with what is said about it (Q.931 4.5.8, 4.5.10). The zero
// Number is none.
type Number struct {
	Digits       string // 0-9 * #, at most telephony.MaxNumberLen
	Type         NumberType
	Plan         NumberPlan
	Presentation Presentation // of calling, connected and redirecting numbers
	Screening    Screening
}

// A Channel is the bearer that a message asks for (Q.931 4.5.13). Number 0 means that the message names none.
type Channel struct {
	Number    int // 1 to 15 and 17 to 31
	Exclusive bool
}

// A Setup is what is said of a call at its beginning.
type Setup struct {
	Called      Number
	Calling     Number
	Redirecting Number // who forwarded the call here last
	Display     string // UTF-8, at most 80 octets; what comes from the far end is untrusted text
	Bearer      Bearer // zero in a Call: Speech
	Channel     Channel
	Complete    bool // sending complete: no more digits follow (en-bloc)
	Progress    []Progress
}

// An Event is what comes to the machine: from the data link, from a timer, or as a verb of its owner. The set is closed.
type Event interface{ event() }

// What the data link and the timers tell.
type (
	// LinkUp: DL-ESTABLISH indication or confirm. LinkDown: DL-RELEASE indication or confirm.
	LinkUp   struct{}
	LinkDown struct{}
	// Received is a message in a DL-DATA or DL-UNIT-DATA indication.
	Received struct{ Octets []byte }
	// Expired is a timer that the machine started.
	Expired struct{ Timer machine.Timer }
)

// What the owner asks for. A verb that does not fit the call's state, because a message crossed it, does nothing.
type (
	// Call places an outgoing call; the Ref is one that FreeRef gave. Without a data link it is Released at once with cause 27,
	// so that its owner can try another span.
	Call struct {
		Ref   Ref
		Setup Setup
	}
	// MoreDigits sends digits of an outgoing call in overlap sending (5.1.3); Complete adds sending complete.
	MoreDigits struct {
		Ref      Ref
		Digits   string
		Complete bool
	}
	// AskDigits wants more digits of an incoming call: SETUP ACKNOWLEDGE (5.2.4). Whichever of the answers is the first names
	// the channel, and none means the one that SETUP asked for; later answers do not change it.
	AskDigits struct {
		Ref      Ref
		Channel  Channel
		Progress []Progress
	}
	// Proceed tells that an incoming call has all it needs: CALL PROCEEDING.
	Proceed struct {
		Ref      Ref
		Channel  Channel
		Progress []Progress
	}
	// Alert tells that the called party of an incoming call is being alerted.
	Alert struct {
		Ref      Ref
		Channel  Channel
		Progress []Progress
	}
	// TellProgress sends PROGRESS for an incoming call.
	TellProgress struct {
		Ref      Ref
		Cause    telephony.Cause // 0: none
		Progress []Progress
	}
	// Connect answers an incoming call.
	Connect struct {
		Ref       Ref
		Channel   Channel
		Connected Number
	}
	// Clear ends a call from any state, in the way that the state wants: RELEASE COMPLETE for a SETUP that nothing answered,
	// DISCONNECT, or RELEASE after the far end's DISCONNECT. The network side may say by Progress that a tone or an announcement
	// follows (5.4.1): the bearer stays until the far end releases, a second Clear, or T306.
	Clear struct {
		Ref      Ref
		Cause    telephony.Cause // 0: 16
		Progress []Progress
	}
	// Restart makes channels idle at both ends (5.5); none means all of the interface. Calls on them are Released first. At
	// most 32 wait for each other; one more fails at once, and so do all without a data link.
	Restart struct{ Channels []int }
	// Enquire sends STATUS ENQUIRY for a call (5.8.10).
	Enquire struct{ Ref Ref }
)

// An Action is what the machine wants done: machine.Start and machine.Stop, or one of the types below.
type Action any

// What goes down.
type (
	// Send is a DL-DATA request. The octets are not changed afterwards.
	Send struct{ Octets []byte }
	// Establish is a DL-ESTABLISH request: a call wants the link, or calls wait for it, at every LinkDown anew (5.8.9).
	Establish struct{}
)

// What goes up. Every call that Incoming told or Call began ends in exactly one Released, after which its Ref is free.
type (
	// Incoming is a SETUP (5.2.1). The owner answers with AskDigits, Proceed, Alert, Connect or Clear.
	Incoming struct {
		Ref   Ref
		Setup Setup
	}
	// Digits came for a call in overlap receiving (5.2.4). They are Complete too when none came for T302: the owner then takes
	// what it has, or Clears with cause 28.
	Digits struct {
		Ref      Ref
		Digits   string
		Complete bool
	}
	// DigitsWanted is SETUP ACKNOWLEDGE for an outgoing call (5.1.3).
	DigitsWanted struct {
		Ref      Ref
		Channel  Channel
		Progress []Progress
	}
	// Proceeding, Alerting, Progressing and Connected are what the far end of an outgoing call told.
	Proceeding struct {
		Ref      Ref
		Channel  Channel
		Progress []Progress
	}
	Alerting struct {
		Ref      Ref
		Channel  Channel
		Progress []Progress
	}
	Progressing struct {
		Ref      Ref
		Cause    telephony.Cause // 0: none
		Progress []Progress
	}
	Connected struct {
		Ref      Ref
		Channel  Channel
		Number   Number
		Progress []Progress
	}
	// Active: an incoming call that was answered is through (CONNECT ACKNOWLEDGE, or the network's own).
	Active struct{ Ref Ref }
	// Disconnecting: the far end clears with DISCONNECT. The bearer is still there, with tones or announcements if Progress
	// says so (5.3.4, 5.4.1); the owner answers with Clear.
	Disconnecting struct {
		Ref      Ref
		Cause    telephony.Cause
		Progress []Progress
	}
	// Released is a call's end. Maintenance says that the channel may not be used until it is restarted, because the far end
	// never confirmed its release (T308 twice, 5.3.3).
	Released struct {
		Ref         Ref
		Cause       telephony.Cause
		Location    Location
		ByUs        bool
		Maintenance bool
	}
	// Restarted: the far end restarted channels, none meaning all; their calls have been Released before. The machine
	// acknowledges by itself.
	Restarted struct{ Channels []int }
	// RestartDone ends a Restart of ours. Failed says that the far end did not acknowledge it twice (T316), or that the data
	// link is lost. A far end that acknowledges only some of the channels makes two of it.
	RestartDone struct {
		Channels []int
		Failed   bool
	}
	// Odd is a message or a verb that the state does not permit, or that could not be read: for the journal. Ref is zero
	// where it concerns no call.
	Odd struct {
		Ref  Ref
		What string
	}
)

func (LinkUp) event()       {}
func (LinkDown) event()     {}
func (Received) event()     {}
func (Expired) event()      {}
func (Call) event()         {}
func (MoreDigits) event()   {}
func (AskDigits) event()    {}
func (Proceed) event()      {}
func (Alert) event()        {}
func (TellProgress) event() {}
func (Connect) event()      {}
func (Clear) event()        {}
func (Restart) event()      {}
func (Enquire) event()      {}

// A verb is an event that asks something of one call.
type verb interface {
	Event
	ref() Ref
}

func (e MoreDigits) ref() Ref   { return e.Ref }
func (e AskDigits) ref() Ref    { return e.Ref }
func (e Proceed) ref() Ref      { return e.Ref }
func (e Alert) ref() Ref        { return e.Ref }
func (e TellProgress) ref() Ref { return e.Ref }
func (e Connect) ref() Ref      { return e.Ref }
func (e Clear) ref() Ref        { return e.Ref }
func (e Enquire) ref() Ref      { return e.Ref }
