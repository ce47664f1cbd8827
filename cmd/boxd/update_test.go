package main

import (
	"bytes"
	"io"
	"testing"
)

// A tank is a file that knows how much of it was ever unflushed.
type tank struct{ octets, unflushed, most int }

func (t *tank) Write(b []byte) (int, error) {
	t.octets, t.unflushed = t.octets+len(b), t.unflushed+len(b)
	t.most = max(t.most, t.unflushed)
	return len(b), nil
}

func (t *tank) Sync() error { t.unflushed = 0; return nil }

// A recording that is flushed while an update comes in waits for little of it (A8.1).
func TestUpdateIsFlushedInPieces(t *testing.T) {
	const update = 10*mostUnflushed + 5
	var disk tank
	sent := io.LimitReader(bytes.NewReader(make([]byte, update)), update) // comes in pieces
	if _, err := io.Copy(&flushing{file: &disk}, sent); err != nil {
		t.Fatal(err)
	}
	const piece = 32 << 10 // of io.Copy
	if disk.octets != update || disk.most > mostUnflushed+piece {
		t.Errorf("%d octets of %d were written, %d of them unflushed at a time", disk.octets, update, disk.most)
	}
}

func TestOlderThan(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{"1.2", "1.10", true},
		{"1.10", "1.2", false},
		{"1.2", "1.2", false},
		{"1.2", "1.2.1", true},
		{"v1.2", "2", true},
		{"449c572-dirty", "1.2", false},
		{"0.9", "unknown", false}, // development builds are older than none
	} {
		if got := olderThan(row.a, row.b); got != row.want {
			t.Errorf("%s is older than %s: %v", row.a, row.b, got)
		}
	}
}
