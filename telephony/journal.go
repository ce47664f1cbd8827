package telephony

import (
	"encoding/json"
	"fmt"
	"time"
)

// A Journal is the truth about what happened. Call records, reports, the wallboard and lamps are its readers.
type Journal interface {
	// Append posts an entry and returns at once; the journal numbers it and makes it durable within a second. It sets Seq,
	// Time, Mono and Boot.
	Append(Entry)
}

// An Entry is one thing that happened, to a call or to the box.
type Entry struct {
	Seq  uint64        `json:"seq"`            // counts up by one over the life of the box
	Time time.Time     `json:"time"`           // UTC wall clock
	Mono time.Duration `json:"mono"`           // nanoseconds since the start of the box, which no clock change moves
	Boot uint32        `json:"boot"`           // number of the box's start
	Call CallID        `json:"call,omitempty"` // empty for what concerns no call
	Fact Fact          `json:"-"`              // in JSON: "kind" and "fact"
}

// A Fact is what an entry tells. Every fact type is listed in facts below; its Kind is its name on disk for ever.
type Fact interface{ Kind() string }

// Direction says where a call came from.
type Direction string

// The directions of a call.
const (
	Inbound      Direction = "in"       // by a line
	Outbound     Direction = "out"      // from a phone to the outside
	InternalCall Direction = "internal" // from a phone to a phone, a queue or a menu
)

// An Outcome is how a call ended for the business. Every call ends in exactly one.
type Outcome string

// The outcomes of a call (A11.1, A11.3). The sum over all outcomes of the inbound calls equals the calls offered.
const (
	OutcomeAnswered    Outcome = "answered"      // a person took it
	OutcomeVoicemail   Outcome = "voicemail"     // a message was left
	OutcomeSelfService Outcome = "self_service"  // the menu served the caller to the end and the box hung up
	OutcomeForwarded   Outcome = "forwarded"     // an outside number took it (duty mobile)
	OutcomeLostInMenu  Outcome = "lost_in_menu"  // the caller hung up in a menu or announcement
	OutcomeLostInQueue Outcome = "lost_in_queue" // the caller hung up while waiting, or while an agent was being rung
	OutcomeLostRinging Outcome = "lost_ringing"  // the caller hung up before the box or a phone answered
	OutcomeNoAnswer    Outcome = "no_answer"     // nobody took it and nothing was left to try
	OutcomeBusy        Outcome = "busy"          // the called party was busy and nothing was left to try
	OutcomeRefused     Outcome = "refused"       // black list, dial plan or a number that does not exist
	OutcomeCongestion  Outcome = "congestion"    // no line, or the box was full
	OutcomeFailed      Outcome = "failed"        // a fault of the box or of a line
	OutcomeInterrupted Outcome = "interrupted"   // the box went down in mid-call
)

// Facts of a call, in the order of a typical story.
type (
	// CallArrived opens a call's story.
	CallArrived struct {
		Direction Direction `json:"direction"`
		Line      string    `json:"line"`
		Leg       string    `json:"leg,omitempty"` // the caller's
		Caller    Caller    `json:"caller"`
		Called    string    `json:"called,omitempty"`
		Agent     string    `json:"agent,omitempty"` // who sits at the phone that calls
		// Redirecting is the number that forwarded the call here.
		Redirecting string `json:"redirecting,omitempty"`
	}
	// CallerIdentified: the number came after the arrival.
	CallerIdentified struct {
		Caller Caller `json:"caller"`
	}
	// CallWaited: somebody else called the line of a leg, and the exchange said who.
	CallWaited struct {
		Leg    string `json:"leg"`
		Caller Caller `json:"caller"`
	}
	// Routed says where a call was sent, by which rule, and why (idea 9). Candidates are what was looked at, best first.
	Routed struct {
		Target     Target   `json:"target"`
		Rule       string   `json:"rule"` // "route/night", "queue/sales overflow", "menu/main key 1", "blacklist"
		Why        Text     `json:"why"`
		Candidates []string `json:"candidates,omitempty"`
		// Closed is the period, "off" or "holiday", where that decided it: the call came outside of opening hours (A5.4).
		Closed string `json:"closed,omitempty"`
	}
	// CallAnswered: the box took the caller's call (from here on it may cost money).
	CallAnswered struct{}
	// MenuEntered: the caller hears a menu.
	MenuEntered struct {
		Menu string `json:"menu"`
	}
	// MenuKey: keys ended an input of a menu. Result is "target", "invalid", "timeout" or "restart".
	MenuKey struct {
		Menu   string `json:"menu"`
		Keys   string `json:"keys"`
		Result string `json:"result"`
	}
	// Announced: a prompt was played to the end or cut by a key.
	Announced struct {
		Prompt string `json:"prompt"`
	}
	// Queued: the caller waits.
	Queued struct {
		Queue    string `json:"queue"`
		Position int    `json:"position"` // from 1
		Priority int    `json:"priority"`
	}
	// Unqueued: the caller waits no longer. Reason: "answered", "left", "key", "timeout", "full", "no_agents", "closed".
	Unqueued struct {
		Queue  string        `json:"queue"`
		Reason string        `json:"reason"`
		Waited time.Duration `json:"waited"` // nanoseconds
	}
	// Offered: an agent's phone is being rung for this call. Why names the strategy and what decided.
	Offered struct {
		Queue string `json:"queue"`
		Agent string `json:"agent"`
		Phone string `json:"phone"` // the line that is rung
		Why   string `json:"why"`   // "longest_idle: idle 42s, level 1"
	}
	// OfferEnded: what came of an offer.
	OfferEnded struct {
		Queue  string        `json:"queue"`
		Agent  string        `json:"agent"`
		Result OfferResult   `json:"result"`
		Rang   time.Duration `json:"rang"` // nanoseconds
	}
	// Dialed: an outgoing leg was started for this call.
	Dialed struct {
		Line string `json:"line"`
		Leg  string `json:"leg,omitempty"`
		To   string `json:"to,omitempty"`
		Rule string `json:"rule,omitempty"` // the outbound rule that chose the line
	}
	// LegRinging: an outgoing leg alerts.
	LegRinging struct {
		Leg string `json:"leg"`
	}
	// LegAnswered: the far end of an outgoing leg took the call.
	LegAnswered struct {
		Leg   string `json:"leg"`
		Agent string `json:"agent,omitempty"`
	}
	// Bridged: two legs hear each other from here on.
	Bridged struct {
		A     string `json:"a"`
		B     string `json:"b"`
		Agent string `json:"agent,omitempty"`
	}
	// LegHeld: a party was put on hold or taken back.
	LegHeld struct {
		Leg string `json:"leg"`
		On  bool   `json:"on"`
	}
	// Originated: somebody asked for the call at the page or by the API; the caller's leg was dialled by the box.
	Originated struct {
		By string `json:"by"`
		To Target `json:"to"`
	}
	// Consulting: By talks with another party while the others hear music.
	Consulting struct {
		By    string `json:"by"` // leg
		With  string `json:"with"`
		Agent string `json:"agent,omitempty"` // at the leg With
	}
	// Conferenced: these legs hear each other from here on, and nobody else.
	Conferenced struct {
		Legs []string `json:"legs"`
	}
	// Transferred: a party put the others through. How: "blind", "attended", "take_over".
	Transferred struct {
		By    string `json:"by"`              // leg
		Agent string `json:"agent,omitempty"` // at it
		To    Target `json:"to"`
		How   string `json:"how"`
	}
	// Parked: the call waits in a slot until somebody fetches it.
	Parked struct {
		Slot int    `json:"slot"`
		By   string `json:"by"` // leg
	}
	// PickedUp: somebody took a call that rang elsewhere, or that was parked.
	PickedUp struct {
		Leg   string `json:"leg"`
		Agent string `json:"agent,omitempty"`
	}
	// Monitored: somebody listens to the conversation. Mode: "listen", "whisper", "barge", "take_over", or "" when it is
	// over.
	Monitored struct {
		Leg  string `json:"leg"`
		Mode string `json:"mode"`
		By   string `json:"by"`
	}
	// RoomEntered: the caller is in a conference room from here on. RoomLeft: no longer.
	RoomEntered struct {
		Room string `json:"room"`
	}
	RoomLeft struct {
		Room string `json:"room"`
	}
	// LegGiven: a leg went over to another call; LegTaken: one came from there.
	LegGiven struct {
		Leg string `json:"leg"`
		To  CallID `json:"to"`
	}
	LegTaken struct {
		Leg  string `json:"leg"`
		Line string `json:"line"`
		From CallID `json:"from"`
	}
	// DataAttached: what travels with the call was changed (A2.22). An empty value takes a key away.
	DataAttached struct {
		Data map[string]string `json:"data"`
		By   string            `json:"by"`
	}
	// Polled: the agent hung up, and the caller is asked how satisfied they are. The vote is of that agent and of the queue.
	Polled struct {
		Queue string `json:"queue"`
		Agent string `json:"agent"`
	}
	// Voted: the caller's answer.
	Voted struct {
		Queue string `json:"queue"`
		Agent string `json:"agent"`
		Vote  Vote   `json:"vote"`
	}
	// RecordingStarted: from here on both directions are written.
	RecordingStarted struct {
		Recording string `json:"recording"` // id, unique for ever
		Purpose   string `json:"purpose"`   // "call", "voicemail", "on_demand"
		Agent     string `json:"agent,omitempty"`
	}
	// RecordingPaused: the recording is silent from here on, or runs again.
	RecordingPaused struct {
		Recording string `json:"recording"`
		On        bool   `json:"on"`
		By        string `json:"by"`
	}
	// Recorded closes a recording. Octets is what is known to be on disk: a tail beyond it is not speech.
	Recorded struct {
		Recording string        `json:"recording"`
		File      string        `json:"file"`          // below the recordings folder
		Octets    int64         `json:"octets"`        // of audio
		Length    time.Duration `json:"length"`        // nanoseconds
		Gap       time.Duration `json:"gap,omitempty"` // silence that stands for frames that the disk did not take or that were never made
		Purpose   string        `json:"purpose"`
		Agent     string        `json:"agent,omitempty"`
		Problem   string        `json:"problem,omitempty"` // "disk_full", "interrupted"
	}
	// VoicemailLeft: a message waits in a mailbox.
	VoicemailLeft struct {
		Mailbox   string `json:"mailbox"`
		Recording string `json:"recording"`
	}
	// VoicemailHeard: somebody heard a message, or made it new again.
	VoicemailHeard struct {
		Recording string `json:"recording"`
		By        string `json:"by"`
		New       bool   `json:"new,omitempty"`
	}
	// CallNoted: an agent wrote down what a call was about. The newest note of a call stands.
	CallNoted struct {
		Arrived   time.Time `json:"arrived,omitzero"`    // the call's, by which its record is found; notes of earlier versions lack it
		Complaint bool      `json:"complaint,omitempty"` // its code was one of Site.Complaints

		Number string `json:"number"` // the other party's
		Agent  string `json:"agent,omitempty"`
		By     string `json:"by"`
		Code   string `json:"code,omitempty"` // one of Site.Codes
		Text   string `json:"text,omitempty"`
	}
	// CallScored: a supervisor judged a call that is over. The newest score of a call stands.
	CallScored struct {
		Arrived time.Time `json:"arrived"` // the call's, by which its record is found
		Agent   string    `json:"agent"`   // whose part in it it is about
		Points  int       `json:"points"`  // 0 to 100
		Note    string    `json:"note,omitempty"`
		By      string    `json:"by"`
	}
	// CallJudged: a supervisor judged the complaint that a call was. The newest judgment stands.
	CallJudged struct {
		Arrived time.Time `json:"arrived"` // the call's
		Founded bool      `json:"founded"`
		Note    string    `json:"note,omitempty"`
		By      string    `json:"by"`
	}
	// LegSpeech: something is wrong with a leg's speech from here on, or nothing is any more.
	LegSpeech struct {
		Leg   string      `json:"leg"`
		Fault SpeechFault `json:"fault"`
	}
	// LegQuality: how the speech of a leg over a network fared, told as it ends.
	LegQuality struct {
		Leg string `json:"leg"`
		Quality
	}
	// LegReleased: a leg of the call is gone.
	LegReleased struct {
		Leg        string  `json:"leg"`
		Cause      Cause   `json:"cause"`
		ByBox      bool    `json:"by_box"`
		Witness    Witness `json:"witness,omitempty"`
		Confidence float64 `json:"confidence,omitempty"` // how sure the witnesses made the box, 0 to 1; 0 where nobody judged
	}
	// CallEnded closes a call's story. By is "caller", "agent" (or phone), "box": who ended the conversation, whatever a poll came to
	// after it.
	CallEnded struct {
		Outcome Outcome `json:"outcome"`
		Cause   Cause   `json:"cause"`
		By      string  `json:"by"`
	}
)

// OfferResult is what came of ringing one agent.
type OfferResult string

// The results of an offer.
const (
	OfferAnswered   OfferResult = "answered"
	OfferNoAnswer   OfferResult = "no_answer"   // rang for the queue's ring time (A4.7)
	OfferRejected   OfferResult = "rejected"    // the agent pressed the call away
	OfferFailed     OfferResult = "failed"      // the phone was busy, gone or could not be rung
	OfferElsewhere  OfferResult = "elsewhere"   // another agent answered first
	OfferCallerLeft OfferResult = "caller_left" // the caller hung up or left the queue
	OfferWithdrawn  OfferResult = "withdrawn"   // the agent's state changed while it rang (pain 4)
)

// Facts of the box.
type (
	// BoxStarted: the program runs. Clean says that the last stop was orderly.
	BoxStarted struct {
		Version string `json:"version"`
		Board   string `json:"board"`
		Clean   bool   `json:"clean"`
	}
	// BoxStopped: an orderly stop.
	BoxStopped struct{}
	// AgentChanged: an agent's state as acd sees it. By is "page", "phone", "queue", "call", "config".
	AgentChanged struct {
		Agent  string     `json:"agent"`
		State  AgentState `json:"state"`
		Reason string     `json:"reason,omitempty"`
		Phone  string     `json:"phone,omitempty"`
		By     string     `json:"by"`
	}
	// LineStateChanged: a line went out of service or came back.
	LineStateChanged struct {
		Line   string    `json:"line"`
		State  LineState `json:"state"`
		Detail string    `json:"detail,omitempty"`
	}
	// ConfigApplied: a new configuration is in force.
	ConfigApplied struct {
		Revision uint64 `json:"revision"`
		Who      string `json:"who"`
	}
	// Alarm is raised or cleared. Name is its stable key ("disk_full", "line_fault/fxo/1").
	Alarm struct {
		Name     string   `json:"name"`
		On       bool     `json:"on"`
		Message  Text     `json:"message"`
		Severity Severity `json:"severity"` // the journal sets it
	}
	// RecordingDeleted: retention removed a recording. Reason: "age", "space", "user".
	RecordingDeleted struct {
		Recording string `json:"recording"`
		Reason    string `json:"reason"`
		Who       string `json:"who,omitempty"`
	}
	// Oddity is something that should not have come: a message a state does not permit, a bad packet. Counted and kept.
	Oddity struct {
		Where string `json:"where"`
		What  string `json:"what"`
	}
	// Panicked: a fault in the program ended one call.
	Panicked struct {
		Where string `json:"where"`
		What  string `json:"what"`
		Stack string `json:"stack"`
	}
	// JournalGap: so many entries did not fit the journal's box and are lost.
	JournalGap struct {
		Lost uint64 `json:"lost"`
	}
)

// Kind is the name of the fact on disk.
func (CallArrived) Kind() string      { return "call_arrived" }
func (CallerIdentified) Kind() string { return "caller_identified" }
func (CallWaited) Kind() string       { return "call_waited" }
func (Routed) Kind() string           { return "routed" }
func (CallAnswered) Kind() string     { return "call_answered" }
func (MenuEntered) Kind() string      { return "menu_entered" }
func (MenuKey) Kind() string          { return "menu_key" }
func (Announced) Kind() string        { return "announced" }
func (Queued) Kind() string           { return "queued" }
func (Unqueued) Kind() string         { return "unqueued" }
func (Offered) Kind() string          { return "offered" }
func (OfferEnded) Kind() string       { return "offer_ended" }
func (Dialed) Kind() string           { return "dialed" }
func (LegRinging) Kind() string       { return "leg_ringing" }
func (LegAnswered) Kind() string      { return "leg_answered" }
func (Bridged) Kind() string          { return "bridged" }
func (LegHeld) Kind() string          { return "leg_held" }
func (Originated) Kind() string       { return "originated" }
func (Consulting) Kind() string       { return "consulting" }
func (Conferenced) Kind() string      { return "conferenced" }
func (Transferred) Kind() string      { return "transferred" }
func (Parked) Kind() string           { return "parked" }
func (PickedUp) Kind() string         { return "picked_up" }
func (Monitored) Kind() string        { return "monitored" }
func (RoomEntered) Kind() string      { return "room_entered" }
func (RoomLeft) Kind() string         { return "room_left" }
func (LegGiven) Kind() string         { return "leg_given" }
func (LegTaken) Kind() string         { return "leg_taken" }
func (DataAttached) Kind() string     { return "data_attached" }
func (Polled) Kind() string           { return "polled" }
func (Voted) Kind() string            { return "voted" }
func (RecordingStarted) Kind() string { return "recording_started" }
func (RecordingPaused) Kind() string  { return "recording_paused" }
func (Recorded) Kind() string         { return "recorded" }
func (VoicemailHeard) Kind() string   { return "voicemail_heard" }
func (VoicemailLeft) Kind() string    { return "voicemail_left" }
func (CallNoted) Kind() string        { return "call_noted" }
func (CallScored) Kind() string       { return "call_scored" }
func (CallJudged) Kind() string       { return "call_judged" }
func (LegSpeech) Kind() string        { return "leg_speech" }
func (LegQuality) Kind() string       { return "leg_quality" }
func (LegReleased) Kind() string      { return "leg_released" }
func (CallEnded) Kind() string        { return "call_ended" }
func (BoxStarted) Kind() string       { return "box_started" }
func (BoxStopped) Kind() string       { return "box_stopped" }
func (AgentChanged) Kind() string     { return "agent_changed" }
func (LineStateChanged) Kind() string { return "line_state_changed" }
func (ConfigApplied) Kind() string    { return "config_applied" }
func (Alarm) Kind() string            { return "alarm" }
func (RecordingDeleted) Kind() string { return "recording_deleted" }
func (Oddity) Kind() string           { return "oddity" }
func (Panicked) Kind() string         { return "panicked" }
func (JournalGap) Kind() string       { return "journal_gap" }

// decoders reads each kind of fact back.
var decoders = map[string]func(json.RawMessage) (Fact, error){}

func init() {
	register[CallArrived]()
	register[CallerIdentified]()
	register[CallWaited]()
	register[Routed]()
	register[CallAnswered]()
	register[MenuEntered]()
	register[MenuKey]()
	register[Announced]()
	register[Queued]()
	register[Unqueued]()
	register[Offered]()
	register[OfferEnded]()
	register[Dialed]()
	register[LegRinging]()
	register[LegAnswered]()
	register[Bridged]()
	register[LegHeld]()
	register[Originated]()
	register[Consulting]()
	register[Conferenced]()
	register[Transferred]()
	register[Parked]()
	register[PickedUp]()
	register[Monitored]()
	register[RoomEntered]()
	register[RoomLeft]()
	register[LegGiven]()
	register[LegTaken]()
	register[DataAttached]()
	register[Polled]()
	register[Voted]()
	register[RecordingStarted]()
	register[RecordingPaused]()
	register[Recorded]()
	register[VoicemailLeft]()
	register[VoicemailHeard]()
	register[CallNoted]()
	register[CallScored]()
	register[CallJudged]()
	register[LegSpeech]()
	register[LegQuality]()
	register[LegReleased]()
	register[CallEnded]()
	register[BoxStarted]()
	register[BoxStopped]()
	register[AgentChanged]()
	register[LineStateChanged]()
	register[ConfigApplied]()
	register[Alarm]()
	register[RecordingDeleted]()
	register[Oddity]()
	register[Panicked]()
	register[JournalGap]()
}

func register[F Fact]() {
	var zero F
	decoders[zero.Kind()] = func(raw json.RawMessage) (Fact, error) {
		var f F
		err := json.Unmarshal(raw, &f)
		return f, err
	}
}

// entryJSON is an entry's form on disk and on the wire.
type entryJSON struct {
	plainEntry
	Kind string          `json:"kind"`
	Fact json.RawMessage `json:"fact"`
}

type plainEntry Entry

// MarshalJSON writes the entry with its kind.
func (e Entry) MarshalJSON() ([]byte, error) {
	if e.Fact == nil {
		return nil, fmt.Errorf("journal entry %d has no fact", e.Seq)
	}
	fact, err := json.Marshal(e.Fact)
	if err != nil {
		return nil, err
	}
	return json.Marshal(entryJSON{plainEntry(e), e.Fact.Kind(), fact})
}

// UnmarshalJSON reads an entry. A kind of a later version of the box becomes an Oddity, so that an older box can read on.
func (e *Entry) UnmarshalJSON(b []byte) error {
	var j entryJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*e = Entry(j.plainEntry)
	decode, ok := decoders[j.Kind]
	if !ok {
		e.Fact = Oddity{Where: "journal", What: "unknown kind " + j.Kind}
		return nil
	}
	var err error
	e.Fact, err = decode(j.Fact)
	return err
}
