package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

const someData = "0f5d2a61-7c1e-4f3a-8b90-1c2d3e4f5a6b"

// keyFile has a key in it.
func keyFile(t *testing.T, k dataKey) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if err := errors.Join(f.Truncate(1<<20), k.write(f)); err != nil {
		t.Fatal(err)
	}
	return f
}

// A key is read as it was written, by one copy as well as by two, and for no other data partition.
func TestKey(t *testing.T) {
	k := newKey(someData)
	k.made = true
	f := keyFile(t, k)
	read := func(what string, want *dataKey, whole bool) {
		t.Helper()
		if k.isWhole(f) != whole {
			t.Errorf("%s it is whole: %v", what, !whole)
		}
		if got, err := readKey(f, someData); err != nil || (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("%s it reads %v, %v", what, got, err)
		}
	}
	read("whole,", &k, true)
	damage := func(at int64) {
		if _, err := f.WriteAt(make([]byte, 512), at); err != nil {
			t.Fatal(err)
		}
	}
	damage(keyCopies[0])
	read("of one copy", &k, false)
	damage(keyCopies[1])
	read("of none", nil, false)
	other := newKey("another" + someData[len("another"):])
	if err := other.write(f); err != nil {
		t.Fatal(err)
	}
	read("of another's", nil, false)
}

// When the power goes while a key is written over another, one of the two is read: the old one, or the new one. What has been written when
// it goes is a beginning, in sectors, of what was to be.
func TestKeyCut(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		before, next := newKey(someData), newKey(someData)
		disk := make([]byte, 1<<20)
		for _, at := range keyCopies {
			copy(disk[at:], before.encode())
		}
		for left, i := rapid.IntRange(0, 2*keyBlock/512).Draw(r, "sectors written"), 0; i < len(keyCopies); i++ {
			written := min(left, keyBlock/512)
			copy(disk[keyCopies[i]:], next.encode()[:written*512])
			left -= written
		}
		switch k, err := readKey(bytes.NewReader(disk), someData); {
		case err != nil || k == nil:
			r.Fatalf("no key: %v", err)
		case *k != before && *k != next:
			r.Fatal("it is neither")
		}
	})
}

// What cannot be read is no reason to make a new key: the old one may be there.
func TestKeyUnreadable(t *testing.T) {
	if k, err := readKey(bytes.NewReader(nil), someData); k != nil || err == nil {
		t.Errorf("it reads %v, %v", k, err)
	}
}

func FuzzDecodeKey(f *testing.F) {
	k := newKey(someData)
	f.Add(k.encode())
	f.Fuzz(func(t *testing.T, b []byte) { decodeKey(append(b, make([]byte, keyBlock)...)) })
}
