package storage

import (
	"testing"
)

// TestProgress: how far something has come is there after a restart, and can be forgotten.
func TestProgress(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var seq uint64
	if found, err := s.Progress("webhook/crm", &seq); found || err != nil {
		t.Errorf("found %v, %v before it began", found, err)
	}
	if err := s.PutProgress(t.Context(), "webhook/crm", uint64(42)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(dir, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if found, err := s.Progress("webhook/crm", &seq); !found || err != nil || seq != 42 {
		t.Errorf("%d, found %v, %v after a restart", seq, found, err)
	}
	if err := s.PutProgress(t.Context(), "webhook/crm", nil); err != nil {
		t.Fatal(err)
	}
	if found, _ := s.Progress("webhook/crm", &seq); found {
		t.Error("it is not forgotten")
	}
}
