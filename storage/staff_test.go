package storage

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

// people are agents by their ids; "1001:office" has planned hours.
func people(ids ...string) (list []telephony.Agent) {
	for i, id := range ids {
		id, hours, _ := strings.Cut(id, ":")
		list = append(list, telephony.Agent{ID: id, Name: "N" + id, PIN: fmt.Sprintf("73%02d81", 10+i), Hours: hours})
	}
	return list
}

// told is the register in a line: whom from which day until which, by which hours.
func (r register) told(start time.Time) string {
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return fmt.Sprint(int(t.Sub(start).Hours()) / 24)
	}
	var terms []string
	for _, t := range r.Terms {
		terms = append(terms, strings.TrimSuffix(fmt.Sprintf("%s %s-%s %s", t.Agent, day(t.From), day(t.Until), t.Hours), " "))
	}
	return "since " + day(r.Since) + ": " + strings.Join(terms, ", ")
}

// A11.11: the register follows each way in which the configuration changes: a change, an undo, a restore, an older version's file.
func TestRegisterFollowsTheConfiguration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, start := t.TempDir(), time.Now()
		s := openStore(t, dir, Options{Initial: officeConfig()})
		staff := func(ids ...string) *telephony.Config {
			t.Helper()
			return put(t, s, func(c *telephony.Config) { c.Agents = people(ids...) })
		}
		stands := func(what, want string) {
			t.Helper()
			if r, err := s.register(); err != nil || r.told(start) != want {
				t.Errorf("%s: %s, %v, want %s", what, r.told(start), err, want)
			}
			time.Sleep(24 * time.Hour)
		}
		stands("a new box", "since 0: ")
		staff("1001", "1002")
		stands("two come", "since 0: 1001 1-, 1002 1-")
		undo := staff("1001:office").Revision
		stands("one goes, the other gets hours", "since 0: 1001 1-2, 1002 1-2, 1001 2- office")
		if _, err := s.Undo(t.Context(), undo, Change{Base: s.Config().Revision, Who: "lihua"}); err != nil {
			t.Fatal(err)
		}
		stands("undone", "since 0: 1001 1-2, 1002 1-2, 1001 2-3 office, 1001 3-, 1002 3-")
		var file bytes.Buffer
		if err := s.Backup(t.Context(), &file); err != nil {
			t.Fatal(err)
		}
		staff("1002", "1003")
		stands("another change", "since 0: 1001 1-2, 1002 1-2, 1001 2-3 office, 1001 3-4, 1002 3-, 1003 4-")
		if _, err := s.Restore(t.Context(), &file, "", tester); err != nil {
			t.Fatal(err)
		}
		restart := func() {
			t.Helper()
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = openStore(t, dir, Options{})
		}
		restart()
		stands("restored", "since 0: 1001 1-2, 1002 1-2, 1001 2-3 office, 1001 3-4, 1002 3-, 1003 4-5, 1001 5-")
		err := s.config.UpdateAndCopy(t.Context(), func(tx *bbolt.Tx) error { return tx.DeleteBucket(staffBucket) })
		if err != nil {
			t.Fatal(err)
		}
		restart()
		stands("a box of an older version", "since 6: 1001 6-, 1002 6-")
		restart()
		stands("another start", "since 6: 1001 6-, 1002 6-")
	})
}

// What is over for three years goes, and the register says from when on it is whole; too many changes push out the oldest.
func TestRegisterIsBounded(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	day := func(d int) time.Time { return start.AddDate(0, 0, d) }
	var r register
	r.follow(people("1001", "1002"), day(0))
	r.follow(people("1002"), day(100))
	r.follow(people("1002"), day(100+3*365-1))
	if got, want := r.told(start), "since 0: 1001 0-100, 1002 0-"; got != want {
		t.Errorf("within three years: %s, want %s", got, want)
	}
	if !r.follow(people("1002"), day(100+3*365)) || r.told(start) != "since 100: 1002 0-" {
		t.Errorf("after three years: %s", r.told(start))
	}
	many := make([]string, 2000)
	for i := range many {
		many[i] = fmt.Sprint(3000 + i)
	}
	for d := range 8 {
		r.follow(people(), day(2000+2*d))
		r.follow(people(many...), day(2001+2*d))
	}
	if len(r.Terms) > maxTerms || len(r.Terms) < 2000 || !r.Since.Equal(day(2012)) {
		t.Errorf("%d terms since day %v", len(r.Terms), r.Since.Sub(start).Hours()/24)
	}
}
