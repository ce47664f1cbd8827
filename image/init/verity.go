package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
)

// A superblock is the one of a verity tree (cryptsetup's on-disk format, version 1).
type superblock struct {
	algorithm            string
	dataBlock, hashBlock uint32
	dataBlocks           uint64
	salt                 string
}

// openVerity makes a device that is the partition with every block checked against the root hash. A block that is wrong
// restarts the box: it may be right in the other slot.
func openVerity(partition string, c commandLine) (string, error) {
	f, err := os.Open(partition)
	if err != nil {
		return "", err
	}
	defer f.Close()
	raw := make([]byte, 512)
	if _, err := f.ReadAt(raw, int64(c.tree)); err != nil {
		return "", err
	}
	s, err := readSuperblock(raw)
	if err != nil {
		return "", err
	}
	// The tree begins in the block after its superblock.
	params := fmt.Sprintf("1 %s %s %d %d %d %d %s %s %s 1 restart_on_corruption", partition, partition, s.dataBlock, s.hashBlock,
		s.dataBlocks, c.tree/uint64(s.hashBlock)+1, s.algorithm, c.hash, s.salt)
	root := mapping{"root", "verity", params, s.dataBlocks * uint64(s.dataBlock) / sectorBytes, dmReadOnly}
	device, err := root.open()
	if err != nil {
		return "", fmt.Errorf("table %q: %w", params, err)
	}
	return device, nil
}

// readSuperblock reads the octets that begin with "verity".
func readSuperblock(b []byte) (s superblock, err error) {
	le := binary.LittleEndian
	salt := le.Uint16(b[80:])
	if string(b[:8]) != "verity\x00\x00" || le.Uint32(b[8:]) != 1 || le.Uint32(b[12:]) != 1 || salt > 256 {
		return s, fmt.Errorf("no verity tree there")
	}
	name := b[32:64]
	for len(name) > 0 && name[len(name)-1] == 0 {
		name = name[:len(name)-1]
	}
	s.algorithm, s.dataBlock, s.hashBlock, s.dataBlocks = string(name), le.Uint32(b[64:]), le.Uint32(b[68:]), le.Uint64(b[72:])
	if s.dataBlock < 512 || s.hashBlock < 512 || s.dataBlock > 1<<16 || s.hashBlock > 1<<16 || s.dataBlocks > 1<<32 {
		return s, fmt.Errorf("a verity tree of impossible blocks")
	}
	if s.salt = "-"; salt > 0 {
		s.salt = hex.EncodeToString(b[88 : 88+int(salt)])
	}
	return s, nil
}
