package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// What lies on the data partition.
const (
	dataDir    = "/data"
	systemDir  = dataDir + "/system"  // the machine's own: its id, RAUC's notes
	networkDir = dataDir + "/network" // addresses that were set at the panel, for systemd-networkd
	boxDir     = dataDir + "/callbox" // boxd's
)

// The user that boxd runs as; files/etc/passwd has it.
const boxUser = 900

// mountData makes the data partition at the first start, repairs it after an unclean stop, resets it where somebody at the
// panel asked for that, and gives the machine its id.
func mountData(d disk) error {
	if err := program("/usr/bin/systemd-repart", "--dry-run=no", "--no-pager", "--discard=no", "/dev/"+d.name); err != nil {
		return err
	}
	d, err := readDisk(d.name)
	if err != nil {
		return err
	}
	device := d.named("data")
	if device == "" {
		return errors.New("the disk has no data partition, and none could be made: is it smaller than 2 GB?")
	}
	if err := check(device); err != nil {
		return err
	}
	options := "errors=remount-ro,commit=1"
	if err := unix.Mount(device, dataDir, "ext4", unix.MS_NOATIME|unix.MS_NODEV|unix.MS_NOSUID|unix.MS_NOEXEC, options); err != nil {
		return fmt.Errorf("mount %s: %w", device, err)
	}
	if err := makeDirs(); err != nil {
		return err
	}
	if err := reset(boxDir, networkDir, systemDir); err != nil {
		return err
	}
	return identify()
}

// mountNoData gives the recovery system a folder in memory for data: those on the disk are left alone, for a newer system may
// have written them. Only the address is taken along, so that the page is where it was.
func mountNoData(d disk) error {
	if err := unix.Mount("tmpfs", dataDir, "tmpfs", unix.MS_NODEV|unix.MS_NOSUID|unix.MS_NOEXEC, "mode=0755,size=60%"); err != nil {
		return fmt.Errorf("mount %s: %w", dataDir, err)
	}
	if err := makeDirs(); err != nil {
		return err
	}
	if err := takeAddress(d.named("data")); err != nil {
		say("the address is not known: %v", err)
	}
	if err := os.WriteFile(filepath.Join(systemDir, "recovery"), nil, 0o644); err != nil {
		return err
	}
	return identify()
}

// takeAddress copies the address that was set at the panel, if any.
func takeAddress(device string) error {
	const dir = "/run/callbox/data"
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := unix.Mount(device, dir, "ext4", unix.MS_RDONLY|unix.MS_NODEV|unix.MS_NOSUID|unix.MS_NOEXEC, "noload"); err != nil {
		return fmt.Errorf("mount %s: %w", device, err)
	}
	err := os.CopyFS(networkDir, os.DirFS(filepath.Join(dir, filepath.Base(networkDir))))
	return errors.Join(err, unix.Unmount(dir, 0))
}

// check repairs the file system without a question. e2fsck's 1 and 2 say that it is in order now.
func check(device string) error {
	err := program("/usr/sbin/e2fsck", "-p", device)
	if exit := new(exec.ExitError); errors.As(err, &exit) && exit.ExitCode() >= 4 {
		return program("/usr/sbin/e2fsck", "-y", device)
	}
	return nil
}

// reset does what boxd's file reset asks for: "settings", which are the configuration with its accounts and its good copy
// (storage), or "everything". The file goes last, so that a cut begins anew.
func reset(box, network, system string) error {
	file := filepath.Join(box, "reset")
	what, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, name := range []string{"config.db", "config.db.good", "panel.language"} {
		err = errors.Join(err, os.RemoveAll(filepath.Join(box, name)))
	}
	err = errors.Join(err, forget(network))
	if string(what) == "everything" {
		err = errors.Join(err, forget(box), forget(system))
	}
	unix.Sync()
	return errors.Join(err, os.Remove(file))
}

// forget removes everything from a folder but the file reset.
func forget(dir string) error {
	list, err := os.ReadDir(dir)
	for _, e := range list {
		if e.Name() != "reset" {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

func makeDirs() error {
	for _, d := range []struct {
		path string
		mode os.FileMode
		user int
	}{{systemDir, 0o755, 0}, {networkDir, 0o755, boxUser}, {boxDir, 0o700, boxUser}} {
		if err := os.MkdirAll(d.path, d.mode); err != nil {
			return err
		}
		if err := os.Chown(d.path, d.user, d.user); err != nil {
			return err
		}
	}
	return nil
}

// identify gives the machine the id that it keeps. Without one it would have another at each start.
func identify() error {
	file := filepath.Join(systemDir, "machine-id")
	if id, err := os.ReadFile(file); err != nil || len(id) != 33 {
		var b [16]byte
		rand.Read(b[:])
		b[6], b[8] = b[6]&0x0F|0x40, b[8]&0x3F|0x80 // a random UUID (RFC 9562 5.4)
		if err := os.WriteFile(file+".new", []byte(hex.EncodeToString(b[:])+"\n"), 0o444); err != nil {
			return err
		}
		unix.Sync()
		if err := os.Rename(file+".new", file); err != nil {
			return err
		}
	}
	return unix.Mount(file, "/etc/machine-id", "", unix.MS_BIND, "")
}
