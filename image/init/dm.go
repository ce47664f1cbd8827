package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The device mapper's interface (include/uapi/linux/dm-ioctl.h), version 4.
const (
	dmCreate  = 0xC138FD03
	dmRemove  = 0xC138FD04
	dmSuspend = 0xC138FD06 // and resume
	dmLoad    = 0xC138FD09

	dmReadOnly  = 1 << 0
	dmSecret    = 1 << 15 // the kernel wipes its copy of the order
	dmHeader    = 312     // octets of struct dm_ioctl
	dmTarget    = 40      // octets of struct dm_target_spec
	sectorBytes = 512
)

// A mapping is a device of one target over the whole of another device.
type mapping struct {
	name    string
	kind    string // of the target: "verity"
	params  string
	sectors uint64
	flags   uint32
}

// open makes the device, and gives its file.
func (m mapping) open() (string, error) {
	control, err := os.OpenFile("/dev/mapper/control", os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer control.Close()
	if _, err := deviceMapper(control, dmCreate, m.name, 0, nil); err != nil {
		return "", err
	}
	if _, err := deviceMapper(control, dmLoad, m.name, m.flags, m.target()); err != nil {
		return "", err
	}
	number, err := deviceMapper(control, dmSuspend, m.name, 0, nil)
	return fmt.Sprintf("/dev/dm-%d", unix.Minor(number)), err
}

// unmap takes a device away that nobody uses.
func unmap(name string) error {
	control, err := os.OpenFile("/dev/mapper/control", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer control.Close()
	_, err = deviceMapper(control, dmRemove, name, 0, nil)
	return err
}

// target is struct dm_target_spec with its parameters.
func (m mapping) target() []byte {
	b := make([]byte, dmTarget, dmTarget+len(m.params)+8)
	binary.NativeEndian.PutUint64(b[8:], m.sectors)
	copy(b[24:], m.kind)
	b = append(b, m.params...)
	return append(b, make([]byte, 8-len(m.params)%8)...)
}

// deviceMapper gives an order about a device of ours and tells the device's number.
func deviceMapper(control *os.File, order uintptr, name string, flags uint32, spec []byte) (number uint64, err error) {
	b := make([]byte, dmHeader+len(spec))
	ne := binary.NativeEndian
	ne.PutUint32(b, 4) // version 4.0.0
	ne.PutUint32(b[12:], uint32(len(b)))
	ne.PutUint32(b[16:], dmHeader)
	if spec != nil {
		ne.PutUint32(b[20:], 1) // target
	}
	ne.PutUint32(b[28:], flags)
	copy(b[48:], name)
	copy(b[dmHeader:], spec)
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, control.Fd(), order, uintptr(unsafe.Pointer(&b[0]))); errno != 0 {
		return 0, fmt.Errorf("device mapper order 0x%x: %w", order, errno)
	}
	return ne.Uint64(b[40:]), nil
}
