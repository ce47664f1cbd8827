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

// dataName is what the data partition is called, and the device over it.
const dataName = "data"

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
	params := fmt.Sprintf("aes-xts-plain64 %x 0 %s 0", p.key.octets, p.device)
	device, err := mapping{dataName, "crypt", params, uint64(size) / sectorBytes, flags | dmSecret}.open()
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
	if err := program("/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-m", "0", "-L", "data", "-E", "nodiscard", device); err != nil {
		return "", err
	}
	data.key.made = true
	return device, data.key.write(f)
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
// partition without a key gives way to a new one; what it held lies there until it is written over, where the disk discards nothing.
func eraseData(d disk) (device string, err error) {
	data, err := d.data()
	if err != nil {
		return "", err
	}
	if data.plain {
		if d, err = makePartitions(d, "--factory-reset=yes"); err != nil {
			return "", err
		}
		if err := discard(data.device); err != nil {
			say("the disk does not discard what is erased: %v", err)
		}
		return openData(d)
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
