package storage

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"callbox/telephony"
)

// asLater does something as a version whose formats of some files are so many steps further.
func asLater(steps int, layouts []*layout, do func()) {
	for _, l := range layouts {
		own := slices.Clip(l.steps)
		defer func() { l.steps = own }()
		for range steps {
			l.steps = append(l.steps, buckets([]byte("of a later version")))
		}
	}
	do()
}

// everyLayout is of all files that have a format.
var everyLayout = []*layout{&configLayout, &stateLayout, &callsLayout}

func count(t *testing.T, s *Store, pattern string) int {
	t.Helper()
	n := 0
	for _, dir := range []string{s.dir, filepath.Join(s.dir, callsDir)} {
		list, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		n += len(list)
	}
	return n
}

// someCalls are calls of a boot.
func someCalls(s *Store, n int) {
	tp := newTape()
	for i := range n {
		aServedCall(tp, telephony.NewCallID(s.Boot(), uint64(i+1)))
	}
	play(s, tp)
}

// ownedStore is a box with an owner, a configuration and calls.
func ownedStore(t *testing.T, dir string) *Store {
	t.Helper()
	s := openStore(t, dir, Options{})
	if err := s.Claim(t.Context(), s.ClaimCode(), "lihua", goodPassword, tester); err != nil {
		t.Fatal(err)
	}
	put(t, s, func(c *telephony.Config) { c.Site.Name = "before" })
	someCalls(s, 20)
	syncStore(t, s)
	return s
}

// A14.7: what a version migrates that has not proved itself stays beside, in whatever file it was. Where the update goes back, so do the
// data by themselves, with the calls since; administrators are told, and nothing of the configuration can have been lost.
func TestUpdateGoesBack(t *testing.T) {
	for name, layouts := range map[string][]*layout{
		"all": everyLayout, "config": {&configLayout}, "state": {&stateLayout}, "calls": {&callsLayout},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				s := ownedStore(t, dir)
				session, _, err := s.SignIn(t.Context(), "lihua", goodPassword, "")
				if err != nil {
					t.Fatal(err)
				}
				s.Close()
				var live []Record
				asLater(1, layouts, func() {
					s := openStore(t, dir, Options{Trial: true})
					someCalls(s, 10)
					live = allRecords(t, s)
					if n := count(t, s, "*.format-?"); n != len(layouts) || len(live) != 30 {
						t.Errorf("%d files beside, %d calls", n, len(live))
					}
					for what, change := range changes(s) {
						if want := slices.Contains(layouts, &configLayout); (code(change()) == telephony.Busy) != want {
							t.Errorf("%s in the trial: %v, want it refused: %t", what, change(), want)
						}
					}
					if err := s.SignOut(t.Context(), session); err != nil {
						t.Fatal(err)
					}
					s.Close()
				})
				s = openStore(t, dir, Options{})
				if diff := cmp.Diff(live, allRecords(t, s)); diff != "" {
					t.Errorf("calls (-in the trial +now):\n%s", diff)
				}
				if got := s.Config(); got.Site.Name != "before" && slices.Contains(layouts, &configLayout) {
					t.Errorf("configuration %+v", got.Site)
				}
				if _, in := s.Session(session); in {
					t.Error("who signed out is in again")
				}
				alarms := s.Alarms()
				if len(alarms) != 1 || alarms[0].Name != "data_went_back" {
					t.Errorf("alarms %v", alarms)
				}
				lines, err := s.AuditLines(0, 10)
				if n := len(slices.DeleteFunc(lines, func(l AuditLine) bool { return l.Action != "data.went_back" })); err != nil || n != len(layouts) {
					t.Errorf("%d lines of the audit tell it, %v", n, err)
				}
				if old, later := count(t, s, "*.format-?"), count(t, s, "*.later-told"); old != 0 || later != len(layouts) {
					t.Errorf("%d copies and %d later files lie beside", old, later)
				}
				put(t, s, func(c *telephony.Config) { c.Site.Name = "after" })
				s = restart(t, s)
				if len(s.Alarms()) != 0 || s.Config().Site.Name != "after" {
					t.Errorf("after a further start: %v, %s", s.Alarms(), s.Config().Site.Name)
				}
				s.Close()
			})
		})
	}
}

// changes are what people may want to change.
func changes(s *Store) map[string]func() error {
	ctx := context.Background()
	return map[string]func() error{
		"a setting": func() error {
			_, err := s.Put(ctx, s.Configured(), Change{Base: s.Config().Revision, Who: "lihua"})
			return err
		},
		"a user": func() error {
			return s.PutUser(ctx, User{Name: "wang", Role: RoleAgent}, "four green paper kites", tester)
		},
		"a token": func() error {
			_, _, err := s.CreateToken(ctx, Token{Name: "crm", Role: RoleAdmin}, tester)
			return err
		},
		"a report": func() error {
			return s.PutOwnReport(ctx, "lihua", OwnReport{Name: "Week", By: "daily", Period: "week"})
		},
		"a contact": func() error { return s.PutContact(ctx, "lihua", "", Contact{Name: "Wang", Number: "13800138000"}) },
	}
}

// A start that is cut short as the months go back loses none of their calls: they are read again at the next.
func TestPulledPlugAsCallsAreReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		ownedStore(t, dir).Close()
		asLater(1, []*layout{&callsLayout}, func() {
			s := openStore(t, dir, Options{Trial: true})
			someCalls(s, 10)
			syncStore(t, s)
			s.Close()
		})
		openStore(t, dir, Options{}).Close()
		s := openStore(t, dir, Options{})
		if n := len(allRecords(t, s)); n != 30 {
			t.Errorf("%d calls of 30", n)
		}
		s.Close()
	})
}

// The version that has proved itself keeps no copy, also of a month that nobody had asked for until then.
func TestUpdateIsConfirmed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		ownedStore(t, dir).Close()
		asLater(1, everyLayout, func() {
			s := openStore(t, dir, Options{Trial: true})
			if err := s.Confirm(); err != nil {
				t.Fatal(err)
			}
			if err := changes(s)["a user"](); err != nil {
				t.Errorf("a change after the trial: %v", err)
			}
			if n := len(allRecords(t, s)); n != 20 || count(t, s, "*.format-?") != 0 {
				t.Errorf("%d calls, %d copies", n, count(t, s, "*.format-?"))
			}
			s.Close()
		})
		if _, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), "Install the later version") {
			t.Errorf("the version before says %v", err)
		}
	})
}

// Of two versions that did not prove themselves, one after the other, only what was before both is kept; each goes back to it.
func TestTwoUpdatesGoBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		ownedStore(t, dir).Close()
		for _, steps := range []int{1, 2, 1} {
			asLater(steps, everyLayout, func() {
				s := openStore(t, dir, Options{Trial: true})
				if n := len(allRecords(t, s)); n != 20 || count(t, s, "*.format-?") != 3 {
					t.Errorf("%d calls, %d copies", n, count(t, s, "*.format-?"))
				}
				s.Close()
			})
		}
		s := openStore(t, dir, Options{})
		if n := len(allRecords(t, s)); n != 20 || s.Config().Site.Name != "before" {
			t.Errorf("%d calls, site %s", n, s.Config().Site.Name)
		}
		s.Close()
	})
}

// A14.9: the plug may be pulled between any two steps of migrating and of going back.
func TestPulledPlugAsDataGoBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		origin := t.TempDir()
		ownedStore(t, origin).Close()
		migrated := copied(t, origin)
		calls := 0
		asLater(1, everyLayout, func() {
			s := openStore(t, migrated, Options{Trial: true})
			someCalls(s, 10)
			calls = len(allRecords(t, s))
			s.Close()
		})
		opens := func(what, dir string, want int) {
			s := openStore(t, dir, Options{})
			if n := len(eventually(t, s, want)); n != want || s.Config().Site.Name != "before" || !s.Claimed() {
				t.Errorf("%s: %d calls of %d, site %s", what, n, want, s.Config().Site.Name)
			}
			for _, a := range s.Alarms() {
				if a.Name != "data_went_back" {
					t.Errorf("%s: alarm %s: %s", what, a.Name, a.Message.EN)
				}
			}
			s.Close()
		}
		for _, path := range (&Store{dir: migrated}).databases() {
			name, err := filepath.Rel(migrated, path)
			if err != nil {
				t.Fatal(err)
			}
			for done := range len(stepsBack("", "old")) + 1 {
				dir := copied(t, migrated)
				old, _ := oldOf(filepath.Join(dir, name))
				for _, step := range stepsBack(filepath.Join(dir, name), old)[:done] {
					if err := step(); err != nil {
						t.Fatal(err)
					}
				}
				opens(name+" goes back", dir, calls)
			}
			dir := copied(t, origin) // copied, not migrated
			if err := copyFile(filepath.Join(dir, name), filepath.Join(dir, name)+".format-1"); err != nil {
				t.Fatal(err)
			}
			opens(name+" is copied", dir, 20)
			dir = copied(t, origin)
			if err := os.WriteFile(filepath.Join(dir, name)+".format-1.new", []byte("half"), 0o600); err != nil {
				t.Fatal(err)
			}
			opens(name+" is copied by half", dir, 20)
			mixed := copied(t, origin) // one migrated, the others not yet
			for _, suffix := range []string{"", ".format-" + string('0'+byte(formatNow(name)))} {
				if err := copyFile(filepath.Join(migrated, name)+suffix, filepath.Join(mixed, name)+suffix); err != nil {
					t.Fatal(err)
				}
			}
			opens(name+" alone is migrated", mixed, 20)
		}
	})
}

// formatNow is the format of a file of this version.
func formatNow(name string) int {
	switch name {
	case configName:
		return len(configLayout.steps)
	case stateName:
		return len(stateLayout.steps)
	}
	return len(callsLayout.steps)
}

func copied(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "box")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}
