package storage

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

func passkey(name string) Passkey {
	return Passkey{ID: []byte("id of " + name), Name: name, Host: "pbx.example.cn", Key: []byte{1}}
}

// added is a store whose administrator lihua has a passkey, and the handle.
func added(t *testing.T, name string) (*Store, []byte) {
	t.Helper()
	s := claimed(t, t.TempDir())
	ring, err := s.Keyring("lihua")
	if err != nil || len(ring.Passkeys) != 0 || !ring.Password || len(ring.Handle) != userHandleBytes {
		t.Fatalf("%+v, %v", ring, err)
	}
	if err := s.AddPasskey(t.Context(), "lihua", ring.Handle, passkey(name), tester); err != nil {
		t.Fatal(err)
	}
	return s, ring.Handle
}

// TestPasskeys: they are found by the handle, each has a name and is there once, and everything is in the audit.
func TestPasskeys(t *testing.T) {
	s, handle := added(t, "phone")
	defer s.Close()
	if ring, found, err := s.KeyringOf(handle); err != nil || !found || ring.User != "lihua" || len(ring.Passkeys) != 1 {
		t.Errorf("%+v %v %v", ring, found, err)
	}
	for _, stranger := range [][]byte{nil, {}, []byte("another")} {
		if ring, found, _ := s.KeyringOf(stranger); found {
			t.Errorf("%q opens %+v", stranger, ring)
		}
	}
	for _, row := range []struct {
		title  string
		handle []byte
		p      Passkey
		want   telephony.Code
	}{
		{"without a name", handle, passkey(" "), telephony.Invalid},
		{"twice", handle, passkey("phone"), telephony.Conflict},
		{"for another handle", []byte("another"), passkey("key"), telephony.Conflict},
		{"a second", handle, passkey("key"), ""},
	} {
		if err := s.AddPasskey(t.Context(), "lihua", row.handle, row.p, tester); code(err) != row.want {
			t.Errorf("%s: %v", row.title, err)
		}
	}
	for range maxPasskeys {
		_ = s.AddPasskey(t.Context(), "lihua", handle, passkey(time.Now().String()), tester)
	}
	if ring, _ := s.Keyring("lihua"); len(ring.Passkeys) != maxPasskeys {
		t.Errorf("%d passkeys", len(ring.Passkeys))
	}
	if err := s.DeletePasskey(t.Context(), "lihua", PasskeyID([]byte("id of key")), tester); err != nil {
		t.Error(err)
	}
	lines, _ := s.AuditLines(0, 1)
	if lines[0].Action != "passkey.deleted" || lines[0].On != "lihua" {
		t.Errorf("%+v", lines[0])
	}
}

// TestPasskeyCounter (WebAuthn Level 3 7.2 step 22): a counter that does not rise tells of a copy, which is refused and in the audit;
// one that does not count is taken.
func TestPasskeyCounter(t *testing.T) {
	s, _ := added(t, "phone")
	defer s.Close()
	for _, row := range []struct {
		counter uint32
		want    telephony.Code
	}{{0, ""}, {0, ""}, {3, ""}, {4, ""}, {4, telephony.Unsigned}, {2, telephony.Unsigned}, {0, telephony.Unsigned}, {5, ""}} {
		if err := s.UsePasskey(t.Context(), "lihua", passkey("phone").ID, row.counter, tester); code(err) != row.want {
			t.Errorf("%d: %v", row.counter, err)
		}
	}
	copied := 0
	lines, _ := s.AuditLines(0, 100)
	for _, l := range lines {
		if l.Action == "passkey.copied" && l.On == "lihua" && l.Detail == "phone" {
			copied++
		}
	}
	if copied != 3 {
		t.Errorf("%d in the audit", copied)
	}
	if err := s.UsePasskey(t.Context(), "lihua", []byte("another"), 9, tester); code(err) != telephony.NotFound {
		t.Errorf("one that is not there: %v", err)
	}
}

// TestAccountWithoutPassword: a box may be claimed by a passkey. No password opens that account, the last passkey stays until there
// is one, and the first password needs no other.
func TestAccountWithoutPassword(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{Initial: officeConfig()})
	defer s.Close()
	handle, id := []byte("handle"), PasskeyID(passkey("phone").ID)
	if err := s.ClaimByPasskey(t.Context(), "wrong", "lihua", handle, passkey("phone"), tester); code(err) != telephony.Forbidden {
		t.Errorf("a wrong code: %v", err)
	}
	if err := s.ClaimByPasskey(t.Context(), s.ClaimCode(), "lihua", handle, passkey("phone"), tester); err != nil || !s.Claimed() {
		t.Fatal(err)
	}
	for _, password := range []string{"", goodPassword} {
		if _, _, err := s.SignIn(t.Context(), "lihua", password, ""); err != error(errSignIn) {
			t.Errorf("%q opens it: %v", password, err)
		}
	}
	if err := s.DeletePasskey(t.Context(), "lihua", id, tester); code(err) != telephony.Conflict {
		t.Errorf("the only way in goes: %v", err)
	}
	if err := s.DeletePasskeys(t.Context(), "lihua", tester); code(err) != telephony.Conflict {
		t.Errorf("the only ways in go: %v", err)
	}
	secret, p, err := s.LetIn(t.Context(), "lihua", "192.0.2.7")
	if err != nil || p.Role != RoleAdmin {
		t.Fatal(p, err)
	}
	if _, err := s.ChangePassword(t.Context(), "lihua", "", goodPassword, tester); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Session(secret); ok {
		t.Error("a session outlives the first password")
	}
	if _, err := s.ChangePassword(t.Context(), "lihua", "", "another-good-secret", tester); code(err) != telephony.Forbidden {
		t.Errorf("the second password needs none: %v", err)
	}
	if err := s.DeletePasskey(t.Context(), "lihua", id, tester); err != nil {
		t.Errorf("beside a password: %v", err)
	}
}

// TestPasskeysStayAndGo: a new password from an administrator leaves them; the user's end, and a user of the same name made by a
// system that knows no passkeys, do not inherit them; a lost device's go with the sessions.
func TestPasskeysStayAndGo(t *testing.T) {
	s, handle := added(t, "phone")
	defer s.Close()
	count := func() int {
		users, err := s.Users()
		if err != nil || len(users) == 0 {
			t.Fatal(users, err)
		}
		return users[0].Passkeys
	}
	put := func(name string) {
		if err := s.PutUser(t.Context(), User{Name: name, Role: RoleAdmin}, "another-good-secret", tester); err != nil {
			t.Fatal(err)
		}
	}
	if put("lihua"); count() != 1 {
		t.Error("a new password took a passkey away")
	}
	put("wang")
	secret, _, _ := s.LetIn(t.Context(), "lihua", "")
	if err := s.DeletePasskeys(t.Context(), "lihua", tester); err != nil || count() != 0 {
		t.Error(err)
	}
	if _, ok := s.Session(secret); ok {
		t.Error("the session of a lost device goes on")
	}
	_ = s.AddPasskey(t.Context(), "lihua", handle, passkey("phone"), tester)
	err := s.config.Update(t.Context(), func(tx *bbolt.Tx) error { return tx.Bucket(usersBucket).Delete([]byte("lihua")) })
	if _, found, err := s.KeyringOf(handle); err != nil || found {
		t.Errorf("the keyring of nobody: %v", err)
	}
	if put("lihua"); err != nil || count() != 0 {
		t.Errorf("another lihua has the passkeys of the first: %v", err)
	}
	if ring, _ := s.Keyring("lihua"); bytes.Equal(ring.Handle, handle) {
		t.Error("and the handle")
	}
}

// TestProof: signing in proves who sits there, for five minutes, and so does giving the password or a passkey again.
func TestProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := claimed(t, t.TempDir())
		defer s.Close()
		secret, _, err := s.SignIn(t.Context(), "lihua", goodPassword, "")
		if err != nil || !s.Proved(secret) || s.Proved("another") {
			t.Fatal(err)
		}
		if time.Sleep(proofLife); s.Proved(secret) {
			t.Error("it never ends")
		}
		if err := s.CheckPassword(t.Context(), "lihua", "wrong"); code(err) != telephony.Forbidden {
			t.Errorf("a wrong password: %v", err)
		}
		if err := s.CheckPassword(t.Context(), "lihua", goodPassword); err != nil {
			t.Error(err)
		}
		if err := s.Prove(t.Context(), secret); err != nil || !s.Proved(secret) {
			t.Errorf("once more: %v", err)
		}
	})
}
