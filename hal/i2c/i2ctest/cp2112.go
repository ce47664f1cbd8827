package i2ctest

import (
	"encoding/binary"
	"sync"
)

// Reports of the CP2112 (Silicon Labs AN495).
const (
	reportGPIOConfig   = 0x02
	reportGPIOGet      = 0x03
	reportGPIOSet      = 0x04
	reportVersion      = 0x05
	reportSMBusConfig  = 0x06
	reportRead         = 0x10
	reportReadForce    = 0x12
	reportReadResponse = 0x13
	reportWrite        = 0x14
	reportStatus       = 0x15
	reportStatusIs     = 0x16
	reportLock         = 0x20
)

// reportSize is the most octets of a report, its number included.
const reportSize = 64

// What USB says of a CP2112 (USB 2.0 9.6, HID 1.11 6.2).
var (
	cp2112Device  = []byte{18, 1, 0, 2, 0, 0, 0, 64, 0xC4, 0x10, 0x90, 0xEA, 0, 1, 0, 0, 0, 1}
	cp2112Reports = []byte{
		0x06, 0x00, 0xFF, 0x09, 0x01, 0xA1, 0x01, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x95, reportSize - 1,
		0x85, reportReadResponse, 0x09, 0x01, 0x81, 0x02,
		0x85, reportStatusIs, 0x09, 0x01, 0x81, 0x02,
		0xC0,
	}
	cp2112Config = []byte{
		9, 2, 41, 0, 1, 1, 0, 0x80, 50,
		9, 4, 0, 0, 2, 3, 0, 0, 0,
		9, 0x21, 0x11, 0x01, 0, 1, 0x22, byte(len(cp2112Reports)), 0,
		7, 5, 0x81, 3, reportSize, 0, 1,
		7, 5, 0x02, 3, reportSize, 0, 1,
	}
)

// A CP2112 is the USB bridge of a front panel: an I2C bus and eight lines. It has no clock; every transfer is over at once.
type CP2112 struct {
	bus *Bus

	mu      sync.Mutex // guards what follows
	output  byte       // which lines are outputs
	lines   byte       // their levels
	config  []byte     // of the bus
	failed  bool       // the last transfer
	read    []byte     // what the last one read
	answers chan []byte
}

// NewCP2112 is a bridge to a bus. Its lines are inputs, and high.
func NewCP2112(bus *Bus) *CP2112 {
	return &CP2112{bus: bus, lines: 0xFF, config: make([]byte, 13), answers: make(chan []byte, 16)}
}

// Drive sets the level of a line from outside, as a key does.
func (c *CP2112) Drive(line int, high bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(1<<line, high)
}

func (c *CP2112) set(bit byte, high bool) {
	if c.lines |= bit; !high {
		c.lines &^= bit
	}
}

// Level is the level of a line.
func (c *CP2112) Level(line int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lines>>line&1 != 0
}

func (c *CP2112) descriptors() map[byte][]byte {
	return map[byte][]byte{1: cp2112Device, 2: cp2112Config, 0x22: cp2112Reports}
}

// control is a request of HID's (HID 1.11 7.2).
func (c *CP2112) control(setup, data []byte) []byte {
	number, kind := setup[2], setup[3]
	switch {
	case setup[0] == 0xA1 && setup[1] == 1: // GET_REPORT
		return c.getFeature(number)
	case setup[0] == 0x21 && setup[1] == 9 && len(data) > 0: // SET_REPORT
		if kind == 3 {
			c.setFeature(data)
		} else {
			c.take(data)
		}
	}
	return nil
}

func (c *CP2112) reports() <-chan []byte { return c.answers }

// getFeature is a feature report that the computer asks for.
func (c *CP2112) getFeature(number byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch number {
	case reportGPIOConfig:
		return []byte{number, c.output, c.output, 0, 0}
	case reportGPIOGet:
		return []byte{number, c.lines}
	case reportVersion:
		return []byte{number, 0x0C, 0x03}
	case reportLock:
		return []byte{number, 0xFF} // nothing of what is burnt in is locked
	case reportSMBusConfig:
		return append([]byte{number}, c.config...)
	}
	return nil
}

// setFeature is a feature report that comes.
func (c *CP2112) setFeature(report []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case report[0] == reportGPIOConfig && len(report) >= 2:
		c.output = report[1]
	case report[0] == reportGPIOSet && len(report) >= 3:
		c.lines = c.lines&^report[2] | report[1]&report[2]
	case report[0] == reportSMBusConfig && len(report) > 13:
		copy(c.config, report[1:14])
	}
}

// take is an output report: a transfer, or a question about the last one.
func (c *CP2112) take(report []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case report[0] == reportWrite && len(report) >= 3 && len(report) >= 3+int(report[2]):
		c.failed = c.bus.Tx(uint16(report[1]>>1), report[3:3+int(report[2])], nil) != nil
	case report[0] == reportRead && len(report) >= 4:
		c.read = make([]byte, min(binary.BigEndian.Uint16(report[2:]), 512))
		c.failed = !c.bus.present(uint16(report[1] >> 1))
	case report[0] == reportStatus:
		is := []byte{reportStatusIs, 2, 5, 0, 0, 0, byte(len(c.read))} // complete: succeeded
		if c.failed {
			is = []byte{reportStatusIs, 3, 0, 0, 0, 0, 0} // error: the address was not acknowledged
		}
		c.answer(is)
	case report[0] == reportReadForce:
		c.answer(append([]byte{reportReadResponse, 2, byte(len(c.read))}, c.read...))
	}
}

// answer is an input report. The computer has asked for it, so it takes it.
func (c *CP2112) answer(report []byte) {
	select {
	case c.answers <- append(report, make([]byte, reportSize-len(report))...):
	default:
	}
}
