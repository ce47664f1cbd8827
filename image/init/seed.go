package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// seedSize is as many octets of chance as the kernel wants before it gives any (random(4)).
const seedSize = 32

// stir gives the kernel the seed that this box keeps for it (board.KeepSeed). A processor that makes no chance of its own gathers it for more
// than a second while the program waits for its first key. Another seed takes its place, and is on the disk, before this one counts: none
// counts twice, and the one that is kept tells nothing of the one before.
func stir(file string) error {
	old, next, err := nextSeed(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if err := replaceSeed(file, next); err != nil {
		return err
	}
	f, err := os.OpenFile("/dev/random", os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	order := struct { // struct rand_pool_info (include/uapi/linux/random.h)
		bits, octets int32
		seed         [seedSize]byte
	}{8 * seedSize, seedSize, old}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), unix.RNDADDENTROPY, uintptr(unsafe.Pointer(&order)))
	runtime.KeepAlive(&order)
	if errno != 0 {
		return errno
	}
	return nil
}

// nextSeed reads a seed and makes the one after it.
func nextSeed(file string) (old, next [seedSize]byte, err error) {
	kept, err := os.ReadFile(file)
	if err != nil {
		return old, next, err
	}
	if len(kept) != seedSize {
		return old, next, fmt.Errorf("%s has %d octets", file, len(kept))
	}
	old = [seedSize]byte(kept)
	fresh := make([]byte, seedSize) // of as much chance as there is by now
	if _, err := unix.Getrandom(fresh, unix.GRND_INSECURE); err != nil {
		return old, next, err
	}
	return old, sha256.Sum256(fmt.Appendf(nil, "callbox seed%s%s", old[:], fresh)), nil
}

// replaceSeed writes a seed in the place of the one before, which is gone when it returns: a disk writes a sector whole.
func replaceSeed(file string, seed [seedSize]byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_SYNC, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(seed[:])
	return errors.Join(err, f.Close())
}

// seedOf is where a system keeps its seed.
func seedOf(system string) string { return filepath.Join(system, "random-seed") } // board.KeepSeed
