package sim

import (
	"image"
	"slices"
	"testing"

	"callbox/hal"
	"callbox/hal/glyph"
)

func TestPanel(t *testing.T) {
	var panel hal.Panel = NewPanel(8, 2)
	p := panel.(*Panel)
	if err := panel.Show([]string{"云铃 Callbox", "two", "three"}); err != nil {
		t.Fatal(err)
	}
	if got, want := p.Rows(), []string{"云铃 Cal", "two"}; !slices.Equal(got, want) {
		t.Errorf("it shows %q, want %q", got, want)
	}
	if err := panel.Lamp("ready", true); err != nil || !p.Lit("ready") || p.Lit("alarm") {
		t.Errorf("the lamps are wrong: %v", err)
	}
	if err := panel.Buzz(true); err != nil || !p.Buzzing() {
		t.Errorf("the buzzer is silent: %v", err)
	}
	for range keyBox { // a box that does not listen misses keys
		p.Press(hal.KeyOK)
	}
	for _, down := range []bool{true, false} {
		if k := <-panel.Keys(); k != (hal.KeyEvent{Key: hal.KeyOK, Down: down}) {
			t.Errorf("key %v", k)
		}
	}
}

func TestDotPanel(t *testing.T) {
	var panel hal.DotPanel = NewDotPanel(128, 64)
	p := panel.(*DotPanel)
	if columns, rows := panel.Size(); columns != 16 || rows != 4 {
		t.Errorf("it has %d columns and %d rows", columns, rows)
	}
	text := []string{"云铃", "two"}
	if err := panel.Show(text); err != nil || !slices.Equal(p.Picture().Pix, glyph.Picture(128, 64, text).Pix) {
		t.Errorf("the text is not shown: %v", err)
	}
	drawn := image.NewGray(image.Rect(0, 0, 128, 64))
	if err := panel.Draw(drawn); err != nil || p.Picture() != drawn {
		t.Errorf("the picture is not shown: %v", err)
	}
}
