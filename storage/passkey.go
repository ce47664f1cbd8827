package storage

import (
	"bytes"
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

const (
	maxPasskeys     = 10 // of one user
	maxPasskeyName  = 64 // octets
	userHandleBytes = 32 // WebAuthn Level 3 14.6.1: at most 64, random, so that it says nothing of the user
)

// passkeysBucket holds a keyring for each user who has passkeys. The first passkey makes it, and no step of the format does: the
// system before an update still opens the file when it has to come back, and loses nothing of what it does not know.
var passkeysBucket = []byte("passkeys")

// A Passkey signs its owner in: a key whose private half stays in the owner's device, which asks for a finger, a face or a PIN
// before it signs (WebAuthn Level 3).
type Passkey struct {
	ID      []byte    `json:"id"`
	Name    string    `json:"name"`    // as its owner calls it
	Host    string    `json:"host"`    // the box's name in the browser's address bar, at which alone it works
	Key     []byte    `json:"key"`     // the public half, COSE (RFC 9052 7)
	Counter uint32    `json:"counter"` // of its signatures; 0: it does not count
	Synced  bool      `json:"synced"`  // its owner's devices may share it
	Created time.Time `json:"created"`
	Used    time.Time `json:"used,omitzero"`
}

// A Keyring is what opens the account of a user.
type Keyring struct {
	User     string
	Handle   []byte // by which passkeys name the user
	Password bool
	Passkeys []Passkey
}

// keptKeyring is the form of a keyring on disk. It is of the user who was made then, and not of another one of the same name later.
type keptKeyring struct {
	Handle   []byte    `json:"handle"`
	Born     time.Time `json:"born"`
	Passkeys []Passkey `json:"passkeys"`
}

var errNoPasskey = telephony.Errorf(telephony.NotFound, "没有这个通行密钥。", "There is no such passkey.")

// Keyring is what opens a user's account. A user without passkeys gets a handle for the first.
func (s *Store) Keyring(user string) (ring Keyring, err error) {
	err = s.config.View(func(tx *bbolt.Tx) error {
		u, kept, err := keyringOf(tx, user)
		ring = Keyring{user, kept.Handle, u.hasPassword(), kept.Passkeys}
		return err
	})
	return ring, err
}

// KeyringOf is the one with a handle; found is false where there is none.
func (s *Store) KeyringOf(handle []byte) (ring Keyring, found bool, err error) {
	err = s.config.View(func(tx *bbolt.Tx) error {
		rings := tx.Bucket(passkeysBucket)
		if rings == nil || len(handle) == 0 {
			return nil
		}
		return rings.ForEach(func(user, _ []byte) error {
			u, kept, err := keyringOf(tx, string(user))
			if err == nil && bytes.Equal(kept.Handle, handle) {
				ring, found = Keyring{string(user), kept.Handle, u.hasPassword(), kept.Passkeys}, true
			}
			if err == error(errNoUser) { // the system before took the user away, and knew nothing of passkeys
				err = nil
			}
			return err
		})
	})
	return ring, found, err
}

// AddPasskey hangs a passkey onto the keyring with the handle.
func (s *Store) AddPasskey(ctx context.Context, user string, handle []byte, p Passkey, by By) error {
	if err := checkPasskey(&p); err != nil {
		return err
	}
	return s.changeKeyring(ctx, user, by.line("passkey.added", user, p.Name), func(_ *keptUser, kept *keptKeyring) error {
		switch {
		case len(kept.Passkeys) >= maxPasskeys:
			return telephony.Errorf(telephony.Conflict,
				"一个账户最多 %d 个通行密钥，请先删除一个。", "An account has at most %d passkeys. Remove one first.", maxPasskeys)
		case len(kept.Passkeys) > 0 && !bytes.Equal(kept.Handle, handle):
			return telephony.Errorf(telephony.Conflict, "账户刚刚被改动，请重试。", "The account was changed meanwhile. Try again.")
		case slices.ContainsFunc(kept.Passkeys, func(k Passkey) bool { return bytes.Equal(k.ID, p.ID) }):
			return telephony.Errorf(telephony.Conflict, "这个通行密钥已经添加过。", "This passkey is there already.")
		}
		kept.Handle, kept.Passkeys = handle, append(kept.Passkeys, p)
		return nil
	})
}

// checkPasskey sets when a passkey was made, and says what is wrong with its name.
func checkPasskey(p *Passkey) error {
	if p.Name = bounded(strings.TrimSpace(p.Name), maxPasskeyName); p.Name == "" {
		return telephony.Errorf(telephony.Invalid, "请给通行密钥起个名字。", "Give the passkey a name.").At("name")
	}
	p.Created = time.Now().UTC()
	return nil
}

// DeletePasskey takes one away, but not the last of an account without a password, which nothing would open.
func (s *Store) DeletePasskey(ctx context.Context, user, id string, by By) error {
	return s.changeKeyring(ctx, user, by.line("passkey.deleted", user, id), func(u *keptUser, kept *keptKeyring) error {
		i := slices.IndexFunc(kept.Passkeys, func(k Passkey) bool { return PasskeyID(k.ID) == id })
		switch {
		case i < 0:
			return errNoPasskey
		case len(kept.Passkeys) == 1 && !u.hasPassword():
			return telephony.Errorf(telephony.Conflict, "这是进入该账户的唯一方法。请先设置密码，或添加另一个通行密钥。",
				"Nothing else opens this account. Set a password first, or add another passkey.")
		}
		kept.Passkeys = slices.Delete(kept.Passkeys, i, i+1)
		return nil
	})
}

// DeletePasskeys takes away all of a user's, such as those on a device that was lost, and ends the user's sessions.
func (s *Store) DeletePasskeys(ctx context.Context, user string, by By) error {
	return s.changeKeyring(ctx, user, by.line("passkey.all_deleted", user, ""), func(u *keptUser, kept *keptKeyring) error {
		switch {
		case len(kept.Passkeys) == 0:
			return errNoPasskey
		case !u.hasPassword():
			return telephony.Errorf(telephony.Conflict,
				"该账户没有密码。请先为它设置密码。", "This account has no password. Give it one first.")
		}
		kept.Passkeys = nil
		u.Life++
		return nil
	})
}

// UsePasskey notes that a passkey has signed. One whose counter does not rise was copied, and lets nobody in: WebAuthn Level 3 7.2
// step 22. Synced passkeys do not count.
func (s *Store) UsePasskey(ctx context.Context, user string, id []byte, counter uint32, by By) error {
	copied := false
	err := s.config.Update(ctx, func(tx *bbolt.Tx) error {
		u, kept, err := keyringOf(tx, user)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(kept.Passkeys, func(k Passkey) bool { return bytes.Equal(k.ID, id) })
		if i < 0 {
			return errNoPasskey
		}
		p := &kept.Passkeys[i]
		if copied = counter <= p.Counter && (counter > 0 || p.Counter > 0); copied {
			return appendAudit(tx, by.line("passkey.copied", user, p.Name))
		}
		p.Counter, p.Used = counter, time.Now().UTC()
		return putKeyring(tx, u, kept)
	})
	if err == nil && copied {
		err = telephony.Errorf(telephony.Unsigned, "这个通行密钥可能已被复制，已拒绝。请用密码登录，删除它，再添加新的。",
			"This passkey may have been copied and is refused. Sign in with the password, remove it, and add another.")
	}
	return err
}

// changeKeyring changes what opens an account, and writes the line of the audit with it.
func (s *Store) changeKeyring(ctx context.Context, user string, line AuditLine, change func(*keptUser, *keptKeyring) error) error {
	return s.change(ctx, func(tx *bbolt.Tx) error {
		u, kept, err := keyringOf(tx, user)
		if err != nil {
			return err
		}
		if err := change(&u, &kept); err != nil {
			return err
		}
		if err := putJSON(tx.Bucket(usersBucket), []byte(user), u); err != nil {
			return err
		}
		if err := putKeyring(tx, u, kept); err != nil {
			return err
		}
		return appendAudit(tx, line)
	})
}

// keyringOf reads a user with the keyring.
func keyringOf(tx *bbolt.Tx, user string) (u keptUser, kept keptKeyring, err error) {
	found, err := getJSON(tx.Bucket(usersBucket), []byte(user), &u)
	if err == nil && !found {
		err = errNoUser
	}
	if rings := tx.Bucket(passkeysBucket); err == nil && rings != nil {
		_, err = getJSON(rings, []byte(user), &kept)
	}
	if err == nil && (kept.Handle == nil || !kept.Born.Equal(u.Created)) {
		kept = keptKeyring{Handle: secretOctets(userHandleBytes)}
	}
	return u, kept, err
}

func putKeyring(tx *bbolt.Tx, u keptUser, kept keptKeyring) error {
	rings, err := tx.CreateBucketIfNotExists(passkeysBucket)
	if err != nil {
		return err
	}
	kept.Born = u.Created
	return putJSON(rings, []byte(u.Name), kept)
}

// PasskeyID is how addresses and the audit name a passkey.
func PasskeyID(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }
