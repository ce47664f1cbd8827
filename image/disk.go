package main

import (
	"archive/tar"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// The GUIDs of the root partitions, by which the initramfs knows which disk it booted from. An installer that copies
// the image gives them anew, and grub.cfg with them.
const (
	rootA = "7b1c6e0a-6a0e-4b7e-9d53-0c1a11b0a001"
	rootB = "7b1c6e0a-6a0e-4b7e-9d53-0c1a11b0b001"
	rootR = "7b1c6e0a-6a0e-4b7e-9d53-0c1a11b0c001"
)

// layout is genimage's description of the disk. Slot R is what slot A is when the image is new, and no update touches it; it
// lies so near that a window of 128 MiB sees them as one when the image is compressed. Partition 9, the data, is made at the
// first start from what is left of the disk.
const layout = `image esp.img {
  vfat {
    label = "ESP"
    extraargs = "-i CA11B0C5 -F 32"
  }
  size = 64M
}
image disk.img {
  hdimage {
    partition-table-type = "gpt"
    disk-uuid = "7b1c6e0a-6a0e-4b7e-9d53-0c1a11b0d001"
  }
  partition bios { %[8]s size = 1M offset = 1M partition-type-uuid = "21686148-6449-6e6f-744e-656564454649" partition-uuid = "7b1c6e0a-6a0e-4b7e-9d53-0c1a11b0d002" }
  partition esp { image = "esp.img" size = 64M partition-type-uuid = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b" partition-uuid = "7b1c6e0a-6a0e-4b7e-9d53-0c1a11b0d003" }
  partition kernel-r { image = "kernel.squashfs" size = %[5]dM partition-type-uuid = "0fc63daf-8483-4772-8e79-3d69d8477de4" partition-uuid = "7b1c6e0a-6a0e-4b7e-9d53-0c1a11b0c002" }
  partition kernel-a { image = "kernel.squashfs" size = %[1]dM partition-type-uuid = "0fc63daf-8483-4772-8e79-3d69d8477de4" partition-uuid = "7b1c6e0a-6a0e-4b7e-9d53-0c1a11b0a002" }
  partition root-r { image = "root.verity" size = %[6]dM partition-type-uuid = "0fc63daf-8483-4772-8e79-3d69d8477de4" partition-uuid = "%[7]s" }
  partition root-a { image = "root.verity" size = %[2]dM partition-type-uuid = "0fc63daf-8483-4772-8e79-3d69d8477de4" partition-uuid = "%[3]s" }
  partition kernel-b { size = %[1]dM partition-type-uuid = "0fc63daf-8483-4772-8e79-3d69d8477de4" partition-uuid = "7b1c6e0a-6a0e-4b7e-9d53-0c1a11b0b002" }
  partition root-b { size = %[2]dM partition-type-uuid = "0fc63daf-8483-4772-8e79-3d69d8477de4" partition-uuid = "%[4]s" }
}
`

// disk makes the image of a whole disk, and compresses it.
func (b *build) disk(d debian, s slot) error {
	if err := b.grub(d); err != nil {
		return err
	}
	core := "" // the partition is there on every computer, so that all have the same numbers
	if b.computer.bios {
		core = `image = "core.img"`
	}
	if err := os.WriteFile(b.file("genimage.cfg"), fmt.Appendf(nil, layout, kernelMiB, rootMiB, rootA, rootB, kernelRMiB, rootRMiB, rootR, core), 0o644); err != nil {
		return err
	}
	tmp := b.file("genimage")
	if err := fresh(tmp, b.file("disk.img")); err != nil {
		return err
	}
	// mtools of Debian 12 put the time of day into the folders of the ESP, whatever SOURCE_DATE_EPOCH says.
	if err := b.tool("faketime", "-f", b.when.Format("2006-01-02 15:04:05"), "genimage", "--config", b.file("genimage.cfg"), "--rootpath", b.file("esp"), "--inputpath", b.work,
		"--outputpath", b.work, "--tmppath", tmp); err != nil {
		return err
	}
	if b.computer.bios {
		if err := b.bootBIOS(); err != nil {
			return err
		}
	}
	return b.tool("zstd", "-"+strconv.Itoa(min(b.level, 9)), "--long=27", "-T2", "-q", "-f", b.file("disk.img"), "-o", b.result("img.zst"))
}

// grubModules are what grub.cfg needs.
var grubModules = []string{"part_gpt", "fat", "squash4", "normal", "configfile", "linux", "loadenv", "test", "regexp", "echo", "reboot", "sleep", "serial", "terminal", "gzio"}

// grub makes the EFI system partition's folder and GRUB's images for BIOS and UEFI.
func (b *build) grub(d debian) error {
	from := b.file("grub")
	if err := b.takeGRUB(d, from); err != nil {
		return err
	}
	dir := filepath.Join(b.file("esp"), "EFI/BOOT")
	if err := fresh(b.file("esp")); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	uefi := append([]string{"-O", b.computer.efi, "-d", from, "-p", "/EFI/BOOT", "-o", filepath.Join(dir, b.computer.efiFile), "search"}, grubModules...)
	if err := b.tool("grub-mkimage", uefi...); err != nil {
		return err
	}
	if b.computer.bios {
		bios := append([]string{"-O", "i386-pc", "-p", "(,gpt2)/EFI/BOOT", "-o", b.file("core.img"), "biosdisk"}, grubModules...)
		if err := b.tool("grub-mkimage", bios...); err != nil {
			return err
		}
	}
	config, err := os.ReadFile(filepath.Join(b.source, "grub.cfg"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "grub.cfg"), config, 0o644); err != nil {
		return err
	}
	if err := b.tool("grub-editenv", filepath.Join(dir, "grubenv"), "create"); err != nil {
		return err
	}
	if err := b.tool("grub-editenv", filepath.Join(dir, "grubenv"), "set", "ORDER=A B", "A_OK=1", "A_TRY=0", "B_OK=0", "B_TRY=0"); err != nil {
		return err
	}
	return b.setTimes(b.file("esp"))
}

// takeGRUB puts GRUB's own modules for the computer's UEFI into a folder.
func (b *build) takeGRUB(d debian, to string) error {
	dir := "usr/lib/grub/" + b.computer.efi + "/"
	files, err := readTar(d.tar, func(name string) bool { return strings.HasPrefix(name, dir) })
	if err != nil {
		return err
	}
	if err := errors.Join(fresh(to), os.MkdirAll(to, 0o755)); err != nil {
		return err
	}
	for name, e := range files {
		if e.kind == tar.TypeReg {
			err = errors.Join(err, os.WriteFile(filepath.Join(to, filepath.Base(name)), e.content, 0o644))
		}
	}
	return err
}

// setTimes gives every file the same time, for mcopy keeps it.
func (b *build) setTimes(dir string) error {
	return filepath.WalkDir(dir, func(file string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chtimes(file, b.when, b.when))
	})
}

// bootBIOS does what grub-install would on a real disk: the boot sector names the sector where GRUB's core begins, the core
// that of its second half. Partition 1, at 1 MiB, holds it.
func (b *build) bootBIOS() error {
	const start = 2048 // sectors
	boot, err := os.ReadFile("/usr/lib/grub/i386-pc/boot.img")
	if err != nil {
		return fmt.Errorf("%w: apt-get install grub-pc-bin", err)
	}
	binary.LittleEndian.PutUint64(boot[0x5c:], start)
	boot[0x66], boot[0x67] = 0x90, 0x90 // no jump around the check of the drive number
	disk, err := os.OpenFile(b.file("disk.img"), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer disk.Close()
	if _, err := disk.WriteAt(boot[:440], 0); err != nil { // the table of partitions follows
		return err
	}
	var next [8]byte
	binary.LittleEndian.PutUint64(next[:], start+1)
	if _, err := disk.WriteAt(next[:], start*512+0x1f4); err != nil {
		return err
	}
	return disk.Close()
}
