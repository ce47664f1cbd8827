package i2ctest

import (
	"encoding/binary"
	"sync"
)

// Requests of an i2c-tiny-usb (Linux, drivers/i2c/busses/i2c-tiny-usb.c). The last has bits for the first and the last message
// of a transfer, its address in wIndex, and what is written or read behind it.
const (
	tinyFunctions = 1
	tinyStatus    = 3
	tinyMessage   = 4
)

// Answers to tinyStatus.
const (
	tinyAcknowledged = 1
	tinyRefused      = 2
)

// What USB says of an i2c-tiny-usb: it has endpoint 0 alone (USB 2.0 9.6).
var (
	tinyDevice = []byte{18, 1, 0x10, 1, 0xFF, 0, 0, 8, 0x03, 0x04, 0x31, 0xC6, 5, 1, 0, 0, 0, 1}
	tinyConfig = []byte{
		9, 2, 18, 0, 1, 1, 0, 0x80, 50,
		9, 4, 0, 0, 0, 0, 0, 0, 0,
	}
)

// A TinyUSB is an i2c-tiny-usb, a USB adapter to an I2C bus and no more.
type TinyUSB struct {
	bus *Bus

	mu     sync.Mutex // guards status
	status byte       // of the last message; 0: there was none
}

// NewTinyUSB is an adapter to a bus.
func NewTinyUSB(bus *Bus) *TinyUSB { return &TinyUSB{bus: bus} }

func (a *TinyUSB) descriptors() map[byte][]byte { return map[byte][]byte{1: tinyDevice, 2: tinyConfig} }

func (a *TinyUSB) control(setup, data []byte) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	addr, octets := binary.LittleEndian.Uint16(setup[4:]), binary.LittleEndian.Uint16(setup[6:])
	switch request := setup[1]; {
	case request == tinyFunctions:
		return []byte{1, 0, 0, 0} // I2C_FUNC_I2C: transfers as they come
	case request == tinyStatus:
		return []byte{a.status}
	case request&tinyMessage == 0: // how long a bit lasts: this one has no clock
	case setup[0]&0x80 != 0:
		a.tell(a.bus.present(addr))
		return make([]byte, octets)
	default:
		a.tell(a.bus.Tx(addr, data, nil) == nil)
	}
	return nil
}

func (a *TinyUSB) tell(acknowledged bool) {
	if a.status = tinyRefused; acknowledged {
		a.status = tinyAcknowledged
	}
}

// take and reports: it has no other endpoint.
func (a *TinyUSB) take([]byte) {}

func (a *TinyUSB) reports() <-chan []byte { return nil }
