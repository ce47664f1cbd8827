package main

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"callbox/board"
	"callbox/telephony"
)

// TestNoDefaultPassword (ETSI EN 303 645 5.1, pain 44): whatever a new box lets in with is random, on every board, and
// another on each box.
func TestNoDefaultPassword(t *testing.T) {
	for _, name := range board.Names() {
		t.Run(name, func(t *testing.T) {
			one, other := secretsOf(t, name), secretsOf(t, name)
			for _, what := range slices.Sorted(maps.Keys(one)) {
				if one[what] == "" || one[what] == other[what] {
					t.Errorf("%s: %q on one box, %q on another", what, one[what], other[what])
				}
			}
		})
	}
}

// A small disk is no fault of a new box.
func TestKeepFree(t *testing.T) {
	for _, c := range []struct{ disk, least, stop int }{{0, 2000, 500}, {1200, 120, 30}, {5, 1, 1}, {500_000, 2000, 500}} {
		r := telephony.DefaultConfig().Recording
		keepFree(&r, c.disk)
		if r.MinFreeMB != c.least || r.StopFreeMB != c.stop {
			t.Errorf("of a disk of %d MB are kept free %d and %d", c.disk, r.MinFreeMB, r.StopFreeMB)
		}
	}
	if diskMB(filepath.Join(t.TempDir(), "not", "yet")) == 0 {
		t.Error("a directory that is not yet there is on no disk")
	}
}

// secretsOf are the secrets of a new box, which has a valid configuration.
func secretsOf(t *testing.T, name string) map[string]string {
	t.Helper()
	b, err := board.Open(name, board.Wires{})
	if err != nil {
		t.Skip(err) // not the board that we run on
	}
	defer b.Close()
	cfg, err := initialConfig(b, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err, err.Problems)
	}
	secrets := map[string]string{}
	for _, p := range cfg.Phones {
		if p.Port != "" {
			continue // it does not register: who is let in stands at the box
		}
		secrets["phone "+p.Extension] = p.Password
	}
	for _, a := range cfg.Agents {
		secrets["agent "+a.ID] = a.PIN
	}
	for _, m := range cfg.Mailboxes {
		secrets["mailbox "+m.ID] = m.PIN
	}
	for _, trunk := range cfg.Trunks {
		if trunk.Password != "" {
			t.Errorf("trunk %s ships with a password", trunk.ID)
		}
	}
	return secrets
}

// TestRandomPIN: six digits that Validate takes.
func TestRandomPIN(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		pin := randomPIN()
		if len(pin) != 6 || telephony.CleanNumber(pin) != pin || pin[0] == '0' {
			t.Fatal(pin)
		}
		seen[pin] = true
	}
	if len(seen) < 990 {
		t.Errorf("%d of 1000 differ", len(seen))
	}
}
