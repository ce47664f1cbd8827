package webui

import (
	"bytes"
	"context"
	"encoding/base64"
	"slices"
	"time"

	"callbox/telephony"
)

// The memory box's passkeys: as storage keeps them, without its words.

func (b *memoryBox) LetIn(_ context.Context, user string, _ By) (string, Person, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.users, func(u User) bool { return u.Name == user })
	secret, p := b.letIn(b.users[i])
	return secret, p, nil
}

func (b *memoryBox) CheckPassword(_ context.Context, user, password string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.passwords[user] == "" || b.passwords[user] != password {
		return telephony.Errorf(telephony.Forbidden, "现在的密码不对。", "The present password is wrong.").At("present")
	}
	return nil
}

func (b *memoryBox) Prove(_ context.Context, secret string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.proved[secret] = time.Now()
	return nil
}

func (b *memoryBox) Proved(secret string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Since(b.proved[secret]) < 5*time.Minute
}

func (b *memoryBox) MayClaim(code, _ string) error {
	if code != testCode {
		return telephony.Errorf(telephony.Forbidden, "认领码不对，请看设备面板上的数字。", "The code is wrong. Read it from the panel.")
	}
	return nil
}

func (b *memoryBox) ClaimByPasskey(_ context.Context, _, user string, handle []byte, p Passkey, _ By) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.claimed = true
	b.users = append(b.users, User{Name: user, Role: Admin})
	p.ID = base64.RawURLEncoding.EncodeToString(p.Credential)
	b.keyrings[user] = Keyring{User: user, Handle: handle, Passkeys: []Passkey{p}}
	return nil
}

func (b *memoryBox) Keyring(user string) (Keyring, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ring, ok := b.keyrings[user]
	if !ok {
		ring = Keyring{User: user, Handle: []byte("handle of " + user)}
	}
	ring.Password = b.passwords[user] != ""
	return ring, nil
}

func (b *memoryBox) KeyringOf(handle []byte) (Keyring, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, ring := range b.keyrings {
		if bytes.Equal(ring.Handle, handle) {
			return ring, true, nil
		}
	}
	return Keyring{}, false, nil
}

func (b *memoryBox) AddPasskey(_ context.Context, user string, handle []byte, p Passkey, _ By) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	p.ID, p.Created = base64.RawURLEncoding.EncodeToString(p.Credential), time.Now()
	b.keyrings[user] = Keyring{User: user, Handle: handle, Passkeys: append(b.keyrings[user].Passkeys, p)}
	return nil
}

func (b *memoryBox) UsePasskey(_ context.Context, user string, id []byte, counter uint32, _ By) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := b.keyrings[user].Passkeys
	i := slices.IndexFunc(list, func(p Passkey) bool { return bytes.Equal(p.Credential, id) })
	if counter <= list[i].Counter {
		return telephony.Errorf(telephony.Unsigned, "通行密钥可能已被复制。", "The passkey may have been copied.")
	}
	list[i].Counter, list[i].Used = counter, time.Now()
	return nil
}

func (b *memoryBox) DeletePasskey(_ context.Context, user, id string, _ By) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	ring := b.keyrings[user]
	ring.Passkeys = slices.DeleteFunc(slices.Clone(ring.Passkeys), func(p Passkey) bool { return p.ID == id })
	b.keyrings[user] = ring
	return nil
}

func (b *memoryBox) DeletePasskeys(_ context.Context, user string, by By) error {
	return b.ask("delete passkeys", by.Who, user)
}
