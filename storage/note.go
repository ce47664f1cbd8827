package storage

import (
	"bytes"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

// notesBucket is number, 0, call -> Note.
var notesBucket = []byte("notes")

// A Note is what an agent wrote down of a call.
type Note struct {
	Call telephony.CallID `json:"call"`
	Time time.Time        `json:"time"`
	telephony.CallNoted
}

// putNotes writes notes; the newest of a call stands.
func putNotes(tx *bbolt.Tx, notes []Note) error {
	b := tx.Bucket(notesBucket)
	for _, n := range notes {
		if err := putJSON(b, slices.Concat([]byte(n.Number), []byte{0}, []byte(n.Call)), n); err != nil {
			return err
		}
	}
	return nil
}

// Notes are what was written down of the calls with a number, newest first and at most limit.
func (s *Store) Notes(number string, limit int) (notes []Note, err error) {
	prefix := append([]byte(number), 0)
	err = s.reader.state.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(notesBucket).Cursor()
		for key, value := c.Seek(prefix); bytes.HasPrefix(key, prefix); key, value = c.Next() {
			var n Note
			if err := openJSON(key, value, &n); err != nil {
				return err
			}
			notes = append(notes, n)
		}
		return nil
	})
	slices.SortFunc(notes, func(a, b Note) int { return b.Time.Compare(a.Time) })
	return notes[:min(limit, len(notes))], err
}
