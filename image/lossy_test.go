package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"
)

// A lossy disk is one that keeps what it was told to flush, and of the rest what chance wants. QEMU writes down all that a machine writes, in the
// order of its doing so, and what it flushes (the format of Linux, drivers/md/dm-log-writes.c).
const (
	logMagic = 0x6a736677736872

	logFlush   = 1 << 0
	logFUA     = 1 << 1 // the write itself is on the disk when it is done
	logDiscard = 1 << 2
)

// A logEntry is a write, a flush, or both: the flush first.
type logEntry struct {
	at    int64 // octets, on the disk
	data  []byte
	flags uint64
}

// readLog reads entries until they end, each of at most 64 MiB.
func readLog(r io.ReaderAt) (entries []logEntry, err error) {
	head := make([]byte, 32)
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	sector := int64(le.Uint32(head[24:]))
	if le.Uint64(head) != logMagic || sector < 512 || sector > 4096 {
		return nil, fmt.Errorf("no log of writes: %x", head)
	}
	for at := sector; ; {
		if _, err := r.ReadAt(head, at); err != nil {
			return entries, nil
		}
		e := logEntry{at: int64(le.Uint64(head)) * sector, flags: le.Uint64(head[16:])}
		sectors := int64(le.Uint64(head[8:]))
		if sectors == 0 && e.flags == 0 || sectors > 64<<20/sector {
			return entries, nil
		}
		if at += sector; e.flags&logDiscard == 0 {
			e.data = make([]byte, sectors*sector)
			if n, _ := r.ReadAt(e.data, at); n < len(e.data) {
				return entries, nil // the last one, cut off
			}
			at += sectors * sector
		}
		entries = append(entries, e)
	}
}

// replay writes to a disk what a log has. Of what was written since the last flush each write is there, or is not, or the beginning of it is.
func replay(disk io.WriterAt, entries []logEntry, dice *rand.Rand) (lost int, err error) {
	flushed := 0
	for i, e := range entries {
		if e.flags&logFlush != 0 {
			flushed = i
		}
	}
	for i, e := range entries {
		if i > flushed && e.flags&logFUA == 0 && len(e.data) > 0 {
			if kept := dice.IntN(3 * (len(e.data)/512 + 1)); kept*512 < len(e.data) {
				e.data = e.data[:kept*512]
				lost++
			}
		}
		if _, err := disk.WriteAt(e.data, e.at); err != nil {
			return lost, err
		}
	}
	return lost, nil
}

// lose makes the disk what is left of it after a power cut, by the log of what was written since the power came.
func (m *machine) lose(dice *rand.Rand) {
	m.t.Helper()
	log, err := os.Open(m.disk + ".log")
	if err != nil {
		m.t.Fatal(err)
	}
	defer log.Close()
	disk, err := os.OpenFile(m.disk, os.O_RDWR, 0)
	if err != nil {
		m.t.Fatal(err)
	}
	defer disk.Close()
	entries, err := readLog(log)
	if err != nil {
		m.t.Fatal(err)
	}
	lost, err := replay(disk, entries, dice)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Logf("of %d writes and flushes the disk lost all or a part of %d", len(entries), lost)
}

// written is the file that QEMU writes to as long as there is power.
func (m *machine) written() string {
	if m.lossy {
		return m.disk + ".running"
	}
	return m.disk
}

// lossyDrive is the machine's disk as QEMU's options. What is written goes to a copy, and into the log.
func (m *machine) lossyDrive() string {
	m.t.Helper()
	command(m.t, "cp", "--sparse=always", m.disk, m.written())
	if err := os.WriteFile(m.disk+".log", nil, 0o600); err != nil {
		m.t.Fatal(err)
	}
	return "driver=blklogwrites,if=none,id=d,file.driver=raw,file.file.driver=file,file.file.filename=" + m.written() +
		",log.driver=raw,log.file.driver=file,log.file.filename=" + m.disk + ".log"
}

// TestReplay: what was flushed is there, and of the rest nothing but what was written.
func TestReplay(t *testing.T) {
	log := make([]byte, 512)
	le := binary.LittleEndian
	le.PutUint64(log, logMagic)
	le.PutUint32(log[24:], 512)
	write := func(sector, flags uint64, fill byte, sectors int) {
		head := make([]byte, 512)
		le.PutUint64(head, sector)
		le.PutUint64(head[8:], uint64(sectors))
		le.PutUint64(head[16:], flags)
		log = append(append(log, head...), bytes.Repeat([]byte{fill}, sectors*512)...)
	}
	write(0, 0, 'a', 4)
	write(0, logFlush, 0, 0)
	write(2, 0, 'b', 4)
	write(8, logFUA, 'c', 1)
	entries, err := readLog(bytes.NewReader(append(log, make([]byte, 512)...)))
	if err != nil || len(entries) != 4 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	seen := map[string]bool{}
	for seed := range uint64(50) {
		disk := &memory{make([]byte, 9*512)}
		if _, err := replay(disk, entries, rand.New(rand.NewPCG(seed, 0))); err != nil {
			t.Fatal(err)
		}
		image := ""
		for i := range 9 {
			image += string(disk.b[i*512+511] | 0x20)
		}
		seen[image] = true
	}
	for _, want := range []string{"aaaa    c", "aaba    c", "aabb    c", "aabbb   c", "aabbbb  c"} {
		if !seen[want] {
			t.Errorf("there is no cut that leaves %q", want)
		}
		delete(seen, want)
	}
	if len(seen) > 0 {
		t.Errorf("there are cuts that leave %v", seen)
	}
}

// memory is a disk in memory.
type memory struct{ b []byte }

func (m *memory) WriteAt(b []byte, at int64) (int, error) { return copy(m.b[at:], b), nil }
