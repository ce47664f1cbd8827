package storage

import (
	"context"
	"maps"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

// longestState is how far back the state is looked for that an agent was in when a report begins.
const longestState = 31 * 24 * time.Hour

// A change is what the journal says of an agent's state, kept beside the call records of its month: a report must not read
// the journal. The stop or start of the box ends the state of everybody; its Agent is empty.
type change struct {
	Seq  uint64        `json:"seq"`
	Time time.Time     `json:"time"` // of a start: when the box was last known to run
	Mono time.Duration `json:"mono"`
	telephony.AgentChanged
}

// changeOf is what an entry says of agents' states; alive is when the entry before it happened.
func changeOf(e telephony.Entry, alive time.Time) (change, bool) {
	switch f := e.Fact.(type) {
	case telephony.AgentChanged:
		return change{e.Seq, e.Time, e.Mono, f}, true
	case telephony.BoxStopped:
		return change{Seq: e.Seq, Time: e.Time}, true
	case telephony.BoxStarted:
		if alive.IsZero() {
			alive = e.Time
		}
		return change{Seq: e.Seq, Time: alive}, true
	}
	return change{}, false
}

func putChanges(tx *bbolt.Tx, changes []change) error {
	b := tx.Bucket(agentsBucket)
	for _, c := range changes {
		if err := putJSON(b, slices.Concat(number(uint64(c.Time.UnixNano())), number(c.Seq)), c); err != nil {
			return err
		}
	}
	return nil
}

// A Stretch is a time that an agent spent in one state.
type Stretch struct {
	Agent  string
	State  telephony.AgentState
	Reason string
	Phone  string
	From   time.Time
	To     time.Time
	Open   bool // it goes on
}

// Length is how long it lasted.
func (s *Stretch) Length() time.Duration { return s.To.Sub(s.From) }

// A StretchQuery chooses stretches. Empty fields fit every one; with State "online" those between sign-in and sign-out at one
// phone are one (A11.7).
type StretchQuery struct {
	From, To time.Time
	Agent    string
	State    telephony.AgentState
	Team     *telephony.Team // agents of it alone
}

// AgentOnline stands for every state but signed out.
const AgentOnline telephony.AgentState = "online"

// Stretches tells how agents spent a time, oldest first, cut at its ends. Nobody is told as signed out.
func (s *Store) Stretches(ctx context.Context, q StretchQuery) ([]Stretch, error) {
	if now := time.Now(); q.To.IsZero() || q.To.After(now) {
		q.To = now
	}
	p := &presence{StretchQuery: q, now: map[string]change{}}
	err := s.eachChange(ctx, q.From, q.To, p.take)
	for _, agent := range slices.Sorted(maps.Keys(p.now)) {
		p.end(agent, q.To, true)
	}
	slices.SortStableFunc(p.told, func(a, b Stretch) int { return a.From.Compare(b.From) })
	return p.told, err
}

// eachChange tells changes in order, with those of the time before that say how things stood at from.
func (s *Store) eachChange(ctx context.Context, from, to time.Time, tell func(change)) error {
	names, err := s.reader.months.list()
	if err != nil {
		return err
	}
	start := number(0)
	if !from.IsZero() {
		from = from.Add(-longestState)
		start = number(uint64(from.UnixNano()))
	}
	for _, name := range monthsBetween(names, from, to) {
		f, err := s.reader.months.file(name)
		if err != nil {
			return err
		}
		var some []change
		for key := start; key != nil; {
			if err := ctx.Err(); err != nil {
				return err
			}
			err := f.View(func(tx *bbolt.Tx) (err error) {
				some, key, err = changesFrom(tx, key)
				return err
			})
			if err != nil {
				return err
			}
			for _, c := range some {
				if c.Time.Before(to) {
					tell(c)
				}
			}
		}
	}
	return nil
}

// changesFrom reads a batch of changes, and the key where the next begins; nil at the end.
func changesFrom(tx *bbolt.Tx, key []byte) (some []change, next []byte, err error) {
	c := tx.Bucket(agentsBucket).Cursor()
	for key, value := c.Seek(key); key != nil; key, value = c.Next() {
		if len(some) == scanBatch {
			return some, slices.Clone(key), nil
		}
		var ch change
		if err := openJSON(key, value, &ch); err != nil {
			return nil, nil, err
		}
		some = append(some, ch)
	}
	return some, nil, nil
}

// presence makes stretches of changes.
type presence struct {
	StretchQuery
	now  map[string]change
	told []Stretch
}

func (p *presence) take(c change) {
	switch {
	case c.Agent == "":
		for _, agent := range slices.Sorted(maps.Keys(p.now)) {
			p.end(agent, c.Time, false)
		}
	case one(p.Agent, c.Agent) && p.Team.HasAgent(c.Agent):
		was, in := p.now[c.Agent]
		if in && p.State == AgentOnline && was.Phone == c.Phone && c.State != telephony.AgentSignedOut {
			return
		}
		if in {
			p.end(c.Agent, was.Time.Add(c.Mono-was.Mono), false) // the clock may have been set meanwhile (idea 3)
		}
		if c.State != telephony.AgentSignedOut {
			p.now[c.Agent] = c
		}
	}
}

// end tells the stretch that an agent was in, as far as it is asked for.
func (p *presence) end(agent string, at time.Time, open bool) {
	c := p.now[agent]
	delete(p.now, agent)
	s := Stretch{Agent: agent, State: c.State, Reason: c.Reason, Phone: c.Phone, From: c.Time, To: at, Open: open}
	if p.State == AgentOnline {
		s.State, s.Reason = AgentOnline, ""
	}
	if s.From.Before(p.From) {
		s.From = p.From
	}
	if s.To.After(p.To) {
		s.To = p.To
	}
	if s.To.After(s.From) && (p.State == "" || p.State == s.State) {
		p.told = append(p.told, s)
	}
}

// AgentTime is how long an agent, or all together, were in each state, and how often (A11.6, A11.7).
type AgentTime struct {
	Online, Ready, Ringing, Talking, Busy, Break, WrapUp time.Duration
	SignIns, Busies, Breaks, WrapUps                     int
}

func (a *AgentTime) add(s telephony.AgentState, d time.Duration, begun int) {
	a.Online += d
	switch s {
	case telephony.AgentReady:
		a.Ready += d
	case telephony.AgentRinging:
		a.Ringing += d
	case telephony.AgentTalking:
		a.Talking += d
	case telephony.AgentBusy:
		a.Busy, a.Busies = a.Busy+d, a.Busies+begun
	case telephony.AgentBreak:
		a.Break, a.Breaks = a.Break+d, a.Breaks+begun
	case telephony.AgentWrapUp:
		a.WrapUp, a.WrapUps = a.WrapUp+d, a.WrapUps+begun
	}
}

// timesAgents says whether the time of agents belongs to the rows: by agent, and by time where it is not of one queue or line.
func (t *tally) timesAgents() bool {
	switch t.Per {
	case PerQueue, PerLine, PerMenu:
		return false
	}
	return t.Queue == "" && t.Line == ""
}

// work counts a stretch into its agent's row, or in pieces into the rows of time.
func (t *tally) work(s Stretch) {
	t.total.Work.add(s.State, s.Length(), 1)
	if t.Per == PerAgent {
		t.row(s.Agent, s.From).Work.add(s.State, s.Length(), 1)
		return
	}
	for begun := 1; s.From.Before(s.To); begun = 0 {
		key, _, end := t.slot(s.From)
		if end.After(s.To) {
			end = s.To
		}
		t.row(key, s.From).Work.add(s.State, end.Sub(s.From), begun)
		s.From = end
	}
}

// signIn counts a time signed in where it begins (A11.7).
func (t *tally) signIn(s *Stretch) {
	key := s.Agent
	if t.Per != PerAgent {
		key, _, _ = t.slot(s.From)
	}
	t.row(key, s.From).Work.SignIns++
	t.total.Work.SignIns++
}
