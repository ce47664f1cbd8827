package i2c

import (
	"errors"
	"slices"
	"strings"
	"time"

	"periph.io/x/conn/v3/i2c"
)

// The pins of the PCF8574 on the usual backpack: data on the upper four.
const (
	pinRS    = 0x01 // data, not a command
	pinE     = 0x04 // the display takes the data as it falls
	pinLight = 0x08
)

// Commands of the HD44780U (datasheet table 6).
const (
	entryLeftToRight = 0x06
	displayOn        = 0x0C
	clearDisplay     = 0x01
	fourBitsTwoLines = 0x28
	setAddress       = 0x80
)

// chunk is the most octets of one transfer. USB adapters with a bound have at least 60.
const chunk = 32

// CharacterDisplay is an HD44780 of up to 40 by 4 characters behind a PCF8574. It writes ASCII; its ROM has no Han characters.
type CharacterDisplay struct {
	dev           *i2c.Dev
	columns, rows int
	shown         []string // what the display shows; nil: it may show anything
}

// OpenCharacters starts the display at an address, usually 0x27 or 0x3F. It shows nothing.
func OpenCharacters(bus i2c.Bus, addr uint16, columns, rows int) (*CharacterDisplay, error) {
	c := &CharacterDisplay{dev: &i2c.Dev{Bus: bus, Addr: addr}, columns: columns, rows: rows}
	return c, c.start()
}

// Size is the display's columns and rows.
func (c *CharacterDisplay) Size() (columns, rows int) { return c.columns, c.rows }

// Show writes the rows that changed. After an error the next Show starts the display anew, since it may have lost power.
func (c *CharacterDisplay) Show(rows []string) error {
	if c.shown == nil {
		if err := c.start(); err != nil {
			return err
		}
	}
	for i := range c.rows {
		text := ""
		if i < len(rows) {
			text = rows[i]
		}
		if text = ascii(text, c.columns); text == c.shown[i] {
			continue
		}
		if err := c.write(i, text); err != nil {
			c.shown = nil
			return err
		}
		c.shown[i] = text
	}
	return nil
}

// start brings the display into the mode of four bits, whatever it was in (datasheet figure 24), and clears it.
func (c *CharacterDisplay) start() error {
	var err error
	for _, wait := range []time.Duration{5 * time.Millisecond, 200 * time.Microsecond, 200 * time.Microsecond} {
		err = errors.Join(err, c.send(nibble(0x30, 0)))
		time.Sleep(wait)
	}
	err = errors.Join(err, c.send(nibble(0x20, 0)))
	for _, command := range []byte{fourBitsTwoLines, displayOn, clearDisplay} {
		err = errors.Join(err, c.send(octet(command, 0)))
	}
	time.Sleep(2 * time.Millisecond) // clearing takes 1.52 ms
	if err = errors.Join(err, c.send(octet(entryLeftToRight, 0))); err != nil {
		return err
	}
	c.shown = slices.Repeat([]string{strings.Repeat(" ", c.columns)}, c.rows)
	return nil
}

// write writes one row. The third and fourth continue the first and second in the display's memory.
func (c *CharacterDisplay) write(row int, text string) error {
	start := byte(row%2*0x40 + row/2*c.columns)
	out := octet(setAddress|start, 0)
	for i := range len(text) {
		out = append(out, octet(text[i], pinRS)...)
	}
	return c.send(out)
}

// send sends the states of the pins.
func (c *CharacterDisplay) send(pins []byte) error {
	for part := range slices.Chunk(pins, chunk) {
		if err := c.dev.Tx(part, nil); err != nil {
			return err
		}
	}
	return nil
}

// octet is the states of the pins that bring one octet across. The bus is slow enough for the display: two octets of it
// last 45 us at 400 kHz, and an instruction takes 37.
func octet(b, rs byte) []byte { return append(nibble(b&0xF0, rs), nibble(b<<4, rs)...) }

func nibble(b, rs byte) []byte { return []byte{b | rs | pinLight | pinE, b | rs | pinLight} }

// ascii is exactly so many characters that the ROM (A00) has. It has a yen sign for the backslash and an arrow for the tilde.
func ascii(text string, columns int) string {
	out := make([]byte, 0, columns)
	for _, r := range text {
		if r < ' ' || r >= '~' || r == '\\' {
			r = '?'
		}
		if len(out) < columns {
			out = append(out, byte(r))
		}
	}
	return string(out) + strings.Repeat(" ", columns-len(out))
}
