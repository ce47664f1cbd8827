package storage

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

const goodPassword = "quiet-river-stone"

var tester = By{Who: "lihua", Source: "192.168.1.5"}

// claimed is a store with the administrator "lihua".
func claimed(t *testing.T, dir string) *Store {
	t.Helper()
	s := openStore(t, dir, Options{Initial: officeConfig()})
	if err := s.Claim(t.Context(), s.ClaimCode(), "lihua", goodPassword, tester); err != nil {
		t.Fatal(err)
	}
	return s
}

// Idea 14: a new box belongs to whoever reads its panel, once; nothing else opens it.
func TestClaim(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{Initial: officeConfig()})
	secret := s.ClaimCode()
	if s.Claimed() || len(secret) != claimDigits {
		t.Fatalf("claimed %v, code %q", s.Claimed(), secret)
	}
	refusals := []struct {
		name, code, user, password string
		want                       telephony.Code
	}{
		{"wrong code", "0000", "lihua", goodPassword, telephony.Forbidden},
		{"no code", "", "lihua", goodPassword, telephony.Forbidden},
		{"short password", secret, "lihua", "short", telephony.Invalid},
		{"name in password", secret, "lihua", "lihua-is-here", telephony.Invalid},
		{"one character", secret, "lihua", "aaaaaaaaaaaa", telephony.Invalid},
		{"bad name", secret, "Li Hua", goodPassword, telephony.Invalid},
	}
	for _, r := range refusals {
		if err := s.Claim(t.Context(), r.code, r.user, r.password, tester); code(err) != r.want {
			t.Errorf("%s: %v", r.name, err)
		}
	}
	if err := s.Claim(t.Context(), secret, "lihua", goodPassword, tester); err != nil {
		t.Fatal(err)
	}
	if err := s.Claim(t.Context(), secret, "thief", goodPassword, tester); code(err) != telephony.Conflict || s.ClaimCode() != "" {
		t.Errorf("a second claim: %v, code %q", err, s.ClaimCode())
	}
	s.Close()
	if again := openStore(t, dir, Options{}); !again.Claimed() {
		t.Error("the owner is forgotten over a start")
	}
}

// Fifty wrong codes make a new one, so that nobody counts through them.
func TestClaimCodeChanges(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{Initial: officeConfig()})
	first := s.ClaimCode()
	for range claimGuesses {
		s.Claim(t.Context(), "wrong", "thief", goodPassword, tester)
	}
	if s.ClaimCode() == first {
		t.Error("the code stayed")
	}
}

func TestSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := claimed(t, t.TempDir())
		defer s.Close()
		for name, password := range map[string]string{"lihua": "wrong-password", "nobody": goodPassword} {
			if _, _, err := s.SignIn(t.Context(), name, password, "192.0.2.7"); err != error(errSignIn) {
				t.Errorf("%s: %v", name, err)
			}
		}
		open := func() string {
			secret, p, err := s.SignIn(t.Context(), "lihua", goodPassword, "192.0.2.7")
			if err != nil || p.Role != RoleAdmin {
				t.Fatalf("%+v, %v", p, err)
			}
			return secret
		}
		in := func(secret string) bool { _, ok := s.Session(secret); return ok }
		idle, out, changed := open(), open(), open()
		if !in(idle) || in("") || in("guess") {
			t.Error("a session is not its secret")
		}
		if err := s.SignOut(t.Context(), out); err != nil || in(out) || !in(changed) {
			t.Errorf("signing out: %v", err)
		}
		if err := s.PutUser(t.Context(), User{Name: "lihua", Role: RoleAdmin}, "another-good-secret", tester); err != nil || in(changed) {
			t.Errorf("a new password leaves a session open: %v", err)
		}
		if _, _, err := s.SignIn(t.Context(), "lihua", goodPassword, "192.0.2.7"); err == nil {
			t.Error("the old password opens")
		}
		secret, _, _ := s.SignIn(t.Context(), "lihua", "another-good-secret", "192.0.2.7")
		for range 20 {
			time.Sleep(sessionIdle - time.Minute)
			if !in(secret) {
				t.Error("a session in use ended")
			}
		}
		time.Sleep(sessionIdle + sessionTouch)
		if in(secret) {
			t.Error("an idle session stays")
		}
	})
}

// A session ends with its user: whoever gets the name later does not get the session's holder in.
func TestSessionsEndWithTheirUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := claimed(t, t.TempDir())
		defer s.Close()
		put := func(role Role) {
			if err := s.PutUser(t.Context(), User{Name: "wang", Role: role}, goodPassword, tester); err != nil {
				t.Fatal(err)
			}
		}
		put(RoleAgent)
		secret, _, err := s.SignIn(t.Context(), "wang", goodPassword, "192.0.2.7")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteUser(t.Context(), "wang", tester); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		put(RoleAdmin)
		if p, ok := s.Session(secret); ok {
			t.Errorf("an old session is %+v", p)
		}
	})
}

// The disk does not hold what opens a session or a token.
func TestSecretsAreNotOnDisk(t *testing.T) {
	dir := t.TempDir()
	s := claimed(t, dir)
	session, _, err := s.SignIn(t.Context(), "lihua", goodPassword, "192.0.2.7")
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := s.CreateToken(t.Context(), Token{Name: "crm", Role: RoleSupervisor}, tester)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	everyFile(t, dir, func(name string, content string) {
		for _, secret := range []string{session, token, goodPassword} {
			if strings.Contains(content, secret) {
				t.Errorf("%s holds %s", name, secret)
			}
		}
	})
}

func TestTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := claimed(t, t.TempDir())
		defer s.Close()
		secret, made, err := s.CreateToken(t.Context(), Token{Name: "crm", Role: RoleSupervisor, Expires: time.Now().Add(time.Hour)}, tester)
		if err != nil {
			t.Fatal(err)
		}
		if p, ok := s.Token(secret); !ok || !reflect.DeepEqual(p, Person{Name: "token:crm", Role: RoleSupervisor}) {
			t.Errorf("%+v, %v", p, ok)
		}
		for _, bad := range []string{"", "cbx_", tokenPrefix + made.ID + "_x", secret + "x", strings.TrimPrefix(secret, tokenPrefix)} {
			if _, ok := s.Token(bad); ok {
				t.Errorf("%q opens", bad)
			}
		}
		time.Sleep(time.Hour)
		if _, ok := s.Token(secret); ok {
			t.Error("an expired token opens")
		}
		if err := s.DeleteToken(t.Context(), made.ID, tester); err != nil {
			t.Error(err)
		}
		if err := s.DeleteToken(t.Context(), made.ID, tester); code(err) != telephony.NotFound {
			t.Errorf("deleted twice: %v", err)
		}
	})
}

// Each change of an account is in the audit, and one administrator always stays.
func TestUsers(t *testing.T) {
	s := claimed(t, t.TempDir())
	put := func(name string, role Role, password string) error {
		return s.PutUser(t.Context(), User{Name: name, Role: role, Agent: "1001"}, password, tester)
	}
	steps := []struct {
		name string
		do   func() error
		want telephony.Code
	}{
		{"a user without password", func() error { return put("wang", RoleAgent, "") }, telephony.Invalid},
		{"a user", func() error { return put("wang", RoleAgent, goodPassword) }, ""},
		{"a user who is there is added", func() error {
			return s.AddUser(t.Context(), User{Name: "wang", Role: RoleAdmin}, "another-good-secret", tester)
		}, telephony.Conflict},
		{"and was left as is", func() error {
			_, p, err := s.SignIn(t.Context(), "wang", goodPassword, "")
			if err == nil && p.Role != RoleAgent {
				err = fmt.Errorf("%+v", p)
			}
			return err
		}, ""},
		{"another role", func() error { return put("wang", RoleSupervisor, "") }, ""},
		{"no role", func() error { return put("wang", "root", "") }, telephony.Invalid},
		{"the last administrator steps down", func() error { return put("lihua", RoleAgent, "") }, telephony.Conflict},
		{"the last administrator goes", func() error { return s.DeleteUser(t.Context(), "lihua", tester) }, telephony.Conflict},
		{"a second administrator", func() error { return put("wang", RoleAdmin, "") }, ""},
		{"the first goes", func() error { return s.DeleteUser(t.Context(), "lihua", tester) }, ""},
		{"goes again", func() error { return s.DeleteUser(t.Context(), "lihua", tester) }, telephony.NotFound},
	}
	for _, step := range steps {
		if err := step.do(); code(err) != step.want || (err != nil && step.want == "") {
			t.Errorf("%s: %v", step.name, err)
		}
	}
	users, err := s.Users()
	if err != nil || len(users) != 1 || users[0].Name != "wang" || users[0].Role != RoleAdmin {
		t.Errorf("users %+v, %v", users, err)
	}
	lines, _ := s.AuditLines(0, 10)
	var told []string
	for _, l := range lines {
		told = append(told, fmt.Sprint(l.Action, " ", l.On))
	}
	if got := strings.Join(told, ", "); got != "user.deleted lihua, user.put wang, user.put wang, user.put wang, box.claimed lihua, config.put 1" {
		t.Errorf("audit: %s", got)
	}
}

// Before the box has an owner nobody else gets an account, and who asks is told what comes first.
func TestNoUserBeforeTheClaim(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{})
	for _, role := range []Role{RoleAgent, RoleAdmin} {
		err := s.PutUser(t.Context(), User{Name: "wang", Role: role, Agent: "1001"}, goodPassword, tester)
		if code(err) != telephony.Conflict || !strings.Contains(err.Error(), "claim") {
			t.Errorf("%s: %v", role, err)
		}
	}
	if users, _ := s.Users(); len(users) != 0 {
		t.Errorf("users %+v", users)
	}
	if _, _, err := s.SignIn(t.Context(), "wang", goodPassword, ""); code(err) != telephony.Unsigned || !strings.Contains(err.Error(), "claim") {
		t.Errorf("sign in: %v", err)
	}
}

// A flood of guesses costs time, not memory: hashing is bounded, what waits too.
func TestHasherIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hasher{turns: make(chan struct{}, 1), waiting: make(chan struct{}, 1)}
		h.turns <- struct{}{}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { _, err := h.hash(ctx, "x"); done <- err }()
		synctest.Wait()
		if _, err := h.hash(ctx, "x"); code(err) != telephony.TooMany {
			t.Errorf("one too many: %v", err)
		}
		cancel()
		if err := <-done; err != context.Canceled {
			t.Errorf("one who gave up: %v", err)
		}
	})
}

// everyFile visits the files below a folder.
func everyFile(t *testing.T, dir string, visit func(name, content string)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		visit(path, string(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestOwnPassword: the present password opens the change, all sessions end but the new one, and another person's are left alone.
func TestOwnPassword(t *testing.T) {
	s := claimed(t, t.TempDir())
	defer s.Close()
	by := By{Who: "lihua", Source: "192.0.2.7"}
	first, _, err := s.SignIn(t.Context(), "lihua", goodPassword, "192.0.2.7")
	if err != nil {
		t.Fatal(err)
	}
	second, _, _ := s.SignIn(t.Context(), "lihua", goodPassword, "192.0.2.8")
	if list, err := s.Sessions("lihua", first); err != nil || len(list) != 2 || list[0].Current == list[1].Current {
		t.Errorf("%+v, %v", list, err)
	}
	if list, _ := s.Sessions("stranger", first); len(list) != 0 {
		t.Errorf("a stranger sees %+v", list)
	}
	if err := s.EndSessions(t.Context(), "lihua", first, by); err != nil {
		t.Error(err)
	}
	if _, ok := s.Session(second); ok {
		t.Error("the other session goes on")
	}
	for present, next := range map[string]string{"wrong": "another-good-secret", goodPassword: "Password2026!"} {
		if _, err := s.ChangePassword(t.Context(), "lihua", present, next, by); err == nil {
			t.Errorf("%q becomes %q", present, next)
		}
	}
	changed, err := s.ChangePassword(t.Context(), "lihua", goodPassword, "another-good-secret", by)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Session(first); ok {
		t.Error("a session outlives its password")
	}
	if p, ok := s.Session(changed); !ok || p.Name != "lihua" || p.Role != RoleAdmin {
		t.Errorf("%+v %v", p, ok)
	}
	if _, _, err := s.SignIn(t.Context(), "lihua", goodPassword, ""); err == nil {
		t.Error("the old password opens")
	}
}
