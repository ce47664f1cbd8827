package storage

import (
	"time"

	"callbox/telephony"
)

// A Record is one call as the business sees it (A11.1), made from its journal by a Fold. Its times are the wall clock at
// the arrival plus what passed since on the clock that nobody sets (idea 3). Durations are nanoseconds.
type Record struct {
	ID        telephony.CallID    `json:"id"`
	First     uint64              `json:"first"` // number of the first and last journal entry
	Last      uint64              `json:"last"`
	Direction telephony.Direction `json:"direction"`
	Line      string              `json:"line"`
	Out       string              `json:"out,omitempty"` // the line that an outbound call tried last
	Caller    telephony.Caller    `json:"caller"`
	Called    string              `json:"called,omitempty"`
	Arrived   time.Time           `json:"arrived"`
	Answered  time.Time           `json:"answered,omitzero"`  // the box took it
	Connected time.Time           `json:"connected,omitzero"` // a person took it: the first bridge
	Ended     time.Time           `json:"ended"`
	Length    time.Duration       `json:"length"`
	Target    telephony.Target    `json:"target,omitempty"` // of the first routing decision, with its rule and reason
	Rule      string              `json:"rule,omitempty"`
	Why       telephony.Text      `json:"why,omitzero"`
	Menus     []MenuStep          `json:"menus,omitempty"` // the caller's path
	Queue     string              `json:"queue,omitempty"` // the last one
	Waited    time.Duration       `json:"waited"`          // in all queues
	Visits    []Visit             `json:"visits,omitempty"`
	Agent     string              `json:"agent,omitempty"` // the last one who took it
	Talks     []Talk              `json:"talks,omitempty"`
	Talked    time.Duration       `json:"talked"`         // with anybody, holds included
	Held      time.Duration       `json:"held,omitempty"` // of it, on hold
	Outcome   telephony.Outcome   `json:"outcome"`
	Cause     telephony.Cause     `json:"cause"`
	EndedBy   string              `json:"ended_by"` // "caller", "agent", "phone", "outside", "box"
	Recording []string            `json:"recordings,omitempty"`
	Mailbox   string              `json:"mailbox,omitempty"` // where a message was left
	Message   string              `json:"message,omitempty"` // its recording
}

// answered says that a person took the call.
func (r *Record) answered() bool {
	return r.Outcome == telephony.OutcomeAnswered || r.Outcome == telephony.OutcomeForwarded
}

// A MenuStep is one menu that the caller heard, and the input that ended it.
type MenuStep struct {
	Menu   string `json:"menu"`
	Keys   string `json:"keys,omitempty"`
	Result string `json:"result,omitempty"`
}

// outcome is what led on from the menu: the keys, or how its input ended without a way; "hung_up" where the caller did.
func (m *MenuStep) outcome() string {
	switch m.Result {
	case "target":
		return m.Keys
	case "":
		return "hung_up"
	}
	return m.Result
}

// A Visit is one stay in a queue (A11.9). Reason is Unqueued's, or "interrupted".
type Visit struct {
	Queue  string        `json:"queue"`
	Waited time.Duration `json:"waited"`
	Reason string        `json:"reason"`
	Agent  string        `json:"agent,omitempty"`  // who took it, for "answered"
	Talked time.Duration `json:"talked,omitempty"` // with agents, thereafter
}

// A Talk is one stretch of conversation.
type Talk struct {
	Leg    string        `json:"leg"`
	Agent  string        `json:"agent,omitempty"`
	Talked time.Duration `json:"talked"`
}
