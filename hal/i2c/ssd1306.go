package i2c

import (
	"bytes"
	"image"
	"slices"

	"periph.io/x/conn/v3/i2c"

	"callbox/hal/glyph"
)

// The control octet before what is sent (SSD1306 datasheet 8.1.5.2).
const (
	commands = 0x00
	dots     = 0x40
)

const (
	dotsWide = 128
	dotsHigh = 64
	page     = 8 // rows of dots in an octet
)

// startDots brings the display up (SSD1306 datasheet, application note figure 2) with its charge pump, in the mode where the
// address runs along the pages.
var startDots = []byte{
	commands,
	0xAE,       // off
	0xA8, 0x3F, // 64 rows
	0xD3, 0x00, // no offset
	0x40,       // from row 0
	0xA1, 0xC8, // seen from the front, the connector above
	0xDA, 0x12, // alternative row pins
	0x81, 0xCF, // contrast
	0xD9, 0xF1, 0xDB, 0x40, // precharge and deselect for the charge pump
	0xA4, 0xA6, // show the memory, lit where it is set
	0xD5, 0x80, // clock
	0x8D, 0x14, // charge pump
	0x20, 0x00, // horizontal addressing
	0xAF, // on
}

// DotDisplay is an SSD1306 of 128 by 64 dots.
type DotDisplay struct {
	dev   *i2c.Dev
	shown []byte // what the display shows, a page after the other; nil: it may show anything
}

// OpenDots starts the display at an address, usually 0x3C. It shows nothing.
func OpenDots(bus i2c.Bus, addr uint16) (*DotDisplay, error) {
	d := &DotDisplay{dev: &i2c.Dev{Bus: bus, Addr: addr}}
	return d, d.Draw(image.NewGray(image.Rect(0, 0, dotsWide, dotsHigh)))
}

// Dots is the display's size.
func (d *DotDisplay) Dots() (width, height int) { return dotsWide, dotsHigh }

// Size is how many characters of one column fit.
func (d *DotDisplay) Size() (columns, rows int) {
	return dotsWide / glyph.Width, dotsHigh / glyph.Height
}

// Show writes rows of text.
func (d *DotDisplay) Show(rows []string) error {
	return d.Draw(glyph.Picture(dotsWide, dotsHigh, rows))
}

// Draw shows a picture: the pages of it that changed. After an error the next Draw starts the display anew.
func (d *DotDisplay) Draw(picture *image.Gray) error {
	next := pages(picture)
	if d.shown == nil {
		if err := d.dev.Tx(startDots, nil); err != nil {
			return err
		}
	}
	for i := range dotsHigh / page {
		row := next[i*dotsWide : (i+1)*dotsWide]
		if d.shown != nil && bytes.Equal(row, d.shown[i*dotsWide:(i+1)*dotsWide]) {
			continue
		}
		if err := d.write(byte(i), row); err != nil {
			d.shown = nil
			return err
		}
	}
	d.shown = next
	return nil
}

// write writes one page.
func (d *DotDisplay) write(number byte, row []byte) error {
	where := []byte{commands, 0x21, 0, dotsWide - 1, 0x22, number, number} // columns, pages
	if err := d.dev.Tx(where, nil); err != nil {
		return err
	}
	for part := range slices.Chunk(row, chunk) {
		if err := d.dev.Tx(append([]byte{dots}, part...), nil); err != nil {
			return err
		}
	}
	return nil
}

// pages is a picture as the display's memory has it: an octet is eight dots below each other, the highest in bit 0.
func pages(p *image.Gray) []byte {
	out := make([]byte, dotsWide*dotsHigh/page)
	for y := range dotsHigh {
		for x := range dotsWide {
			if p.GrayAt(x, y).Y >= 128 {
				out[y/page*dotsWide+x] |= 1 << (y % page)
			}
		}
	}
	return out
}
