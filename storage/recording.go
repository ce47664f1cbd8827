package storage

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

// A Recording is what is known of one sound file (A8.3, A8.6).
type Recording struct {
	ID      string           `json:"id"`
	Call    telephony.CallID `json:"call"`
	Purpose string           `json:"purpose"`
	Mailbox string           `json:"mailbox,omitempty"`  // of a voicemail (A9.1)
	HeardBy string           `json:"heard_by,omitempty"` // who heard the voicemail; empty: it is new
	Agent   string           `json:"agent,omitempty"`
	Caller  telephony.Caller `json:"caller"`
	Started time.Time        `json:"started"`
	Done    bool             `json:"done"` // closed; the rest is known then
	File    string           `json:"file,omitempty"`
	Octets  int64            `json:"octets"` // of audio; what the file holds beyond is not speech
	Length  time.Duration    `json:"length"` // nanoseconds
	Gap     time.Duration    `json:"gap,omitempty"`
	Problem string           `json:"problem,omitempty"`
}

// A RecordingQuery chooses recordings. Empty fields fit every recording.
type RecordingQuery struct {
	From    time.Time // started at or after
	To      time.Time // started before
	Call    telephony.CallID
	Agent   string
	Purpose string
	Mailbox string
	Team    *telephony.Team // of calls of it alone
	Before  string          // the page that begins after this recording
	Limit   int
}

// A recordingFact is an entry that the index of recordings is made of.
type recordingFact struct {
	entry  telephony.Entry
	caller telephony.Caller
}

// recordingFact picks the entries that concern recordings.
func (r *reader) recordingFact(e telephony.Entry) (recordingFact, bool) {
	switch f := e.Fact.(type) {
	case telephony.RecordingStarted, telephony.Recorded, telephony.VoicemailLeft, telephony.VoicemailHeard:
		fact := recordingFact{entry: e}
		if s := r.fold.calls[e.Call]; s != nil {
			fact.caller = s.rec.Caller
		}
		return fact, true
	case telephony.RecordingDeleted:
		return recordingFact{entry: e}, true
	case telephony.Alarm:
		return recordingFact{entry: e}, strings.HasPrefix(f.Name, noticePrefix)
	}
	return recordingFact{}, false
}

// apply writes what an entry says into the index. Doing it twice changes nothing.
func (f recordingFact) apply(tx *bbolt.Tx) error {
	switch fact := f.entry.Fact.(type) {
	case telephony.RecordingStarted:
		return f.change(tx, fact.Recording, func(r *Recording) {
			r.Purpose, r.Agent = fact.Purpose, fact.Agent
		})
	case telephony.Recorded:
		return f.change(tx, fact.Recording, func(r *Recording) {
			r.Purpose, r.Agent, r.Done, r.File = fact.Purpose, fact.Agent, true, fact.File
			r.Octets, r.Length, r.Gap, r.Problem = fact.Octets, fact.Length, fact.Gap, fact.Problem
		})
	case telephony.VoicemailLeft:
		return f.change(tx, fact.Recording, func(r *Recording) { r.Mailbox = fact.Mailbox })
	case telephony.VoicemailHeard:
		return f.heard(tx, fact)
	case telephony.RecordingDeleted:
		return forgetRecording(tx, fact.Recording)
	case telephony.Alarm:
		return putNotice(tx, fact, f.entry.Time)
	}
	return nil
}

// change makes or changes a recording of the index.
func (f recordingFact) change(tx *bbolt.Tx, id string, change func(*Recording)) error {
	b := tx.Bucket(recordingsBucket)
	r := Recording{ID: id, Call: f.entry.Call, Caller: f.caller, Started: f.entry.Time}
	if _, err := getJSON(b, []byte(id), &r); err != nil {
		return err
	}
	change(&r)
	key := startedKey(&r)
	if err := tx.Bucket(startedBucket).Put(key, seal(key, nil)); err != nil {
		return err
	}
	return putJSON(b, []byte(id), &r)
}

// heard marks a message, unless it was deleted meanwhile.
func (f recordingFact) heard(tx *bbolt.Tx, fact telephony.VoicemailHeard) error {
	b := tx.Bucket(recordingsBucket)
	var r Recording
	if found, err := getJSON(b, []byte(fact.Recording), &r); err != nil || !found {
		return err
	}
	r.HeardBy = fact.By
	if fact.New {
		r.HeardBy = ""
	}
	return putJSON(b, []byte(r.ID), &r)
}

func forgetRecording(tx *bbolt.Tx, id string) error {
	b := tx.Bucket(recordingsBucket)
	var r Recording
	if found, err := getJSON(b, []byte(id), &r); err != nil || !found {
		return err
	}
	if err := tx.Bucket(startedBucket).Delete(startedKey(&r)); err != nil {
		return err
	}
	return b.Delete([]byte(id))
}

// startedKey sorts recordings by their start.
func startedKey(r *Recording) []byte { return append(number(uint64(r.Started.UnixNano())), r.ID...) }

// Recording is what is known of one, or NotFound.
func (s *Store) Recording(id string) (Recording, error) { return s.reader.recording(id) }

func (r *reader) recording(id string) (Recording, error) {
	var rec Recording
	err := r.state.View(func(tx *bbolt.Tx) error {
		found, err := getJSON(tx.Bucket(recordingsBucket), []byte(id), &rec)
		if err == nil && !found {
			return telephony.Errorf(telephony.NotFound, "没有录音 %s：可能已按保存期限删除。",
				"There is no recording %s: it may have been deleted when its time was over.", id)
		}
		return err
	})
	return rec, err
}

// Recordings lists those that fit, newest first, and where the next page begins ("" at the end). What is of a team is known of the calls,
// which are looked up between two transactions.
func (s *Store) Recordings(ctx context.Context, q RecordingQuery) (list []Recording, next string, err error) {
	limit := pageLimit(q.Limit)
	if q.Team == nil {
		return s.someRecordings(q, limit)
	}
	for more := true; more && len(list) <= limit; more = q.Before != "" {
		var some []Recording
		if some, q.Before, err = s.someRecordings(q, foundBatch); err != nil || ctx.Err() != nil {
			return nil, "", cmp.Or(err, ctx.Err())
		}
		for i := range some {
			if s.recordedOf(ctx, q.Team, &some[i]) {
				list = append(list, some[i])
			}
		}
	}
	if len(list) > limit {
		list, next = list[:limit], list[limit-1].ID
	}
	return list, next, nil
}

// recordedOf says that a recording is of a call of a team.
func (s *Store) recordedOf(ctx context.Context, t *telephony.Team, r *Recording) bool {
	if t.HasAgent(r.Agent) {
		return true
	}
	call, err := s.Call(ctx, r.Call)
	return err == nil && call.of(t)
}

// someRecordings lists those that fit, of whatever team, and where to go on.
func (s *Store) someRecordings(q RecordingQuery, limit int) (list []Recording, next string, err error) {
	err = s.reader.state.View(func(tx *bbolt.Tx) error {
		list, next = nil, ""
		recordings := tx.Bucket(recordingsBucket)
		c := tx.Bucket(startedBucket).Cursor()
		key, err := q.start(recordings, c)
		for ; err == nil && key != nil; key, _ = c.Prev() {
			var r Recording
			if _, err = getJSON(recordings, key[8:], &r); err != nil || r.Started.Before(q.From) {
				break
			}
			if !q.fits(&r) {
				continue
			}
			if len(list) == limit {
				next = list[limit-1].ID
				break
			}
			list = append(list, r)
		}
		return err
	})
	return list, next, err
}

// start places the cursor on the newest recording of the page.
func (q *RecordingQuery) start(recordings *bbolt.Bucket, c *bbolt.Cursor) ([]byte, error) {
	var seek []byte
	if !q.To.IsZero() {
		seek = number(uint64(q.To.UnixNano()))
	}
	if q.Before != "" {
		var last Recording
		if found, err := getJSON(recordings, []byte(q.Before), &last); err != nil || !found {
			return nil, err
		}
		seek = startedKey(&last)
	}
	if seek != nil {
		if key, _ := c.Seek(seek); key != nil {
			key, _ = c.Prev()
			return key, nil
		}
	}
	key, _ := c.Last()
	return key, nil
}

func (q *RecordingQuery) fits(r *Recording) bool {
	return (q.Call == "" || q.Call == r.Call) && (q.Agent == "" || q.Agent == r.Agent) &&
		(q.Purpose == "" || q.Purpose == r.Purpose) && (q.Mailbox == "" || q.Mailbox == r.Mailbox)
}

// OpenRecording opens the file of a recording. Only names below the recordings folder are opened.
func (s *Store) OpenRecording(id string) (*os.File, error) {
	r, err := s.Recording(id)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(filepath.Join(s.dir, recordingDir))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if f, err := root.Open(r.File); err == nil {
		return f, nil
	}
	return nil, telephony.Errorf(telephony.NotFound, "录音 %s 的文件不在磁盘上。", "The file of recording %s is not on the disk.", id)
}

// Message is what is known of a message in a mailbox, or NotFound.
func (s *Store) Message(id string) (Recording, error) {
	r, err := s.Recording(id)
	if err == nil && r.Mailbox == "" {
		err = telephony.Errorf(telephony.NotFound, "录音 %s 不是留言。", "Recording %s is no message in a mailbox.", id)
	}
	return r, err
}

// MarkMessage notes in the journal that somebody heard a message, or made it new again.
func (s *Store) MarkMessage(ctx context.Context, who, id string, heard bool) error {
	r, err := s.Message(id)
	if err != nil || (r.HeardBy != "") == heard {
		return err
	}
	s.Append(telephony.Entry{Call: r.Call, Fact: telephony.VoicemailHeard{Recording: id, By: who, New: !heard}})
	return s.Sync(ctx)
}

// DeleteRecording removes a recording for ever; the journal says who asked.
func (s *Store) DeleteRecording(ctx context.Context, who, id string) error {
	r, err := s.Recording(id)
	if err != nil {
		return err
	}
	if err := s.removeRecording(&r, "user", who); err != nil {
		return err
	}
	return s.Sync(ctx)
}

// removeRecording takes the file away, then tells the journal. A file that is gone already is no error.
func (s *Store) removeRecording(r *Recording, reason, who string) error {
	root, err := os.OpenRoot(filepath.Join(s.dir, recordingDir))
	if err != nil {
		return err
	}
	defer root.Close()
	if r.File != "" {
		if err := root.Remove(r.File); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	s.Append(telephony.Entry{Call: r.Call, Fact: telephony.RecordingDeleted{Recording: r.ID, Reason: reason, Who: who}})
	return nil
}

// oldest lists up to n closed recordings that began before a time, oldest first.
func (s *Store) oldest(n int, before time.Time) ([]Recording, error) {
	var list []Recording
	err := s.reader.state.View(func(tx *bbolt.Tx) error {
		list = nil
		c := tx.Bucket(startedBucket).Cursor()
		for key, _ := c.First(); key != nil && len(list) < n; key, _ = c.Next() {
			var r Recording
			if _, err := getJSON(tx.Bucket(recordingsBucket), slices.Clone(key[8:]), &r); err != nil {
				return err
			}
			if !r.Started.Before(before) {
				return nil
			}
			if r.Done {
				list = append(list, r)
			}
		}
		return nil
	})
	return list, err
}
