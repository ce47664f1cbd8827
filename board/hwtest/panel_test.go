package hwtest

import (
	"slices"
	"testing"
	"time"

	"callbox/board/panel"
	"callbox/hal"
	"callbox/hal/glyph"
	"callbox/hal/i2c/i2ctest"
)

// TestPanel: the front of the board x86-64, from its profile to the dots of the display and the levels of the lines (A14.2).
func TestPanel(t *testing.T) {
	bus, oled := i2ctest.NewBus(), i2ctest.NewSSD1306()
	bus.Plug(0x3C, oled)
	bridge := i2ctest.NewCP2112(bus)
	unplug := plug(t, 1, bridge)
	b := open(t, "x86-64", 1)
	front, ok := b.Panel.(hal.DotPanel)
	if !ok {
		t.Fatalf("the front is a %T: %v", b.Panel, b.Missing)
	}
	t.Run("text and pictures", func(t *testing.T) { shows(t, front, oled) })
	t.Run("lamps and buzzer", func(t *testing.T) { lights(t, front, bridge) })
	t.Run("keys", func(t *testing.T) { presses(t, front, bridge) })
	t.Run("a front that is pulled out is an error and no more", func(t *testing.T) {
		unplug()
		until(t, "the display is missed", func() bool { return front.Show([]string{time.Now().String()}) != nil })
	})
}

func shows(t *testing.T, front hal.DotPanel, oled *i2ctest.SSD1306) {
	rows := []string{"云铃客服   14:05", "等待           3"}
	if err := front.Show(rows); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(oled.Picture().Pix, glyph.Picture(128, 64, rows).Pix) {
		t.Error("the text is not what is shown")
	}
	picture := panel.Picture(panel.Screen{QR: "http://192.168.1.10", Rows: []string{"Scan me"}}, 128, 64)
	if err := front.Draw(picture); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(oled.Picture().Pix, picture.Pix) {
		t.Error("the picture is not what is shown")
	}
}
