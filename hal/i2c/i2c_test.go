package i2c

import (
	"errors"
	"image"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"callbox/hal/glyph"
	"callbox/hal/i2c/i2ctest"
)

func TestCharacters(t *testing.T) {
	bus, lcd := i2ctest.NewBus(), i2ctest.NewHD44780(20, 4)
	bus.Plug(0x27, lcd)
	c, err := OpenCharacters(bus, 0x27, 20, 4)
	if err != nil {
		t.Fatal(err)
	}
	blank := "                    "
	if got, want := lcd.Rows(), []string{blank, blank, blank, blank}; !slices.Equal(got, want) {
		t.Errorf("at the start it shows %q", got)
	}
	for _, row := range []struct{ show, want []string }{
		{[]string{"one", "two", "three", "four", "five"}, []string{"one                 ", "two                 ", "three               ", "four                "}},
		{[]string{"one", "", "3"}, []string{"one                 ", blank, "3                   ", blank}},
		{[]string{`a\b~c`, "云铃 5€", "what is too long is cut at the edge"}, []string{"a?b?c               ", "?? 5?               ", "what is too long is ", blank}},
	} {
		if err := c.Show(row.show); err != nil {
			t.Fatal(err)
		}
		if got := lcd.Rows(); !slices.Equal(got, row.want) {
			t.Errorf("%q is shown as %q", row.show, got)
		}
	}
}

// A display that lost its power in the middle of an octet is found and started anew, whatever mode it is in.
func TestCharactersComeBack(t *testing.T) {
	bus := i2ctest.NewBus()
	bus.Plug(0x27, i2ctest.NewHD44780(20, 4))
	c, err := OpenCharacters(bus, 0x27, 20, 4)
	if err != nil {
		t.Fatal(err)
	}
	bus.Plug(0x27, nil)
	if err := c.Show([]string{"lost"}); !errors.Is(err, unix.ENXIO) {
		t.Errorf("without a display: %v", err)
	}
	lcd := i2ctest.NewHD44780(20, 4)
	for _, pins := range []byte{0x24, 0x20, 0x84, 0x80} { // in the mode of four bits, half an octet
		if err := lcd.Write([]byte{pins}); err != nil {
			t.Fatal(err)
		}
	}
	bus.Plug(0x27, lcd)
	if err := c.Show([]string{"found"}); err != nil {
		t.Fatal(err)
	}
	if got := lcd.Rows(); len(got) == 0 || got[0] != "found               " || got[1] != "                    " {
		t.Errorf("it shows %q", got)
	}
}

func TestDots(t *testing.T) {
	bus, oled := i2ctest.NewBus(), i2ctest.NewSSD1306()
	bus.Plug(0x3C, oled)
	d, err := OpenDots(bus, 0x3C)
	if err != nil {
		t.Fatal(err)
	}
	if columns, rows := d.Size(); columns != 16 || rows != 4 {
		t.Errorf("it has %d columns and %d rows", columns, rows)
	}
	rows := []string{"云铃客服中心", "", "Callbox", "14:05"}
	if err := d.Show(rows); err != nil {
		t.Fatal(err)
	}
	if want := glyph.Picture(128, 64, rows); !slices.Equal(oled.Picture().Pix, want.Pix) {
		t.Error("the text is not what is shown")
	}
	noise := image.NewGray(image.Rect(0, 0, 128, 64))
	chance := rand.New(rand.NewPCG(1, 1))
	for range 3 {
		for i := range 2000 { // some pages change, and some of their dots do
			noise.Pix[(i*7)%len(noise.Pix)] = uint8(chance.IntN(2) * 255)
		}
		if err := d.Draw(noise); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(oled.Picture().Pix, noise.Pix) {
			t.Error("the picture is not what is shown")
		}
	}
}

func TestDotsComeBack(t *testing.T) {
	bus := i2ctest.NewBus()
	if _, err := OpenDots(bus, 0x3C); !errors.Is(err, unix.ENXIO) {
		t.Errorf("without a display: %v", err)
	}
	bus.Plug(0x3C, i2ctest.NewSSD1306())
	d, err := OpenDots(bus, 0x3C)
	if err != nil {
		t.Fatal(err)
	}
	bus.Plug(0x3C, nil)
	if err := d.Show([]string{"lost"}); !errors.Is(err, unix.ENXIO) {
		t.Errorf("without a display: %v", err)
	}
	oled := i2ctest.NewSSD1306()
	bus.Plug(0x3C, oled)
	if err := d.Show([]string{"found"}); err != nil {
		t.Fatal(err)
	}
	if want := glyph.Picture(128, 64, []string{"found"}); !slices.Equal(oled.Picture().Pix, want.Pix) {
		t.Error("it is not started anew")
	}
}
