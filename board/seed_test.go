package board

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestKeepSeed: a seed that is there stays, and one that is cut off gives way.
func TestKeepSeed(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "random-seed")
	if err := os.WriteFile(file, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	var seeds [2][]byte
	for i := range seeds {
		if err := KeepSeed(dir); err != nil {
			t.Fatal(err)
		}
		seeds[i], _ = os.ReadFile(file)
	}
	if len(seeds[0]) != 32 || !bytes.Equal(seeds[0], seeds[1]) {
		t.Errorf("the seeds are %x", seeds)
	}
}
