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
	if d.named(dataName) == nil {
		var err error
		if d, err = makePartitions(d); err != nil {
			return err
		}
	}
	device, err := openData(d)
	if err != nil {
		return err
	}
	if err := mountChecked(device); err != nil {
		return err
	}
	if err := reset(d); err != nil {
		return err
	}
	if err := stir(seedOf(systemDir)); err != nil {
		say("the seed: %v", err)
	}
	return identify()
}

// resetFile is boxd's, and says what the next start is to forget. One that says nothing was cut off by the power: nothing is forgotten.
const resetFile = "reset"

// reset does what resetFile asks for.
func reset(d disk) error {
	what, err := os.ReadFile(filepath.Join(boxDir, resetFile))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case string(what) == "settings":
		return forgetSettings(boxDir, networkDir)
	case string(what) != "everything":
		return nil
	}
	if err := unix.Unmount(dataDir, 0); err != nil {
		return err
	}
	device, err := eraseData(d)
	if err != nil {
		return err
	}
	return mountChecked(device)
}

// makePartitions makes those of image/files/usr/lib/repart.d. Where the data partition of an older version leaves no room for the key,
// systemd-repart 252 crashes: it is not asked then.
func makePartitions(d disk, more ...string) (disk, error) {
	args := append([]string{"--dry-run=no", "--no-pager", "--discard=no", "--seed=random"}, more...)
	if err := program("/usr/bin/systemd-repart", append(args, "/dev/"+d.name)...); err != nil {
		return d, err
	}
	return readDisk(d.name)
}

// mountChecked repairs a file system where it must be, and mounts it with the folders that it has.
func mountChecked(device string) error {
	if err := check(device); err != nil {
		return err
	}
	options := "errors=remount-ro,commit=1"
	if err := unix.Mount(device, dataDir, "ext4", unix.MS_NOATIME|unix.MS_NODEV|unix.MS_NOSUID|unix.MS_NOEXEC, options); err != nil {
		return fmt.Errorf("mount %s: %w", device, err)
	}
	return makeDirs()
}

// mountNoData gives the recovery system a folder in memory for data: those on the disk are left alone, for a newer system may
// have written them. Only the address is taken along, so that the page is where it was.
func mountNoData(d disk, byHand bool) error {
	if err := unix.Mount("tmpfs", dataDir, "tmpfs", unix.MS_NODEV|unix.MS_NOSUID|unix.MS_NOEXEC, "mode=0755,size=60%"); err != nil {
		return fmt.Errorf("mount %s: %w", dataDir, err)
	}
	if err := makeDirs(); err != nil {
		return err
	}
	if err := takeAddress(d); err != nil {
		say("the address is not known: %v", err)
	}
	why := ""
	if byHand {
		why = "hand"
	}
	if err := os.WriteFile(filepath.Join(systemDir, "recovery"), []byte(why), 0o644); err != nil { // board.Recovery
		return err
	}
	return identify()
}

// takeAddress copies the address that was set at the panel, if any.
func takeAddress(d disk) error {
	const dir = "/run/callbox/data"
	device, err := openKept(d)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := unix.Mount(device, dir, "ext4", unix.MS_RDONLY|unix.MS_NODEV|unix.MS_NOSUID|unix.MS_NOEXEC, "noload"); err != nil {
		return fmt.Errorf("mount %s: %w", device, err)
	}
	err = os.CopyFS(networkDir, os.DirFS(filepath.Join(dir, filepath.Base(networkDir))))
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

// settings are the configuration with its accounts and every copy that there is of them (storage; what was saved before an update or a
// restore), and what was chosen at the panel.
var settings = []string{"config.db*", "before-restore", "updates", "setup.json", "panel.language"}

// forgetSettings forgets them, and the address. The file that asks for it goes last, so that a cut begins anew.
func forgetSettings(box, network string) error {
	var err error
	for _, pattern := range settings {
		names, _ := filepath.Glob(filepath.Join(box, pattern)) // the patterns are sound
		for _, name := range names {
			err = errors.Join(err, os.RemoveAll(name))
		}
	}
	list, bad := os.ReadDir(network)
	for _, e := range list {
		err = errors.Join(err, os.RemoveAll(filepath.Join(network, e.Name())))
	}
	unix.Sync()
	return errors.Join(err, bad, os.Remove(filepath.Join(box, resetFile)))
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
