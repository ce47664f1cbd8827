package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"maps"
	"slices"
	"testing"
)

func TestUnsigned(t *testing.T) {
	module := []byte("the module")
	signed := append(bytes.Clone(module), "signature\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x09~Module signature appended~\n"...)
	for _, file := range [][]byte{module, signed} {
		if got := unsigned(file); !bytes.Equal(got, module) {
			t.Errorf("unsigned(%q) = %q", file, got)
		}
	}
}

// TestWithoutTypes: a module's file is as long and as whole as it was, and has no types in it.
func TestWithoutTypes(t *testing.T) {
	module := elfFile(t, map[string]string{".text": "program", ".BTF": "types of it", ".symtab": "symbols"})
	got := withoutTypes(module)
	f, err := elf.NewFile(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	if size := f.Section(".BTF").Size; size != 0 || bytes.Contains(got, []byte("types of it")) || len(got) != len(module) {
		t.Errorf("%d octets of types in %d", size, len(got))
	}
	for name, want := range map[string]string{".text": "program", ".symtab": "symbols"} {
		if content, err := f.Section(name).Data(); err != nil || string(content) != want {
			t.Errorf("%s is %q, %v", name, content, err)
		}
	}
	for _, other := range [][]byte{[]byte("no module"), elfFile(t, map[string]string{".text": "program"})} {
		if !bytes.Equal(withoutTypes(other), other) {
			t.Errorf("%.9q was changed", other)
		}
	}
}

// elfFile is one with such sections.
func elfFile(t *testing.T, sections map[string]string) []byte {
	t.Helper()
	const header, entry = 64, 64
	names, body, table := []byte{0}, make([]byte, header), make([]byte, entry)
	add := func(name string, kind elf.SectionType, content string) {
		var section bytes.Buffer
		err := binary.Write(&section, binary.LittleEndian, elf.Section64{
			Name: uint32(len(names)), Type: uint32(kind), Off: uint64(len(body)), Size: uint64(len(content)),
		})
		if err != nil {
			t.Fatal(err)
		}
		names, body, table = append(append(names, name...), 0), append(body, content...), append(table, section.Bytes()...)
	}
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		add(name, elf.SHT_PROGBITS, sections[name])
	}
	all := string(names) + ".shstrtab\x00"
	add(".shstrtab", elf.SHT_STRTAB, all)
	var head bytes.Buffer
	err := binary.Write(&head, binary.LittleEndian, elf.Header64{
		Ident: [16]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:  uint16(elf.ET_REL), Machine: uint16(elf.EM_X86_64), Version: uint32(elf.EV_CURRENT), Ehsize: header,
		Shoff: uint64(len(body)), Shentsize: entry, Shnum: uint16(len(table) / entry), Shstrndx: uint16(len(table)/entry - 1),
	})
	if err != nil {
		t.Fatal(err)
	}
	copy(body, head.Bytes())
	return append(body, table...)
}

// TestModulesForDevices: of depmod's list, what is about devices counts.
func TestModulesForDevices(t *testing.T) {
	got := devices("# Aliases\nalias crypto-aes aesni_intel\nalias cpu:type:x86,ven*fam*mod*:feature:*0099* aesni_intel\n" +
		"alias fs-ext4 ext4\nalias acpi*:AMDI0041:* sdhci_acpi\nalias nft-obj-9 nft_ct\n")
	want := map[string][]string{"aesni_intel": {"cpu:type:x86,ven*fam*mod*:feature:*0099*"}, "sdhci_acpi": {"acpi*:AMDI0041:*"}}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%v, want %v", got, want)
	}
}
