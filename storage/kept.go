package storage

import (
	"context"
	"time"

	"go.etcd.io/bbolt"
)

// A keptOwn is the form on disk of what a user keeps alone; each bucket has one list of it. It is of the user who was made then, and not
// of another one of the same name later. The first entry makes the bucket, and no step of the format does, as with passkeys (passkey.go).
type keptOwn struct {
	Born     time.Time   `json:"born"`
	Contacts []Contact   `json:"contacts,omitempty"`
	Reports  []OwnReport `json:"reports,omitempty"`
}

// keptBuckets go with the account.
var keptBuckets = [][]byte{contactsBucket, ownReportsBucket}

func (s *Store) kept(bucket []byte, user string) (k keptOwn, err error) {
	err = s.config.View(func(tx *bbolt.Tx) error {
		_, k, err = keptOf(tx, bucket, user)
		return err
	})
	return k, err
}

func (s *Store) changeKept(ctx context.Context, bucket []byte, user string, change func(*keptOwn) error) error {
	if err := s.mayChange(); err != nil {
		return err
	}
	return s.config.Update(ctx, func(tx *bbolt.Tx) error {
		u, k, err := keptOf(tx, bucket, user)
		if err != nil {
			return err
		}
		if err := change(&k); err != nil {
			return err
		}
		b, err := tx.CreateBucketIfNotExists(bucket)
		if err != nil {
			return err
		}
		k.Born = u.Created
		return putJSON(b, []byte(user), k)
	})
}

// keptOf reads a user with what is kept in a bucket.
func keptOf(tx *bbolt.Tx, bucket []byte, user string) (u keptUser, k keptOwn, err error) {
	found, err := getJSON(tx.Bucket(usersBucket), []byte(user), &u)
	if err == nil && !found {
		err = errNoUser
	}
	if b := tx.Bucket(bucket); err == nil && b != nil {
		_, err = getJSON(b, []byte(user), &k)
	}
	if !k.Born.Equal(u.Created) {
		k = keptOwn{}
	}
	return u, k, err
}
