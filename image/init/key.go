package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"os"
)

// A dataKey is what the data partition is encrypted with. It lies on the same disk, in a partition of its own, and keeps no secret from
// whoever has the disk. It is there to be destroyed: one block that is written over makes unreadable, in a moment, all that the data
// partition has ever held, and what a flash disk has put aside where nothing can write.
type dataKey struct {
	of     string   // the GUID of the data partition: another one at its place has nothing to do with the key
	made   bool     // there is a file system; not so when the power was cut before
	octets [64]byte // two keys of AES-256, for XTS (IEEE 1619)
}

// Where the key lies in its partition, twice: a sector that cannot be read any more must not cost a company its recordings.
var keyCopies = []int64{0, 64 << 10}

const (
	keyBlock = 4096 // octets, which any disk writes as one
	keyMagic = "callbox data key"
	guidSize = 36
	keySize  = len(keyMagic) + guidSize + 1 + 64 + sha256.Size
)

// newKey is a random key of the data partition with a GUID.
func newKey(of string) (k dataKey) {
	k.of = of
	rand.Read(k.octets[:])
	return k
}

// encode is a block: the magic, the GUID, whether the file system is made, the key, and the sum of all this.
func (k *dataKey) encode() []byte {
	b := make([]byte, 0, keyBlock)
	b = append(append(b, keyMagic...), k.of...)
	if b = append(b, 0); k.made {
		b[len(b)-1] = 1
	}
	b = append(b, k.octets[:]...)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)[:keyBlock]
}

// decodeKey is nil where there is no key, or half of one.
func decodeKey(b []byte) *dataKey {
	sum := sha256.Sum256(b[:keySize-sha256.Size])
	if !bytes.Equal(sum[:], b[keySize-sha256.Size:keySize]) || string(b[:len(keyMagic)]) != keyMagic {
		return nil
	}
	b = b[len(keyMagic):]
	k := &dataKey{of: string(b[:guidSize]), made: b[guidSize] == 1}
	copy(k.octets[:], b[guidSize+1:])
	return k
}

// readKey reads the key of the data partition with a GUID: the first copy that is whole, for that is the newer one where they differ. It is
// nil where there is none, and an error where one may be that cannot be read.
func readKey(f io.ReaderAt, of string) (*dataKey, error) {
	var bad error
	for _, at := range keyCopies {
		b := make([]byte, keyBlock)
		if _, err := f.ReadAt(b, at); err != nil {
			bad = errors.Join(bad, err)
		} else if k := decodeKey(b); k != nil && k.of == of {
			return k, nil
		}
	}
	return nil, bad
}

// isWhole reports whether every copy is there, and the same. One that was left behind by a cut may not stay: it tells of another key, or of no
// file system.
func (k *dataKey) isWhole(f io.ReaderAt) bool {
	for _, at := range keyCopies {
		b := make([]byte, keyBlock)
		if _, err := f.ReadAt(b, at); err != nil || !bytes.Equal(b, k.encode()) {
			return false
		}
	}
	return true
}

// write puts the key where the one before lay; that one is gone when it returns.
func (k *dataKey) write(f *os.File) error {
	for _, at := range keyCopies {
		if _, err := f.WriteAt(k.encode(), at); err != nil {
			return err
		}
		if err := f.Sync(); err != nil {
			return err
		}
	}
	return nil
}
