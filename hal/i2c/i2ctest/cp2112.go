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
