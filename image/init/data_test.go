package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A reset of the settings forgets them and nothing else.
func TestForgetSettings(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"box/config.db", "box/config.db.good", "box/config.db.format-1", "box/config.db.later-told", "box/config.db.damaged-20260101T000000.000",
		"box/before-restore/config.db", "box/updates/before-update.backup", "box/setup.json", "box/journal", "box/panel.language", "box/recordings", "box/reset", "network/panel.network",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := forgetSettings(filepath.Join(dir, "box"), filepath.Join(dir, "network")); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*/*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range left {
		left[i], _ = filepath.Rel(dir, left[i])
	}
	if want := []string{"box/journal", "box/recordings"}; !slices.Equal(left, want) {
		t.Errorf("%q is left, want %q", left, want)
	}
}
