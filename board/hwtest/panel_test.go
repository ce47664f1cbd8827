package hwtest

import (
	"slices"
	"testing"
	"time"

	"callbox/board/panel"
	"callbox/hal"
	"callbox/hal/glyph"
	"callbox/hal/gpio"
	"callbox/hal/i2c/i2ctest"
	"callbox/telephony"
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

// TestLampsOfLines: lamps of lines and of an E1, wired as docs/BOARDS.md tells, follow what the panel's machine says of the lines.
func TestLampsOfLines(t *testing.T) {
	bridge := i2ctest.NewCP2112(i2ctest.NewBus())
	unplug := plug(t, 1, bridge)
	defer unplug()
	wiring := gpio.Wiring{
		Keys:  map[string]string{"up": "cp2112_gpio:0", "down": "cp2112_gpio:1", "ok": "cp2112_gpio:2", "back": "cp2112_gpio:3"},
		Lamps: map[string]string{"fxo/1": "cp2112_gpio:4", "fxo/1/fault": "cp2112_gpio:5", "e1/1": "cp2112_gpio:6", "e1/1/fault": "cp2112_gpio:7"},
	}
	var front *gpio.Front
	until(t, "the lines are there", func() (opened bool) {
		var err error
		front, err = gpio.Open(wiring)
		return err == nil
	})
	defer front.Close()
	menu := panel.New(panel.Options{Columns: 16, Rows: 4, Dots: true})
	for _, row := range []struct {
		fxo, e1 telephony.LineStatus
		want    [4]bool // of lines 4 to 7
	}{
		{telephony.LineStatus{State: telephony.LineTalking, Busy: 1}, telephony.LineStatus{State: telephony.LineFault}, [4]bool{true, false, false, true}},
		{telephony.LineStatus{State: telephony.LineFault}, telephony.LineStatus{State: telephony.LineTalking, Busy: 30}, [4]bool{false, true, true, false}},
		{telephony.LineStatus{State: telephony.LineIdle}, telephony.LineStatus{State: telephony.LineIdle}, [4]bool{}},
	} {
		row.fxo.ID, row.e1.ID = "fxo/1", "e1/1"
		for _, a := range menu.Step(panel.Facts{Lines: []telephony.LineStatus{row.fxo, row.e1}}) {
			if l, is := a.(panel.Lamp); is {
				if err := front.Lamp(l.Name, l.On); err != nil {
					t.Fatal(err)
				}
			}
		}
		for i, want := range row.want {
			if bridge.Level(4+i) != want {
				t.Errorf("fxo/1 %s, e1/1 %s: line %d is %v", row.fxo.State, row.e1.State, 4+i, !want)
			}
		}
	}
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
