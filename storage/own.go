package storage

import (
	"bytes"
	"context"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

// An OwnSession is one of the places where a user is signed in.
type OwnSession struct {
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"` // last use, within ten minutes
	Source  string    `json:"source,omitempty"`
	Current bool      `json:"current"` // the one that asks
}

// Sessions lists where a user is signed in, used last first; the one with the secret is the one that asks.
func (s *Store) Sessions(user, secret string) ([]OwnSession, error) {
	list := []OwnSession{}
	err := s.eachSession(user, func(key []byte, k session) {
		list = append(list, OwnSession{k.Created, k.Seen, k.Source, bytes.Equal(key, secretKey(secret))})
	})
	slices.SortFunc(list, func(a, b OwnSession) int { return b.Seen.Compare(a.Seen) })
	return list, err
}

// EndSessions ends those of a user, but the one that has the secret.
func (s *Store) EndSessions(ctx context.Context, user, secret string, by By) error {
	var others [][]byte
	err := s.eachSession(user, func(key []byte, _ session) {
		if !bytes.Equal(key, secretKey(secret)) {
			others = append(others, bytes.Clone(key))
		}
	})
	if err == nil {
		err = s.reader.state.Update(ctx, func(tx *bbolt.Tx) error {
			for _, key := range others {
				if err := tx.Bucket(sessionsBucket).Delete(key); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err == nil {
		err = s.Audit(ctx, by.line("session.others_ended", user, ""))
	}
	return err
}

// eachSession visits the sessions of a user that have not ended.
func (s *Store) eachSession(name string, visit func(key []byte, k session)) error {
	user, found, err := s.user(name)
	if err != nil || !found {
		return err
	}
	return s.reader.state.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(sessionsBucket).ForEach(func(key, value []byte) error {
			var k session
			err := openJSON(key, value, &k)
			if err == nil && k.User == name && k.Life == user.Life && !k.over(time.Now()) {
				visit(key, k)
			}
			return err
		})
	})
}

var errPresent = telephony.Errorf(telephony.Forbidden, "现在的密码不对。", "The present password is wrong.").At("present")

// ChangePassword gives a user another password in the place of the present one, or the first to an account that passkeys alone open:
// there the door asks for one of them. It ends all sessions of the user and opens one for who changed it.
func (s *Store) ChangePassword(ctx context.Context, user, present, next string, by By) (secret string, err error) {
	kept, found, err := s.user(user)
	if err != nil {
		return "", err
	}
	if !found || kept.hasPassword() {
		if err := s.CheckPassword(ctx, user, present); err != nil {
			return "", err
		}
	}
	if err := s.checkPassword(user, next); err != nil {
		return "", err
	}
	hash, err := s.accounts.hasher.hash(ctx, next)
	if err != nil {
		return "", err
	}
	var life uint64
	err = s.change(ctx, func(tx *bbolt.Tx) error {
		users := tx.Bucket(usersBucket)
		var k keptUser
		if found, err := getJSON(users, []byte(user), &k); err != nil || !found {
			return errSignIn
		}
		k.Hash, k.Life = hash, k.Life+1
		life = k.Life
		if err := putJSON(users, []byte(user), k); err != nil {
			return err
		}
		return appendAudit(tx, by.line("user.password", user, ""))
	})
	if err != nil {
		return "", err
	}
	return s.openSession(ctx, user, life, by.Source)
}
