package storage

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

// outgoingBucket holds what an outbox was given and what became of it, by outbox and id. The first message makes it, and no step of the
// format does, as with address books (contact.go).
var outgoingBucket = []byte("outgoing")

// A Shelf is where one outbox keeps its messages. How many there are is up to the outbox.
type Shelf struct {
	store *Store
	name  string
}

// Shelf is that of an outbox.
func (s *Store) Shelf(name string) Shelf { return Shelf{s, name + "/"} }

// Kept are the messages on it, oldest first, that can be read; a damaged one is an error beside them.
func (s Shelf) Kept() (list []telephony.KeptMessage, err error) {
	var damage error
	err = s.store.reader.state.View(func(tx *bbolt.Tx) error {
		list, damage = nil, nil
		b := tx.Bucket(outgoingBucket)
		if b == nil {
			return nil
		}
		c := b.Cursor()
		for key, value := c.Seek([]byte(s.name)); bytes.HasPrefix(key, []byte(s.name)); key, value = c.Next() {
			var k telephony.KeptMessage
			if err := openJSON(key, value, &k); err != nil {
				damage = errors.Join(damage, err)
				continue
			}
			list = append(list, k)
		}
		return nil
	})
	slices.SortStableFunc(list, func(a, b telephony.KeptMessage) int { return a.Told.Time.Compare(b.Told.Time) })
	return list, errors.Join(err, damage)
}

// Keep puts a message onto it, in the place of the one with its id. It is durable when Keep returns.
func (s Shelf) Keep(ctx context.Context, k telephony.KeptMessage) error {
	return s.store.reader.state.Update(ctx, func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(outgoingBucket)
		if err != nil {
			return err
		}
		return putJSON(b, s.key(k.Told.ID), k)
	})
}

// Forget takes one off.
func (s Shelf) Forget(ctx context.Context, id string) error {
	return s.store.reader.state.Update(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(outgoingBucket)
		if b == nil {
			return nil
		}
		return b.Delete(s.key(id))
	})
}

func (s Shelf) key(id string) []byte { return []byte(s.name + id) }
