package i2ctest

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"sync"
)

// An SSD1306 is a display of 128 by 64 dots, as its datasheet (Solomon Systech, revision 1.1) has it.
type SSD1306 struct {
	mu           sync.Mutex // guards what follows
	memory       [8][128]byte
	column, page byte
	first, last  byte // column
	top, bottom  byte // page
	horizontal   bool // addressing
	on           bool
}

// NewSSD1306 is a display that just got power: it is off.
func NewSSD1306() *SSD1306 { return &SSD1306{last: 127, bottom: 7} }

// arguments are how many octets follow a command (datasheet table 9-1).
var arguments = map[byte]int{
	0x20: 1, 0x21: 2, 0x22: 2, 0x81: 1, 0x8D: 1, 0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1,
	0x40: 0, 0xA1: 0, 0xA4: 0, 0xA6: 0, 0xAE: 0, 0xAF: 0, 0xC8: 0,
}

// Write is a control octet and commands or data.
func (d *SSD1306) Write(octets []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(octets) == 0 {
		return errors.New("nothing is written")
	}
	switch octets[0] {
	case 0x00:
		return d.commands(octets[1:])
	case 0x40:
		for _, b := range octets[1:] {
			d.data(b)
		}
		return nil
	}
	return fmt.Errorf("control octet 0x%02x", octets[0])
}

func (d *SSD1306) commands(list []byte) error {
	for len(list) > 0 {
		n, known := arguments[list[0]]
		if !known || len(list) < 1+n {
			return fmt.Errorf("command % x", list)
		}
		d.command(list[0], list[1:1+n])
		list = list[1+n:]
	}
	return nil
}

func (d *SSD1306) command(c byte, with []byte) {
	switch c {
	case 0x20:
		d.horizontal = with[0] == 0
	case 0x21:
		d.first, d.last, d.column = with[0]&0x7F, with[1]&0x7F, with[0]&0x7F
	case 0x22:
		d.top, d.bottom, d.page = with[0]&7, with[1]&7, with[0]&7
	case 0xAE, 0xAF:
		d.on = c == 0xAF
	}
}

// data is eight dots; the address goes on to the next column, and at the end of the range to the next page.
func (d *SSD1306) data(b byte) {
	d.memory[d.page][d.column] = b
	if d.column++; d.column <= d.last && d.column < 128 {
		return
	}
	if d.column = d.first; !d.horizontal {
		return
	}
	if d.page++; d.page > d.bottom {
		d.page = d.top
	}
}

// Picture is what the display shows; all dark where it is off.
func (d *SSD1306) Picture() *image.Gray {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := image.NewGray(image.Rect(0, 0, 128, 64))
	for y := range 64 {
		for x := range 128 {
			if d.on && d.memory[y/8][x]>>(y%8)&1 != 0 {
				p.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	return p
}
