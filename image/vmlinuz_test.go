package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"testing"
)

// unpacked is a kernel as it comes out of its packing: two parts, the second with a .bss of zeros in the file, and addresses behind it.
func unpacked(t *testing.T, text, data, bss, addresses string) []byte {
	t.Helper()
	const textAt, dataAt, to = 0x3000, 0x5000, 0x1000000
	names := "\x00.bss\x00.shstrtab\x00"
	var file bytes.Buffer
	write := func(parts ...any) {
		for _, p := range parts {
			if err := binary.Write(&file, binary.LittleEndian, p); err != nil {
				t.Fatal(err)
			}
		}
	}
	at := func(offset int) { file.Write(make([]byte, offset-file.Len())) }
	size := uint64(len(data) + len(bss))
	sections := dataAt + size + uint64(len(names))
	write(elf.Header64{
		Ident: [16]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1}, Type: uint16(elf.ET_EXEC), Machine: uint16(elf.EM_X86_64),
		Version: 1, Phoff: 64, Shoff: sections, Ehsize: 64, Phentsize: 56, Phnum: 2, Shentsize: 64, Shnum: 3, Shstrndx: 2,
	},
		elf.Prog64{Type: uint32(elf.PT_LOAD), Off: textAt, Vaddr: 1 << 40, Paddr: to, Filesz: uint64(len(text)), Memsz: uint64(len(text))},
		elf.Prog64{Type: uint32(elf.PT_LOAD), Off: dataAt, Vaddr: 1<<40 + 0x2000, Paddr: to + 0x2000, Filesz: size, Memsz: size})
	at(textAt)
	file.WriteString(text)
	at(dataAt)
	file.WriteString(data + bss + names)
	write(elf.Section64{},
		elf.Section64{Name: 1, Type: uint32(elf.SHT_NOBITS), Addr: 1<<40 + 0x2000 + uint64(len(data)), Size: uint64(len(bss))},
		elf.Section64{Name: 6, Type: uint32(elf.SHT_STRTAB), Off: dataAt + size, Size: uint64(len(names))})
	file.WriteString(addresses)
	return file.Bytes()
}

// TestWithoutZeros: each part is a page behind where it goes, the zeros of .bss are gone, those before it stay, and the addresses are last.
func TestWithoutZeros(t *testing.T) {
	lean, err := withoutZeros(unpacked(t, "text", "data\x00\x00", string(make([]byte, 9000)), "addresses"))
	if err != nil {
		t.Fatal(err)
	}
	want := make([]byte, 0x3000)
	copy(want[0x1000:], "text")
	want = append(want, "data\x00\x00addresses"...)
	if !bytes.Equal(lean[0x1000:], want[0x1000:]) {
		t.Errorf("the parts are %q", lean[0x1000:])
	}
	f, err := elf.NewFile(bytes.NewReader(lean))
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range []string{"text", "data\x00\x00"} {
		if got := string(lean[f.Progs[i].Off:][:f.Progs[i].Filesz]); got != part {
			t.Errorf("part %d is %q", i, got)
		}
	}
	if _, err := withoutZeros(unpacked(t, "text", "data", "not zero", "addresses")); err == nil {
		t.Error("a .bss that is not zero is dropped")
	}
}

// TestRepacked: what is packed gives way to something smaller, and the size of what it unpacks to is the new one.
func TestRepacked(t *testing.T) {
	le := binary.LittleEndian
	image := make([]byte, 1024, 2048)
	image[0x1f1] = 1 // sectors of the part for real mode beside the first
	copy(image[0x202:], "HdrS")
	le.PutUint32(image[0x248:], 4)
	le.PutUint32(image[0x24c:], 40)
	place := append([]byte("\xfd7zXZ\x00"), bytes.Repeat([]byte{0xaa}, 30)...)
	image = append(append(image, "code"...), le.AppendUint32(place, 5000)...)
	image = append(image, "\x28\x00\x00\x00\x88\x13\x00\x00code"...) // 40, 5000
	got, err := repacked(image, []byte("\xfd7zXZ\x00less"), 3000)
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Clone(image)
	clear(want[1028:1068])
	copy(want[1028:], "\xfd7zXZ\x00less")
	le.PutUint32(want[1064:], 3000)
	le.PutUint32(want[1072:], 3000)
	if !bytes.Equal(got, want) {
		t.Errorf("repacked: %q", got[1024:])
	}
	if _, err := repacked(image, make([]byte, 37), 3000); err == nil {
		t.Error("more than there is room for")
	}
}
