package main

import (
	"path/filepath"
	"strings"
)

// plug puts a USB stick with files into the machine, which runs or has no power.
func (m *machine) plug(files ...string) {
	m.t.Helper()
	stick := filepath.Join(m.life.TempDir(), "stick.img")
	const kibibytes = "200000"
	command(m.t, "mkfs.vfat", "-C", stick, kibibytes)
	command(m.t, "mcopy", append(append([]string{"-i", stick}, files...), "::")...)
	m.power.Lock()
	defer m.power.Unlock()
	if m.stick = stick; m.on {
		m.tell("drive_add 0 if=none,id=stick,format=raw,file=" + stick)
		m.tell("device_add usb-storage,bus=usb.0,id=stick,drive=stick")
	}
}

// stickOptions are QEMU's for a stick that is in the machine when it starts.
func (m *machine) stickOptions() []string {
	if m.stick == "" {
		return nil
	}
	return []string{"-drive", "if=none,id=stick,format=raw,file=" + m.stick, "-device", "usb-storage,bus=usb.0,id=stick,drive=stick"}
}

// pull takes it out.
func (m *machine) pull() {
	m.t.Helper()
	m.power.Lock()
	defer m.power.Unlock()
	m.stick = ""
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
