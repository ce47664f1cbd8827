package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	dataName  = "data" // of the data partition, and of the device over it
	dataBlock = 4096   // octets
)

// A dataPartition is where the data of a box lie.
type dataPartition struct {
	device, guid string
	place        string   // the partition of its key
	key          *dataKey // nil: none yet
	plain        bool     // made by a version that encrypted nothing; so it stays until everything is reset
}

// data finds the data partition and its key.
func (d disk) data() (p dataPartition, err error) {
	own, key := d.named(dataName), d.named("key")
	if own == nil {
		return p, errors.New("the disk has no data partition, and none could be made: is it smaller than 2 GB?")
	}
	p.device, p.guid = d.device(own.number), own.guid
	if key != nil {
		p.place = d.device(key.number)
		f, err := os.Open(p.place)
		if err != nil {
			return p, err
		}
		defer f.Close()
		if p.key, err = readKey(f, p.guid); err != nil {
			return p, fmt.Errorf("the key of the data partition: %w", err)
		}
	}
	if p.key == nil {
		p.plain, err = holdsExt4(p.device)
	}
	if err == nil && key == nil && !p.plain {
		err = errors.New("the data partition has no key, and is none of a version before there were keys")
	}
	return p, err
}

// holdsExt4 reports whether a device begins like an ext4 file system: nothing where a boot sector would be, and its magic (Linux,
// Documentation/filesystems/ext4/super.rst).
func holdsExt4(device string) (bool, error) {
	f, err := os.Open(device)
	if err != nil {
		return false, err
	}
	defer f.Close()
	b := make([]byte, 2048)
	if _, err := io.ReadFull(f, b); err != nil {
		return false, err
	}
	return [1024]byte(b) == [1024]byte{} && binary.LittleEndian.Uint16(b[1024+56:]) == 0xEF53, nil
}

// open makes the device of what the partition holds.
func (p dataPartition) open(flags uint32) (string, error) {
	f, err := os.Open(p.device)
	if err != nil {
		return "", err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return "", err
	}
	// Encrypted by the file system's block and not by the sector, at an eighth of the overhead.
	params := fmt.Sprintf("aes-xts-plain64 %x 0 %s 0 1 sector_size:%d", p.key.octets, p.device, dataBlock)
	sectors := uint64(size) / dataBlock * (dataBlock / sectorBytes)
	device, err := mapping{dataName, "crypt", params, sectors, flags | dmSecret}.open()
	if err != nil {
		return "", fmt.Errorf("encryption of %s: %w", p.device, err)
	}
	return device, nil
}

// openData is the device with the file system of the data partition, which is made where there is none yet. A power cut on the way leaves a
// key that says so, and the next start makes it.
func openData(d disk) (device string, err error) {
	data, err := d.data()
	if err != nil || data.plain {
		return data.device, err
	}
	f, err := os.OpenFile(data.place, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if data.key == nil {
		_ = discard(data.device) // what was there before; not every disk can
		k := newKey(data.guid)
		data.key = &k
	}
	if !data.key.isWhole(f) {
		if err := data.key.write(f); err != nil && !data.key.made {
			return "", err
		}
	}
	if device, err = data.open(0); err != nil || data.key.made {
		return device, err
	}
	if err := makeExt4(device); err != nil {
		return "", err
	}
	data.key.made = true
	return device, data.key.write(f)
}

// makeExt4 makes a file system for recordings, which are not small, and leaves what can be written later.
func makeExt4(device string) error {
	return program("/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-b", fmt.Sprint(dataBlock), "-i", "65536", "-m", "0", "-L", dataName,
		"-E", "nodiscard,lazy_itable_init=1,lazy_journal_init=1", device)
}

// openKept is the device with the file system of the data partition, to be read. Where there is none yet, it is an error.
func openKept(d disk) (device string, err error) {
	data, err := d.data()
	switch {
	case err != nil || data.plain:
		return data.device, err
	case data.key == nil || !data.key.made:
		return "", errors.New("the data partition was never used")
	}
	return data.open(dmReadOnly)
}

// eraseData makes what the data partition has held unreadable, and gives the device of a new one. Nobody uses the old one any more. A
// partition without a key gives way to a new one at the next start; what it held lies there until it is written over, where the disk discards
// nothing.
func eraseData(d disk) (device string, err error) {
	data, err := d.data()
	if err != nil {
		return "", err
	}
	if data.plain {
		if _, err := makePartitions(d, "--factory-reset=yes"); err != nil {
			return "", err
		}
		return "", errors.New("the disk has new partitions, which the kernel knows from the next start on")
	}
	if err := unmap(dataName); err != nil {
		return "", err
	}
	f, err := os.OpenFile(data.place, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	k := newKey(data.guid)
	if err := k.write(f); err != nil {
		return "", err
	}
	return openData(d)
}

// discard tells a disk that nothing of a device is wanted any more. A USB stick cannot do it.
func discard(device string) error {
	f, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	whole := [2]uint64{0, uint64(size)}
	const blkDiscard = 0x1277 // include/uapi/linux/fs.h
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), blkDiscard, uintptr(unsafe.Pointer(&whole))); errno != 0 {
		return errno
	}
	return nil
}
