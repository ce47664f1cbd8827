package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"os"

	"golang.org/x/crypto/blake2b"
)

// verityBlock is the size of the blocks of a root and of its tree, in octets.
const verityBlock = 4096

// verity copies a root and appends its tree of hashes, and is what GRUB tells the kernel of it. Salt and UUID follow from the content: the
// same root has the same hash wherever it is built. The hash is BLAKE2b (RFC 7693), which asks a quarter of SHA-256's instructions of a
// processor without instructions for either; veritysetup of Debian 12 knows no such tree.
func verity(plain, file string) (config []byte, err error) {
	content, err := os.ReadFile(plain)
	if err != nil {
		return nil, err
	}
	content = whole(content)
	salt := sha256.Sum256(content)
	blocks := len(content) / verityBlock
	digest, err := blake2b.New256(nil)
	if err != nil {
		return nil, err
	}
	tree, root := hashTree(digest, salt[:], content)
	super := superblock("blake2b-256", salt[:], blocks)
	if err := os.WriteFile(file, bytes.Join([][]byte{content, super, tree}, nil), 0o644); err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "set slot_hash=%x\nset slot_tree=%d\n", root, len(content)), nil
}

// superblock is the block before a tree (cryptsetup's on-disk format of dm-verity, version 1).
func superblock(algorithm string, salt []byte, blocks int) []byte {
	b := make([]byte, verityBlock)
	le := binary.LittleEndian
	copy(b, "verity")
	le.PutUint32(b[8:], 1)
	le.PutUint32(b[12:], 1) // the salt goes before what is hashed
	copy(b[16:32], salt)    // the UUID
	copy(b[32:64], algorithm)
	le.PutUint32(b[64:], verityBlock)
	le.PutUint32(b[68:], verityBlock)
	le.PutUint64(b[72:], uint64(blocks))
	le.PutUint16(b[80:], uint16(len(salt)))
	copy(b[88:], salt)
	return b
}

// hashTree is the hashes of blocks, after the hashes of those, and so on to the one that stands for all.
func hashTree(digest hash.Hash, salt, blocks []byte) (tree, root []byte) {
	for {
		var hashes []byte
		for ; len(blocks) > 0; blocks = blocks[verityBlock:] {
			digest.Reset()
			digest.Write(salt)
			digest.Write(blocks[:verityBlock])
			hashes = digest.Sum(hashes)
		}
		if len(hashes) == digest.Size() {
			return tree, hashes
		}
		blocks = whole(hashes)
		tree = append(bytes.Clone(blocks), tree...)
	}
}

// whole is content with zeros up to the end of a block.
func whole(content []byte) []byte {
	return append(content, make([]byte, -len(content)&(verityBlock-1))...)
}
