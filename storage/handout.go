package storage

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

const handoutLife = 24 * time.Hour

var (
	handoutsBucket = []byte("handouts") // extension -> keptHandout

	errHandout = telephony.Errorf(telephony.Forbidden,
		"链接无效、已用过或已过期。请管理员重新生成。", "The link is wrong, used or out of date. Ask the administrator for another.")
)

// A Handout lets one telephone fetch its settings once. There is one for each extension at the most.
type Handout struct {
	Extension string    `json:"extension"`
	By        string    `json:"by"`
	Expires   time.Time `json:"expires"`
}

// keptHandout is its form on disk, which lets nobody in.
type keptHandout struct {
	Handout
	Hash []byte `json:"hash"`
}

// MakeHandout gives the secret of a new handout, in the place of the one that the extension may have.
func (s *Store) MakeHandout(ctx context.Context, extension string, by By) (secret string, h Handout, err error) {
	secret = extension + "_" + base64.RawURLEncoding.EncodeToString(secretOctets(24))
	h = Handout{extension, by.Who, time.Now().UTC().Add(handoutLife)}
	err = s.reader.state.Update(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(handoutsBucket)
		if err := endHandouts(b, time.Now()); err != nil {
			return err
		}
		return putJSON(b, []byte(extension), keptHandout{h, secretKey(secret)})
	})
	if err == nil {
		err = s.Audit(ctx, by.line("phone.handout", extension, ""))
	}
	return secret, h, err
}

// TakeHandout gives the extension whose handout has the secret, which works no second time. It is in the audit when
// TakeHandout returns.
func (s *Store) TakeHandout(ctx context.Context, secret string, by By) (extension string, err error) {
	extension, _, _ = strings.Cut(secret, "_")
	err = s.reader.state.Update(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(handoutsBucket)
		var k keptHandout
		found, err := getJSON(b, []byte(extension), &k)
		switch {
		case err != nil:
			return err
		case !found, subtle.ConstantTimeCompare(k.Hash, secretKey(secret)) != 1, !time.Now().Before(k.Expires):
			return errHandout
		}
		return b.Delete([]byte(extension))
	})
	if err != nil {
		return "", err
	}
	return extension, s.Audit(ctx, by.line("phone.handout_taken", extension, ""))
}

// Handouts lists those that are open, by extension.
func (s *Store) Handouts() ([]Handout, error) {
	list := []Handout{}
	err := s.reader.state.View(func(tx *bbolt.Tx) error {
		list = list[:0]
		return tx.Bucket(handoutsBucket).ForEach(func(key, value []byte) error {
			var k keptHandout
			err := openJSON(key, value, &k)
			if err == nil && time.Now().Before(k.Expires) {
				list = append(list, k.Handout)
			}
			return err
		})
	})
	return list, err
}

// DeleteHandout takes one back.
func (s *Store) DeleteHandout(ctx context.Context, extension string, by By) error {
	err := s.reader.state.Update(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(handoutsBucket)
		if b.Get([]byte(extension)) == nil {
			return telephony.Errorf(telephony.NotFound, "分机 %s 没有可用的链接。", "Extension %s has no open link.", bounded(extension, 8))
		}
		return b.Delete([]byte(extension))
	})
	if err == nil {
		err = s.Audit(ctx, by.line("phone.handout_revoked", extension, ""))
	}
	return err
}

// endHandouts takes away those whose time is over.
func endHandouts(b *bbolt.Bucket, now time.Time) error {
	var over [][]byte
	err := b.ForEach(func(key, value []byte) error {
		var k keptHandout
		err := openJSON(key, value, &k)
		if err == nil && !now.Before(k.Expires) {
			over = append(over, slices.Clone(key))
		}
		return err
	})
	for _, key := range over {
		if err == nil {
			err = b.Delete(key)
		}
	}
	return err
}
