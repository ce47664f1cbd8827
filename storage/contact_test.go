package storage

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"callbox/telephony"
)

// TestContacts (A5.12): an address book is its owner's alone, outlives a start, and goes with the account.
func TestContacts(t *testing.T) {
	dir := t.TempDir()
	s := claimed(t, dir)
	people := func(names ...string) {
		t.Helper()
		for _, name := range names {
			if err := s.PutUser(t.Context(), User{Name: name, Role: RoleAgent}, "four green paper kites", tester); err != nil {
				t.Fatal(err)
			}
		}
	}
	book := func(user, want string) {
		t.Helper()
		list, err := s.Contacts(user)
		var got []string
		for _, c := range list {
			got = append(got, strings.TrimSpace(c.Number+" "+c.Name+" "+c.Note))
		}
		if strings.Join(got, "; ") != want || err != nil {
			t.Errorf("%s has %q (%v), want %q", user, got, err, want)
		}
	}
	put := func(user string, c Contact, want telephony.Code, field string) {
		t.Helper()
		err := s.PutContact(t.Context(), user, "", c)
		var said *telephony.Error
		if code(err) != want || field != "" && (!errors.As(err, &said) || said.Problems[0].Path != field) {
			t.Errorf("%s puts %+v: %v, want %v at %q", user, c, err, want, field)
		}
	}
	if err := s.PutUser(t.Context(), User{Name: "root", Role: RoleAdmin}, "four green paper kites", tester); err != nil {
		t.Fatal(err)
	}
	people("wang")
	put("lihua", Contact{"021-6234 5678", " 海棠物流 ", "张经理"}, "", "")
	put("lihua", Contact{"13901234567", "Doctor", ""}, "", "")
	put("lihua", Contact{"02162345678", "海棠物流", "李经理"}, "", "")
	put("lihua", Contact{"no figure", "Nobody", ""}, telephony.Invalid, "number")
	put("lihua", Contact{"110", "  ", ""}, telephony.Invalid, "name")
	put("lihua", Contact{"110", strings.Repeat("警", maxContactName+1), ""}, telephony.Invalid, "name")
	put("lihua", Contact{"110", "Police", strings.Repeat("n", maxContactNote+1)}, telephony.Invalid, "note")
	put("nobody", Contact{"110", "Police", ""}, telephony.NotFound, "")
	book("lihua", "02162345678 海棠物流 李经理; 13901234567 Doctor")
	if err := s.PutContact(t.Context(), "lihua", "02162345678", Contact{"021-6234-0000", "海棠物流", "新号码"}); err != nil {
		t.Error(err)
	}
	book("lihua", "13901234567 Doctor; 02162340000 海棠物流 新号码")
	book("wang", "")
	for i := range maxContacts {
		put("wang", Contact{fmt.Sprint(20000 + i), "Somebody", ""}, "", "")
	}
	put("wang", Contact{"110", "Police", ""}, telephony.Conflict, "")
	put("wang", Contact{"20000", "Somebody else", ""}, "", "")

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, dir, Options{})
	if err := s.DeleteContact(t.Context(), "lihua", "13901234567"); err != nil {
		t.Error(err)
	}
	if err := s.DeleteContact(t.Context(), "lihua", "13901234567"); code(err) != telephony.NotFound {
		t.Errorf("what is not there is taken out: %v", err)
	}
	book("lihua", "02162340000 海棠物流 新号码")

	if err := s.DeleteUser(t.Context(), "lihua", tester); err != nil {
		t.Fatal(err)
	}
	people("lihua")
	book("lihua", "")
}
