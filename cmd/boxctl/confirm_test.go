package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"callbox/board"
)

// onImage puts into the path what an image has: a rauc that takes marks, an nft, and a systemctl whose units are up and whose callbox.service has
// started anew so often. It gives the file in which the marks are.
func onImage(t *testing.T, restarts int) (marks string) {
	dir := t.TempDir()
	marks = filepath.Join(dir, "marks")
	for name, script := range map[string]string{
		"rauc":      "[ \"$1\" = status ] && echo \"$2\" >>" + marks,
		"nft":       "cat",
		"systemctl": fmt.Sprintf("[ \"$1\" = is-active ] || echo %d", restarts),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return marks
}

// TestHopeless: a new version whose program ends again and again is given up at once; one that has run well here is not.
func TestHopeless(t *testing.T) {
	marks := onImage(t, hopeless)
	system := t.TempDir()
	confirm := func(ctx context.Context) error {
		_, err := runIn(t, ctx, "confirm", "--data", t.TempDir(), "--system", system)
		return err
	}
	if err := confirm(t.Context()); err == nil || !strings.Contains(err.Error(), "again and again") {
		t.Errorf("a new version: %v", err)
	}
	if text, _ := os.ReadFile(marks); string(text) != "mark-bad\n" {
		t.Errorf("it was marked %q", text)
	}
	if u, err := board.ReadUnproved(system); err != nil || u[version] != "the box does not answer" {
		t.Errorf("why is kept as %q, %v", u, err)
	}
	if err := board.Proved(system, version); err != nil {
		t.Fatal(err)
	}
	ctx, giveUp := context.WithTimeout(t.Context(), askEvery/2)
	defer giveUp()
	if err := confirm(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a version that has run well before: %v", err)
	}
}

// TestUntested: a new version that fails its self-test twice is given up at once, and what failed is kept; one that has run well here
// before is not asked.
func TestUntested(t *testing.T) {
	marks := onImage(t, 0)
	system, b := t.TempDir(), newBox()
	b.deaf = true
	data := b.onSocket(t)
	tests := 0
	b.tested = func() { tests++ }
	_, err := runIn(t, t.Context(), "confirm", "--data", data, "--system", system)
	if err == nil || !strings.Contains(err.Error(), "back to the system before") || tests != failures {
		t.Errorf("after %d tests: %v", tests, err)
	}
	if text, _ := os.ReadFile(marks); string(text) != "mark-bad\n" {
		t.Errorf("it was marked %q", text)
	}
	u, err := board.ReadUnproved(system)
	if err != nil || u[version] != "the self-test failed: analogue_sip: the caller did not hear what was answered" {
		t.Errorf("why is kept as %q, %v", u, err)
	}
	if err := board.Proved(system, version); err != nil {
		t.Fatal(err)
	}
	if out, err := runIn(t, t.Context(), "confirm", "--data", data, "--system", system); err != nil {
		t.Error(out, err)
	}
	if text, _ := os.ReadFile(marks); !strings.HasSuffix(string(text), "mark-good\n") {
		t.Errorf("it was marked %q", text)
	}
}
