package panel

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"callbox/hal/glyph"
	"callbox/telephony"
)

var update = flag.Bool("update", false, "write docs/pages/panel.png anew")

// sheet is the screens that docs/PANEL.md shows: to each its facts, the keys that lead to it, and the display.
var sheet = []struct {
	facts    func() Facts
	keys     string
	language string
	dots     bool
}{
	{workday, "", "zh", true},
	{unowned, "", "zh", true},
	{alarmed, "", "zh", true},
	{workday, "o", "zh", true},
	{workday, "oo", "zh", true},
	{alarmed, "oddddo", "zh", true},
	{workday, "", "en", true},
	{workday, "odddo", "en", true},
	{workday, "odood", "en", true},
	{workday, "", "en", false},
	{unowned, "", "en", false},
	{workday, "oddddduuo", "en", false},
}

func unowned() Facts {
	f := workday()
	f.ClaimCode = "44071932"
	return f
}

func alarmed() Facts {
	f := workday()
	f.Alarms = []telephony.LiveAlarm{lost}
	return f
}

// TestPictures holds docs/pages/panel.png to what the panel shows.
func TestPictures(t *testing.T) {
	const file = "../../docs/pages/panel.png"
	var now bytes.Buffer
	if err := png.Encode(&now, drawSheet(t)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, now.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if was, err := os.ReadFile(file); err != nil || !bytes.Equal(was, now.Bytes()) {
		t.Errorf("%s is not what the panel shows: go test ./board/panel -run Pictures -update", file)
	}
}

const (
	perRow  = 3
	zoom    = 2
	spacing = 8
	cell    = 20*glyph.Width*zoom + 2*spacing // wide
	rowHigh = 4*glyph.Height*zoom + 2*spacing
)

func drawSheet(t *testing.T) image.Image {
	lit, dark := color.RGBA{200, 235, 255, 255}, color.RGBA{16, 24, 40, 255}
	all := image.NewPaletted(image.Rect(0, 0, perRow*cell, (len(sheet)+perRow-1)/perRow*rowHigh), color.Palette{color.White, dark, lit})
	for i, s := range sheet {
		b := benchOf(t, s.dots, s.language)
		b.step(s.facts())
		b.press(s.keys)
		small := Picture(b.shown, b.opt.Columns*glyph.Width, b.opt.Rows*glyph.Height)
		at := image.Pt(i%perRow*cell+spacing, i/perRow*rowHigh+spacing)
		draw.Draw(all, image.Rectangle{Max: small.Rect.Max.Mul(zoom)}.Add(at), image.NewUniform(dark), image.Point{}, draw.Src)
		for y := range small.Rect.Dy() * zoom {
			for x := range small.Rect.Dx() * zoom {
				if small.GrayAt(x/zoom, y/zoom).Y != 0 {
					all.Set(at.X+x, at.Y+y, lit)
				}
			}
		}
	}
	return all
}

// A reader that is not ours reads the code off the display.
func TestQR(t *testing.T) {
	if os.Getenv("CALLBOX_REAL") == "" {
		t.Skip("needs zbarimg: CALLBOX_REAL=1")
	}
	for _, page := range []string{"http://192.168.1.10", "http://192.168.100.200:8080", "http://[2001:db8:1234:5678:90ab:cdef:1234:5678]"} {
		small := Picture(Screen{QR: page, Rows: []string{"Scan me"}}, 128, 64)
		big := image.NewGray(image.Rect(0, 0, 128*4, 64*4))
		for i := range big.Pix {
			big.Pix[i] = small.GrayAt(i%big.Stride/4, i/big.Stride/4).Y
		}
		file := filepath.Join(t.TempDir(), "panel.png")
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, big); err != nil {
			t.Fatal(err)
		}
		f.Close()
		out, err := exec.Command("zbarimg", "--quiet", "--raw", file).Output()
		if got := strings.TrimSpace(string(out)); err != nil || got != page {
			t.Errorf("%s is read as %q: %v", page, got, err)
		}
	}
}
