package storage

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"callbox/telephony"
)

const (
	maxContacts    = 500 // of one user
	maxContactName = 64  // characters
	maxContactNote = 200 // characters
)

// contactsBucket holds an address book for each user who has one.
var contactsBucket = []byte("contacts")

// A Contact is an entry of somebody's own address book.
type Contact struct {
	Number string `json:"number"` // as it is dialled
	Name   string `json:"name"`
	Note   string `json:"note,omitempty"`
}

// Contacts are a user's, in the order in which they were written down.
func (s *Store) Contacts(user string) ([]Contact, error) {
	k, err := s.kept(contactsBucket, user)
	return k.Contacts, err
}

// PutContact writes a contact into a user's address book, in the place of the one with its number and of the one that had another
// number until now; empty: it is a new one.
func (s *Store) PutContact(ctx context.Context, user, was string, c Contact) error {
	if err := checkContact(&c); err != nil {
		return err
	}
	return s.changeKept(ctx, contactsBucket, user, func(k *keptOwn) error {
		if was != c.Number {
			k.Contacts = slices.DeleteFunc(k.Contacts, func(have Contact) bool { return have.Number == was })
		}
		i := slices.IndexFunc(k.Contacts, func(have Contact) bool { return have.Number == c.Number })
		switch {
		case i >= 0:
			k.Contacts[i] = c
			return nil
		case len(k.Contacts) >= maxContacts:
			return telephony.Errorf(telephony.Conflict,
				"通讯录最多 %d 条，请先删除不用的。", "An address book has at most %d entries. Remove one first.", maxContacts)
		}
		k.Contacts = append(k.Contacts, c)
		return nil
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
	return s.changeKept(ctx, contactsBucket, user, func(k *keptOwn) error {
		i := slices.IndexFunc(k.Contacts, func(c Contact) bool { return c.Number == number })
		if i < 0 {
			return telephony.Errorf(telephony.NotFound, "通讯录里没有这个号码。", "This number is not in the address book.")
		}
		k.Contacts = slices.Delete(k.Contacts, i, i+1)
		return nil
	})
}
