package q931

import (
	"fmt"

	"callbox/telephony"
)

// A MessageType is a message by its code point (Q.931 table 4-2).
type MessageType uint8

// The messages of circuit-switched calls, and those of services that the box does not offer.
const (
	TypeAlerting           MessageType = 0x01
	TypeCallProceeding     MessageType = 0x02
	TypeProgress           MessageType = 0x03
	TypeSetup              MessageType = 0x05
	TypeConnect            MessageType = 0x07
	TypeSetupAcknowledge   MessageType = 0x0D
	TypeConnectAcknowledge MessageType = 0x0F
	TypeUserInformation    MessageType = 0x20
	TypeSuspendReject      MessageType = 0x21
	TypeResumeReject       MessageType = 0x22
	TypeSuspend            MessageType = 0x25
	TypeResume             MessageType = 0x26
	TypeSuspendAcknowledge MessageType = 0x2D
	TypeResumeAcknowledge  MessageType = 0x2E
	TypeDisconnect         MessageType = 0x45
	TypeRestart            MessageType = 0x46
	TypeRelease            MessageType = 0x4D
	TypeRestartAcknowledge MessageType = 0x4E
	TypeReleaseComplete    MessageType = 0x5A
	TypeSegment            MessageType = 0x60
	TypeFacility           MessageType = 0x62
	TypeNotify             MessageType = 0x6E
	TypeStatusEnquiry      MessageType = 0x75
	TypeCongestionControl  MessageType = 0x79
	TypeInformation        MessageType = 0x7B
	TypeStatus             MessageType = 0x7D
)

var messageNames = map[MessageType]string{
	TypeAlerting: "ALERTING", TypeCallProceeding: "CALL PROCEEDING", TypeProgress: "PROGRESS", TypeSetup: "SETUP",
	TypeConnect: "CONNECT", TypeSetupAcknowledge: "SETUP ACKNOWLEDGE", TypeConnectAcknowledge: "CONNECT ACKNOWLEDGE",
	TypeUserInformation: "USER INFORMATION", TypeSuspendReject: "SUSPEND REJECT", TypeResumeReject: "RESUME REJECT",
	TypeSuspend: "SUSPEND", TypeResume: "RESUME", TypeSuspendAcknowledge: "SUSPEND ACKNOWLEDGE",
	TypeResumeAcknowledge: "RESUME ACKNOWLEDGE", TypeDisconnect: "DISCONNECT", TypeRestart: "RESTART", TypeRelease: "RELEASE",
	TypeRestartAcknowledge: "RESTART ACKNOWLEDGE", TypeReleaseComplete: "RELEASE COMPLETE", TypeSegment: "SEGMENT",
	TypeFacility: "FACILITY", TypeNotify: "NOTIFY", TypeStatusEnquiry: "STATUS ENQUIRY",
	TypeCongestionControl: "CONGESTION CONTROL", TypeInformation: "INFORMATION", TypeStatus: "STATUS",
}

// String is the message's name in capital letters, as the recommendation writes it.
func (t MessageType) String() string {
	if name, ok := messageNames[t]; ok {
		return name
	}
	return fmt.Sprintf("message %02X", uint8(t))
}

// An element is an information element of codeset 0 by its identifier (table 4-3).
type element uint8

// The elements that a telephone call needs. Those of one octet have bit 8 set.
const (
	elementSegmented   element = 0x00
	elementBearer      element = 0x04
	elementCause       element = 0x08
	elementState       element = 0x14
	elementChannel     element = 0x18
	elementProgress    element = 0x1E
	elementDisplay     element = 0x28
	elementConnected   element = 0x4C // Q.951
	elementCalling     element = 0x6C
	elementCalled      element = 0x70
	elementRedirecting element = 0x74
	elementRestart     element = 0x79
	elementShift       element = 0x90 // and the codeset in bits 1 to 3, 0x08 for one element only (4.5.2)
	elementComplete    element = 0xA1
)

// passed are the elements that the box knows and has no use for: call identity, facility, network-specific facilities,
// notification indicator, date and time, keypad facility, signal, switchhook, feature activation and indication, service
// profile and endpoint, information rate, transit delays, packet parameters, closed user group, reverse charging, connected
// subaddress, calling and called subaddress, redirection number, transit network selection, compatibilities, user-user,
// escape; and repeat indicator, congestion level and more data.
var passed = func() (known [256]bool) {
	for _, id := range []element{
		elementSegmented, 0x10, 0x1C, 0x20, 0x27, 0x29, 0x2C, 0x34, 0x36, 0x38, 0x39, 0x3A, 0x3B, 0x40, 0x42, 0x43, 0x44, 0x45,
		0x46, 0x47, 0x4A, 0x4D, 0x6D, 0x71, 0x76, 0x78, 0x7C, 0x7D, 0x7E, 0x7F, 0xA0,
	} {
		known[id] = true
	}
	for value := range element(16) {
		known[0xB0|value], known[0xD0|value] = true, true
	}
	return known
}()

// needed reports whether a receiver that does not know the element must not act on the message: "comprehension required"
// (table 4-3).
func (e element) needed() bool { return e < 0x10 }

// The causes that call control itself gives, besides those of package telephony (Q.850 table 1).
const (
	causeChannelUnacceptable telephony.Cause = 6
	causeStatusEnquiry       telephony.Cause = 30  // response to STATUS ENQUIRY
	causeChannelUnavailable  telephony.Cause = 44  // requested circuit or channel not available
	causeBadReference        telephony.Cause = 81  // invalid call reference value
	causeElementMissing      telephony.Cause = 96  // mandatory information element is missing
	causeUnknownMessage      telephony.Cause = 97  // message type non-existent or not implemented
	causeUnknownElement      telephony.Cause = 99  // information element non-existent or not implemented
	causeBadElement          telephony.Cause = 100 // invalid information element contents
	causeWrongState          telephony.Cause = 101 // message not compatible with call state
)

// A Location is where a cause or a progress indicator comes from (4.5.12, 4.5.23).
type Location uint8

// The locations.
const (
	LocationUser          Location = 0
	LocationPrivateLocal  Location = 1 // private network serving the local user
	LocationPublicLocal   Location = 2 // public network serving the local user
	LocationTransit       Location = 3
	LocationPublicRemote  Location = 4 // public network serving the remote user
	LocationPrivateRemote Location = 5 // private network serving the remote user
	LocationInternational Location = 7
	LocationBeyond        Location = 10 // network beyond an interworking point
)

// location is what the side writes into its own causes.
func (s Side) location() Location {
	if s == Network {
		return LocationPublicLocal
	}
	return LocationUser
}

// A NumberType is a type of number (table 4-10).
type NumberType uint8

// The types of number.
const (
	NumberUnknown       NumberType = 0
	NumberInternational NumberType = 1
	NumberNational      NumberType = 2
	NumberNetwork       NumberType = 3 // network specific
	NumberSubscriber    NumberType = 4
	NumberAbbreviated   NumberType = 6
)

// A NumberPlan is a numbering plan (table 4-10).
type NumberPlan uint8

// The numbering plans.
const (
	PlanUnknown  NumberPlan = 0
	PlanISDN     NumberPlan = 1 // E.164
	PlanNational NumberPlan = 8
	PlanPrivate  NumberPlan = 9
)

// A Presentation says whether a number may be shown (table 4-11).
type Presentation uint8

// The presentations.
const (
	PresentationAllowed     Presentation = 0
	PresentationRestricted  Presentation = 1
	PresentationUnavailable Presentation = 2 // not available due to interworking
)

// A Screening says who vouches for a number (table 4-11).
type Screening uint8

// The screenings.
const (
	ScreeningNone    Screening = 0 // user provided, not screened
	ScreeningPassed  Screening = 1 // user provided, verified and passed
	ScreeningFailed  Screening = 2 // user provided, verified and failed
	ScreeningNetwork Screening = 3 // network provided
)

// A Transfer is an information transfer capability (table 4-6).
type Transfer uint8

// The information transfer capabilities.
const (
	TransferSpeech     Transfer = 0x00
	TransferDigital    Transfer = 0x08 // unrestricted digital information
	TransferRestricted Transfer = 0x09 // restricted digital information
	TransferAudio      Transfer = 0x10 // 3.1 kHz audio
	TransferTones      Transfer = 0x11 // unrestricted digital information with tones and announcements
	TransferVideo      Transfer = 0x18
)

// A Layer1 is the coding of the bearer: a user information layer 1 protocol (table 4-6).
type Layer1 uint8

// The codings of speech.
const (
	Layer1MuLaw Layer1 = 2
	Layer1ALaw  Layer1 = 3
)

// Rate64 is the transfer mode and rate of a telephone call: circuit mode, 64 kbit/s (table 4-6).
const Rate64 = 0x10

// A Bearer is what is asked of the connection (4.5.5). The zero Bearer, in a Setup that is sent, means speech in A-law.
type Bearer struct {
	Transfer Transfer
	Rate     uint8  // transfer mode in bits 6 and 7, rate in bits 1 to 5; Rate64 for telephone calls
	Layer1   Layer1 // 0: not said
}

// Speech is the bearer of an ordinary telephone call outside North America and Japan.
var Speech = Bearer{Transfer: TransferSpeech, Rate: Rate64, Layer1: Layer1ALaw}

// A Progress tells what happened to a call on its way, or that there is something to hear (4.5.23).
type Progress struct {
	Description ProgressDescription
	Location    Location
	Standard    uint8 // whose description it is; 0: ITU-T, 2: national
}

// A ProgressDescription is what a progress indicator says (table 4-20).
type ProgressDescription uint8

// The progress descriptions.
const (
	NotEndToEnd        ProgressDescription = 1 // call is not end-to-end ISDN; further progress may be told in-band
	DestinationNotISDN ProgressDescription = 2
	OriginationNotISDN ProgressDescription = 3
	ReturnedToISDN     ProgressDescription = 4
	ServiceChanged     ProgressDescription = 5 // interworking resulted in a service change
	InBandInformation  ProgressDescription = 8 // in-band information or an appropriate pattern is now available
)

// InBand reports whether the progress indicators say that there is something to hear: a tone or an announcement.
func InBand(list []Progress) bool { return says(list, InBandInformation) }

// says reports whether one of the descriptions is in the list.
func says(list []Progress, descriptions ...ProgressDescription) bool {
	for _, p := range list {
		for _, d := range descriptions {
			if p.Standard == 0 && p.Description == d {
				return true
			}
		}
	}
	return false
}

// A Reason is a cause with what goes with it (4.5.12).
type Reason struct {
	Cause       telephony.Cause // 0: no reason
	Location    Location
	Diagnostics []byte // identifiers of elements, or a message type (table 4-13)
}

// String is the reason in short: "cause 96 (18)".
func (r Reason) String() string {
	if len(r.Diagnostics) == 0 {
		return fmt.Sprintf("cause %d", r.Cause)
	}
	return fmt.Sprintf("cause %d (% X)", r.Cause, r.Diagnostics)
}

// maxDiagnostics bounds the diagnostics of a cause, in octets (4.5.12).
const maxDiagnostics = 26

// Channels are what a channel identification names (4.5.13).
type Channels struct {
	Slots     uint32 // bit n is timeslot n; none: any channel will do, or the call has none
	Exclusive bool
}

// slots is every timeslot that can be a B-channel: 0 carries the frame, 16 signalling.
const slots = 0xFFFEFFFE

// A RestartClass says what a RESTART is about (4.5.25).
type RestartClass uint8

// The restart classes.
const (
	RestartChannels   RestartClass = 0 // the channels that the message names
	RestartInterface  RestartClass = 6 // a single interface
	RestartInterfaces RestartClass = 7 // all interfaces
)
