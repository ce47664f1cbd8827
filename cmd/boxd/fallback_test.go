package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/board"
	"callbox/telephony"
)

// Page and panel say by an alarm that an update went back, and why, and that neither system starts (A14.7).
func TestFallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, telephony.DefaultConfig())
		defer w.close()
		dir := t.TempDir()
		alarms := func() (names []string) {
			synctest.Wait()
			for _, a := range w.box.Store.Alarms() {
				names = append(names, a.Name+": "+a.Message.EN)
			}
			return names
		}
		w.box.tellFallback(dir)
		if err := (board.Unproved{"test": "the box does not stay up"}).Write(dir); err != nil {
			t.Fatal(err)
		}
		w.box.tellFallback(dir)
		if list := alarms(); len(list) > 0 {
			t.Errorf("a system that runs for the first time tells %q", list)
		}
		if err := (board.Unproved{"0.3.0": "the box does not answer", "test": "the box does not stay up"}).Write(dir); err != nil {
			t.Fatal(err)
		}
		w.box.tellFallback(dir)
		if list := alarms(); len(list) != 1 || !strings.Contains(list[0], "Version 0.3.0 did not prove itself (the box does not answer)") {
			t.Errorf("after an update that went back it tells %q", list)
		}
		if err := (board.Unproved{"test 3fa9": "the box does not stay up"}).Write(dir); err != nil { // another build of the version
			t.Fatal(err)
		}
		w.box.tellFallback(dir)
		if list := alarms(); len(list) != 1 || !strings.Contains(list[0], "Version test did not prove itself (the box does not stay up)") {
			t.Errorf("after another build of its version it tells %q", list)
		}
		if err := board.Proved(dir, "test"); err != nil {
			t.Fatal(err)
		}
		if left, err := board.ReadUnproved(dir); err != nil || len(left) > 0 {
			t.Errorf("of systems that proved themselves %v is left: %v", left, err)
		}
		for why, want := range map[string]string{"": "Neither system starts", "hand": "Esc was held at the start"} {
			if err := os.WriteFile(filepath.Join(dir, "recovery"), []byte(why), 0o600); err != nil {
				t.Fatal(err)
			}
			w.box.tellFallback(dir)
			if list := alarms(); len(list) != 2 || !strings.Contains(list[0], want) {
				t.Errorf("the recovery system %q tells %q", why, list)
			}
		}
	})
}

// What the data were before a version migrated them stays until that has proved itself, and goes while the box runs.
func TestAwaitProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, telephony.DefaultConfig())
		defer w.close()
		w.box.opt.System = t.TempDir()
		old := filepath.Join(w.data, "config.db.format-1")
		if err := os.WriteFile(old, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		over := make(chan struct{})
		go func() { defer close(over); w.box.awaitProof(t.Context()) }()
		time.Sleep(time.Minute)
		if _, err := os.Stat(old); err != nil {
			t.Errorf("before the proof: %v", err)
		}
		if err := board.Proved(w.box.opt.System, "test"); err != nil {
			t.Fatal(err)
		}
		<-over
		if _, err := os.Stat(old); !os.IsNotExist(err) {
			t.Errorf("after the proof: %v", err)
		}
	})
}
