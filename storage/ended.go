package storage

import (
	"context"
	"errors"
	"slices"

	"callbox/telephony"
)

// maxLook is how many entries of the journal one request looks at: who asks goes on from there.
const maxLook = 200_000

// An EndedQuery chooses calls that ended behind an entry of the journal.
type EndedQuery struct {
	After uint64
	Limit int             // at most so many
	Team  *telephony.Team // calls of it alone
}

// CallsAfter gives the calls that ended behind an entry of the journal, in that order, and the entry from which to go on: the same when
// there is nothing new. A call comes again when something was added to it, such as a score, a judgment or a late recording.
func (s *Store) CallsAfter(ctx context.Context, q EndedQuery) (calls []Record, next uint64, err error) {
	if err := s.Sync(ctx); err != nil {
		return nil, 0, err
	}
	last := s.LastSeq()
	if err := s.reader.wait(ctx, last); err != nil {
		return nil, 0, err
	}
	if q.After > last {
		return nil, 0, telephony.Errorf(telephony.Invalid,
			"本设备的日志还没有到 %d（最新为 %d），可能已重新设置。请从 0 重新开始。",
			"The journal of this box has no entry %d yet, the newest is %d: it was set up anew. Begin again from 0.", q.After, last).At("after")
	}
	next = q.After
	known := map[telephony.CallID]*Record{} // nil: in progress
	for e := range s.Entries(q.After, min(last, q.After+maxLook)) {
		if ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		r, looked := known[e.Call]
		if !looked && e.Call != "" {
			if r, err = s.recordOf(ctx, e.Call); err != nil {
				return nil, 0, err
			}
			known[e.Call] = r
		}
		if r != nil && r.of(q.Team) && (e.Seq == r.Last || besideCall(e.Fact)) && !slices.ContainsFunc(calls, func(c Record) bool { return c.ID == r.ID }) {
			if len(calls) == q.Limit {
				return calls, next, nil
			}
			calls = append(calls, *r)
		}
		next = e.Seq
	}
	return calls, next, nil
}

// besideCall says that a fact is of what lies beside a record, and may be added long after the call.
func besideCall(f telephony.Fact) bool {
	switch f.(type) {
	case telephony.CallScored, telephony.CallNoted, telephony.CallJudged:
		return true
	}
	return false
}

// recordOf is the record of a call, nil where it has none yet.
func (s *Store) recordOf(ctx context.Context, id telephony.CallID) (*Record, error) {
	r, err := s.Call(ctx, id)
	if e := new(telephony.Error); errors.As(err, &e) && e.Code == telephony.NotFound {
		return nil, nil
	}
	return &r, err
}
