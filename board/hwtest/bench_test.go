package hwtest

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"callbox/board"
	"callbox/hal"
	"callbox/hal/i2c"
	"callbox/hal/i2c/i2ctest"
)

// patience is the machine's own time, which passes at once where nothing happens.
const patience = 30 * time.Second

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not in %v", what, patience)
		}
	}
}

// write writes to a file of sysfs.
func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0); err != nil {
		t.Fatal(err)
	}
}

// plug plugs a device into a port of vhci, 1 or higher, and gives what unplugs it. The test ends when the kernel has let go of it.
func plug(t *testing.T, port int, device i2ctest.USB) (unplug func()) {
	t.Helper()
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	const fullSpeed, bus = 2, 1 << 16
	write(t, "/sys/devices/platform/vhci_hcd.0/attach", fmt.Sprintf("%d %d %d %d", port-1, ends[0], bus+port, fullSpeed))
	unix.Close(ends[0])
	far := os.NewFile(uintptr(ends[1]), "usbip")
	go i2ctest.Serve(device, far)
	there := func() bool {
		_, err := os.Stat(fmt.Sprintf("/sys/bus/usb/devices/1-%d", port))
		return err == nil
	}
	until(t, "the kernel sees a USB device", there)
	unplug = sync.OnceFunc(func() {
		write(t, "/sys/devices/platform/vhci_hcd.0/detach", fmt.Sprint(port-1))
		far.Close()
	})
	t.Cleanup(func() {
		unplug()
		until(t, "the kernel lets go of the USB device", func() bool { return !there() })
	})
	return unplug
}

// openBus opens a bus as soon as the kernel has it.
func openBus(t *testing.T, name string) (bus *i2c.Bus) {
	t.Helper()
	until(t, "the kernel finds the bus "+name, func() bool {
		var err error
		bus, err = i2c.OpenBus(name)
		return err == nil
	})
	t.Cleanup(func() { bus.Close() })
	return bus
}

// open opens a board when board check finds all of a front of it.
func open(t *testing.T, name string, panel int) *board.Board {
	t.Helper()
	until(t, "the kernel finds the front", func() bool { return len(missing(t, name, panel)) == 0 })
	b, err := board.Open(name, board.Wires{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// missing are the parts of a front, the first of a board's or another, that board check does not find.
func missing(t *testing.T, name string, panel int) (list []board.Finding) {
	t.Helper()
	all, err := board.Check(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if strings.HasPrefix(f.What, fmt.Sprintf("panel %d: ", panel)) && !f.Found {
			list = append(list, f)
		}
	}
	return list
}

// wires are a front's lines from outside: 0 to 3 of the keys, 4 to 6 of the lamps, and 7 of the buzzer.
type wires interface {
	Drive(line int, high bool)
	Level(line int) bool
}

var (
	keys  = []hal.Key{hal.KeyUp, hal.KeyDown, hal.KeyOK, hal.KeyBack}
	lamps = []string{"power", "ready", "alarm"}
)

const lineLamp, lineBuzz = 4, 7

// lights turns each lamp and the buzzer on and off: its line follows, and no other does.
func lights(t *testing.T, front hal.Panel, w wires) {
	for line := lineLamp; line <= lineBuzz; line++ {
		set := front.Buzz
		if line != lineBuzz {
			set = func(on bool) error { return front.Lamp(lamps[line-lineLamp], on) }
		}
		for _, on := range []bool{true, false} {
			if err := set(on); err != nil {
				t.Fatal(err)
			}
			for l := lineLamp; l <= lineBuzz; l++ {
				if got, want := w.Level(l), on && l == line; got != want {
					t.Errorf("line %d is set to %v: line %d is %v", line, on, l, got)
				}
			}
		}
	}
	if err := front.Lamp("fxo/1", true); err != nil {
		t.Errorf("a lamp that the front does not have: %v", err)
	}
}

// presses presses each key and lets it go.
func presses(t *testing.T, front hal.Panel, w wires) {
	for line, key := range keys {
		for _, down := range []bool{true, false} {
			w.Drive(line, !down)
			select {
			case k := <-front.Keys():
				if k != (hal.KeyEvent{Key: key, Down: down}) {
					t.Errorf("the key %v, down is %v: the front tells %v", key, down, k)
				}
			case <-time.After(patience):
				t.Fatalf("the key %v, down is %v: the front tells nothing", key, down)
			}
		}
	}
}
