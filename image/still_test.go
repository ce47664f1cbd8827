package main

import (
	"bytes"
	"path/filepath"
)

// A still is a machine at one moment: its disk, all else of it as QEMU keeps it for a machine that moves, and what its serial port had said.
type still struct {
	disk, rest string
	said       []byte
}

// freeze keeps a machine that runs as it is now, and takes the power away.
func (m *machine) freeze() still {
	m.t.Helper()
	dir := m.life.TempDir()
	s := still{disk: filepath.Join(dir, "disk.img"), rest: filepath.Join(dir, "rest")}
	m.tell(`migrate "exec:cat >` + s.rest + `"`)
	m.cut()
	command(m.t, "cp", "--sparse=always", m.written(), s.disk)
	m.mu.Lock()
	defer m.mu.Unlock()
	s.said = bytes.Clone(m.said.Bytes())
	return s
}

// thaw makes this machine the one that was frozen, and it goes on. It may have been another one.
func (m *machine) thaw(s still) {
	m.t.Helper()
	m.cut()
	command(m.t, "cp", "--sparse=always", s.disk, m.disk)
	m.mu.Lock()
	m.said.Reset()
	m.said.Write(s.said)
	m.since = 0
	m.mu.Unlock()
	m.start(olderPC, "-incoming", "exec:cat "+s.rest)
}
