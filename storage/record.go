package storage

import (
	"slices"
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
	Calling   string              `json:"calling,omitempty"` // the agent at whose phone it began
	Arrived   time.Time           `json:"arrived"`
	Answered  time.Time           `json:"answered,omitzero"`  // the box took it
	Connected time.Time           `json:"connected,omitzero"` // a person took it: the first bridge
	Ended     time.Time           `json:"ended"`
	Length    time.Duration       `json:"length"`
	Target    telephony.Target    `json:"target,omitempty"` // of the first routing decision, with its rule and reason
	Rule      string              `json:"rule,omitempty"`
	Why       telephony.Text      `json:"why,omitzero"`
	Closed    string              `json:"closed,omitempty"` // it came outside of opening hours: "off" or "holiday"
	Menus     []MenuStep          `json:"menus,omitempty"`  // the caller's path
	Queue     string              `json:"queue,omitempty"`  // the last one
	Waited    time.Duration       `json:"waited"`           // in all queues
	Visits    []Visit             `json:"visits,omitempty"`
	Agent     string              `json:"agent,omitempty"` // the last one who took it
	Talks     []Talk              `json:"talks,omitempty"`
	Talked    time.Duration       `json:"talked"`           // with anybody, holds included
	Held      time.Duration       `json:"held,omitempty"`   // of it, on hold
	Sought    bool                `json:"sought,omitempty"` // it was sent to where a person answers: a queue, an agent, a phone, an outside number
	Poll      *Poll               `json:"poll,omitempty"`   // what the caller was asked thereafter
	Outcome   telephony.Outcome   `json:"outcome"`
	Cause     telephony.Cause     `json:"cause"`
	EndedBy   string              `json:"ended_by"` // "caller", "agent", "phone", "outside", "box"
	Recording []string            `json:"recordings,omitempty"`
	Mailbox   string              `json:"mailbox,omitempty"` // where a message was left
	Message   string              `json:"message,omitempty"` // its recording

	Score     *Score     `json:"-"` // lies beside it (score.go)
	Complaint *Complaint `json:"-"` // so does it (complaint.go)
}

// answered says that a person took the call.
func (r *Record) answered() bool {
	return r.Outcome == telephony.OutcomeAnswered || r.Outcome == telephony.OutcomeForwarded
}

// outside is the line to the outside that a call used, if it did: one that found none has none.
func (r *Record) outside() string {
	switch r.Direction {
	case telephony.Inbound:
		return r.Line
	case telephony.Outbound:
		return r.Out
	}
	return ""
}

// forPerson says that somebody should have answered the call: it came to where a person answers, or found the box or its lines
// full. Who was served by a menu, hung up there, called when a route leads to a notice or a mailbox, or was refused, sought nobody.
func (r *Record) forPerson() bool {
	return r.Sought || answers[r.Target.Kind()] || // a record of an older version does not know Sought
		len(r.Visits) > 0 || r.answered() || r.Outcome == telephony.OutcomeCongestion
}

// of says that a call is of a supervisor's team.
func (r *Record) of(t *telephony.Team) bool {
	return t == nil || t.HasCall(r.queues(), append(r.agents(), r.Calling))
}

// own says that a call is one of an agent's own: the agent talked in it, or dialled out in vain.
func (r *Record) own(agent string) bool {
	return r.Direction == telephony.Outbound && r.Calling == agent || slices.Contains(r.agents(), agent)
}

// endedIn is how the stays in a queue, or in any of a team if it is empty, ended: answered if one was, else as the last did; "" without
// a stay.
func (r *Record) endedIn(queue string, t *telephony.Team) (how string) {
	for i := range r.Visits {
		if v := &r.Visits[i]; how != visitAnswered && v.in(queue, t) {
			how = v.Reason
		}
	}
	return how
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

// visitAnswered is the Reason of a visit that an agent ended.
const visitAnswered = "answered"

// A Visit is one stay in a queue (A11.9). Reason is Unqueued's, or "interrupted".
type Visit struct {
	Queue  string        `json:"queue"`
	Waited time.Duration `json:"waited"`
	Reason string        `json:"reason"`
	Agent  string        `json:"agent,omitempty"`  // who took it, for "answered"
	Talked time.Duration `json:"talked,omitempty"` // with agents, thereafter
}

// in says that it was in a queue, or in any of a team if it is empty.
func (v *Visit) in(queue string, t *telephony.Team) bool {
	return v.Queue == queue || queue == "" && t.HasQueue(v.Queue)
}

// A Talk is one stretch of conversation.
type Talk struct {
	Leg    string        `json:"leg"`
	Agent  string        `json:"agent,omitempty"`
	Talked time.Duration `json:"talked"`
}
