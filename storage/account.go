package storage

import (
	"context"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

// A Role is what a person may do; each includes those before it.
type Role string

// The roles.
const (
	RoleAgent      Role = "agent"
	RoleSupervisor Role = "supervisor"
	RoleAdmin      Role = "admin"
)

func (r Role) valid() bool { return r == RoleAgent || r == RoleSupervisor || r == RoleAdmin }

// By is who does something, from where and why, for the audit.
type By struct {
	Who    string
	Source string // the address that it came from
	Why    string
}

// A Person is who was let in.
type Person struct {
	Name  string `json:"name"` // "lihua", "token:crm"
	Role  Role   `json:"role"`
	Agent string `json:"agent,omitempty"` // the agent whom this user is, if any

	Queues []string `json:"queues,omitempty"` // of a supervisor's team; none: all
}

// A User is a person with an account.
type User struct {
	Name    string    `json:"name"`
	Role    Role      `json:"role"`
	Agent   string    `json:"agent,omitempty"`
	Created time.Time `json:"created,omitzero"`
	Seen    time.Time `json:"seen,omitzero"` // last sign-in

	Queues   []string `json:"-"` // of a supervisor's team; none: all (team.go)
	Password bool     `json:"-"` // whether one opens the account
	Passkeys int      `json:"-"` // how many do
}

// keptUser is a user's form on disk.
type keptUser struct {
	User
	Hash passwordHash `json:"hash"` // of nobody: passkeys alone open the account
	Life uint64       `json:"life"` // counts the changes that end the sessions there are
}

const (
	claimDigits  = 8  // of the code that the panel shows
	claimGuesses = 50 // wrong codes, from wherever, until there is a new one
)

var (
	usersBucket = []byte("users")
	userName    = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

	errSignIn = telephony.Errorf(telephony.Unsigned, "用户名或密码错误。", "The user name or the password is wrong.")
	errNoUser = telephony.Errorf(telephony.NotFound, "没有这个用户。", "There is no such user.")
	errOwned  = telephony.Errorf(telephony.Conflict,
		"设备已被认领。请用已有账户登录。", "The box has an owner. Sign in with an account.")
	errUnclaimed = telephony.Errorf(telephony.Conflict,
		"设备还没有主人。请先在页面上用面板显示的认领码认领，再添加账户。",
		"The box has no owner yet. First claim it on its page, by the code that its panel shows; then add accounts.")
	errNobody = telephony.Errorf(telephony.Unsigned,
		"设备还没有主人，无法登录。请先在页面上用面板显示的认领码认领。",
		"The box has no owner yet, so that nobody can sign in. First claim it on its page, by the code that its panel shows.")
)

// Accounts are who may do what. A box without users has no owner: it belongs to whoever reads the code on its panel, which
// lives in memory alone and is another after each start (idea 14).
type accounts struct {
	hasher  *hasher
	claimed atomic.Bool

	mu      sync.Mutex // guards the code
	code    string
	guesses int
}

// loadAccounts finds out whether the box has an owner.
func (s *Store) loadAccounts() error {
	s.accounts.hasher = newHasher()
	s.accounts.newCode()
	users, err := s.Users()
	s.accounts.claimed.Store(len(users) > 0)
	return err
}

func (a *accounts) newCode() {
	n := uint64(0)
	for _, b := range secretOctets(8) {
		n = n<<8 | uint64(b)
	}
	a.code, a.guesses = fmt.Sprintf("%0*d", claimDigits, n%100_000_000), 0
}

// Claimed says that the box has an owner.
func (s *Store) Claimed() bool { return s.accounts.claimed.Load() }

// ClaimCode is what the panel shows while the box has no owner; empty when it has.
func (s *Store) ClaimCode() string {
	if s.Claimed() {
		return ""
	}
	s.accounts.mu.Lock()
	defer s.accounts.mu.Unlock()
	return s.accounts.code
}

// Claim makes the first administrator of whoever read the code on the panel, with a password.
func (s *Store) Claim(ctx context.Context, code, user, password string, by By) error {
	if err := s.MayClaim(code, user); err != nil {
		return err
	}
	kept, err := s.newUser(ctx, User{Name: user, Role: RoleAdmin}, password)
	if err != nil {
		return err
	}
	return s.claim(ctx, kept, keptKeyring{}, by)
}

// ClaimByPasskey makes the first administrator with a passkey in the place of a password.
func (s *Store) ClaimByPasskey(ctx context.Context, code, user string, handle []byte, p Passkey, by By) error {
	if err := s.MayClaim(code, user); err != nil {
		return err
	}
	if err := checkPasskey(&p); err != nil {
		return err
	}
	kept := keptUser{User: User{Name: user, Role: RoleAdmin, Created: p.Created}, Life: firstLife()}
	return s.claim(ctx, kept, keptKeyring{Handle: handle, Passkeys: []Passkey{p}}, by)
}

// MayClaim checks the code and the name of who wants to be the first administrator. Fifty wrong codes make a new one; slowing down
// the one who guesses is the door's part, which knows where he comes from.
func (s *Store) MayClaim(code, user string) error {
	switch {
	case s.Claimed():
		return errOwned
	case !s.accounts.isCode(code):
		return telephony.Errorf(telephony.Forbidden,
			"认领码不对。请查看设备面板上显示的认领码。", "That is not the claim code. Read it on the front panel of the box.").At("code")
	}
	return checkUser(&User{Name: user, Role: RoleAdmin})
}

// claim keeps the first administrator.
func (s *Store) claim(ctx context.Context, kept keptUser, ring keptKeyring, by By) error {
	err := s.change(ctx, func(tx *bbolt.Tx) error {
		users := tx.Bucket(usersBucket)
		if key, _ := users.Cursor().First(); key != nil {
			return errOwned
		}
		if err := putJSON(users, []byte(kept.Name), kept); err != nil {
			return err
		}
		if len(ring.Passkeys) > 0 {
			if err := putKeyring(tx, kept, ring); err != nil {
				return err
			}
		}
		return appendAudit(tx, by.line("box.claimed", kept.Name, ""))
	})
	if err == nil {
		s.accounts.claimed.Store(true)
	}
	return err
}

func (a *accounts) isCode(code string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if subtle.ConstantTimeCompare([]byte(code), []byte(a.code)) == 1 {
		return true
	}
	if a.guesses++; a.guesses >= claimGuesses {
		a.newCode()
	}
	return false
}

// line is an audit line of what somebody did.
func (b By) line(action, on, detail string) AuditLine {
	return AuditLine{Who: b.Who, Source: b.Source, Action: action, On: on, Detail: detail}
}

// newUser checks a user and hashes the password.
func (s *Store) newUser(ctx context.Context, u User, password string) (keptUser, error) {
	if err := checkUser(&u); err != nil {
		return keptUser{}, err
	}
	if err := s.checkPassword(u.Name, password); err != nil {
		return keptUser{}, err
	}
	hash, err := s.accounts.hasher.hash(ctx, password)
	u.Created = time.Now().UTC()
	return keptUser{User: u, Hash: hash, Life: firstLife()}, err
}

// firstLife is another for each new user, so that the sessions of a user of the same name before are not the new one's.
func firstLife() uint64 { return uint64(binary.BigEndian.Uint32(secretOctets(4))) }

func checkUser(u *User) error {
	if !userName.MatchString(u.Name) {
		return telephony.Errorf(telephony.Invalid,
			"用户名只能用小写字母、数字和 . _ -，最长 64 个字符。",
			"A user name has small letters, digits and . _ - only, at most 64.").At("user")
	}
	if !u.Role.valid() {
		return telephony.Errorf(telephony.Invalid, "角色应为 agent、supervisor 或 admin。", "The role is agent, supervisor or admin.")
	}
	return nil
}

// Users lists the users by name.
func (s *Store) Users() ([]User, error) {
	list := []User{}
	err := s.config.View(func(tx *bbolt.Tx) error {
		list = list[:0]
		return tx.Bucket(usersBucket).ForEach(func(key, _ []byte) error {
			k, ring, err := keyringOf(tx, string(key))
			k.Password, k.Passkeys = k.hasPassword(), len(ring.Passkeys)
			if err == nil {
				k.Queues, err = teamOf(tx, userTeam(k.Name))
			}
			list = append(list, k.User)
			return err
		})
	})
	return list, err
}

// AddUser makes a user. Conflict when there is one of the name, who stays as is.
func (s *Store) AddUser(ctx context.Context, u User, password string, by By) error {
	return s.putUser(ctx, u, password, true, by)
}

// PutUser makes or changes a user and ends the user's sessions. An empty password keeps the one that is, and passkeys stay. The
// last administrator stays one.
func (s *Store) PutUser(ctx context.Context, u User, password string, by By) error {
	return s.putUser(ctx, u, password, false, by)
}

func (s *Store) putUser(ctx context.Context, u User, password string, added bool, by By) error {
	if !s.Claimed() {
		return errUnclaimed
	}
	if err := checkUser(&u); err != nil {
		return err
	}
	if err := s.checkTeam(u.Role, u.Queues); err != nil {
		return err
	}
	var fresh keptUser
	if password != "" {
		var err error
		if fresh, err = s.newUser(ctx, u, password); err != nil {
			return err
		}
	}
	return s.change(ctx, func(tx *bbolt.Tx) error {
		users := tx.Bucket(usersBucket)
		kept := fresh
		var old keptUser
		found, err := getJSON(users, []byte(u.Name), &old)
		switch {
		case err != nil:
			return err
		case found && added:
			return telephony.Errorf(telephony.Conflict,
				"账户 %s 已存在，没有改动。要修改它，请到“设置 → 账户与令牌”。",
				"The account %s exists, and was left as it is. To change it, see Settings > Accounts & tokens.", u.Name).At("name")
		case !found && password == "":
			return s.checkPassword(u.Name, "")
		case found:
			kept = old
			kept.Role, kept.Agent, kept.Life = u.Role, u.Agent, old.Life+1
			if password != "" {
				kept.Hash = fresh.Hash
			}
		}
		if err := putJSON(users, []byte(u.Name), kept); err != nil {
			return err
		}
		if err := putTeam(tx, userTeam(u.Name), u.Queues); err != nil {
			return err
		}
		if err := hasAdmin(users); err != nil {
			return err
		}
		return appendAudit(tx, by.line("user.put", u.Name, strings.Join(append([]string{string(u.Role), u.Agent}, u.Queues...), " ")))
	})
}

// DeleteUser takes a user away, with the sessions. The last administrator stays.
func (s *Store) DeleteUser(ctx context.Context, user string, by By) error {
	return s.change(ctx, func(tx *bbolt.Tx) error {
		users := tx.Bucket(usersBucket)
		if users.Get([]byte(user)) == nil {
			return telephony.Errorf(telephony.NotFound, "没有用户 %s。", "There is no user %s.", bounded(user, 64))
		}
		if err := users.Delete([]byte(user)); err != nil {
			return err
		}
		for _, bucket := range append([][]byte{passkeysBucket}, keptBuckets...) {
			if own := tx.Bucket(bucket); own != nil {
				if err := own.Delete([]byte(user)); err != nil {
					return err
				}
			}
		}
		if err := putTeam(tx, userTeam(user), nil); err != nil {
			return err
		}
		if err := hasAdmin(users); err != nil {
			return err
		}
		return appendAudit(tx, by.line("user.deleted", user, ""))
	})
}

// hasAdmin refuses a change that leaves nobody to undo it.
func hasAdmin(users *bbolt.Bucket) error {
	c := users.Cursor()
	for key, value := c.First(); key != nil; key, value = c.Next() {
		var k keptUser
		if err := openJSON(key, value, &k); err != nil || k.Role == RoleAdmin {
			return err
		}
	}
	return telephony.Errorf(telephony.Conflict,
		"至少要保留一位管理员。请先把另一位用户设为管理员。", "One administrator must stay. Make another user an administrator first.")
}
