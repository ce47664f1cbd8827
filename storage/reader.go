package storage

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

const (
	foldBatch = 4096        // entries between two commits while there are more to read
	foldRetry = time.Second // after the disk refused
)

var (
	foldBucket       = []byte("fold")
	positionKey      = []byte("position")
	recordingsBucket = []byte("recordings") // id -> Recording
	startedBucket    = []byte("started")    // start, id -> nothing
	noticesBucket    = []byte("notices")    // alarm's name -> time
	sessionsBucket   = []byte("sessions")
	progressBucket   = []byte("progress") // name -> how far something has come
	stateLayout      = layout{steps: []step{
		buckets(foldBucket, recordingsBucket, startedBucket, noticesBucket, sessionsBucket),
		readAgain, // for the changes of agents' states
		buckets(notesBucket),
		buckets(progressBucket),
		buckets(handoutsBucket),
	}}
)

// A reader keeps what is made of the journal: call records and the index of recordings. Its goroutine owns the fold. After
// a start it goes on where the last one stood; when a file was lost it begins again from the first entry, and as each write
// says what an entry says, doing it twice changes nothing.
type reader struct {
	store  *Store
	state  *file
	months *months
	found  []telephony.Recorded // what Repair found

	again   chan struct{} // a file was lost: begin from the first entry
	stop    context.CancelFunc
	ended   chan struct{}
	settled chan struct{} // closed when all that was there at the start is read
	done    marker        // the newest entry whose consequences are durable
	low     atomic.Uint64 // what is before it is in the records

	// The rest is the goroutine's.
	fold       *Fold
	cursor     *cursor
	records    map[telephony.CallID]Record // to write
	facts      []recordingFact             // to write
	changes    []change                    // to write
	notes      []Note                      // to write
	scores     []Score                     // to write
	complained []complained                // to write
	alive      time.Time                   // of the entry that was taken last
}

// A position says where a fold went on.
type position struct {
	Low   uint64    `json:"low"`            // the first entry that it must see
	Alive time.Time `json:"alive,omitzero"` // of the newest entry that it saw
}

// readAgain has the whole journal read once more: this version keeps more of it.
func readAgain(tx *bbolt.Tx) error { return tx.Bucket(foldBucket).Delete(positionKey) }

func (s *Store) startReader(opt Options) (*reader, error) {
	r := &reader{
		store: s,
		again: make(chan struct{}, 1), ended: make(chan struct{}), settled: make(chan struct{}),
	}
	lost := func(name string, how error) {
		s.damaged(name, how)
		select {
		case r.again <- struct{}{}:
		default:
		}
	}
	var err error
	if r.state, err = openFile(filepath.Join(s.dir, stateName), stateLayout, lost); err != nil {
		return nil, err
	}
	if s.restored || exists(r.state.path+laterSuffix) { // it went back: who has signed out since is out
		if err := r.state.Update(context.Background(), endAllSessions); err != nil {
			return nil, err
		}
	}
	if len(r.again) > 0 {
		<-r.again // what was lost of it is read again anyway
	}
	r.months = &months{dir: filepath.Join(s.dir, callsDir), told: lost, trial: &s.trial}
	if !opt.Trial {
		if err := r.goBack(context.Background()); err != nil {
			return nil, err
		}
	}
	if opt.Repair != nil && !s.Clean() {
		r.found = opt.Repair(r.length)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	go r.run(ctx)
	return r, nil
}

func (r *reader) close() error {
	r.stop()
	<-r.ended
	err := r.months.close()
	if closeErr := r.state.close(); err == nil {
		err = closeErr
	}
	return err
}

// run reads for ever, from the start again when a file was lost.
func (r *reader) run(ctx context.Context) {
	defer close(r.ended)
	defer r.done.close()
	var after uint64
	for after, r.alive = r.position(); ctx.Err() == nil; after = 0 {
		r.pass(ctx, after)
		r.patiently(ctx, func() error { return r.keepPosition(ctx, 1) })
	}
}

// patiently does what the disk may refuse until it does not, or the context ends.
func (r *reader) patiently(ctx context.Context, do func() error) {
	for ctx.Err() == nil && do() != nil {
		select {
		case <-time.After(foldRetry):
		case <-ctx.Done():
		}
	}
}

// keepPosition notes the first entry that a later start must see.
func (r *reader) keepPosition(ctx context.Context, low uint64) error {
	return r.state.Update(ctx, func(tx *bbolt.Tx) error {
		return putJSON(tx.Bucket(foldBucket), positionKey, position{Low: low})
	})
}

// position is the number of the entry behind which reading goes on, and when the newest one that was read happened.
func (r *reader) position() (after uint64, alive time.Time) {
	var p position
	err := r.state.View(func(tx *bbolt.Tx) error {
		_, err := getJSON(tx.Bucket(foldBucket), positionKey, &p)
		return err
	})
	if err != nil || p.Low == 0 {
		return 0, time.Time{}
	}
	return p.Low - 1, p.Alive
}

// pass reads from one entry on until the context ends or a file is lost.
func (r *reader) pass(ctx context.Context, after uint64) {
	r.fold, r.records, r.facts = NewFold(), map[telephony.CallID]Record{}, nil
	r.changes, r.notes, r.scores, r.complained = nil, nil, nil, nil
	r.cursor = newCursor(r.store.Journal.dir, after)
	defer func() { r.cursor.close() }()
	start := r.store.LastSeq()
	for {
		d, wake, _ := r.store.mark.get()
		if !r.read(ctx, d) {
			return
		}
		if d.seq >= start {
			r.endInterrupted()
			start = ^uint64(0)
		}
		select {
		case <-wake:
		case <-r.again:
			return
		case <-ctx.Done():
			return
		}
	}
}

// read takes what is durable, and reports whether the pass goes on.
func (r *reader) read(ctx context.Context, d durable) bool {
	for n := 1; ; n++ {
		e, ok := r.cursor.next(d)
		if ok {
			r.take(e)
		}
		if !ok || n%foldBatch == 0 {
			r.patiently(ctx, func() error { return r.flush(ctx) })
			if len(r.again) > 0 || ctx.Err() != nil {
				break
			}
		}
		if !ok {
			r.low.Store(r.fold.Low())
			r.done.set(durable{seq: d.seq})
			return true
		}
	}
	select {
	case <-r.again:
	default:
	}
	return false
}

func (r *reader) take(e telephony.Entry) {
	if rec, ok := r.fold.Step(e); ok {
		r.records[rec.ID] = rec
	}
	if fact, ok := r.recordingFact(e); ok {
		r.facts = append(r.facts, fact)
	}
	if c, ok := changeOf(e, r.alive); ok {
		r.changes = append(r.changes, c)
	}
	if n, ok := e.Fact.(telephony.CallNoted); ok {
		r.notes = append(r.notes, Note{e.Call, e.Time, n})
	}
	if s, ok := e.Fact.(telephony.CallScored); ok {
		r.scores = append(r.scores, Score{e.Call, e.Time, s})
	}
	if c, ok := complainedOf(e); ok {
		r.complained = append(r.complained, c)
	}
	r.alive = e.Time
}

// flush makes durable what was taken: the records, then the index with the position, so that a cut between the two only
// means to do some again.
func (r *reader) flush(ctx context.Context) error {
	if len(r.records) == 0 && len(r.facts) == 0 && len(r.changes) == 0 && len(r.notes) == 0 && len(r.scores) == 0 && len(r.complained) == 0 {
		return nil
	}
	if err := r.flushMonths(ctx); err != nil {
		return err
	}
	err := r.state.Update(ctx, func(tx *bbolt.Tx) error {
		for _, fact := range r.facts {
			if err := fact.apply(tx); err != nil {
				return err
			}
		}
		if err := putNotes(tx, r.notes); err != nil {
			return err
		}
		return putJSON(tx.Bucket(foldBucket), positionKey, position{r.fold.Low(), r.alive})
	})
	if err == nil {
		clear(r.records)
		r.facts, r.changes, r.notes, r.scores, r.complained = r.facts[:0], r.changes[:0], r.notes[:0], r.scores[:0], r.complained[:0]
	}
	return err
}

// flushMonths writes the records, their scores and complaints and the changes of agents' states into their months.
func (r *reader) flushMonths(ctx context.Context) error {
	type month struct {
		records    []Record
		changes    []change
		scores     []Score
		complained []complained
	}
	months := map[string]month{}
	for _, rec := range r.records {
		m := months[monthOf(rec.Arrived)]
		m.records = append(m.records, rec)
		months[monthOf(rec.Arrived)] = m
	}
	for _, c := range r.changes {
		m := months[monthOf(c.Time)]
		m.changes = append(m.changes, c)
		months[monthOf(c.Time)] = m
	}
	for _, s := range r.scores {
		m := months[monthOf(s.Arrived)]
		m.scores = append(m.scores, s)
		months[monthOf(s.Arrived)] = m
	}
	for _, c := range r.complained {
		m := months[monthOf(c.arrived)]
		m.complained = append(m.complained, c)
		months[monthOf(c.arrived)] = m
	}
	for name, m := range months {
		f, err := r.months.file(name)
		if err != nil {
			return err
		}
		err = f.Update(ctx, func(tx *bbolt.Tx) error {
			return errors.Join(putRecords(tx, m.records), putChanges(tx, m.changes), putScores(tx, m.scores), putComplaints(tx, m.complained))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// length is what the index knows of a recording that was closed.
func (r *reader) length(recording string) (octets int64, known bool) {
	rec, err := r.recording(recording)
	return rec.Octets, err == nil && rec.Done
}

// endInterrupted closes what earlier boots left open: their calls end in OutcomeInterrupted, but for one whose agent was done and
// whose caller was asked for a vote, and their recordings are as long as what was found on disk. The journal tells it, so every later reader knows.
func (r *reader) endInterrupted() {
	found := map[string]telephony.Recorded{}
	for _, f := range r.found {
		found[f.Recording] = f
	}
	for _, s := range r.fold.interrupted(r.store.Boot()) {
		for _, id := range slices.Sorted(maps.Keys(s.open)) {
			f, started := found[id], s.open[id]
			f.Recording, f.Purpose, f.Agent, f.Problem = id, started.Purpose, started.Agent, "interrupted"
			r.store.Append(telephony.Entry{Call: s.rec.ID, Fact: f})
			delete(found, id)
		}
		if s.over.Seq == 0 {
			outcome := telephony.OutcomeInterrupted
			if s.rec.Poll != nil {
				outcome = telephony.OutcomeAnswered
			}
			r.store.Append(telephony.Entry{Call: s.rec.ID, Fact: telephony.CallEnded{
				Outcome: outcome, Cause: telephony.CauseTemporary, By: "box",
			}})
		}
	}
	r.adopt(found)
	r.found = nil
	select {
	case <-r.settled:
	default:
		close(r.settled)
	}
}

// adopt journals the files whose end, or whose very start, the journal lost (pain 23). A recording is named after its call:
// the call's id, a dot, a number.
func (r *reader) adopt(found map[string]telephony.Recorded) {
	for _, id := range slices.Sorted(maps.Keys(found)) {
		known, err := r.recording(id)
		if err == nil && known.Done {
			continue
		}
		f := found[id]
		call, _, _ := strings.Cut(id, ".")
		f.Purpose, f.Agent = cmp.Or(known.Purpose, "call"), known.Agent
		r.store.Append(telephony.Entry{Call: cmp.Or(known.Call, telephony.CallID(call)), Fact: f})
	}
}

// wait returns when what was durable at the call is in the records.
func (r *reader) wait(ctx context.Context, seq uint64) error {
	for {
		d, wake, closed := r.done.get()
		if d.seq >= seq {
			return nil
		}
		if closed {
			return errClosed
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
