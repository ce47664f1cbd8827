// Package hwtest runs front panels on the kernel's own drivers, in a machine of its own (.ci/hw): a USB bridge (hid-cp2112)
// brings an I2C bus and eight lines, a USB adapter (i2c-tiny-usb) a bus alone, and gpio-sim lines with names. The device side of
// both, and the displays on their buses, are Go code behind USB/IP.
package hwtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// modules are loaded in this order, from /modules.
var modules = []string{"usb-common", "usbcore", "usbip-core", "vhci-hcd", "hid", "usbhid", "hid-cp2112", "i2c-tiny-usb", "i2c-dev", "configfs", "gpio-sim"}

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

// boot does what an init does.
func boot() error {
	for target, kind := range map[string]string{"/dev": "devtmpfs", "/proc": "proc", "/sys": "sysfs"} {
		if err := os.MkdirAll(target, 0o755); err != nil {
			return err
		}
		if err := mount(target, kind); err != nil {
			return err
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
	return mount("/sys/kernel/config", "configfs")
}

func mount(target, kind string) error {
	if err := unix.Mount(kind, target, kind, 0, ""); err != nil {
		return fmt.Errorf("mount %s: %w", target, err)
	}
	return nil
}
