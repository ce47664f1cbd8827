package main

import (
	"errors"
	"os"
	"testing"
)

// TestSeed: a seed counts once, and the one after it is another; half of one, or none, counts for nothing.
func TestSeed(t *testing.T) {
	file := seedOf(t.TempDir())
	if _, _, err := nextSeed(file); !errors.Is(err, os.ErrNotExist) {
		t.Fatal("a box that has none yet:", err)
	}
	first := [seedSize]byte{1, 2, 3}
	if err := os.WriteFile(file, first[:], 0o600); err != nil {
		t.Fatal(err)
	}
	seen := map[[seedSize]byte]bool{}
	for range 3 {
		old, next, err := nextSeed(file)
		if err != nil {
			t.Fatal(err)
		}
		if seen[old] {
			t.Error("a seed counts twice")
		}
		seen[old] = true
		if err := replaceSeed(file, next); err != nil {
			t.Fatal(err)
		}
	}
	if !seen[first] {
		t.Error("the first seed never counted")
	}
	if err := os.WriteFile(file, first[:5], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := nextSeed(file); err == nil {
		t.Error("half a seed counts")
	}
}
