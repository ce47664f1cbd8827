package storage

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

const (
	maxContacts    = 500 // of one user
	maxContactName = 64  // characters
	maxContactNote = 200 // characters
)

// contactsBucket holds an address book for each user who has one. The first contact makes it, and no step of the format does, as
// with passkeys (passkey.go).
var contactsBucket = []byte("contacts")

// A Contact is an entry of somebody's own address book.
type Contact struct {
	Number string `json:"number"` // as it is dialled
	Name   string `json:"name"`
	Note   string `json:"note,omitempty"`
}

// keptContacts is the form of an address book on disk. It is of the user who was made then, and not of another one of the same
// name later.
type keptContacts struct {
	Born     time.Time `json:"born"`
	Contacts []Contact `json:"contacts"`
}

// Contacts are a user's, in the order in which they were written down.
func (s *Store) Contacts(user string) (list []Contact, err error) {
	err = s.config.View(func(tx *bbolt.Tx) error {
		_, kept, err := contactsOf(tx, user)
		list = kept.Contacts
		return err
	})
	return list, err
}

// PutContact writes a contact into a user's address book, in the place of the one with its number and of the one that had another
// number until now; empty: it is a new one.
func (s *Store) PutContact(ctx context.Context, user, was string, c Contact) error {
	if err := checkContact(&c); err != nil {
		return err
	}
	return s.changeContacts(ctx, user, func(list []Contact) ([]Contact, error) {
		if was != c.Number {
			list = slices.DeleteFunc(list, func(k Contact) bool { return k.Number == was })
		}
		i := slices.IndexFunc(list, func(k Contact) bool { return k.Number == c.Number })
		switch {
		case i >= 0:
			list[i] = c
			return list, nil
		case len(list) >= maxContacts:
			return nil, telephony.Errorf(telephony.Conflict,
				"通讯录最多 %d 条，请先删除不用的。", "An address book has at most %d entries. Remove one first.", maxContacts)
		}
		return append(list, c), nil
	})
}

// checkContact says what is wrong with a contact, and takes out of its number what people write between the figures.
func checkContact(c *Contact) error {
	c.Number, c.Name, c.Note = telephony.CleanNumber(c.Number), strings.TrimSpace(c.Name), strings.TrimSpace(c.Note)
	switch {
	case c.Number == "" || c.Number == "+":
		return telephony.Errorf(telephony.Invalid, "请填写电话号码。", "Give the telephone number.").At("number")
	case c.Name == "":
		return telephony.Errorf(telephony.Invalid, "请填写姓名。", "Give the name.").At("name")
	case utf8.RuneCountInString(c.Name) > maxContactName:
		return telephony.Errorf(telephony.Invalid, "姓名最多 %d 个字。", "A name has at most %d characters.", maxContactName).At("name")
	case utf8.RuneCountInString(c.Note) > maxContactNote:
		return telephony.Errorf(telephony.Invalid, "备注最多 %d 个字。", "A note has at most %d characters.", maxContactNote).At("note")
	}
	return nil
}

// DeleteContact takes the one with a number out of a user's address book.
func (s *Store) DeleteContact(ctx context.Context, user, number string) error {
	return s.changeContacts(ctx, user, func(list []Contact) ([]Contact, error) {
		i := slices.IndexFunc(list, func(k Contact) bool { return k.Number == number })
		if i < 0 {
			return nil, telephony.Errorf(telephony.NotFound, "通讯录里没有这个号码。", "This number is not in the address book.")
		}
		return slices.Delete(list, i, i+1), nil
	})
}

func (s *Store) changeContacts(ctx context.Context, user string, change func([]Contact) ([]Contact, error)) error {
	if err := s.mayChange(); err != nil {
		return err
	}
	return s.config.Update(ctx, func(tx *bbolt.Tx) error {
		u, kept, err := contactsOf(tx, user)
		if err != nil {
			return err
		}
		if kept.Contacts, err = change(kept.Contacts); err != nil {
			return err
		}
		books, err := tx.CreateBucketIfNotExists(contactsBucket)
		if err != nil {
			return err
		}
		kept.Born = u.Created
		return putJSON(books, []byte(user), kept)
	})
}

// contactsOf reads a user with the address book.
func contactsOf(tx *bbolt.Tx, user string) (u keptUser, kept keptContacts, err error) {
	found, err := getJSON(tx.Bucket(usersBucket), []byte(user), &u)
	if err == nil && !found {
		err = errNoUser
	}
	if books := tx.Bucket(contactsBucket); err == nil && books != nil {
		_, err = getJSON(books, []byte(user), &kept)
	}
	if !kept.Born.Equal(u.Created) {
		kept = keptContacts{}
	}
	return u, kept, err
}
