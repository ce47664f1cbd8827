//go:build ignore

// Generate takes the glyphs that the box may need from GNU Unifont (Debian's package unifont) and writes unifont.bin: those
// of ASCII and of GB 2312-1980, since names of lines and queues are written by people.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"log"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/encoding/simplifiedchinese"
)

const source = "/usr/share/unifont/unifont.hex"

func main() {
	font, err := read(source)
	if err != nil {
		log.Fatalf("%v: apt-get install unifont", err)
	}
	var out []byte
	for r := rune(' '); r <= '~'; r++ {
		out = append(out, font[r]...)
	}
	for _, r := range slices.Sorted(maps.Keys(gb2312())) {
		if g, ok := font[r]; ok {
			out = append(binary.BigEndian.AppendUint16(out, uint16(r)), wide(g)...)
		}
	}
	if err := os.WriteFile("unifont.bin", out, 0o644); err != nil {
		log.Fatal(err)
	}
}

// read reads a font in Unifont's form: "4E00:" and the rows in hexadecimal, 8 or 16 dots wide.
func read(file string) (map[rune][]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	font := map[rune][]byte{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		code, rows, _ := strings.Cut(lines.Text(), ":")
		r, err := strconv.ParseUint(code, 16, 32)
		if err != nil {
			return nil, err
		}
		if font[rune(r)], err = hex.DecodeString(rows); err != nil {
			return nil, err
		}
	}
	return font, nil
}

// wide puts a glyph of 8 dots in the middle of 16.
func wide(g []byte) []byte {
	if len(g) == 32 {
		return g
	}
	var out []byte
	for _, row := range g {
		out = append(out, row>>4, row<<4)
	}
	return out
}

// gb2312 is the characters of rows 1 and 3 (punctuation) and 16 to 87 (Han) of GB 2312-1980.
func gb2312() map[rune]bool {
	set := map[rune]bool{}
	decode := simplifiedchinese.GBK.NewDecoder()
	for row := 1; row <= 87; row++ {
		if row != 1 && row != 3 && row < 16 {
			continue
		}
		for cell := 1; cell <= 94; cell++ {
			s, err := decode.String(string([]byte{byte(0xA0 + row), byte(0xA0 + cell)}))
			if r := []rune(s); err == nil && len(r) == 1 && unicode.IsGraphic(r[0]) && r[0] != unicode.ReplacementChar {
				set[r[0]] = true
			}
		}
	}
	return set
}
