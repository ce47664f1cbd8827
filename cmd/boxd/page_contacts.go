package main

import (
	"context"

	"callbox/storage"
	"callbox/webui"
)

// Contacts are those in a user's own address book.
func (a accounts) Contacts(user string) ([]webui.Contact, error) {
	kept, err := a.Store.Contacts(user)
	list := make([]webui.Contact, 0, len(kept))
	for _, c := range kept {
		list = append(list, webui.Contact(c))
	}
	return list, err
}

// PutContact writes one down.
func (a accounts) PutContact(ctx context.Context, user, was string, c webui.Contact) error {
	return a.Store.PutContact(ctx, user, was, storage.Contact(c))
}
