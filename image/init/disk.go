package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf16"

	"golang.org/x/sys/unix"
)

// diskTime is how long a disk may take to appear. USB sticks are slow.
const diskTime = 20 * time.Second

// A disk is the one that the box booted from, as its GPT describes it.
type disk struct {
	name  string // "sda"
	table []partition
}

// A partition of a disk.
type partition struct {
	number     int
	guid, name string
}

// device is the file of the partition with a number: sda1, nvme0n1p1.
func (d disk) device(number int) string {
	separator := ""
	if last := d.name[len(d.name)-1]; last >= '0' && last <= '9' {
		separator = "p"
	}
	return fmt.Sprintf("/dev/%s%s%d", d.name, separator, number)
}

// partition is the file of the partition with a GUID; empty where there is none.
func (d disk) partition(guid string) string {
	for _, p := range d.table {
		if p.guid == guid {
			return d.device(p.number)
		}
	}
	return ""
}

// named is the partition with a name; nil where there is none.
func (d disk) named(name string) *partition {
	for i := range d.table {
		if d.table[i].name == name {
			return &d.table[i]
		}
	}
	return nil
}

// link makes /run/callbox/disk/NAME for each partition, so that nobody takes another disk's of the same name for ours.
func (d disk) link() error {
	const dir = "/run/callbox/disk"
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	err := os.Symlink("/dev/"+d.name, filepath.Join(dir, "whole"))
	for _, p := range d.table {
		err = errors.Join(err, os.Symlink(d.device(p.number), filepath.Join(dir, p.name)))
	}
	return err
}

// waitForDisk waits for the disk that has the partition with a GUID.
func waitForDisk(guid string) (disk, error) {
	for end := time.Now().Add(diskTime); ; time.Sleep(20 * time.Millisecond) {
		names, err := filepath.Glob("/sys/block/*")
		if err != nil {
			return disk{}, err
		}
		for _, name := range names {
			d, err := readDisk(filepath.Base(name))
			if err == nil && d.partition(guid) != "" {
				if _, err := os.Stat(d.partition(guid)); err == nil {
					return d, nil
				}
			}
		}
		if time.Now().After(end) {
			return disk{}, fmt.Errorf("no disk has the partition %s", guid)
		}
	}
}

func readDisk(name string) (disk, error) {
	f, err := os.Open("/dev/" + name)
	if err != nil {
		return disk{}, err
	}
	defer f.Close()
	sector, err := unix.IoctlGetInt(int(f.Fd()), unix.BLKSSZGET)
	if err != nil {
		return disk{}, err
	}
	table, err := readGPT(f, int64(sector))
	return disk{name: name, table: table}, err
}

// The GUID partition table (UEFI 2.10, 5.3): a header in the second sector, and entries where it says.
const (
	gptSignature = "EFI PART"
	mostEntries  = 128
	leastEntry   = 128 // octets
	mostEntry    = 4096
)

// readGPT reads the partitions of a disk. The kernel has checked the sums; what is read here is bounded.
func readGPT(r io.ReaderAt, sector int64) (table []partition, err error) {
	header := make([]byte, 92)
	if _, err := r.ReadAt(header, sector); err != nil {
		return nil, err
	}
	if string(header[:8]) != gptSignature {
		return nil, errors.New("no GPT")
	}
	start := int64(binary.LittleEndian.Uint64(header[72:]))
	count, size := binary.LittleEndian.Uint32(header[80:]), binary.LittleEndian.Uint32(header[84:])
	if start < 2 || start > 1<<32 || count > mostEntries || size < leastEntry || size > mostEntry {
		return nil, errors.New("a GPT that makes no sense")
	}
	entries := make([]byte, count*size)
	if _, err := r.ReadAt(entries, start*sector); err != nil {
		return nil, err
	}
	for i := range int(count) {
		e := entries[i*int(size):][:leastEntry]
		if !bytes.Equal(e[:16], make([]byte, 16)) {
			table = append(table, partition{number: i + 1, guid: guid(e[16:32]), name: text(e[56:128])})
		}
	}
	return table, nil
}

// guid writes a GUID as people do: the first three parts have their least octet first (UEFI 2.10, appendix A).
func guid(b []byte) string {
	return fmt.Sprintf("%08x-%04x-%04x-%x-%x", binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint16(b[4:]),
		binary.LittleEndian.Uint16(b[6:]), b[8:10], b[10:16])
}

func text(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	name, _, _ := strings.Cut(string(utf16.Decode(units)), "\x00")
	return name
}
