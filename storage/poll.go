package storage

import (
	"strconv"

	"callbox/telephony"
)

// A Poll is what a caller was asked after the conversation (A5.18), and answered. It is of the agent who hung up and of the queue.
type Poll struct {
	Queue string         `json:"queue"`
	Agent string         `json:"agent"`
	Vote  telephony.Vote `json:"vote,omitempty"` // 0: none was given
}

// text is the answer in words; empty where nobody was asked.
func (p *Poll) text() telephony.Text {
	switch {
	case p == nil:
		return telephony.Text{}
	case !p.Vote.Valid():
		return telephony.Text{ZH: "未评价", EN: "no vote"}
	}
	return p.Vote.Text()
}

// Asked is the Vote of a Query for calls whose caller was asked, whatever came of it.
const Asked = "asked"

// polled says that a call's caller was asked about an agent and for a queue, or whichever, or for Any of a team, and answered as is asked
// for.
func (r *Record) polled(queue, agent, vote string, t *telephony.Team) bool {
	p := r.Poll
	if p == nil || !one(queue, p.Queue) || !one(agent, p.Agent) || queue == Any && !t.HasQueue(p.Queue) || agent == Any && !t.HasAgent(p.Agent) {
		return false
	}
	return vote == Asked || vote == Any && p.Vote.Valid() || vote == strconv.Itoa(int(p.Vote))
}

// A Ballot counts what callers answered: by vote, and at 0 those who gave none.
type Ballot [telephony.Dissatisfied + 1]int

func (b *Ballot) count(r *Record, queue, agent string, t *telephony.Team) {
	switch {
	case !r.polled(queue, agent, Asked, t):
	case r.Poll.Vote.Valid():
		b[r.Poll.Vote]++
	default:
		b[0]++
	}
}

// Asked is how many callers were asked; Voted how many answered.
func (b *Ballot) Asked() int { return b[0] + b.Voted() }

func (b *Ballot) Voted() (n int) {
	for _, v := range telephony.Votes {
		n += b[v]
	}
	return n
}

// Satisfied is how many percent of the votes are satisfied or better (A11.5).
func (b *Ballot) Satisfied() float64 {
	return percent(b[telephony.VerySatisfied]+b[telephony.Satisfied], b.Voted())
}
