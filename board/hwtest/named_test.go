package hwtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"callbox/hal"
	"callbox/hal/i2c/i2ctest"
)

// TestNamedLines: the fronts of the board arm64, whose lines go by their names and whose bus by its file: dots, and where there
// are none characters (A14.2).
func TestNamedLines(t *testing.T) {
	plug(t, 1, i2ctest.NewCP2112(i2ctest.NewBus()))
	openBus(t, "/dev/i2c-0") // so that the next is the profile's, number 1
	bus := i2ctest.NewBus()
	plug(t, 2, i2ctest.NewTinyUSB(bus))
	sim := newGPIOSim(t, "KEY_UP", "KEY_DOWN", "KEY_OK", "KEY_BACK", "LED_POWER", "LED_READY", "LED_ALARM", "BUZZER")
	t.Run("dots", func(t *testing.T) {
		oled := i2ctest.NewSSD1306()
		bus.Plug(0x3C, oled)
		defer bus.Plug(0x3C, nil)
		b := open(t, "arm64", 1)
		front, ok := b.Panel.(hal.DotPanel)
		if !ok {
			t.Fatalf("the front is a %T: %v", b.Panel, b.Missing)
		}
		shows(t, front, oled)
		lights(t, front, sim)
		presses(t, front, sim)
	})
	t.Run("characters", func(t *testing.T) {
		lcd := i2ctest.NewHD44780(20, 4)
		bus.Plug(lcdAddress, lcd)
		b := open(t, "arm64", 2)
		if _, dots := b.Panel.(hal.DotPanel); dots || b.Missing == nil {
			t.Fatalf("the front is a %T, and of the first one is missing: %v", b.Panel, b.Missing)
		}
		if err := b.Panel.Show([]string{"Callbox        14:05", "", "", "云 4"}); err != nil {
			t.Fatal(err)
		}
		holds(t, lcd, "Callbox        14:05", "                    ", "                    ", "? 4                 ")
		lights(t, b.Panel, sim)
		presses(t, b.Panel, sim)
	})
}

// A gpioSim is a chip of the kernel's gpio-sim (Documentation/admin-guide/gpio/gpio-sim.rst).
type gpioSim struct {
	t   *testing.T
	dir string // of its lines in sysfs
}

// firstNamed is the number of its first line with a name: the number of a front's line is not its place in the front.
const firstNamed = 20

// newGPIOSim makes a chip with named lines.
func newGPIOSim(t *testing.T, names ...string) *gpioSim {
	t.Helper()
	const device, bank = "/sys/kernel/config/gpio-sim/panel", "/sys/kernel/config/gpio-sim/panel/bank"
	for i, name := range names {
		line := fmt.Sprintf("%s/line%d", bank, firstNamed+i)
		if err := os.MkdirAll(line, 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, line+"/name", name)
	}
	write(t, bank+"/num_lines", fmt.Sprint(firstNamed+len(names)))
	write(t, device+"/live", "1")
	t.Cleanup(func() { write(t, device+"/live", "0") })
	return &gpioSim{t, filepath.Join("/sys/devices/platform", read(t, device+"/dev_name"), read(t, bank+"/chip_name"))}
}

func (s *gpioSim) file(line int, attribute string) string {
	return fmt.Sprintf("%s/sim_gpio%d/%s", s.dir, firstNamed+line, attribute)
}

// Drive sets the level of a line from outside, as a key does.
func (s *gpioSim) Drive(line int, high bool) {
	pull := "pull-down"
	if high {
		pull = "pull-up"
	}
	write(s.t, s.file(line, "pull"), pull)
}

// Level is the level of a line.
func (s *gpioSim) Level(line int) bool { return read(s.t, s.file(line, "value")) == "1" }

// read reads a file of sysfs.
func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}
