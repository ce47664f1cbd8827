package storage

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"

	"callbox/telephony"
)

// The cost of one guess: argon2id with 19 MiB and two passes (OWASP Password Storage).
const (
	argonPasses   = 2
	argonKiB      = 19 << 10
	argonSalt     = 16
	argonKey      = 32
	minPassword   = 10 // characters (ASVS 6.2.1 asks for 8)
	maxPassword   = 256
	minName       = 4  // characters of a user name that a password may not have in it; a shorter one is in many words
	hashesAtOnce  = 2  // so that a flood of guesses costs time and not memory
	hashesWaiting = 64 // guesses that may wait for their turn
)

// A passwordHash is what is kept of a password.
type passwordHash struct {
	Salt []byte `json:"salt"`
	Key  []byte `json:"key"`
}

// A hasher computes hashes, two at a time.
type hasher struct {
	turns   chan struct{}
	waiting chan struct{}
	nobody  func() passwordHash // what an unknown user is checked against, so that the answer takes as long
}

func newHasher() *hasher {
	h := &hasher{turns: make(chan struct{}, hashesAtOnce), waiting: make(chan struct{}, hashesWaiting)}
	h.nobody = sync.OnceValue(func() passwordHash { return passwordHash{Salt: secretOctets(argonSalt), Key: secretOctets(argonKey)} })
	return h
}

// hash makes the hash of a new password.
func (h *hasher) hash(ctx context.Context, password string) (passwordHash, error) {
	salt := secretOctets(argonSalt)
	key, err := h.compute(ctx, password, salt)
	return passwordHash{salt, key}, err
}

// check tells whether the password is the one; a hash of nobody fits none.
func (h *hasher) check(ctx context.Context, password string, of passwordHash) (bool, error) {
	key, err := h.compute(ctx, bounded(password, maxPassword), of.Salt)
	return err == nil && subtle.ConstantTimeCompare(key, of.Key) == 1, err
}

func (h *hasher) compute(ctx context.Context, password string, salt []byte) (key []byte, err error) {
	err = h.inTurn(ctx, func() { key = argon2.IDKey([]byte(password), salt, argonPasses, argonKiB, 1, argonKey) })
	return key, err
}

// inTurn does what takes much memory when it is its turn.
func (h *hasher) inTurn(ctx context.Context, do func()) error {
	select {
	case h.waiting <- struct{}{}:
		defer func() { <-h.waiting }()
	default:
		return telephony.Errorf(telephony.TooMany,
			"登录请求过多，请稍候再试。", "Too many sign-ins at once. Wait a moment and try again.")
	}
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
	case <-ctx.Done():
		return ctx.Err()
	}
	do()
	return nil
}

// checkPassword says what is wrong with a new password of a user.
func (s *Store) checkPassword(user, password string) error {
	company := s.Config().Site.Name
	switch {
	case len([]rune(password)) < minPassword:
		return telephony.Errorf(telephony.Invalid, "密码至少需要 %d 个字符。", "A password needs at least %d characters.", minPassword).At("password")
	case len(password) > maxPassword:
		return telephony.Errorf(telephony.TooLarge, "密码最长 %d 字节。", "A password has at most %d octets.", maxPassword).At("password")
	case len(user) >= minName && strings.Contains(strings.ToLower(password), user), named(password, user, company):
		return telephony.Errorf(telephony.Invalid,
			"密码太容易猜到：不要用用户名，也不要用公司名称。",
			"That password is too easy to guess: leave out the user name, and the name of the company.").At("password")
	case common(password):
		return telephony.Errorf(telephony.Invalid,
			"这是常见密码，最先被人试到。请换成几个不相干的词。",
			"That is a common password, which is tried first. Take a few unrelated words instead.").At("password")
	case personal(password, user, company):
		return telephony.Errorf(telephony.Invalid,
			"手机号、生日、证件号和“我爱你”这类组合，熟人一猜就中。请换成几个不相干的词。",
			"Telephone numbers, birthdays, numbers of documents and words of love are soon guessed. Take a few unrelated words instead.").At("password")
	}
	return nil
}

// secretOctets are random octets of the kernel.
func secretOctets(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails (crypto/rand)
	return b
}
