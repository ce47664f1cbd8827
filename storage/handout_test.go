package storage

import (
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestHandout (pain 47): a link works once, for a day, over a restart, until it is taken back or there is another; the disk holds
// nothing that opens it.
func TestHandout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, boss := t.TempDir(), By{Who: "boss", Source: "192.0.2.1"}
		s, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		opens := func(secret string) bool {
			extension, err := s.TakeHandout(t.Context(), secret, By{Who: "phone/801"})
			if (err == nil) != (extension == "801") {
				t.Errorf("%q, %v", extension, err)
			}
			return err == nil
		}
		handOut := func() string {
			secret, h, err := s.MakeHandout(t.Context(), "801", boss)
			if err != nil || h.By != "boss" || len(secret) != len("801_")+32 {
				t.Fatalf("%q %+v, %v", secret, h, err)
			}
			return secret
		}
		first := handOut()
		second := handOut()
		if opens(first) || opens("801") || opens("801_") || opens("") || opens("805ec0aabbcc") {
			t.Error("what is no link opens")
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if text, _ := os.ReadFile(dir + "/state.db"); strings.Contains(string(text), strings.TrimPrefix(second, "801_")) {
			t.Error("the disk holds the secret")
		}
		if s, err = Open(dir, Options{}); err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if list, _ := s.Handouts(); len(list) != 1 || list[0].Extension != "801" {
			t.Errorf("open are %+v", list)
		}
		var taken atomic.Int32
		var takers sync.WaitGroup
		for range 8 {
			takers.Go(func() {
				if opens(second) {
					taken.Add(1)
				}
			})
		}
		takers.Wait()
		if n := taken.Load(); n != 1 {
			t.Errorf("of eight at once %d opened it", n)
		}
		third := handOut()
		time.Sleep(handoutLife)
		if list, _ := s.Handouts(); len(list) != 0 || opens(third) {
			t.Errorf("after a day: %+v", list)
		}
		fourth := handOut()
		if err := s.DeleteHandout(t.Context(), "801", boss); err != nil || opens(fourth) {
			t.Errorf("it was taken back (%v) and opens", err)
		}
		if s.DeleteHandout(t.Context(), "801", boss) == nil {
			t.Error("there was nothing to take back")
		}
		var did []string
		lines, _ := s.AuditLines(0, 20)
		for _, l := range lines {
			if l.On == "801" {
				did = append(did, strings.TrimPrefix(l.Action, "phone."))
			}
		}
		if got := strings.Join(did, " "); got != "handout_revoked handout handout handout_taken handout handout" {
			t.Errorf("the audit has %s", got)
		}
	})
}
