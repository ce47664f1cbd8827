package hwtest

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"callbox/board"
	"callbox/board/panel"
	"callbox/hal"
	"callbox/hal/glyph"
	"callbox/hal/i2c/i2ctest"
)

// patience is the machine's own time, which passes at once where nothing happens.
const patience = 30 * time.Second

// The lines of the board's profile.
const (
	lineOK    = 2
	lineAlarm = 6
	lineBuzz  = 7
)

// plug plugs a bridge into the first port of vhci, and gives what unplugs it.
func plug(t *testing.T, device *i2ctest.CP2112) (unplug func()) {
	t.Helper()
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	const fullSpeed, devid = 2, 1 << 16
	attach := fmt.Sprintf("0 %d %d %d", ends[0], devid, fullSpeed)
	if err := os.WriteFile("/sys/devices/platform/vhci_hcd.0/attach", []byte(attach), 0); err != nil {
		t.Fatal(err)
	}
	unix.Close(ends[0])
	far := os.NewFile(uintptr(ends[1]), "usbip")
	go device.Serve(far)
	return func() {
		if err := os.WriteFile("/sys/devices/platform/vhci_hcd.0/detach", []byte("0"), 0); err != nil {
			t.Error(err)
		}
		far.Close()
	}
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not in %v", what, patience)
		}
	}
}

// TestPanel: the front of the board x86-64, from its profile to the dots of the display and the levels of the lines (A14.2).
func TestPanel(t *testing.T) {
	bus, oled := i2ctest.NewBus(), i2ctest.NewSSD1306()
	bus.Plug(0x3C, oled)
	bridge := i2ctest.NewCP2112(bus)
	unplug := plug(t, bridge)
	until(t, "the kernel finds the bridge", func() bool { return found(t) == 11 }) // bus, display, eight lines, and no watchdog
	b, err := board.Open("x86-64", board.Wires{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
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

// found counts what board check finds of the first front, and of what every board has.
func found(t *testing.T) (n int) {
	t.Helper()
	list, err := board.Check("x86-64")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if f.Found && f.What != "panel 2: terminal /dev/ttyS0" && f.What != "panel 2: terminal /dev/tty1" {
			n++
		}
	}
	return n
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

func lights(t *testing.T, front hal.Panel, bridge *i2ctest.CP2112) {
	for _, on := range []bool{true, false} {
		if err := front.Lamp("alarm", on); err != nil {
			t.Fatal(err)
		}
		if err := front.Buzz(on); err != nil {
			t.Fatal(err)
		}
		if bridge.Level(lineAlarm) != on || bridge.Level(lineBuzz) != on {
			t.Errorf("on is %v: the lamp's line is %v, the buzzer's %v", on, bridge.Level(lineAlarm), bridge.Level(lineBuzz))
		}
	}
	if err := front.Lamp("fxo/1", true); err != nil {
		t.Errorf("a lamp that the front does not have: %v", err)
	}
}

func presses(t *testing.T, front hal.Panel, bridge *i2ctest.CP2112) {
	for _, down := range []bool{true, false} {
		bridge.Drive(lineOK, !down)
		select {
		case k := <-front.Keys():
			if k != (hal.KeyEvent{Key: hal.KeyOK, Down: down}) {
				t.Errorf("the key is %v", k)
			}
		case <-time.After(patience):
			t.Fatalf("down is %v: no key", down)
		}
	}
}
