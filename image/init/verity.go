package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The device mapper's interface (include/uapi/linux/dm-ioctl.h), version 4.
const (
	dmCreate  = 0xC138FD03
	dmSuspend = 0xC138FD06 // and resume
	dmLoad    = 0xC138FD09

	dmReadOnly  = 1 << 0
	dmHeader    = 312 // octets of struct dm_ioctl
	dmTarget    = 40  // octets of struct dm_target_spec
	dmName      = "root"
	sectorBytes = 512
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
	control, err := os.OpenFile("/dev/mapper/control", os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer control.Close()
	if _, err := deviceMapper(control, dmCreate, 0, nil); err != nil {
		return "", err
	}
	// The tree begins in the block after its superblock.
	params := fmt.Sprintf("1 %s %s %d %d %d %d %s %s %s 1 restart_on_corruption", partition, partition, s.dataBlock, s.hashBlock,
		s.dataBlocks, c.tree/uint64(s.hashBlock)+1, s.algorithm, c.hash, s.salt)
	if _, err := deviceMapper(control, dmLoad, dmReadOnly, target(s.dataBlocks*uint64(s.dataBlock)/sectorBytes, params)); err != nil {
		return "", fmt.Errorf("table %q: %w", params, err)
	}
	number, err := deviceMapper(control, dmSuspend, 0, nil)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("/dev/dm-%d", unix.Minor(number)), nil
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

// target is struct dm_target_spec with its parameters.
func target(sectors uint64, params string) []byte {
	b := make([]byte, dmTarget, dmTarget+len(params)+8)
	binary.NativeEndian.PutUint64(b[8:], sectors)
	copy(b[24:], "verity")
	b = append(b, params...)
	return append(b, make([]byte, 8-len(params)%8)...)
}

// deviceMapper gives an order about our device and tells the device's number.
func deviceMapper(control *os.File, order uintptr, flags uint32, spec []byte) (number uint64, err error) {
	b := make([]byte, dmHeader+len(spec))
	ne := binary.NativeEndian
	ne.PutUint32(b, 4) // version 4.0.0
	ne.PutUint32(b[12:], uint32(len(b)))
	ne.PutUint32(b[16:], dmHeader)
	if spec != nil {
		ne.PutUint32(b[20:], 1) // target
	}
	ne.PutUint32(b[28:], flags)
	copy(b[48:], dmName)
	copy(b[dmHeader:], spec)
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, control.Fd(), order, uintptr(unsafe.Pointer(&b[0]))); errno != 0 {
		return 0, fmt.Errorf("device mapper order 0x%x: %w", order, errno)
	}
	return ne.Uint64(b[40:]), nil
}
