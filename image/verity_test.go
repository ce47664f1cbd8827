package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"testing"
)

// TestHashTree compares a tree of two levels with that of veritysetup 2.6.1, which knows SHA-256:
// veritysetup format --salt abab...ab --hash-offset 1228800 FILE FILE.
func TestHashTree(t *testing.T) {
	content := make([]byte, 300*verityBlock)
	for i := range content {
		content[i] = byte(i*7 + i/251)
	}
	tree, root := hashTree(sha256.New(), bytes.Repeat([]byte{0xab}, 32), content)
	if got, want := fmt.Sprintf("%x", root), "07ee99447675a8efd89448e9b7d9b10d1b4897945cba46785b5dc7fac118acc9"; got != want {
		t.Errorf("root hash %s, want %s", got, want)
	}
	if got, want := fmt.Sprintf("%x", sha256.Sum256(tree)), "3390eeb9ea10f865e86bd9bbeea6f36b7c55217395142de037461fa692e39380"; got != want {
		t.Errorf("sum of the tree %s, want %s", got, want)
	}
}
