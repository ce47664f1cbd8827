package i2ctest

import (
	"fmt"
	"sync"
)

// An HD44780 is a character display behind a PCF8574, as its datasheet (Hitachi ADE-207-272) has it: it wakes in the mode of
// eight bits, of which the lower four are not connected, and takes the pins as E falls.
type HD44780 struct {
	columns, rows int

	mu      sync.Mutex // guards what follows
	memory  [128]byte
	address byte
	pins    byte
	four    bool // bits at a time
	upper   int  // the first half of an octet, or -1
	on      bool
}

// NewHD44780 is a display that just got power: it shows anything.
func NewHD44780(columns, rows int) *HD44780 {
	d := &HD44780{columns: columns, rows: rows, upper: -1}
	for i := range d.memory {
		d.memory[i] = 0xFF
	}
	return d
}

// Write is the states of the PCF8574's pins, one after the other.
func (d *HD44780) Write(octets []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, pins := range octets {
		fell := d.pins&0x04 != 0 && pins&0x04 == 0
		was := d.pins
		d.pins = pins
		if fell {
			if err := d.take(was>>4, was&0x01 != 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// take is four bits of data.
func (d *HD44780) take(bits byte, data bool) error {
	if !d.four {
		return d.command(bits << 4)
	}
	if d.upper < 0 {
		d.upper = int(bits)
		return nil
	}
	octet := byte(d.upper)<<4 | bits
	d.upper = -1
	if !data {
		return d.command(octet)
	}
	d.memory[d.address] = octet
	if d.address = d.address + 1; d.address == 0x28 {
		d.address = 0x40
	}
	return nil
}

func (d *HD44780) command(c byte) error {
	switch {
	case c&0x80 != 0: // set the address of the display's memory
		d.address = c & 0x7F
	case c&0xE0 == 0x20: // function set
		d.four = c&0x10 == 0
	case c&0xF8 == 0x08:
		d.on = c&0x04 != 0
	case c == 0x06: // entry mode: to the right
	case c == 0x01: // clear
		for i := range d.memory {
			d.memory[i] = ' '
		}
		d.address = 0
	default:
		return fmt.Errorf("instruction 0x%02x", c)
	}
	return nil
}

// Rows is what the display shows; nothing where it is off.
func (d *HD44780) Rows() (rows []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.on {
		return nil
	}
	for i := range d.rows {
		start := i%2*0x40 + i/2*d.columns
		rows = append(rows, string(d.memory[start:start+d.columns]))
	}
	return rows
}
