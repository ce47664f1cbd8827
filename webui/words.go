package webui

import (
	"time"

	"callbox/telephony"
)

// The things that the verbs give and take. Their JSON is the API's.

// A Person is who asks: a user who signed in, a token, or root on the box itself.
type Person struct {
	Name  string `json:"name"` // as the audit names it: "lihua", "token:crm", "local:root"
	Role  Role   `json:"role"`
	Agent string `json:"agent,omitempty"` // the agent whom this user is, if any

	Queues []string `json:"queues,omitempty"` // of a supervisor's team, beyond which the supervisor sees nothing; absent: the whole box
}

// By is who does something, from where and why, for the audit.
type By struct {
	Who    string // Person.Name
	Source string // the address that it came from
	Why    string // as the person gave it; may be empty
}

// A Difference is one thing that two configurations do not agree on. Secrets are masked; that one changed still shows.
type Difference struct {
	Path   string `json:"path"` // "queues[sales].ring_seconds"
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}

// A Revision is one change of the configuration.
type Revision struct {
	Revision uint64    `json:"revision"`
	Time     time.Time `json:"time"`
	Who      string    `json:"who"`
	Why      string    `json:"why,omitempty"`
}

// An AuditLine is one thing that a person did. Its hash covers the line before.
type AuditLine struct {
	Seq    uint64    `json:"seq"`
	Time   time.Time `json:"time"`
	Who    string    `json:"who"`
	Action string    `json:"action"` // "config.put", "recording.heard", "session.refused" ...
	On     string    `json:"on,omitempty"`
	Detail string    `json:"detail,omitempty"`
	Source string    `json:"source,omitempty"` // the address that it came from
	Before string    `json:"before"`           // hash of the line before
	Hash   string    `json:"hash"`
}

// An AuditProof says what of the audit is kept, and whether a line of it was changed or taken out (A18.1).
type AuditProof struct {
	Lines  int       `json:"lines"`
	First  uint64    `json:"first"` // numbers of the oldest and the newest line that are kept, and when they were written
	From   time.Time `json:"from,omitzero"`
	Last   uint64    `json:"last"`
	To     time.Time `json:"to,omitzero"`
	Hash   string    `json:"hash"`             // of the newest, which stands for all before it: written down elsewhere, it shows a later change
	Broken uint64    `json:"broken,omitempty"` // the first line that does not follow from the one before

	Journal JournalProof `json:"journal"` // from which the call records are made
}

// A JournalProof says the same of the journal.
type JournalProof struct {
	Entries  uint64         `json:"entries"`
	First    uint64         `json:"first"`
	From     time.Time      `json:"from,omitzero"`
	Last     uint64         `json:"last"`
	To       time.Time      `json:"to,omitzero"`
	Segments []SegmentProof `json:"segments"`          // files, oldest first
	Gaps     []JournalHole  `json:"gaps"`              // the first 1000
	Damaged  int            `json:"damaged,omitempty"` // lines that cannot be read
	Hash     string         `json:"hash"`              // of what is kept up to the last entry: written down with its number, it can be asked for again
	Broken   uint64         `json:"broken,omitempty"`  // the first entry of the first file that does not follow from the one before
}

// A SegmentProof is one file of the journal. The digest of any but the last does not change any more.
type SegmentProof struct {
	First  uint64    `json:"first"`
	Last   uint64    `json:"last"`
	Time   time.Time `json:"time"`   // when it was begun
	Linked bool      `json:"linked"` // it names the digest of the one before; the box's earlier versions did not
	SHA256 string    `json:"sha256"`
}

// A JournalHole is entries that are not there.
type JournalHole struct {
	After   uint64 `json:"after"`
	Entries uint64 `json:"entries"`
}

// A CallQuery chooses call records. Empty fields fit every call.
type CallQuery struct {
	From      time.Time // arrived at or after
	To        time.Time // arrived before
	Number    string    // part of the caller's or the called number
	Direction telephony.Direction
	Outcome   telephony.Outcome
	Answered  string           // "yes": a person took it; "no"
	ForPerson string           // "yes": somebody should have answered it; "no"
	Hour      string           // of the site's day: "09"
	Line      string           // "*": any to the outside
	Queue     string           // "*": any
	Reason    string           // how the stays in the queue, or in any, ended; "unanswered": each but answered
	Agent     string           // "*": any
	Own       string           // the agent who talked in it, or dialled out in vain
	Menu      string           // "*": any
	Input     string           // that led on from the menu, or from any
	Closed    string           // it came outside of opening hours: "off" or "holiday"; "*": either
	Vote      string           // what the caller answered who was asked; "*": any vote, "asked": or none
	Complaint string           // "open", "founded", "unfounded"; "*": any
	Scored    string           // the agent for whose part a score was given; "*": any
	Team      *telephony.Team  // calls of it alone, and of "*" what is of it; nil: all
	Before    telephony.CallID // the page that begins after this call
	Limit     int              // records a page
}

// A CallRecord is one call as the business sees it, made from its journal.
type CallRecord struct {
	ID         telephony.CallID    `json:"id"`
	Direction  telephony.Direction `json:"direction"`
	Line       string              `json:"line"`
	Caller     telephony.Caller    `json:"caller"`
	Called     string              `json:"called,omitempty"`
	Calling    string              `json:"calling,omitempty"` // the agent at whose phone it began
	Arrived    time.Time           `json:"arrived"`
	Answered   time.Time           `json:"answered,omitzero"`  // the box took it
	Connected  time.Time           `json:"connected,omitzero"` // a person took it
	Ended      time.Time           `json:"ended,omitzero"`     // absent while it lasts
	Target     telephony.Target    `json:"target,omitempty"`   // of the first routing decision, with its rule and reason
	Rule       string              `json:"rule,omitempty"`
	Why        telephony.Text      `json:"why,omitzero"`
	Closed     string              `json:"closed,omitempty"` // it came outside of opening hours: "off" or "holiday"
	Queue      string              `json:"queue,omitempty"`  // the last that it waited in
	Queues     []string            `json:"queues,omitempty"` // all that it came to, in that order
	Agent      string              `json:"agent,omitempty"`  // the last who took it
	Agents     []string            `json:"agents,omitempty"` // all who talked in it, in that order
	WaitMS     int64               `json:"wait_ms"`          // milliseconds in queues
	TalkMS     int64               `json:"talk_ms"`          // milliseconds with a person, holds included
	HeldMS     int64               `json:"held_ms"`          // milliseconds of these on hold
	Poll       *Poll               `json:"poll,omitempty"`   // the caller was asked for a vote
	Outcome    telephony.Outcome   `json:"outcome,omitempty"`
	Cause      telephony.Cause     `json:"cause,omitempty"`    // Q.850
	EndedBy    string              `json:"ended_by,omitempty"` // "caller", "agent", "phone", "outside", "box"
	Recordings []string            `json:"recordings"`         // ids
	Mailbox    string              `json:"mailbox,omitempty"`  // where a message was left
	Score      *Score              `json:"score,omitempty"`    // that a supervisor gave
	Complaint  *Complaint          `json:"complaint,omitempty"`
}

// A Poll is what a caller was asked when the agent hung up. The vote is of that agent and of the queue.
type Poll struct {
	Queue string         `json:"queue"`
	Agent string         `json:"agent"`
	Vote  telephony.Vote `json:"vote,omitempty"` // 1 very satisfied, 2 satisfied, 3 fair, 4 dissatisfied; absent: none was given
}

// A CallPage is some records, newest first.
type CallPage struct {
	Calls []CallRecord     `json:"calls"`
	Next  telephony.CallID `json:"next,omitempty"` // give it as "before" for the next page; empty at the end
}

// EndedCalls are calls in the order in which they ended. One to which something was added, such as a score, comes again.
type EndedCalls struct {
	Calls []CallRecord `json:"calls"`
	Next  uint64       `json:"next"` // give it as "after" for those that follow; it stays where there are none yet
}

// A StoryLine is one entry of a call's journal with its sentence.
type StoryLine struct {
	Seq     uint64         `json:"seq"`
	Time    time.Time      `json:"time"`
	AfterMS int64          `json:"after_ms"` // milliseconds since the call's first entry, which no clock change moves
	Kind    string         `json:"kind"`
	Fact    telephony.Fact `json:"fact"` // the journal's fact, whose fields depend on the kind
	Text    telephony.Text `json:"text"`
}

// A Ladder is the signalling of one call on one time axis.
type Ladder struct {
	Legs  []LadderLeg  `json:"legs"`          // that have messages, in the order of their first
	Steps []LadderStep `json:"steps"`         // in the order in which they happened
	Cut   bool         `json:"cut,omitempty"` // there are more messages than these; the export has them
}

// A LadderLeg is one party's end of the call.
type LadderLeg struct {
	Leg      string `json:"leg"` // "e1/1#12"
	Line     string `json:"line"`
	Protocol string `json:"protocol"` // "q931" or "sip"
}

// A LadderStep is a message or a mark: an entry of the call's journal.
type LadderStep struct {
	Time    time.Time      `json:"time"`
	AfterMS int64          `json:"after_ms"` // milliseconds since the first step, which no clock change moves
	Message *LadderMessage `json:"message,omitempty"`
	Mark    *StoryLine     `json:"mark,omitempty"`
}

// A LadderMessage is one signalling message in words.
type LadderMessage struct {
	Leg      string         `json:"leg"`
	Line     string         `json:"line"`
	Protocol string         `json:"protocol"`
	Sent     bool           `json:"sent"`    // by the box
	Name     string         `json:"name"`    // "SETUP", "INVITE", "180 Ringing"
	Summary  telephony.Text `json:"summary"` // what matters of it, in a line; may be empty
	Text     telephony.Text `json:"text"`    // all of it: SIP as it is, secrets masked; Q.931 element by element
}

// A RecordingQuery chooses recordings. Empty fields fit every recording.
type RecordingQuery struct {
	From    time.Time
	To      time.Time
	Call    telephony.CallID
	Agent   string
	Purpose string // "call", "on_demand", "voicemail"
	Mailbox string
	Team    *telephony.Team // of calls of it alone; nil: all
	Before  string          // the page that begins after this recording
	Limit   int
}

// A Recording is what is known of one sound file.
type Recording struct {
	ID       string           `json:"id"`
	Call     telephony.CallID `json:"call"`
	Purpose  string           `json:"purpose"`
	Mailbox  string           `json:"mailbox,omitempty"`  // of a voicemail
	HeardBy  string           `json:"heard_by,omitempty"` // who heard the voicemail; absent: it is new
	Agent    string           `json:"agent,omitempty"`
	Caller   telephony.Caller `json:"caller"`
	Started  time.Time        `json:"started"`
	LengthMS int64            `json:"length_ms"`
	GapMS    int64            `json:"gap_ms,omitempty"` // silence that stands for what the disk did not take, or the box was too slow for
	Octets   int64            `json:"octets"`           // of audio
	Problem  string           `json:"problem,omitempty"`
}

// A RecordingPage is some recordings, newest first.
type RecordingPage struct {
	Recordings []Recording `json:"recordings"`
	Next       string      `json:"next,omitempty"`
}

// A User is a person with an account.
type User struct {
	Name    string    `json:"name"`
	Role    Role      `json:"role"`
	Agent   string    `json:"agent,omitempty"`
	Created time.Time `json:"created,omitzero"`
	Seen    time.Time `json:"seen,omitzero"`    // last sign-in
	Queues  []string  `json:"queues,omitempty"` // of a supervisor's team; absent: the whole box

	Password bool `json:"password"`           // there is one
	Passkeys int  `json:"passkeys,omitempty"` // how many the user has
}

// A Token lets a program in. Its secret is shown once.
type Token struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Role    Role      `json:"role"`
	Created time.Time `json:"created"`
	By      string    `json:"by"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
	Queues  []string  `json:"queues,omitempty"` // as of a user
}

// PromptSounds is a prompt with its sounds in each language.
type PromptSounds struct {
	ID     string         `json:"id"`
	Name   string         `json:"name"`
	Text   telephony.Text `json:"text"` // what it says
	Sounds []Sound        `json:"sounds"`
}

// A Sound is a prompt in one language.
type Sound struct {
	Language string `json:"language"`
	Own      bool   `json:"own"` // uploaded by the customer
	LengthMS int64  `json:"length_ms"`
}

// A ReportQuery chooses what a report counts.
type ReportQuery struct {
	By                 string // "hourly", "daily", "queues" ...
	From, To           time.Time
	Queue, Agent, Line string          // only what concerns it; empty: all
	Team               *telephony.Team // what of it there is; nil: all
	Returns            bool            // tell who called again (ReportRow.Resolved)
}

// A Report is rows and the same counts over all of them, of the stretch of time and of the one before it.
type Report struct {
	From   time.Time   `json:"from"`
	To     time.Time   `json:"to"`
	Rows   []ReportRow `json:"rows"`
	Total  ReportRow   `json:"total"`  // each call once: one that came to two queues is in two rows
	Before ReportRow   `json:"before"` // the total of as many days before
	Rule   int         `json:"rule"`   // percent of those for a person that are to be answered; 0: none

	Targets telephony.Targets `json:"targets"` // what the other figures are held to

	// Opens are the queries of GET /api/calls for the calls behind each count, by its name: "answered", "outcomes/busy". Join a
	// row's own to it by "&".
	Opens map[string]string `json:"opens"`
}

// A ReportRow is one line of a report. Its counts of calls count each once (behind.go). Offered is the sum of Outcomes but for menus,
// ForPerson that of Answered and Missed (A11.3). Lengths are milliseconds; rates are percent.
type ReportRow struct {
	Key              string         `json:"key"`           // "2026-11-23T09:00:00+08:00", "09", "2026-11-23", "2026-W48", "2026-11", or an id
	From             time.Time      `json:"from,omitzero"` // of a row that is a stretch of time
	To               time.Time      `json:"to,omitzero"`   //
	Opens            string         `json:"opens"`         // query of GET /api/calls for the calls behind the row
	Calls            int            `json:"calls"`         // behind the row
	Offered          int            `json:"offered"`       // inbound calls; those that came to a queue, or heard a menu
	Outcomes         map[string]int `json:"outcomes"`      // by outcome; how stays in a queue ended, or a menu's inputs
	ForPerson        int            `json:"for_person"`    // of the offered, those whom somebody should have answered
	Answered         int            `json:"answered"`      // of them, by a person
	Missed           map[string]int `json:"missed"`        // the others, by how they ended
	AnswerRate       float64        `json:"answer_rate"`   // answered of those for a person
	Reached          float64        `json:"reached"`       // of the inbound calls, but for those that are refused, those that the box or a person took
	Resolved         float64        `json:"resolved"`      // of the answered, those whose caller did not call again within three days; 0 on an agent's desk
	Asked            int            `json:"asked"`         // callers, for a vote when the agent hung up
	Voted            int            `json:"voted"`         // of them, those who gave one
	Votes            map[string]int `json:"votes"`         // of these, by vote: "1" very satisfied, "2" satisfied, "3" fair, "4" dissatisfied
	Satisfaction     float64        `json:"satisfaction"`  // very satisfied or satisfied of the voted
	Complaints       int            `json:"complaints"`    // of the calls, those by which a caller complained
	Founded          int            `json:"founded"`       // of them, those that a supervisor judged to be founded
	FoundedRate      float64        `json:"founded_rate"`  // of 10,000 calls (A11.13)
	InTime           int            `json:"in_time"`       // visits to queues answered within the queue's time (A11.13)
	ServiceLevel     float64        `json:"service_level"` // in time of all visits to queues
	Visits           int            `json:"visits"`        // to queues: one call may have several
	WaitMS           int64          `json:"wait_ms"`       // in queues, of all
	LongestWaitMS    int64          `json:"longest_wait_ms"`
	AverageWaitMS    int64          `json:"average_wait_ms"` // of a visit to a queue
	TalkMS           int64          `json:"talk_ms"`         // inbound
	AverageTalkMS    int64          `json:"average_talk_ms"` // of the answered
	Outgoing         int            `json:"outgoing"`        // outbound calls
	Connected        int            `json:"connected"`       // of them, answered
	OutTalkMS        int64          `json:"out_talk_ms"`
	AverageOutTalkMS int64          `json:"average_out_talk_ms"`
	Internal         int            `json:"internal"`       // calls between phones
	Lines            int            `json:"lines"`          // analogue ones and bearers of E1 that are in service now; SIP trunks are not counted
	LinesPeak        int            `json:"lines_peak"`     // the most of them in use at once by calls that have ended; with a queue or an agent it is not told
	AllBusyTimes     int            `json:"all_busy_times"` // how often all of them were, by the time when it began
	AllBusyMS        int64          `json:"all_busy_ms"`    // and how long
	HeldMS           int64          `json:"held_ms"`
	SignIns          int            `json:"sign_ins"`
	OnlineMS         int64          `json:"online_ms"` // agents signed in, and in each state
	ReadyMS          int64          `json:"ready_ms"`
	BusyMS           int64          `json:"busy_ms"`
	BusyTimes        int            `json:"busy_times"`
	BreakMS          int64          `json:"break_ms"`
	BreakTimes       int            `json:"break_times"`
	WrapUpMS         int64          `json:"wrap_up_ms"`
	HandlingMS       int64          `json:"handling_ms"`    // average talk and wrap-up of a call with an agent (AHT); not told of queues, lines and menus, which no wrap-up belongs to
	CallsPerHour     float64        `json:"calls_per_hour"` // with an agent, in an hour signed in
	Occupancy        float64        `json:"occupancy"`      // of the time signed in, on calls and wrapping up
}

// A StretchQuery chooses times that agents spent. Empty fields fit all.
type StretchQuery struct {
	From, To time.Time
	Agent    string
	State    telephony.AgentState // or "online": each sign-in to its sign-out
	Team     *telephony.Team      // agents of it alone; nil: all
}

// A StretchRow is a time that an agent spent in one state (A11.6), or signed in at one phone (A11.7).
type StretchRow struct {
	Agent    string               `json:"agent"`
	State    telephony.AgentState `json:"state"`
	Reason   string               `json:"reason,omitempty"`
	Phone    string               `json:"phone,omitempty"`
	From     time.Time            `json:"from"`
	To       time.Time            `json:"to"`
	LengthMS int64                `json:"length_ms"`
	Open     bool                 `json:"open,omitempty"` // it goes on
}

// A Clock is how right the computer's clock is.
type Clock struct {
	Synchronized bool     `json:"synchronized"` // somebody who knows the time has set it
	ErrorMS      float64  `json:"error_ms"`     // that it is off at the most, while it is synchronized
	Servers      []string `json:"servers"`      // that an image asks first
	By           ClockBy  `json:"by"`           // who names them
}

// ClockBy says who names the servers of the time.
type ClockBy string

// Who names them.
const (
	ClockBySettings ClockBy = "settings"
	ClockByNetwork  ClockBy = "network"  // DHCP
	ClockByDefault  ClockBy = "default"  // nobody: those of the image
	ClockByComputer ClockBy = "computer" // the box runs as a program, and the computer's own service sets the clock
)

// Health is how the computer of the box fares. What the computer does not tell is absent.
type Health struct {
	Time         time.Time `json:"time"`
	DiskFreeMB   int64     `json:"disk_free_mb"`
	DiskTotalMB  int64     `json:"disk_total_mb"`
	DiskState    string    `json:"disk_state,omitempty" enum:"good,worn,failing"` // as it says of itself
	DiskUsed     int       `json:"disk_used,omitempty"`                           // percent of the life that its maker gives it
	MemoryMB     int64     `json:"memory_mb"`                                     // that the program holds
	Load         float64   `json:"load"`                                          // processes that want a processor, of the last minute
	Processors   int       `json:"processors"`                                    //
	TemperatureC float64   `json:"temperature_c,omitempty"`                       // of its hottest sensor
	Clock        Clock     `json:"clock"`                                         //
	Starts       uint32    `json:"starts"`                                        // of the box, since it was new
	Clean        bool      `json:"clean"`                                         // the stop before this start was in good order
	Version      string    `json:"version"`
	Board        string    `json:"board"`
	Started      time.Time `json:"started"`

	ProgramMS   int64 `json:"program_ms"`              // from the start of the computer's kernel until this program ran; firmware and loader came before
	LinesMS     int64 `json:"lines_ms"`                // from the kernel's start until the lines were answered
	PageMS      int64 `json:"page_ms"`                 // from the kernel's start until the page was served
	FirstCallMS int64 `json:"first_call_ms,omitempty"` // from the kernel's start until the first call of this start was answered

	Calls      int       `json:"calls"`              // in progress
	Busy       float64   `json:"busy"`               // share of all processors that the program had in the last second, 0 to 1
	Loop       float64   `json:"loop"`               // share of one processor that its busiest media loop had
	Late       []uint64  `json:"late"`               // the media loop's slots since the start, by how late they began: up to 1, 2, 5, 10, 20 ms, later
	Skipped    uint64    `json:"skipped"`            // ticks of the media loop that were never made
	HeapMB     float64   `json:"heap_mb"`            // of the memory, what was in use when the garbage collector looked last
	Goroutines int       `json:"goroutines"`         //
	Capacity   *Capacity `json:"capacity,omitempty"` // what was measured last
}

// A Capacity is what the computer of the box was measured to carry, by a box of its own with a far end of its own on it.
type Capacity struct {
	Measured      time.Time `json:"measured"`
	Seconds       int       `json:"seconds"` // that it took
	Version       string    `json:"version"` // of the program
	Processors    int       `json:"processors"`
	Shared        bool      `json:"shared"`        // the media loop was late though the box had little to do: others used the computer, and the figures may be too low
	Bridged       Rated     `json:"bridged"`       // calls between two parties
	Recorded      Rated     `json:"recorded"`      // the same, each recorded
	Mixed         Rated     `json:"mixed"`         // parties in conferences of ten
	Setups        Rated     `json:"setups"`        // calls that begin in a second
	Registrations Rated     `json:"registrations"` // of phones in a second
}

// SelfTest is what the box found of itself.
type SelfTest struct {
	Passed bool    `json:"passed"` // all of them
	Checks []Check `json:"checks"` // "analogue_sip", "e1_telephone", "recording", and "lines" after an update
}

// Rated is the largest load that was measured at which the box has to put off nothing: at most 60 % of its processors and of
// its media loop used, and at most one in a thousand of the media loop's slots more than 5 ms late.
type Rated struct {
	Rated int     `json:"rated"`
	Load  float64 `json:"load"`  // share of what was nearest to its bound, 0 to 1
	Late  float64 `json:"late"`  // share of the slots
	Bound bool    `json:"bound"` // more was not tried
}

// A WorldState says what a simulated board has to play with.
type WorldState struct {
	Lines  []string   `json:"lines"`  // that can be rung
	Phones []SimPhone `json:"phones"` // that run
	Day    bool       `json:"day"`    // a busy hour is running
}

// A Ring is a call placed into the box by the simulated exchange.
type Ring struct {
	Line       string `json:"line" minLength:"1" maxLength:"64" doc:"The line to ring: fxo/1, e1/1"`
	To         string `json:"to,omitempty" maxLength:"32" pattern:"^[0-9]*$" doc:"The number that the caller dials, on an E1; empty: the E1's own"`
	From       string `json:"from,omitempty" maxLength:"32" doc:"The caller's number; empty: withheld"`
	Keys       string `json:"keys,omitempty" maxLength:"200" doc:"Keys to press and when: 1@4s,#@6s"`
	ForSeconds int    `json:"for_seconds,omitempty" minimum:"1" maximum:"300" default:"30" doc:"Hang up after so long"`
	Say        []byte `json:"say,omitempty" doc:"A WAV file that the caller says once answered"`
}

// Heard is what came of a simulated call.
type Heard struct {
	Call    telephony.CallID  `json:"call"`
	Outcome telephony.Outcome `json:"outcome"`
	Text    telephony.Text    `json:"text"`            // what happened, in a sentence
	Sound   string            `json:"sound,omitempty"` // GET /api/sim/heard/{sound} gives what the caller heard
}

// A SimPhone is an agent's telephone of the simulated world.
type SimPhone struct {
	Extension     string `json:"extension" pattern:"^[0-9]{1,12}$"`
	AnswerAfterMS int    `json:"answer_after_ms,omitempty" minimum:"0" maximum:"60000" doc:"Milliseconds of ringing before it answers"`
	NeverAnswer   bool   `json:"never_answer,omitempty" doc:"It rings until its handset is lifted"`
	TalkMS        int    `json:"talk_ms,omitempty" minimum:"0" maximum:"3600000" doc:"Milliseconds until it hangs up; 0: waits for the caller"`
	Say           []byte `json:"say,omitempty" doc:"A WAV file that the agent says in each call"`
	State         string `json:"state,omitempty" readOnly:"true" doc:"registered, ringing, talking ..."`
	Sound         string `json:"sound,omitempty" readOnly:"true" doc:"GET /api/sim/heard/{sound} gives what it heard in its last call"`
}

// A Day is a busy hour of believable calls.
type Day struct {
	Calls   int    `json:"calls,omitempty" minimum:"1" maximum:"1000" default:"60"`
	Minutes int    `json:"minutes,omitempty" minimum:"1" maximum:"60" default:"10"`
	Seed    uint64 `json:"seed,omitempty" doc:"0: another each time"`
	Stop    bool   `json:"stop,omitempty" doc:"End the one that runs"`
}
