// Package i2c is the displays of a front panel on an I2C bus: characters by an HD44780 behind a PCF8574, dots by an SSD1306.
package i2c

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/physic"
)

// The kernel's I2C_RDWR (include/uapi/linux/i2c-dev.h).
const (
	ioctlRDWR = 0x0707
	flagRead  = 0x0001 // I2C_M_RD
	longest   = 8192   // octets of a message that the kernel takes
)

// message is struct i2c_msg.
type message struct {
	addr, flags, octets uint16
	data                *byte
}

// transfer is struct i2c_rdwr_ioctl_data. Its pointers are pointers to Go, so that the collector knows of them: periph's own
// bus hides them in integers.
type transfer struct {
	messages *message
	count    uint32
}

// Bus is an adapter of the kernel's, such as /dev/i2c-1.
type Bus struct{ f *os.File }

var _ i2c.BusCloser = (*Bus)(nil)

// OpenBus opens an adapter by its file, "/dev/i2c-1", or by the beginning of its name in sysfs, "i2c-tiny-usb": the numbers of
// USB adapters change.
func OpenBus(name string) (*Bus, error) {
	file, err := FindBus(name)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return &Bus{f}, nil
}

// FindBus is the file of an adapter.
func FindBus(name string) (string, error) {
	if strings.HasPrefix(name, "/") {
		_, err := os.Stat(name)
		return name, err
	}
	names, err := filepath.Glob("/sys/class/i2c-dev/i2c-*/name")
	if err != nil {
		return "", err
	}
	slices.SortFunc(names, func(a, b string) int { return number(a) - number(b) })
	for _, file := range names {
		if is, err := os.ReadFile(file); err == nil && strings.HasPrefix(string(is), name) {
			return "/dev/" + filepath.Base(filepath.Dir(file)), nil
		}
	}
	return "", fmt.Errorf("no I2C adapter is named %q: is it plugged in, and is the module i2c-dev loaded?", name)
}

// number is that of the adapter whose name a file holds.
func number(file string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(filepath.Base(filepath.Dir(file)), "i2c-"))
	return n
}

// String is the bus's file.
func (b *Bus) String() string { return b.f.Name() }

// SetSpeed is refused: the adapter's speed belongs to its driver.
func (b *Bus) SetSpeed(physic.Frequency) error {
	return fmt.Errorf("%s: its driver sets the speed of the bus", b)
}

// Close closes the bus.
func (b *Bus) Close() error { return b.f.Close() }

// Tx writes, then reads without giving the bus away between.
func (b *Bus) Tx(addr uint16, w, r []byte) error {
	if len(w) > longest || len(r) > longest {
		return fmt.Errorf("%s: %d octets to write and %d to read: at most %d", b, len(w), len(r), longest)
	}
	var list []message
	if len(w) > 0 {
		list = append(list, message{addr: addr, octets: uint16(len(w)), data: &w[0]})
	}
	if len(r) > 0 {
		list = append(list, message{addr: addr, flags: flagRead, octets: uint16(len(r)), data: &r[0]})
	}
	if len(list) == 0 {
		return nil
	}
	t := &transfer{messages: &list[0], count: uint32(len(list))}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, b.f.Fd(), ioctlRDWR, uintptr(unsafe.Pointer(t)))
	runtime.KeepAlive(t)
	if errno != 0 {
		return fmt.Errorf("%s, address 0x%02x: %w", b, addr, errno)
	}
	return nil
}
