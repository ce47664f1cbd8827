package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

const (
	scanBatch   = 5000 // records looked at in one transaction
	foundBatch  = 100  // records found in one transaction
	defaultPage = 50
	maxPageSize = 1000
)

// Values of a Query that stand for more than one.
const (
	Any        = "*"          // line, queue, agent, menu or vote: whichever, but one
	Unanswered = "unanswered" // reason: each but answered
)

// A Query chooses call records. Empty fields fit every call.
type Query struct {
	From      time.Time // arrived at or after
	To        time.Time // arrived before
	Number    string    // part of the caller's or the called number
	Direction telephony.Direction
	Outcome   telephony.Outcome
	Answered  string          // "yes": a person took it; "no"
	ForPerson string          // "yes": somebody should have answered it; "no"
	Hour      string          // of the site's day in which it arrived: "09"
	Line      string          // came in or went out by it; Any: by one to the outside
	Queue     string          // visited
	Reason    string          // its stays in Queue, or in any, ended so (Record.endedIn)
	Agent     string          // talked
	Own       string          // the agent whose own call it is: who talked in it, or dialled out in vain
	Menu      string          // heard
	Scored    string          // the agent whose part in it was scored; Any: it was
	Complaint string          // Any, or what became of it: ComplaintOpen, ComplaintFounded, ComplaintUnfounded
	Input     string          // that led on from Menu, or from any: what was pressed, or how the input ended
	Closed    string          // the period outside of opening hours in which it came: "off" or "holiday"; Any: either
	Vote      string          // what the caller answered about Agent and for Queue, or either: "1" to "4"; Any: one of them; Asked: or none
	Text      string          // part of a number, the caller's name, or the id of a call, line, agent, queue or rule
	Team      *telephony.Team // of the supervisor who asks: calls of it alone, and of what stands for more than one what is of it
	Before    telephony.CallID
	Limit     int // records a page; 0 is 50, the most 1000
}

// A Page is some records, newest first. Next is what to give as Before for the page that follows; empty at the end.
type Page struct {
	Calls []Record         `json:"calls"`
	Next  telephony.CallID `json:"next,omitempty"`
}

// Calls lists the records that fit, newest first.
func (s *Store) Calls(ctx context.Context, q Query) (Page, error) {
	limit := pageLimit(q.Limit)
	page := Page{Calls: []Record{}}
	for r, err := range s.EachCall(ctx, q) {
		if err != nil {
			return Page{}, err
		}
		if len(page.Calls) == limit {
			page.Next = page.Calls[limit-1].ID
			break
		}
		page.Calls = append(page.Calls, r)
	}
	return page, nil
}

func pageLimit(asked int) int {
	if asked <= 0 {
		return defaultPage
	}
	return min(asked, maxPageSize)
}

// Call is the record of one call, or NotFound. A call in progress has none yet.
func (s *Store) Call(_ context.Context, id telephony.CallID) (Record, error) {
	f, key, err := s.reader.find(id)
	var r Record
	if err != nil {
		return r, err
	}
	return r, f.View(func(tx *bbolt.Tx) error {
		_, err := getJSON(tx.Bucket(callsBucket), key, &r)
		if err == nil {
			err = r.beside(tx)
		}
		return err
	})
}

// SoFar is the record of one call, of one in progress too: what its journal says until now.
func (s *Store) SoFar(ctx context.Context, id telephony.CallID) (Record, error) {
	r, missing := s.Call(ctx, id)
	if missing == nil {
		return r, nil
	}
	entries, err := s.Story(ctx, id)
	if err != nil {
		return Record{}, err
	}
	f := NewFold()
	for _, e := range entries {
		f.Step(e)
	}
	if at := f.calls[id]; at != nil {
		return at.rec, nil
	}
	return Record{}, missing // its beginning is not in the journal any more
}

// Story is what the journal tells of a call, in order; of a call in progress, so far.
func (s *Store) Story(ctx context.Context, id telephony.CallID) ([]telephony.Entry, error) {
	first, last := s.reader.low.Load(), ^uint64(0)
	r, err := s.Call(ctx, id)
	if err == nil {
		first, last = r.First, r.Last
	}
	var story []telephony.Entry
	for e := range s.Entries(max(first, 1)-1, last) {
		if e.Call == id {
			story = append(story, e)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if len(story) == 0 {
		return nil, err
	}
	return story, nil
}

// EachCall tells the records that fit, newest first. No transaction outlives a batch, however slow the reader is.
func (s *Store) EachCall(ctx context.Context, q Query) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		names, err := s.reader.months.list()
		var before []byte
		if err == nil && q.Before != "" {
			var f *file
			if f, before, err = s.reader.find(q.Before); err == nil {
				names = slices.DeleteFunc(names, func(n string) bool { return strings.Compare(n, filepath.Base(f.path)) > 0 })
			}
		}
		if err != nil {
			yield(Record{}, err)
			return
		}
		scan := newScan(&q, s.Config().Location())
		for _, name := range slices.Backward(monthsBetween(names, q.From, q.To)) {
			f, err := s.reader.months.file(name)
			if err != nil {
				yield(Record{}, err)
				return
			}
			if !scan.month(ctx, f, before, yield) {
				return
			}
			before = nil
		}
	}
}

// A scan looks for the records of a query. Text is first looked for in a record's raw form, which is much faster than
// reading it.
type scan struct {
	q       *Query
	zone    *time.Location // the site's
	needles [][]byte
}

func newScan(q *Query, zone *time.Location) *scan {
	s := &scan{q: q, zone: zone}
	for _, text := range []string{q.Number, q.Line, q.Queue, q.Agent, q.Own, q.Menu, string(q.Outcome), q.Closed, q.Text} {
		if text != "" && text != Any {
			quoted, _ := json.Marshal(text)
			s.needles = append(s.needles, quoted[1:len(quoted)-1])
		}
	}
	return s
}

// month tells what fits of one month, and reports whether to go on.
func (s *scan) month(ctx context.Context, f *file, before []byte, yield func(Record, error) bool) bool {
	if before == nil && !s.q.To.IsZero() {
		before = number(uint64(s.q.To.UnixNano()))
	}
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			yield(Record{}, err)
			return false
		}
		var found []Record
		err := f.View(func(tx *bbolt.Tx) (err error) {
			found, before, err = s.batch(tx, before)
			return err
		})
		if err != nil {
			yield(Record{}, err)
			return false
		}
		for _, r := range found {
			if !yield(r, nil) {
				return false
			}
		}
		more = before != nil
	}
	return true
}

// batch looks at some records before a key, newest first, and gives the key where to go on; nil at the end.
func (s *scan) batch(tx *bbolt.Tx, before []byte) (found []Record, next []byte, err error) {
	c := tx.Bucket(callsBucket).Cursor()
	key, value := c.Last()
	if before != nil {
		if at, _ := c.Seek(before); at != nil {
			key, value = c.Prev()
		} else {
			key, value = c.Last()
		}
	}
	for n := 0; key != nil; key, value = c.Prev() {
		if n++; n > scanBatch || len(found) == foundBatch {
			return found, next, nil
		}
		next = slices.Clone(key)
		payload, err := unseal(key, value)
		if err != nil {
			return nil, nil, err
		}
		if !s.mayFit(payload) {
			continue
		}
		var r Record
		if err := json.Unmarshal(payload, &r); err != nil {
			return nil, nil, damaged("record %x: %v", key, err)
		}
		if r.Arrived.Before(s.q.From) {
			return found, nil, nil
		}
		if !s.fits(&r) {
			continue
		}
		if err := r.beside(tx); err != nil {
			return nil, nil, err
		}
		if s.q.fitsBeside(&r) {
			found = append(found, r)
		}
	}
	return found, nil, nil
}

// beside reads what lies beside a record.
func (r *Record) beside(tx *bbolt.Tx) (err error) {
	if r.Score, err = scoreOf(tx, r.ID); err != nil {
		return err
	}
	r.Complaint, err = complaintOf(tx, r.ID)
	return err
}

func (q *Query) fitsBeside(r *Record) bool {
	return (q.Scored == "" || r.Score != nil && one(q.Scored, r.Score.Agent) && q.Team.HasAgent(r.Score.Agent)) &&
		(q.Complaint == "" || r.Complaint != nil && one(q.Complaint, r.Complaint.State()))
}

func (s *scan) mayFit(payload []byte) bool {
	for _, n := range s.needles {
		if !bytes.Contains(payload, n) {
			return false
		}
	}
	return true
}

func (s *scan) fits(r *Record) bool {
	q := s.q
	return r.of(q.Team) && (q.To.IsZero() || r.Arrived.Before(q.To)) &&
		(q.Hour == "" || r.Arrived.In(s.zone).Format("15") == q.Hour) &&
		(q.Number == "" || strings.Contains(r.Caller.Number, q.Number) || strings.Contains(r.Called, q.Number)) &&
		(q.Direction == "" || q.Direction == r.Direction) &&
		(q.Outcome == "" || q.Outcome == r.Outcome) &&
		(q.Answered == "" || (q.Answered == "yes") == r.answered()) &&
		(q.ForPerson == "" || (q.ForPerson == "yes") == r.forPerson()) &&
		(q.Line == "" || q.Line == r.Line || q.Line == r.Out || q.Line == Any && r.outside() != "") &&
		(q.Queue == "" && q.Reason == "" || q.waited(r)) &&
		(q.Closed == "" || r.Closed != "" && one(q.Closed, r.Closed)) &&
		(q.Vote == "" || r.polled(q.Queue, q.Agent, q.Vote, q.Team)) &&
		(q.Menu == "" && q.Input == "" || slices.ContainsFunc(r.Menus, func(m MenuStep) bool {
			return one(q.Menu, m.Menu) && (q.Input == "" || q.Input == m.outcome())
		})) &&
		(q.Text == "" || strings.Contains(strings.Join([]string{
			r.Caller.Name, r.Caller.Number, r.Called, r.Agent, r.Queue, r.Rule, r.Line, string(r.ID),
		}, "\n"), q.Text)) &&
		(q.Own == "" || r.own(q.Own)) &&
		(q.Agent == "" || slices.ContainsFunc(r.Talks, func(t Talk) bool {
			return t.Agent != "" && one(q.Agent, t.Agent) && q.Team.HasAgent(t.Agent)
		}))
}

// one says that a thing is the one that is asked for, or that any will do.
func one(asked, is string) bool { return asked == "" || asked == Any || asked == is }

// waited says that the stays of a call in the queue that is asked for ended as is asked for.
func (q *Query) waited(r *Record) bool {
	queue := q.Queue
	if queue == Any {
		queue = ""
	}
	how := r.endedIn(queue, q.Team)
	return how != "" && (q.Reason == "" || q.Reason == how || q.Reason == Unanswered && how != visitAnswered)
}
