package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A reset forgets what it says and nothing else, and happens once.
func TestReset(t *testing.T) {
	for _, row := range []struct {
		what string
		want []string // that is left
	}{
		{"", []string{"box/config.db", "box/config.db.good", "box/journal", "box/recordings", "network/panel.network", "system/machine-id"}},
		{"settings", []string{"box/journal", "box/recordings", "system/machine-id"}},
		{"everything", nil},
	} {
		dir := t.TempDir()
		write := func(name, text string) {
			file := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"config.db", "config.db.good", "journal", "recordings"} {
			write("box/"+name, "x")
		}
		write("network/panel.network", "x")
		write("system/machine-id", "x")
		if row.what != "" {
			write("box/reset", row.what)
		}
		for range 2 {
			if err := reset(filepath.Join(dir, "box"), filepath.Join(dir, "network"), filepath.Join(dir, "system")); err != nil {
				t.Fatal(err)
			}
		}
		left, err := filepath.Glob(filepath.Join(dir, "*/*"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range left {
			left[i], _ = filepath.Rel(dir, left[i])
		}
		if !slices.Equal(left, row.want) {
			t.Errorf("reset %q leaves %q, want %q", row.what, left, row.want)
		}
	}
}
