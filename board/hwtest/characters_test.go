package hwtest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"callbox/board/panel"
	"callbox/hal/i2c"
	"callbox/hal/i2c/i2ctest"
)

const lcdAddress = 0x27

// TestCharacters: an HD44780 behind a PCF8574 on the buses of two drivers of the kernel's, by what its memory holds (A14.2).
func TestCharacters(t *testing.T) {
	for _, row := range []struct {
		bus     string
		adapter func(*i2ctest.Bus) i2ctest.USB
		nobody  error // as the driver says that nobody acknowledges
	}{
		{"CP2112 SMBus Bridge", func(b *i2ctest.Bus) i2ctest.USB { return i2ctest.NewCP2112(b) }, unix.ETIMEDOUT},
		{"i2c-tiny-usb", func(b *i2ctest.Bus) i2ctest.USB { return i2ctest.NewTinyUSB(b) }, unix.ENXIO},
	} {
		t.Run(row.bus, func(t *testing.T) {
			wire := i2ctest.NewBus()
			plug(t, 1, row.adapter(wire))
			characters(t, openBus(t, row.bus), wire, row.nobody)
		})
	}
}

func characters(t *testing.T, bus *i2c.Bus, wire *i2ctest.Bus, nobody error) {
	lcd := i2ctest.NewHD44780(20, 4)
	wire.Plug(lcdAddress, lcd)
	display, err := i2c.OpenCharacters(bus, lcdAddress, 20, 4)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, lcd, "                    ", "                    ", "                    ", "                    ")
	t.Run("the menu in both languages", func(t *testing.T) { speaks(t, display, lcd) })
	t.Run("what its ROM does not have", func(t *testing.T) {
		if err := display.Show([]string{"云铃客服", `a\b~c`, "what is too long is cut at the edge", "5€"}); err != nil {
			t.Fatal(err)
		}
		holds(t, lcd, "????                ", "a?b?c               ", "what is too long is ", "5?                  ")
	})
	t.Run("a display that comes back", func(t *testing.T) {
		wire.Plug(lcdAddress, nil)
		if err := display.Show([]string{"lost"}); !errors.Is(err, nobody) {
			t.Errorf("without a display: %v", err)
		}
		lcd := i2ctest.NewHD44780(20, 4)
		wire.Plug(lcdAddress, lcd)
		if err := display.Show([]string{"found", "", "", "again"}); err != nil {
			t.Fatal(err)
		}
		holds(t, lcd, "found               ", "                    ", "                    ", "again               ")
	})
}

// speaks: a display without Han characters shows a Chinese menu in English, and of a Chinese name what it can (board/panel).
func speaks(t *testing.T, display *i2c.CharacterDisplay, lcd *i2ctest.HD44780) {
	columns, rows := display.Size()
	for _, language := range []string{"zh", "en"} {
		menu := panel.New(panel.Options{Columns: columns, Rows: rows, Language: language})
		facts := panel.Facts{
			Time: time.Date(2026, 11, 25, 14, 5, 0, 0, time.UTC), Name: "云铃客服 YL", Waiting: 3,
			Today: panel.Today{Offered: 120, ForPerson: 120, Answered: 115, Rate: 95.8},
		}
		for _, a := range menu.Step(facts) {
			if s, ok := a.(panel.Show); ok {
				if err := display.Show(s.Rows); err != nil {
					t.Fatal(err)
				}
			}
		}
		holds(t, lcd, "YL             14:05", "Waiting            3", "In use           0/0", "Answered         96%")
	}
}

func holds(t *testing.T, lcd *i2ctest.HD44780, want ...string) {
	t.Helper()
	if got := lcd.Rows(); !slices.Equal(got, want) {
		t.Errorf("its memory holds %q, want %q", got, want)
	}
}
