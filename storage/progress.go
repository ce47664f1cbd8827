package storage

import (
	"context"

	"go.etcd.io/bbolt"
)

// Progress reads how far the work with a name has come into a value, and reports whether it ever began. Where state.db was
// damaged, it did not.
func (s *Store) Progress(name string, value any) (found bool, err error) {
	err = s.reader.state.View(func(tx *bbolt.Tx) error {
		found, err = getJSON(tx.Bucket(progressBucket), []byte(name), value)
		return err
	})
	return found, err
}

// PutProgress keeps it, durable when it returns; nil forgets it.
func (s *Store) PutProgress(ctx context.Context, name string, value any) error {
	return s.reader.state.Update(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(progressBucket)
		if value == nil {
			return b.Delete([]byte(name))
		}
		return putJSON(b, []byte(name), value)
	})
}

// Reached waits until the consequences of an entry are in the call records and the index of recordings.
func (s *Store) Reached(ctx context.Context, seq uint64) error { return s.reader.wait(ctx, seq) }
