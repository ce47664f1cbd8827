package main

import (
	"bytes"
	"io"
	"strings"
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

// A downgrade must be meant, and so must a version that cannot be compared (A14.7).
func TestNewEnough(t *testing.T) {
	for _, row := range []struct{ version, runs, refused string }{
		{"1.2", "1.10", "is older than 1.10"},
		{"1.10", "1.2", ""},
		{"1.2", "1.2", ""},
		{"1.2", "1.2.1", "is older"},
		{"v1.2", "2", "is older"},
		{"0.9.537+71bca89", "0.9.538+0a1b2c3", "is older"},
		{"0.9.538+0a1b2c3", "0.9.537+71bca89.dirty", ""},
		{"0.9.538+0a1b2c3", "0.9.538+71bca89", ""},
		{"0.9.538+0a1b2c3", "1.0.0", "is older"},
		{"1.0.0", "0.9.538+71bca89", ""},
		{"449c572-dirty", "1.2", "is no number"},
		{"449c572", "1.2", "is no number"},
		{"1.2-rc1", "1.1", "is no number"},
		{"-1.2", "0.1", "is no number"},
		{"", "1.2", "is no number"},
		{"1..2", "1", "is no number"},
		{"99999999999999999999.1", "1", "is no number"},
		{"0.0.1", "unknown", ""}, // what runs is a developer's
		{"0.0.1", "449c572", ""}, // or of a box from before versions were numbers
	} {
		err := newEnough(row.version, row.runs)
		if (err == nil) != (row.refused == "") || err != nil && !strings.Contains(err.Error(), row.refused) {
			t.Errorf("%s for a box that runs %s: %v", row.version, row.runs, err)
		}
	}
}
