package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// The sizes of a slot's partitions, in MiB. They are for ever: an update cannot move a partition.
const (
	kernelMiB = 48
	rootMiB   = 256

	kernelRMiB = 24 // of slot R, which never grows
	rootRMiB   = 96
)

// A slot is what an update replaces: a root and the kernel that checks it.
type slot struct {
	root   string // file: squashfs, and its verity tree behind it
	kernel string // file: squashfs that GRUB reads
}

// slot makes both.
func (b *build) slot(t tree, k kernel) (slot, error) {
	s := slot{root: b.file("root.verity"), kernel: b.file("kernel.squashfs")}
	plain := b.file("root.squashfs")
	if err := b.squash(t, plain, "-comp", "zstd", "-Xcompression-level", strconv.Itoa(b.level), "-b", "256K"); err != nil {
		return s, err
	}
	config, err := verity(plain, s.root)
	if err != nil {
		return s, err
	}
	initrd, err := os.ReadFile(k.initrd)
	if err != nil {
		return s, err
	}
	boot := tree{}
	boot.write("vmlinuz", k.image, 0o644)
	boot.write("initrd", initrd, 0o644)
	boot.write("slot.cfg", config, 0o644)
	// Uncompressed: GRUB 2.06 reads no zstd, and what is inside is compressed.
	if err := b.squash(boot, s.kernel, "-noI", "-noD", "-noF", "-noX"); err != nil {
		return s, err
	}
	return s, fits(s.root, rootRMiB, s.kernel, kernelRMiB) // a new image has it in slot R as well
}

// squash makes a squashfs of a tree. A tree that is the same as last time is taken as it is.
func (b *build) squash(t tree, file string, options ...string) error {
	var archive bytes.Buffer
	if err := b.tar(t, &archive); err != nil {
		return err
	}
	if was, err := os.ReadFile(file + ".tar"); err == nil && bytes.Equal(was, archive.Bytes()) {
		if _, err := os.Stat(file); err == nil {
			return nil
		}
	}
	if err := fresh(file, file+".new"); err != nil {
		return err
	}
	if err := os.WriteFile(file+".tar", archive.Bytes(), 0o644); err != nil {
		return err
	}
	// mksquashfs reads a tar only from its standard input.
	command := "mksquashfs - " + quote(file+".new") + " -tar -quiet -no-progress -noappend"
	for _, o := range options {
		command += " " + o
	}
	if err := b.tool("sh", "-c", command+" <"+quote(file+".tar")); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// fits says that files fit their partitions, given as pairs of a file and MiB.
func fits(pairs ...any) error {
	for i := 0; i < len(pairs); i += 2 {
		info, err := os.Stat(pairs[i].(string))
		if err != nil {
			return err
		}
		if most := int64(pairs[i+1].(int)) << 20; info.Size() > most {
			return fmt.Errorf("%s has %d octets, its partition %d", pairs[i], info.Size(), most)
		}
	}
	return nil
}
