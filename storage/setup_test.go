package storage

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSetupIsKept: leaving the first set-up and coming back, even after a power cut, loses nothing.
func TestSetupIsKept(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := s.Setup(); text != nil || err != nil {
		t.Fatalf("a new box: %q %v", text, err)
	}
	if err := s.PutSetup([]byte(`{"step":"people"}`)); err != nil {
		t.Fatal(err)
	}
	if err := s.PutSetup(make([]byte, maxSetup+1)); err == nil {
		t.Fatal("a draft without bounds was kept")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(dir, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if text, err := s.Setup(); string(text) != `{"step":"people"}` || err != nil {
		t.Fatalf("after a restart: %q %v", text, err)
	}
	if info, err := os.Stat(filepath.Join(dir, setupName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("others may read it: %v %v", info.Mode(), err)
	}
}

// TestSetupFromTwoTabs: what is kept at the same moment from two tabs fails neither, and is whole.
func TestSetupFromTwoTabs(t *testing.T) {
	s, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const tabs = 8
	failed := make(chan error, tabs)
	for range tabs {
		go func() { failed <- s.PutSetup([]byte(`{"step":"people"}`)) }()
	}
	for range tabs {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	if text, err := s.Setup(); string(text) != `{"step":"people"}` {
		t.Errorf("%q %v", text, err)
	}
}
