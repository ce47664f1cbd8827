// Package i2ctest is displays on an I2C bus in memory, by their datasheets: the far end of tests of hal/i2c, in this process
// or behind a USB adapter that the kernel sees.
package i2ctest

import (
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
	"periph.io/x/conn/v3/physic"
)

// A Device takes what is written to its address. It refuses what its datasheet does not know.
type Device interface {
	Write(octets []byte) error
}

// A Bus has devices by address, and may be unplugged.
type Bus struct {
	mu      sync.Mutex // guards devices
	devices map[uint16]Device
}

// NewBus is a bus with nothing on it.
func NewBus() *Bus { return &Bus{devices: map[uint16]Device{}} }

// Plug puts a device at an address; nil takes it away.
func (b *Bus) Plug(addr uint16, d Device) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.devices[addr] = d
}

// Tx writes to a device; none of them is read.
func (b *Bus) Tx(addr uint16, w, r []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.devices[addr]
	switch {
	case d == nil:
		return fmt.Errorf("address 0x%02x: %w", addr, unix.ENXIO) // as Linux says that nobody acknowledges
	case len(r) > 0:
		return errors.New("the displays are only written to")
	}
	return d.Write(w)
}

// present reports whether somebody acknowledges an address.
func (b *Bus) present(addr uint16) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.devices[addr] != nil
}

// String is the bus's name.
func (b *Bus) String() string { return "test" }

// SetSpeed is no matter here.
func (b *Bus) SetSpeed(physic.Frequency) error { return nil }
