package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// A kernelTree is a file system that the kernel makes up.
type kernelTree struct {
	kind, at string
	flags    uintptr
	options  string
}

var kernelTrees = []kernelTree{
	{"proc", "/proc", unix.MS_NOSUID | unix.MS_NOEXEC | unix.MS_NODEV, ""},
	{"sysfs", "/sys", unix.MS_NOSUID | unix.MS_NOEXEC | unix.MS_NODEV, ""},
	{"devtmpfs", "/dev", unix.MS_NOSUID, "mode=0755"},
	{"tmpfs", "/run", unix.MS_NOSUID | unix.MS_NODEV, "mode=0755"},
}

// memoryTrees are what programs may write to, until the next start. By fstab they would take a generator and two programs.
var memoryTrees = []kernelTree{
	{"tmpfs", "/var", unix.MS_NOSUID | unix.MS_NODEV, "mode=0755,size=32M"},
	{"tmpfs", "/tmp", unix.MS_NOSUID | unix.MS_NODEV, "mode=1777,size=64M"},
}

func mountKernel() error {
	for _, t := range kernelTrees {
		if err := os.MkdirAll(t.at, 0o755); err != nil {
			return err
		}
	}
	return mountAll(kernelTrees)
}

func mountAll(trees []kernelTree) error {
	for _, t := range trees {
		if err := unix.Mount(t.kind, t.at, t.kind, t.flags, t.options); err != nil {
			return fmt.Errorf("mount %s: %w", t.at, err)
		}
	}
	return nil
}

// moveKernel takes the kernel's trees along into the new root.
func moveKernel() error {
	for _, t := range kernelTrees {
		if err := unix.Mount(t.at, root+t.at, "", unix.MS_MOVE, ""); err != nil {
			return fmt.Errorf("move %s: %w", t.at, err)
		}
	}
	return nil
}

// mountRoot mounts the slot, every block of it checked.
func mountRoot(partition string, c commandLine) error {
	device, err := openVerity(partition, c)
	if err != nil {
		return fmt.Errorf("verity of %s: %w", partition, err)
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(device, root, "squashfs", unix.MS_RDONLY|unix.MS_NODEV, ""); err != nil {
		return fmt.Errorf("mount %s: %w", device, err)
	}
	return nil
}

// enterRoot makes the new root the only one.
func enterRoot() error {
	if err := os.Chdir(root); err != nil {
		return err
	}
	for _, name := range []string{"/lib", "/init"} { // their memory is wanted back
		os.RemoveAll(name)
	}
	if err := unix.Mount(".", "/", "", unix.MS_MOVE, ""); err != nil {
		return fmt.Errorf("move the root: %w", err)
	}
	if err := unix.Chroot("."); err != nil {
		return err
	}
	return os.Chdir("/")
}

// program runs a program of the image.
func program(name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Env = []string{"PATH=/usr/sbin:/usr/bin"}
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return nil
}

// become hands over to systemd.
func become() error {
	return unix.Exec("/sbin/init", []string{"/sbin/init"}, []string{"PATH=/usr/sbin:/usr/bin", "TERM=linux"})
}
