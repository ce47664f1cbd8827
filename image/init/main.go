// Command init is the first program of the image: it runs from the initramfs, finds the slot that GRUB chose, checks every
// block of it (dm-verity), makes or repairs the data partition, and hands over to systemd. It asks nobody anything: whatever
// fails restarts the box, and GRUB, which counts, takes the other slot after three tries.
package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// root is where the new root is mounted, until it becomes the only one.
const root = "/sysroot"

func main() {
	if err := boot(); err != nil {
		say("%v; the box starts again", err)
	}
	time.Sleep(2 * time.Second) // for whoever reads the screen
	unix.Sync()
	unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART)
}

// kernelLog is /dev/kmsg, kept open while /dev moves.
var kernelLog *os.File

// mostSaid is what the kernel's log takes at once, in octets, with room to spare.
const mostSaid = 900

// say writes to the kernel's log, as something critical: that appears on every console, whatever "quiet" says.
func say(format string, args ...any) {
	text := fmt.Sprintf("<2>init: "+format, args...)
	fmt.Fprintf(kernelLog, "%.*s\n", mostSaid, text)
}

// boot does not return when all is well.
func boot() error {
	if err := mountKernel(); err != nil {
		return err
	}
	var err error
	if kernelLog, err = os.OpenFile("/dev/kmsg", os.O_WRONLY, 0); err != nil {
		return err
	}
	if err := setModprobe(""); err != nil {
		return err
	}
	line, err := readCommandLine()
	if err != nil {
		return err
	}
	if err := loadModules("/lib/modules"); err != nil {
		return err
	}
	startWatchdog()
	disk, err := waitForDisk(line.root)
	if err != nil {
		return err
	}
	if err := mountRoot(disk.partition(line.root), line); err != nil {
		return err
	}
	if err := moveKernel(); err != nil {
		return err
	}
	if err := enterRoot(); err != nil {
		return err
	}
	if err := mountAll(memoryTrees); err != nil {
		return err
	}
	if err := disk.link(); err != nil {
		return err
	}
	if line.recovery {
		err = mountNoData(disk, line.byHand)
	} else {
		err = mountData(disk)
	}
	if err != nil {
		return err
	}
	if err := setModprobe("/sbin/modprobe"); err != nil {
		return err
	}
	return become()
}

// commandLine is what GRUB says about the slot.
type commandLine struct {
	root string // the GUID of the root partition
	hash string // the root hash of its verity tree
	tree uint64 // where in the partition that is, in octets

	recovery bool // no other slot comes up,
	byHand   bool // or somebody wanted it so
}

func readCommandLine() (c commandLine, err error) {
	text, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return c, err
	}
	for _, word := range strings.Fields(string(text)) {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "callbox.root":
			c.root = strings.ToLower(value)
		case "callbox.recovery":
			c.recovery, c.byHand = true, value == "hand"
		case "callbox.hash":
			c.hash = value
		case "callbox.tree":
			if _, err := fmt.Sscan(value, &c.tree); err != nil {
				return c, fmt.Errorf("callbox.tree=%s is no number", value)
			}
		}
	}
	if c.root == "" || c.hash == "" || c.tree == 0 {
		return c, fmt.Errorf("the kernel's command line names no slot: callbox.root, callbox.hash and callbox.tree are missing")
	}
	return c, nil
}

// watchdogTime is how long the system may take to come up and feed the watchdog itself, in seconds.
const watchdogTime = 120

// startWatchdog starts the first watchdog there is. It is left running: systemd takes it over.
func startWatchdog() {
	f, err := os.OpenFile("/dev/watchdog", os.O_WRONLY, 0)
	if err != nil {
		say("no watchdog: %v", err)
		return
	}
	if err := unix.IoctlSetPointerInt(int(f.Fd()), unix.WDIOC_SETTIMEOUT, watchdogTime); err != nil {
		say("watchdog: %v", err)
	}
	f.Close()
}
