package storage

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

const (
	sessionIdle  = 12 * time.Hour      // a shift
	sessionLife  = 14 * 24 * time.Hour // however busy
	sessionTouch = 10 * time.Minute    // how exactly the last use is known
	tokenPrefix  = "cbx_"
	maxSessions  = 10_000
	proofLife    = 5 * time.Minute // for which a password or a passkey proves who sits there
)

var tokensBucket = []byte("tokens")

// A session is one sign-in. The disk holds a hash of its secret, so who reads the disk is not let in.
type session struct {
	User    string    `json:"user"`
	Life    uint64    `json:"life"`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"`
	Proved  time.Time `json:"proved,omitzero"`  // the last time that a password or a passkey was asked for and given
	Source  string    `json:"source,omitempty"` // the address that it came from
}

func (k *session) over(now time.Time) bool {
	return now.Sub(k.Seen) > sessionIdle || now.Sub(k.Created) > sessionLife
}

// SignIn checks a password and opens a session from an address; the secret opens it again. An unknown user and a wrong password
// are told alike and take alike.
func (s *Store) SignIn(ctx context.Context, user, password, source string) (secret string, p Person, err error) {
	if !s.Claimed() {
		return "", Person{}, errNobody
	}
	kept, err := s.checked(ctx, user, password)
	if err != nil {
		return "", Person{}, err
	}
	return s.letIn(ctx, kept, source)
}

// LetIn opens a session for a user who has signed with a passkey (UsePasskey).
func (s *Store) LetIn(ctx context.Context, user, source string) (secret string, p Person, err error) {
	kept, found, err := s.user(user)
	if err == nil && !found {
		err = errSignIn
	}
	if err != nil {
		return "", Person{}, err
	}
	return s.letIn(ctx, kept, source)
}

func (s *Store) letIn(ctx context.Context, kept keptUser, source string) (secret string, p Person, err error) {
	if secret, err = s.openSession(ctx, kept.Name, kept.Life, source); err != nil {
		return "", Person{}, err
	}
	return secret, kept.person(), s.touchUser(ctx, kept.Name, time.Now().UTC())
}

// CheckPassword says whether it is the user's.
func (s *Store) CheckPassword(ctx context.Context, user, password string) error {
	_, err := s.checked(ctx, user, password)
	if err == error(errSignIn) {
		err = errPresent
	}
	return err
}

// Prove notes that who holds the secret of a session has given the password or a passkey once more.
func (s *Store) Prove(ctx context.Context, secret string) error {
	key := secretKey(secret)
	return s.reader.state.Update(ctx, func(tx *bbolt.Tx) error {
		var k session
		b := tx.Bucket(sessionsBucket)
		if found, err := getJSON(b, key, &k); err != nil || !found {
			return err
		}
		k.Proved = time.Now().UTC()
		return putJSON(b, key, k)
	})
}

// Proved says that it is not long ago that who holds the secret of a session gave the password or a passkey.
func (s *Store) Proved(secret string) bool {
	var k session
	err := s.reader.state.View(func(tx *bbolt.Tx) error {
		_, err := getJSON(tx.Bucket(sessionsBucket), secretKey(secret), &k)
		return err
	})
	return err == nil && time.Since(k.Proved) < proofLife
}

// checked is the user whose password it is.
func (s *Store) checked(ctx context.Context, user, password string) (keptUser, error) {
	kept, found, err := s.user(user)
	if err != nil {
		return keptUser{}, err
	}
	if !found {
		kept.Hash = s.accounts.hasher.nobody()
	}
	right, err := s.accounts.hasher.check(ctx, password, kept.Hash)
	if err == nil && (!right || !found) {
		err = errSignIn
	}
	return kept, err
}

// openSession makes a session of a user's life.
func (s *Store) openSession(ctx context.Context, user string, life uint64, source string) (secret string, err error) {
	secret = base64.RawURLEncoding.EncodeToString(secretOctets(32))
	now := time.Now().UTC()
	return secret, s.reader.state.Update(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(sessionsBucket)
		if err := endSessions(b, now); err != nil {
			return err
		}
		return putJSON(b, secretKey(secret), session{User: user, Life: life, Created: now, Seen: now, Proved: now, Source: source})
	})
}

// Session is who holds the secret of a session that has not ended.
func (s *Store) Session(secret string) (Person, bool) {
	var k session
	key, now := secretKey(secret), time.Now().UTC()
	err := s.reader.state.View(func(tx *bbolt.Tx) error {
		_, err := getJSON(tx.Bucket(sessionsBucket), key, &k)
		return err
	})
	if err != nil || k.User == "" || k.over(now) {
		return Person{}, false
	}
	user, found, err := s.user(k.User)
	if err != nil || !found || user.Life != k.Life {
		return Person{}, false
	}
	if now.Sub(k.Seen) > sessionTouch {
		k.Seen = now
		// A session whose last use cannot be written only ends sooner.
		_ = s.reader.state.Update(context.Background(), func(tx *bbolt.Tx) error {
			b := tx.Bucket(sessionsBucket)
			if b.Get(key) == nil {
				return nil // signed out meanwhile
			}
			return putJSON(b, key, k)
		})
	}
	return user.person(), true
}

// SignOut ends a session.
func (s *Store) SignOut(ctx context.Context, secret string) error {
	return s.reader.state.Update(ctx, func(tx *bbolt.Tx) error {
		return tx.Bucket(sessionsBucket).Delete(secretKey(secret))
	})
}

func (k *keptUser) hasPassword() bool { return len(k.Hash.Key) > 0 }

func (k *keptUser) person() Person {
	return Person{Name: k.Name, Role: k.Role, Agent: k.Agent, Queues: k.Queues}
}

func (s *Store) user(name string) (k keptUser, found bool, err error) {
	err = s.config.View(func(tx *bbolt.Tx) error {
		if found, err = getJSON(tx.Bucket(usersBucket), []byte(name), &k); err == nil {
			k.Queues, err = teamOf(tx, userTeam(name))
		}
		return err
	})
	return k, found, err
}

// touchUser notes the sign-in.
func (s *Store) touchUser(ctx context.Context, name string, now time.Time) error {
	return s.config.Update(ctx, func(tx *bbolt.Tx) error {
		var k keptUser
		users := tx.Bucket(usersBucket)
		if found, err := getJSON(users, []byte(name), &k); err != nil || !found {
			return err
		}
		k.Seen = now
		return putJSON(users, []byte(name), k)
	})
}

// endSessions takes away those that are over, and the oldest of too many.
func endSessions(b *bbolt.Bucket, now time.Time) error {
	type aged struct {
		key  []byte
		seen time.Time
	}
	var live []aged
	var over [][]byte
	err := b.ForEach(func(key, value []byte) error {
		var k session
		if err := openJSON(key, value, &k); err != nil {
			return err
		}
		if k.over(now) {
			over = append(over, slices.Clone(key))
		} else {
			live = append(live, aged{slices.Clone(key), k.Seen})
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(live, func(x, y aged) int { return x.seen.Compare(y.seen) })
	for _, l := range live[:max(0, len(live)-maxSessions+1)] {
		over = append(over, l.key)
	}
	for _, key := range over {
		if err := b.Delete(key); err != nil {
			return err
		}
	}
	return nil
}

// endAllSessions is for a restore: who is let in is decided by the accounts as they are then.
func endAllSessions(tx *bbolt.Tx) error {
	if err := tx.DeleteBucket(sessionsBucket); err != nil {
		return err
	}
	_, err := tx.CreateBucket(sessionsBucket)
	return err
}

// secretKey is what the disk holds of a secret.
func secretKey(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// A Token lets a program in. Its secret is shown once.
type Token struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Role    Role      `json:"role"`
	Created time.Time `json:"created"`
	By      string    `json:"by"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
	Queues  []string  `json:"-"`                // of a supervisor's team; none: all (team.go)
}

type keptToken struct {
	Token
	Hash []byte `json:"hash"`
}

// Token is who holds the secret of a token that has not expired.
func (s *Store) Token(secret string) (Person, bool) {
	id, _, ok := strings.Cut(strings.TrimPrefix(secret, tokenPrefix), "_")
	if !ok || !strings.HasPrefix(secret, tokenPrefix) {
		return Person{}, false
	}
	var k keptToken
	err := s.config.View(func(tx *bbolt.Tx) error {
		_, err := getJSON(tx.Bucket(tokensBucket), []byte(id), &k)
		if err == nil {
			k.Queues, err = teamOf(tx, tokenTeam(id))
		}
		return err
	})
	if err != nil || k.ID == "" || subtle.ConstantTimeCompare(k.Hash, secretKey(secret)) != 1 ||
		!k.Expires.IsZero() && !time.Now().Before(k.Expires) {
		return Person{}, false
	}
	return Person{Name: "token:" + k.Name, Role: k.Role, Queues: k.Queues}, true
}

// Tokens lists the tokens.
func (s *Store) Tokens() ([]Token, error) {
	list := []Token{}
	err := s.config.View(func(tx *bbolt.Tx) error {
		list = list[:0]
		return tx.Bucket(tokensBucket).ForEach(func(key, value []byte) error {
			var k keptToken
			err := openJSON(key, value, &k)
			if err == nil {
				k.Queues, err = teamOf(tx, tokenTeam(k.ID))
			}
			list = append(list, k.Token)
			return err
		})
	})
	return list, err
}

// CreateToken makes a token of a name, a role, an expiry and a team, and gives its secret, which is shown this once.
func (s *Store) CreateToken(ctx context.Context, t Token, by By) (secret string, made Token, err error) {
	t.Name = bounded(strings.TrimSpace(t.Name), 64)
	if t.Name == "" || !t.Role.valid() {
		return "", Token{}, telephony.Errorf(telephony.Invalid,
			"令牌需要名称和角色（agent、supervisor 或 admin）。", "A token needs a name and a role (agent, supervisor or admin).")
	}
	if err := s.checkTeam(t.Role, t.Queues); err != nil {
		return "", Token{}, err
	}
	t.ID, t.Created, t.By = hex.EncodeToString(secretOctets(6)), time.Now().UTC(), by.Who
	secret = tokenPrefix + t.ID + "_" + base64.RawURLEncoding.EncodeToString(secretOctets(32))
	err = s.change(ctx, func(tx *bbolt.Tx) error {
		if err := putJSON(tx.Bucket(tokensBucket), []byte(t.ID), keptToken{t, secretKey(secret)}); err != nil {
			return err
		}
		if err := putTeam(tx, tokenTeam(t.ID), t.Queues); err != nil {
			return err
		}
		return appendAudit(tx, by.line("token.made", t.ID, t.detail()))
	})
	return secret, t, err
}

// PutTokenTeam gives a token another team; its secret, role and expiry stay.
func (s *Store) PutTokenTeam(ctx context.Context, id string, queues []string, by By) error {
	return s.change(ctx, func(tx *bbolt.Tx) error {
		var k keptToken
		found, err := getJSON(tx.Bucket(tokensBucket), []byte(id), &k)
		if err == nil && !found {
			err = noToken(id)
		}
		if err == nil {
			err = s.checkTeam(k.Role, queues)
		}
		if err == nil {
			err = putTeam(tx, tokenTeam(id), queues)
		}
		if err != nil {
			return err
		}
		k.Queues = queues
		return appendAudit(tx, by.line("token.put", id, k.detail()))
	})
}

// detail is what the audit says of a token.
func (t *Token) detail() string {
	return strings.Join(append([]string{t.Name, string(t.Role)}, t.Queues...), " ")
}

func noToken(id string) error {
	return telephony.Errorf(telephony.NotFound, "没有令牌 %s。", "There is no token %s.", bounded(id, 64))
}

// DeleteToken takes a token away.
func (s *Store) DeleteToken(ctx context.Context, id string, by By) error {
	return s.change(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(tokensBucket)
		if b.Get([]byte(id)) == nil {
			return noToken(id)
		}
		if err := b.Delete([]byte(id)); err != nil {
			return err
		}
		if err := putTeam(tx, tokenTeam(id), nil); err != nil {
			return err
		}
		return appendAudit(tx, by.line("token.deleted", id, ""))
	})
}
