// Package hwtest runs hal/dahdi on the kernel's own DAHDI, in a machine of its own: the test binary is the init of a stock
// Debian kernel in QEMU (.ci/hw). The far end of every line is Go code in the same process, which is also the clock.
package hwtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// modules are loaded in this order, from /modules.
var modules = []string{"tun", "dahdi", "dahdi_dynamic", "dahdi_dynamic_loc", "dahdi_dynamic_eth", "dahdi_echocan_mg2"}

// TestHardware is what the real driver shows. The order is by how many spans there are, for those of a story stay.
func TestHardware(t *testing.T) {
	for _, s := range []struct {
		title string
		story func(*testing.T)
	}{
		{"a line passes haltest (A1.6)", fxoSuite},
		{"a telephone's port passes haltest (A1.20)", fxsSuite},
		{"a span passes haltest (A1.1 A17.2)", spanSuite},
		{"a card that is pulled out ends nothing but its own span", removed},
		{"the delay from the line to the media loop and back is bounded (A14.2)", delay},
		{"PRI calls both ways, with speech bit by bit and an alarm in mid-call (A1.2 A1.9)", priCalls},
		{"four spans have 120 calls at once (A1.1 A17.2)", fourSpans},
	} {
		t.Run(s.title, s.story)
	}
}

// TestWire is what calls over a wire show, in a machine of their own: they leave the speech of later stories not bit by bit.
func TestWire(t *testing.T) {
	t.Run("ring, caller ID, answer, flash, release from either side (A1.6 A1.9 A1.20)", wireCalls)
	t.Run("the card takes out the echo when it is asked to, and else does not (A1.9)", oneCanceller)
}

func TestMain(m *testing.M) {
	if os.Getpid() != 1 {
		fmt.Println("these tests need a kernel of their own: run make test-hw")
		return
	}
	code := 1
	if err := boot(); err != nil {
		fmt.Println(err)
	} else {
		code = m.Run()
	}
	fmt.Printf("hwtest: exit %d\n", code)
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
}

// boot does what an init does, and has all memory there beforehand: QEMU 7.2 loses the flags of a SETcc that stores to a page
// which is not there yet, and a bool is then set by nobody.
func boot() error {
	if err := unix.Mlockall(unix.MCL_CURRENT | unix.MCL_FUTURE); err != nil {
		return fmt.Errorf("mlockall: %w", err)
	}
	for target, kind := range map[string]string{"/dev": "devtmpfs", "/proc": "proc", "/sys": "sysfs"} {
		if err := os.MkdirAll(target, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(kind, target, kind, 0, ""); err != nil {
			return fmt.Errorf("mount %s: %w", target, err)
		}
	}
	for _, name := range modules {
		image, err := os.ReadFile(filepath.Join("/modules", name+".ko"))
		if err != nil {
			return err
		}
		if err := unix.InitModule(image, ""); err != nil {
			return fmt.Errorf("module %s: %w", name, err)
		}
	}
	return nil
}
