package telephony

import "time"

// Live is the box at this moment, as the page and the front panel show it: a snapshot, owned by nobody.
type Live struct {
	Time   time.Time    `json:"time"`
	Lines  []LineStatus `json:"lines"`
	Spans  []LiveSpan   `json:"spans"`
	Calls  []LiveCall   `json:"calls"`
	Queues []LiveQueue  `json:"queues"`
	Agents []LiveAgent  `json:"agents"`
	Rooms  []LiveRoom   `json:"rooms"`
	Alarms []LiveAlarm  `json:"alarms"`
	Closed []LiveHours  `json:"closed,omitempty"` // opening hours that routes go by and that are over now (A5.4)

	HandlingSeconds int `json:"handling_seconds"` // the target: whose call lasts longer talks too long (A11.13); 0: none
}

// LiveHours are opening hours, and what kind of time it is by them.
type LiveHours struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Period string `json:"period"` // "off" or "holiday"
}

// A LiveSpan is one E1: its signal, its D-channel and its bearers.
type LiveSpan struct {
	Span     string        `json:"span"` // the line's id, "e1/1"
	Name     string        `json:"name"`
	Side     string        `json:"side"`     // "user" or "network": the end of the interface that the box is
	Alarm    string        `json:"alarm"`    // "clear", "yellow", "red", "ais" or "los" (G.775)
	DChannel string        `json:"dchannel"` // "up" or "down": whether layer 2 is established
	Since    time.Time     `json:"since"`    // of the alarm or the D-channel's state, whichever changed last
	Counters SpanCounters  `json:"counters"` // since the start of the box
	Channels []LiveChannel `json:"channels"` // 1 to 15 and 17 to 31
}

// ChannelState is what a bearer is doing.
type ChannelState string

// The states of a bearer.
const (
	ChannelIdle        ChannelState = "idle"
	ChannelIncoming    ChannelState = "incoming" // a call came in and is not answered
	ChannelOutgoing    ChannelState = "outgoing" // a call goes out and is not answered
	ChannelTalking     ChannelState = "talking"
	ChannelClearing    ChannelState = "clearing"
	ChannelBlocked     ChannelState = "blocked"     // by people; a call in progress goes on
	ChannelMaintenance ChannelState = "maintenance" // the far end did not confirm a release: being restarted (Q.931 5.3.3)
	ChannelDown        ChannelState = "down"        // the span has an alarm, or its D-channel is down
)

// A LiveChannel is one bearer of a span.
type LiveChannel struct {
	Number  int          `json:"number"`
	State   ChannelState `json:"state"`
	Blocked bool         `json:"blocked,omitempty"` // by people, whatever the state: a call in progress goes on
	Leg     string       `json:"leg,omitempty"`     // of the call that has it
	Party   string       `json:"party,omitempty"`   // the number at the far end
	Since   time.Time    `json:"since"`
}

// SpanCounters count the errors of a span since the start of the box.
type SpanCounters struct {
	CodeViolations uint64 `json:"code_violations"` // HDB3 (G.703)
	CRC            uint64 `json:"crc"`             // CRC-4 blocks received wrong (G.704)
	FarEndCRC      uint64 `json:"far_end_crc"`     // blocks that the far end received wrong: E bits (G.704)
	FrameSlips     uint64 `json:"frame_slips"`
	BadFCS         uint64 `json:"bad_fcs"`  // D-channel frames with a wrong check sequence (Q.921 2.7)
	Aborts         uint64 `json:"aborts"`   // D-channel frames that the far end broke off (Q.921 2.8)
	Overruns       uint64 `json:"overruns"` // D-channel frames that were too long, or lost for want of room
	Odd            uint64 `json:"odd"`      // messages that the call's state did not permit, or that could not be read
}

// A LiveCall is one call in progress.
type LiveCall struct {
	ID        CallID      `json:"id"`
	Direction Direction   `json:"direction"`
	Line      string      `json:"line"`
	Caller    Caller      `json:"caller"`
	Called    string      `json:"called,omitempty"`
	State     string      `json:"state"`            // the call's state by name: "menu", "queue", "talk" ...
	Where     string      `json:"where"`            // the menu, queue or party of that state
	Closed    string      `json:"closed,omitempty"` // it came outside of opening hours: "off" or "holiday" (A5.4)
	Language  string      `json:"language"`         // in which the caller hears the box: "zh" or "en"
	Agent     string      `json:"agent,omitempty"`
	Queues    []string    `json:"queues,omitempty"` // that it came to, in that order
	Recording bool        `json:"recording"`
	Paused    bool        `json:"paused,omitempty"` // a recording that is paused
	Fault     SpeechFault `json:"fault,omitempty"`  // of a party's speech
	Since     time.Time   `json:"since"`            // arrival
	Talking   time.Time   `json:"talking,omitzero"` // first bridge
	Entered   time.Time   `json:"entered,omitzero"` // the conference room, if it is in one

	Parties []LiveParty       `json:"parties,omitempty"` // in the conversation, or being called
	Data    map[string]string `json:"data,omitempty"`    // attached to the call (A2.22); nobody changes it
}

// PartyState is what a party of a call is doing there.
type PartyState string

// The states of a party.
const (
	PartyCalled  PartyState = "called" // being rung
	PartyTalking PartyState = "talking"
	PartyAway    PartyState = "away"   // hears music: put on hold
	PartyListen  PartyState = "listen" // hears the others and is heard by nobody
	PartyWhisper PartyState = "whisper"
)

// A LiveParty is one leg of a call.
type LiveParty struct {
	Leg   string     `json:"leg"`
	Line  string     `json:"line"`
	Agent string     `json:"agent,omitempty"`
	State PartyState `json:"state"`
	Holds bool       `json:"holds,omitempty"` // the others, at its own telephone, which alone takes them back
	Mode  string     `json:"mode,omitempty"`  // of a supervisor who monitors: "listen", "whisper", "barge" or, while being called, "take_over"
	By    string     `json:"by,omitempty"`    // the account of that supervisor
}

// A LiveQueue is one queue and who waits in it.
type LiveQueue struct {
	ID       string       `json:"id"`
	Name     string       `json:"name"`
	Waiting  []LiveWaiter `json:"waiting"`
	Ready    int          `json:"ready"` // agents who could take a call now
	SignedIn int          `json:"signed_in"`
	Talking  int          `json:"talking"`

	AnswerSeconds int `json:"answer_seconds"` // the service level: who waits longer waits too long (A11.13)
}

// A LiveWaiter is one caller in a queue, best first.
type LiveWaiter struct {
	Call     CallID    `json:"call"`
	Caller   Caller    `json:"caller"`
	Since    time.Time `json:"since"`
	Priority int       `json:"priority"`
	Offered  []string  `json:"offered,omitempty"` // agents being rung for this caller
}

// AgentState is what an agent is doing (A5.1). Acd owns it; it follows from the sign-in, the agent's wish and the legs.
type AgentState string

// The states of an agent.
const (
	AgentSignedOut AgentState = "signed_out"
	AgentReady     AgentState = "ready"
	AgentBusy      AgentState = "busy" // by the agent's wish, or set by a call not answered (A4.7)
	AgentBreak     AgentState = "break"
	AgentRinging   AgentState = "ringing" // a call is being offered
	AgentTalking   AgentState = "talking"
	AgentWrapUp    AgentState = "wrap_up" // after-call work
)

// AgentDoing is what the talk of an agent is, beside an ordinary one: it follows from the call (A5.1).
type AgentDoing string

// What talks are.
const (
	DoingHold       AgentDoing = "hold"    // the other party is on hold, or the agent is
	DoingConsult    AgentDoing = "consult" // consults somebody, or is consulted, while the others are on hold
	DoingConference AgentDoing = "conference"
	DoingRoom       AgentDoing = "room"
	DoingOutbound   AgentDoing = "outbound"
)

// A LiveAgent is one agent.
type LiveAgent struct {
	ID     string     `json:"id"`
	Name   string     `json:"name"`
	State  AgentState `json:"state"`
	Reason string     `json:"reason,omitempty"`
	Doing  AgentDoing `json:"doing,omitempty"` // while talking: "hold", "consult", "conference", "room" or "outbound"
	After  AgentState `json:"after,omitempty"` // what the agent will be after the call and its wrap-up, if not ready
	Phone  string     `json:"phone,omitempty"` // the line that rings
	Call   CallID     `json:"call,omitempty"`
	Since  time.Time  `json:"since"`
	Until  time.Time  `json:"until,omitzero"` // end of wrap-up
	Asks   time.Time  `json:"asks,omitzero"`  // since when the agent asks for a break (A5.6)
	Queues []string   `json:"queues"`
}

// A LiveRoom is a conference room and the calls in it.
type LiveRoom struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Calls  []CallID `json:"calls"`
	Locked bool     `json:"locked"`

	Closing bool `json:"closing,omitempty"` // switched off or taken away: who is in it may stay, and nobody else gets in
}

// A LiveAlarm is an alarm that stands.
type LiveAlarm struct {
	Name     string    `json:"name"`
	Severity Severity  `json:"severity" enum:"fault,warning"` // a fault needs somebody now, and lights the lamp
	Message  Text      `json:"message"`
	Since    time.Time `json:"since"`
}
