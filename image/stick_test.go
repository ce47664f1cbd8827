package main

import (
	"path/filepath"
	"strings"
)

// plug puts a USB stick with files into the machine.
func (m *machine) plug(files ...string) {
	m.t.Helper()
	stick := filepath.Join(m.life.TempDir(), "stick.img")
	const kibibytes = "200000"
	command(m.t, "mkfs.vfat", "-C", stick, kibibytes)
	command(m.t, "mcopy", append(append([]string{"-i", stick}, files...), "::")...)
	m.tell("drive_add 0 if=none,id=stick,format=raw,file=" + stick)
	m.tell("device_add usb-storage,bus=usb.0,id=stick,drive=stick")
}

// pull takes it out.
func (m *machine) pull() {
	m.t.Helper()
	m.tell("device_del stick")
}

// does chooses an entry of the panel's menu that asks once more, as often as the box is not ready for it.
func (m *machine) does(entry string) {
	m.t.Helper()
	m.until("the panel does "+entry, func() bool {
		m.choose(entry)
		m.until("it asks once more", func() bool { return strings.Contains(m.shown(), "OK: do it") })
		m.press(keyUp + keyOK)
		m.until("it is done", func() bool {
			return !strings.Contains(m.shown(), "OK: do it") && !strings.Contains(m.shown(), "Please wait")
		})
		m.t.Log(m.shown())
		return !strings.Contains(m.shown(), "There is no stick") && !strings.Contains(m.shown(), "not proved itself")
	})
}
