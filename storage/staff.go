package storage

import (
	"context"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

// The register of staff says who was an agent of the configuration from when until when, and which hours were planned (A11.11). It is
// written in the transaction of each change of the configuration, and lies beside it: what is there is what was in force.
const (
	// keepTerms is how long a term is kept after its end: a year longer than an employer has to (劳动合同法 50), so that this year can
	// be compared with the last two.
	keepTerms = 3 * 365 * 24 * time.Hour
	maxTerms  = 5000 // of which the configuration has 2000 at most; then the oldest that are over go
)

// staffBucket holds the register. No step of the format makes it, as with passkeys (passkey.go).
var (
	staffBucket = []byte("staff")
	registerKey = []byte("register")
)

// A Term is a time in which an agent was in the configuration with the same planned hours; another one may follow at once.
type Term struct {
	Agent string    `json:"agent"`
	Name  string    `json:"name,omitempty"`  // the last
	Hours string    `json:"hours,omitempty"` // an hours id; empty: none were planned
	From  time.Time `json:"from"`
	Until time.Time `json:"until,omitzero"` // zero: it goes on
}

// end is when the term ended, or the moment up to which it is looked at.
func (t *Term) end(to time.Time) time.Time {
	if t.Until.IsZero() || t.Until.After(to) {
		return to
	}
	return t.Until
}

// A register is all terms, in the order of their beginnings.
type register struct {
	Since time.Time `json:"since"` // from here on it is whole
	Terms []Term    `json:"terms"`
}

// follow brings the register in line with the agents of a configuration, and reports whether anything changed.
func (r *register) follow(agents []telephony.Agent, now time.Time) (changed bool) {
	if r.Since.IsZero() {
		r.Since, changed = now, true
	}
	open := map[string]*Term{}
	for i := range r.Terms {
		t := &r.Terms[i]
		if !t.Until.IsZero() {
			continue
		}
		if before := open[t.Agent]; before != nil { // of a box that was reset, and then got its backup
			before.Until, changed = t.From, true
		}
		open[t.Agent] = t
	}
	var begun []Term
	for _, a := range agents {
		t := open[a.ID]
		if t != nil && t.Hours == a.Hours {
			changed = changed || t.Name != a.Name
			t.Name = a.Name
			delete(open, a.ID)
			continue
		}
		begun = append(begun, Term{Agent: a.ID, Name: a.Name, Hours: a.Hours, From: now})
	}
	for _, t := range open {
		t.Until = now
	}
	r.Terms = append(r.Terms, begun...)
	return r.forget(now) || changed || len(begun)+len(open) > 0
}

// forget drops the terms that have been over for long, and the oldest of too many.
func (r *register) forget(now time.Time) bool {
	var over []time.Time
	for i := range r.Terms {
		if !r.Terms[i].Until.IsZero() {
			over = append(over, r.Terms[i].Until)
		}
	}
	slices.SortFunc(over, time.Time.Compare)
	limit := now.Add(-keepTerms)
	if much := len(r.Terms) - maxTerms; much > 0 && len(over) > 0 {
		if last := over[min(much, len(over))-1]; last.After(limit) {
			limit = last
		}
	}
	was := len(r.Terms)
	r.Terms = slices.DeleteFunc(r.Terms, func(t Term) bool {
		gone := !t.Until.IsZero() && !t.Until.After(limit)
		if gone && t.Until.After(r.Since) {
			r.Since = t.Until
		}
		return gone
	})
	return len(r.Terms) < was
}

// join takes over what another register of the same box knows: of a term that both have, the other's word. It reports whether the
// other knows anything.
func (r *register) join(other register) bool {
	if other.Since.IsZero() {
		return false
	}
	if r.Since.IsZero() || other.Since.Before(r.Since) {
		r.Since = other.Since
	}
	for _, t := range other.Terms {
		i := slices.IndexFunc(r.Terms, func(own Term) bool { return own.Agent == t.Agent && own.From.Equal(t.From) })
		if i < 0 {
			r.Terms = append(r.Terms, t)
			continue
		}
		r.Terms[i] = t
	}
	slices.SortStableFunc(r.Terms, func(a, b Term) int { return a.From.Compare(b.From) })
	return true
}

// readRegister reads the register; a file of an older version has an empty one.
func readRegister(tx *bbolt.Tx) (r register, err error) {
	if b := tx.Bucket(staffBucket); b != nil {
		_, err = getJSON(b, registerKey, &r)
	}
	return r, err
}

// followAgents brings the register in line with the configuration, which a version that knew no register may have changed. A box that
// cannot write it starts all the same.
func (s *Store) followAgents(ctx context.Context, agents []telephony.Agent) {
	lags := false
	err := s.config.View(func(tx *bbolt.Tx) error {
		r, err := readRegister(tx)
		lags = r.follow(agents, time.Now())
		return err
	})
	if err == nil && lags {
		err = s.config.Update(ctx, func(tx *bbolt.Tx) error { return keepRegister(tx, agents, register{}) })
	}
	if err != nil {
		s.Append(telephony.Entry{Fact: telephony.Oddity{Where: "staff", What: err.Error()}})
	}
}

// keepRegister brings the register in line with a configuration that is kept in the same transaction, or was by a version that
// knew no register. A backup that takes the box's place is told ours: what the box knows beyond it.
func keepRegister(tx *bbolt.Tx, agents []telephony.Agent, ours register) error {
	r, err := readRegister(tx)
	if err != nil {
		return err
	}
	joined := r.join(ours)
	if !r.follow(agents, time.Now().UTC()) && !joined {
		return nil
	}
	b, err := tx.CreateBucketIfNotExists(staffBucket)
	if err != nil {
		return err
	}
	return putJSON(b, registerKey, r)
}

// register is the register as it stands.
func (s *Store) register() (r register, err error) {
	err = s.config.View(func(tx *bbolt.Tx) error {
		r, err = readRegister(tx)
		return err
	})
	return r, err
}
