package panel

import (
	"image"
	"image/color"
	"image/draw"

	"rsc.io/qr"

	"callbox/hal"
	"callbox/hal/glyph"
)

// web is the address of the page, with its QR code where the display has dots.
type web struct{}

func (web) press(m *Machine, k hal.Key) []any {
	if k == hal.KeyOK || k == hal.KeyBack {
		m.back()
	}
	return nil
}

func (web) screen(m *Machine) Screen {
	if !m.opt.Dots {
		return Screen{Rows: glyph.Rows(m.facts.Page, m.opt.Columns)}
	}
	beside := m.opt.Columns / 2
	rows := glyph.Rows(m.say(wordScan), beside)
	if a := m.facts.Network.Address.Addr(); a.Is4() {
		rows = append(rows, glyph.Rows(a.String(), beside)...)
	}
	return Screen{Rows: rows, QR: m.facts.Page}
}

// Picture draws a screen on a display of so many dots. A QR code takes a square at the left edge.
func Picture(s Screen, width, height int) *image.Gray {
	if s.QR == "" {
		return glyph.Picture(width, height, s.Rows)
	}
	p := image.NewGray(image.Rect(0, 0, width, height))
	for i, row := range s.Rows {
		glyph.Write(p, height, i*glyph.Height, row)
	}
	code, err := qr.Encode(s.QR, qr.L)
	if err != nil { // longer than any code
		return p
	}
	drawCode(p.SubImage(image.Rect(0, 0, height, height)).(*image.Gray), code)
	return p
}

// drawCode draws a code in the middle of a lit square, as large as whole dots allow. A reader wants four modules of light
// around it (ISO/IEC 18004 7.3.7.2), and 25 modules of two dots leave three and a half, which readers take.
func drawCode(p *image.Gray, code *qr.Code) {
	draw.Draw(p, p.Rect, image.White, image.Point{}, draw.Src)
	size := p.Rect.Dx() / code.Size
	edge := (p.Rect.Dx() - size*code.Size) / 2
	for y := range size * code.Size {
		for x := range size * code.Size {
			if code.Black(x/size, y/size) {
				p.SetGray(p.Rect.Min.X+edge+x, p.Rect.Min.Y+edge+y, color.Gray{})
			}
		}
	}
}
