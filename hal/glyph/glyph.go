// Package glyph writes text in dots: ASCII 8 dots wide, everything else 16, all of it 16 high. The glyphs are those of GNU
// Unifont for ASCII and GB 2312 (LICENSE); a display shows names that people have written, so any of them may be needed.
package glyph

import (
	_ "embed"
	"encoding/binary"
	"image"
	"image/color"
	"sort"
	"strings"
	"unicode/utf8"
)

//go:generate go run generate.go

// The size of a character. A Han character takes two columns.
const (
	Width  = 8  // dots of a column
	Height = 16 // dots of a row
)

// unifont is the 95 glyphs of ASCII, a row of dots to an octet, then for each other character its code and its glyph of 2
// octets to a row, in the order of the codes.
//
//go:embed unifont.bin
var unifont string

const (
	narrow = Height     // octets of a glyph of ASCII
	wide   = 2 * Height // of another
	record = 2 + wide
	others = ('~' - ' ' + 1) * narrow // where they begin
)

// unknown stands for what has no glyph.
const unknown = '?'

// Has reports whether there is a glyph for r.
func Has(r rune) bool {
	_, ok := rows(r)
	return ok
}

// rows is a character's dots, of a row in an octet or two.
func rows(r rune) (string, bool) {
	if r >= ' ' && r <= '~' {
		at := int(r-' ') * narrow
		return unifont[at : at+narrow], true
	}
	list := unifont[others:]
	n := len(list) / record
	i := sort.Search(n, func(i int) bool { return code(list[i*record:]) >= r })
	if i == n || code(list[i*record:]) != r {
		return "", false
	}
	return list[i*record+2 : (i+1)*record], true
}

func code(s string) rune { return rune(binary.BigEndian.Uint16([]byte(s[:2]))) }

// Columns is how many columns a text takes.
func Columns(text string) (n int) {
	for _, r := range text {
		n += columns(r)
	}
	return n
}

func columns(r rune) int {
	if r < 0x80 || !Has(r) {
		return 1
	}
	return 2
}

// Cut is as much of a text as fits so many columns.
func Cut(text string, most int) string {
	n := 0
	for i, r := range text {
		if n += columns(r); n > most {
			return text[:i]
		}
	}
	return text
}

// follows is what never begins a row.
const follows = "，。：；！？、）”"

// Rows breaks a text into rows: between words, and anywhere beside a Han character.
func Rows(text string, most int) (rows []string) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimLeft(text, " ") {
		row := Cut(text, most)
		if row == "" { // a character wider than a row: nothing can be shown
			return rows
		}
		rest := text[len(row):]
		next, _ := utf8.DecodeRuneInString(rest)
		_, last := utf8.DecodeLastRuneInString(row)
		switch at := strings.LastIndexByte(row, ' '); {
		case rest == "" || next == ' ':
		case next < 0x80 && at > 0:
			row = row[:at]
		case strings.ContainsRune(follows, next) && last < len(row):
			row = row[:len(row)-last]
		}
		rows = append(rows, strings.TrimRight(row, " "))
		text = text[len(row):]
	}
	return rows
}

// Write writes one row of text into a picture, its upper left corner at x and y. What leaves the picture is cut.
func Write(p *image.Gray, x, y int, text string) {
	for _, r := range text {
		dots, ok := rows(r)
		if !ok {
			dots, _ = rows(unknown)
		}
		for i := range Height {
			writeRow(p, x, y+i, dots[i*len(dots)/Height:(i+1)*len(dots)/Height])
		}
		x += len(dots) / Height * Width
	}
}

// writeRow writes one row of a character's dots.
func writeRow(p *image.Gray, x, y int, octets string) {
	for i := range len(octets) * 8 {
		if octets[i/8]<<(i%8)&0x80 != 0 {
			p.SetGray(x+i, y, color.Gray{Y: 255})
		}
	}
}

// Picture is a picture of width and height dots with the rows of text on it, each at its place.
func Picture(width, height int, rows []string) *image.Gray {
	p := image.NewGray(image.Rect(0, 0, width, height))
	for i, row := range rows {
		Write(p, 0, i*Height, row)
	}
	return p
}
