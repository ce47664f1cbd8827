package telephony

import "time"

// Live is the box at this moment, as the page and the front panel show it: a snapshot, owned by nobody.
type Live struct {
	Time   time.Time    `json:"time"`
	Lines  []LineStatus `json:"lines"`
	Calls  []LiveCall   `json:"calls"`
	Queues []LiveQueue  `json:"queues"`
	Agents []LiveAgent  `json:"agents"`
	Alarms []LiveAlarm  `json:"alarms"`
}

// A LiveCall is one call in progress.
type LiveCall struct {
	ID        CallID    `json:"id"`
	Direction Direction `json:"direction"`
	Line      string    `json:"line"`
	Caller    Caller    `json:"caller"`
	Called    string    `json:"called,omitempty"`
	State     string    `json:"state"` // the call's state by name: "menu", "queue", "talk" ...
	Where     string    `json:"where"` // the menu, queue or party of that state
	Agent     string    `json:"agent,omitempty"`
	Recording bool      `json:"recording"`
	Paused    bool      `json:"paused,omitempty"` // a recording that is paused
	Since     time.Time `json:"since"`            // arrival
	Talking   time.Time `json:"talking,omitzero"` // first bridge
}

// A LiveQueue is one queue and who waits in it.
type LiveQueue struct {
	ID       string       `json:"id"`
	Name     string       `json:"name"`
	Waiting  []LiveWaiter `json:"waiting"`
	Ready    int          `json:"ready"` // agents who could take a call now
	SignedIn int          `json:"signed_in"`
	Talking  int          `json:"talking"`
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

// A LiveAgent is one agent.
type LiveAgent struct {
	ID     string     `json:"id"`
	Name   string     `json:"name"`
	State  AgentState `json:"state"`
	Reason string     `json:"reason,omitempty"`
	Phone  string     `json:"phone,omitempty"` // the line that rings
	Call   CallID     `json:"call,omitempty"`
	Since  time.Time  `json:"since"`
	Until  time.Time  `json:"until,omitzero"` // end of wrap-up
	Queues []string   `json:"queues"`
}

// A LiveAlarm is an alarm that stands.
type LiveAlarm struct {
	Name    string    `json:"name"`
	Message Text      `json:"message"`
	Since   time.Time `json:"since"`
}
