package main

import (
	"context"

	"callbox/storage"
	"callbox/webui"
)

func keyring(kept storage.Keyring) webui.Keyring {
	ring := webui.Keyring{User: kept.User, Handle: kept.Handle, Password: kept.Password}
	for _, p := range kept.Passkeys {
		ring.Passkeys = append(ring.Passkeys, webui.Passkey{
			ID: storage.PasskeyID(p.ID), Name: p.Name, Host: p.Host, Synced: p.Synced, Created: p.Created, Used: p.Used,
			Credential: p.ID, Key: p.Key, Counter: p.Counter,
		})
	}
	return ring
}

func keptPasskey(p webui.Passkey) storage.Passkey {
	return storage.Passkey{ID: p.Credential, Name: p.Name, Host: p.Host, Key: p.Key, Counter: p.Counter, Synced: p.Synced}
}

// Keyring is what opens a user's account.
func (a accounts) Keyring(user string) (webui.Keyring, error) {
	kept, err := a.Store.Keyring(user)
	return keyring(kept), err
}

// KeyringOf is the one that passkeys know by a handle.
func (a accounts) KeyringOf(handle []byte) (webui.Keyring, bool, error) {
	kept, found, err := a.Store.KeyringOf(handle)
	return keyring(kept), found, err
}

// ClaimByPasskey makes the first administrator without a password.
func (a accounts) ClaimByPasskey(ctx context.Context, code, user string, handle []byte, p webui.Passkey, by webui.By) error {
	return a.Store.ClaimByPasskey(ctx, code, user, handle, keptPasskey(p), storage.By(by))
}

// AddPasskey adds one to a user's.
func (a accounts) AddPasskey(ctx context.Context, user string, handle []byte, p webui.Passkey, by webui.By) error {
	return a.Store.AddPasskey(ctx, user, handle, keptPasskey(p), storage.By(by))
}

// UsePasskey notes a signature.
func (a accounts) UsePasskey(ctx context.Context, user string, credential []byte, counter uint32, by webui.By) error {
	return a.Store.UsePasskey(ctx, user, credential, counter, storage.By(by))
}

// DeletePasskey takes one away.
func (a accounts) DeletePasskey(ctx context.Context, user, id string, by webui.By) error {
	return a.Store.DeletePasskey(ctx, user, id, storage.By(by))
}

// DeletePasskeys takes all of a user's away.
func (a accounts) DeletePasskeys(ctx context.Context, user string, by webui.By) error {
	return a.Store.DeletePasskeys(ctx, user, storage.By(by))
}
