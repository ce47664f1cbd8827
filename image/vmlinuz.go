package main

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// lean is a kernel of a PC without what its own unpacking would write for nothing: 28 MB of zeros, which the kernel clears itself before it
// uses them, one octet after the other, and each of them summed and looked at for a branch. Its file keeps its size and everything its place
// (Linux, Documentation/x86/boot.rst): what was packed gives way to the same without the zeros, which is smaller. What was made once of a
// kernel is taken again.
func (b *build) lean(image []byte) ([]byte, error) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s%q", image, packing))
	made, work := b.file(fmt.Sprintf("lean-%x", sum[:6])), b.file("kernel")
	if done, err := os.ReadFile(made); err == nil {
		return done, nil
	}
	place, err := packed(image)
	if err != nil {
		return nil, err
	}
	// The last four octets are the size of what was packed.
	if err := os.WriteFile(work+".xz", place[:len(place)-4], 0o644); err != nil {
		return nil, err
	}
	if err := b.tool("xz", "-d", "-f", work+".xz"); err != nil {
		return nil, err
	}
	whole, err := os.ReadFile(work)
	if err != nil {
		return nil, err
	}
	kernel, err := withoutZeros(whole)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(work, kernel, 0o644); err != nil {
		return nil, err
	}
	if err := b.tool("xz", append(packing, "-f", work)...); err != nil {
		return nil, err
	}
	smaller, err := os.ReadFile(work + ".xz")
	if err != nil {
		return nil, err
	}
	if image, err = repacked(image, smaller, len(kernel)); err != nil {
		return nil, err
	}
	if err := os.WriteFile(made+".new", image, 0o644); err != nil {
		return nil, err
	}
	return image, os.Rename(made+".new", made)
}

// packing is what a kernel's own unpacking knows (Linux, scripts/xz_wrap.sh).
var packing = []string{"-T1", "--check=crc32", "--x86", "--lzma2=preset=6,dict=64MiB"}

// packed is the place in a kernel of what it unpacks.
func packed(image []byte) ([]byte, error) {
	le := binary.LittleEndian
	if len(image) < 1<<10 || string(image[0x202:0x206]) != "HdrS" {
		return nil, errors.New("the kernel is none of a PC")
	}
	at := (int(image[0x1f1])+1)*512 + int(le.Uint32(image[0x248:]))
	size := int(le.Uint32(image[0x24c:]))
	if size < 4 || at < 0 || at+size > len(image) || !bytes.HasPrefix(image[at:], []byte("\xfd7zXZ\x00")) {
		return nil, errors.New("the kernel is not packed by XZ")
	}
	return image[at : at+size], nil
}

// repacked is a kernel with something else of a size in the place of what it unpacks. The program that unpacks has both sizes side by side
// (arch/x86/boot/compressed/mkpiggy.c).
func repacked(image, smaller []byte, size int) ([]byte, error) {
	le := binary.LittleEndian
	image = bytes.Clone(image)
	place, err := packed(image)
	if err != nil {
		return nil, err
	}
	if len(smaller) > len(place)-4 {
		return nil, fmt.Errorf("the kernel does not fit its place: %d octets, %d", len(smaller), len(place)-4)
	}
	sizes := append(le.AppendUint32(nil, uint32(len(place))), place[len(place)-4:]...)
	if bytes.Count(image, sizes) != 1 {
		return nil, errors.New("the kernel says nowhere, or twice, how much it unpacks")
	}
	le.PutUint32(image[bytes.Index(image, sizes)+4:], uint32(size))
	clear(place)
	copy(place, smaller)
	le.PutUint32(place[len(place)-4:], uint32(size))
	return image, nil
}

// withoutZeros is an unpacked kernel, an ELF file with a list of addresses behind it, without the zeros that its unpacking has no use for:
// those before each part, and those that the kernel clears itself, its .bss, with what comes after them. Each part lies one page behind where
// it is copied to: unpacking copies them in their order, and may not write over what it has still to copy (arch/x86/boot/compressed/misc.c).
func withoutZeros(whole []byte) ([]byte, error) {
	f, err := elf.NewFile(bytes.NewReader(whole))
	if err != nil {
		return nil, err
	}
	bss := f.Section(".bss")
	if bss == nil || f.Class != elf.ELFCLASS64 {
		return nil, errors.New("the unpacked kernel has no .bss")
	}
	le := binary.LittleEndian
	const page, header, entry, sectionEntry = 4096, 64, 56, 64
	table, count := int(le.Uint64(whole[32:])), int(le.Uint16(whole[56:]))
	end := int(le.Uint64(whole[40:])) + int(le.Uint16(whole[60:]))*sectionEntry // of the ELF file
	if table != header || header+count*entry > page || end > len(whole) {
		return nil, errors.New("the unpacked kernel is laid out otherwise than expected")
	}
	lean := make([]byte, page)
	copy(lean, whole[:header+count*entry])
	for i, part := range f.Progs {
		if part.Type != elf.PT_LOAD {
			continue
		}
		size := part.Filesz
		if part.Vaddr <= bss.Addr && bss.Addr < part.Vaddr+size {
			size = bss.Addr - part.Vaddr
		}
		at := page + int(part.Paddr-f.Progs[0].Paddr)
		dropped := whole[part.Off+size : part.Off+part.Filesz]
		if at < len(lean) || len(bytes.Trim(dropped, "\x00")) > 0 {
			return nil, errors.New("the parts of the unpacked kernel lie otherwise than expected")
		}
		lean = append(lean, make([]byte, at-len(lean))...)
		lean = append(lean, whole[part.Off:part.Off+size]...)
		le.PutUint64(lean[table+i*entry+8:], uint64(at))
		le.PutUint64(lean[table+i*entry+32:], size)
	}
	le.PutUint64(lean[40:], 0) // sections
	le.PutUint16(lean[60:], 0)
	le.PutUint16(lean[62:], 0)
	return append(lean, whole[end:]...), nil
}
