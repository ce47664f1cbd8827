package main

import (
	"bytes"
	"encoding/binary"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// gpt is a disk with a table of partitions, and the partition names in it.
func gpt(names ...string) []byte {
	disk := make([]byte, 512*40)
	header := disk[512:]
	copy(header, gptSignature)
	le := binary.LittleEndian
	le.PutUint64(header[72:], 2)
	le.PutUint32(header[80:], mostEntries)
	le.PutUint32(header[84:], leastEntry)
	for i, name := range names {
		e := disk[1024+i*leastEntry:]
		e[0] = 1 // of some type
		copy(e[16:], []byte{0x0a, 0x6e, 0x1c, 0x7b, 0x0e, 0x6a, 0x7e, 0x4b, 0x9d, 0x53, 0x0c, 0x1a, 0x11, 0xb0, 0xa0, byte(i)})
		for j, u := range utf16.Encode([]rune(name)) {
			le.PutUint16(e[56+2*j:], u)
		}
	}
	return disk
}

func TestReadGPT(t *testing.T) {
	table, err := readGPT(bytes.NewReader(gpt("bios", "", "数据")), 512)
	if err != nil {
		t.Fatal(err)
	}
	want := []partition{
		{1, "7b1c6e0a-6a0e-4b7e-9d53-0c1a11b0a000", "bios"},
		{2, "7b1c6e0a-6a0e-4b7e-9d53-0c1a11b0a001", ""},
		{3, "7b1c6e0a-6a0e-4b7e-9d53-0c1a11b0a002", "数据"},
	}
	if diff := cmp.Diff(want, table, cmp.AllowUnexported(partition{})); diff != "" {
		t.Errorf("the table (-want +got):\n%s", diff)
	}
	d := disk{name: "nvme0n1", table: table}
	if got := d.partition("7b1c6e0a-6a0e-4b7e-9d53-0c1a11b0a002"); got != "/dev/nvme0n1p3" {
		t.Errorf("the third is %q", got)
	}
	if bios := d.named("bios"); bios != &table[0] || d.named("data") != nil {
		t.Errorf("by name: %v, %v", bios, d.named("data"))
	}
}

func FuzzReadGPT(f *testing.F) {
	f.Add(gpt("root-a")[:4096])
	f.Fuzz(func(t *testing.T, disk []byte) { readGPT(bytes.NewReader(disk), 512) })
}

func TestReadSuperblock(t *testing.T) {
	raw := make([]byte, 512)
	le := binary.LittleEndian
	copy(raw, "verity")
	le.PutUint32(raw[8:], 1)
	le.PutUint32(raw[12:], 1)
	copy(raw[32:], "sha256")
	le.PutUint32(raw[64:], 4096)
	le.PutUint32(raw[68:], 4096)
	le.PutUint64(raw[72:], 8000)
	le.PutUint16(raw[80:], 2)
	copy(raw[88:], "\xAB\xCD")
	got, err := readSuperblock(raw)
	want := superblock{algorithm: "sha256", dataBlock: 4096, hashBlock: 4096, dataBlocks: 8000, salt: "abcd"}
	if err != nil || got != want {
		t.Errorf("it reads %+v: %v", got, err)
	}
	for at, octet := range map[int]byte{0: 'V', 8: 2, 12: 0, 65: 0, 81: 2} { // one that is wrong
		bad := bytes.Clone(raw)
		bad[at] = octet
		if _, err := readSuperblock(bad); err == nil {
			t.Errorf("octet %d is %d, and it is read", at, octet)
		}
	}
}
