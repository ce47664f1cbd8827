package main

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// built is the folder of `make test-image`, with an image of version 0.1.0 and the bundles 0.2.0, 0.3.0 (whose boxd ends at once),
// 0.4.0 (which brings the data to another form and hears nothing), 0.0.9, one of another signer, one for another board, and a small one of
// which only a flipped bit is wrong.
func built(t *testing.T) string {
	dir := os.Getenv("CALLBOX_IMAGE")
	if dir == "" {
		t.Skip("needs an image and QEMU: make test-image")
	}
	return dir
}

func bundle(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(built(t), name+".raucb"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestLife is the life of a box (A14.7, A14.9, A16.6; ideas 13, 14) in an older PC: it starts from a bare image, is claimed by the code on its
// panel, takes a call, refuses updates that it must not trust, takes a good one, comes back by itself from whatever hangs, forgets everything
// where it is told to at the panel, and can be mended when nothing of it starts. With -short its life ends when it has taken a good update.
func TestLife(t *testing.T) {
	t.Parallel()
	m := newMachine(t, filepath.Join(built(t), "disk.img"))
	m.throughTrunk()
	var cookies []*http.Cookie
	m.story("a bare image starts by BIOS, and the code on its panel claims it", func() {
		m.start(olderPC)
		cookies = m.claim()
		m.becomes("0.1.0", cookies)
	})
	m.story("a telephone calls through it and hears the greeting, and it tells how soon after the start", func() {
		m.calls(cookies)
		if m.toldStart(cookies).FirstCallMS <= 0 {
			m.t.Error("of the first call it tells nothing")
		}
	})
	m.story("what must not be trusted is refused", func() { m.refuses(cookies) })
	m.story("a good update is installed from a stick at the panel", func() {
		m.plug(filepath.Join(built(t), "good.raucb"))
		m.does("Update by stick")
		m.pull()
		m.becomes("0.2.0", cookies)
	})
	m.story("it proves itself", m.proves)
	if testing.Short() {
		return
	}
	m.story("a program that hangs is ended by its watchdog, and starts again", func() { m.programHangs(cookies) })
	m.story("an address that is set at the panel is its own from then on", func() {
		m.forget()
		m.setAddress()
		m.untilSaid("slot B")
		m.page = m.moved
		m.becomes("0.2.0", cookies)
	})
	m.story("a VLAN that is set at the panel is on the wire, and the page answers in it and in no other", func() {
		m.forget()
		m.setVLAN("0000", "0020")
		m.untilSaid("slot B")
		m.trunk.vlan.Store(30) // somebody has set a wrong one, here or there
		m.forget()
		m.until("the panel is up", func() bool { return m.screen() != nil })
		m.until("the box asks in its VLAN", func() bool { return m.trunk.asked.Load() == 20 })
		if m.status(cookies).Version != "" {
			m.t.Error("the page answers in a VLAN that is not the box's")
		}
		m.trunk.vlan.Store(20)
		m.becomes("0.2.0", cookies)
		const bare, tagged = 1, 2
		m.until("the box answers a ping in its VLAN", func() bool {
			m.trunk.ping(0, bare)
			m.trunk.ping(20, tagged)
			return m.trunk.answered.Load()&(1<<tagged) != 0
		})
		if m.trunk.answered.Load()&(1<<bare) != 0 {
			m.t.Error("it takes what has no tag")
		}
		if frame := m.trunk.bare.Load(); frame != nil {
			m.t.Errorf("a frame of the box had no tag: %s", frame)
		}
	})
	m.story("at the panel everything is erased, with the key to it, and the VLAN forgotten", func() {
		m.trunk.vlan.Store(0)
		key, _ := m.dataKey()
		m.forget()
		m.reset("Erase all")
		m.untilSaid("slot B")
		m.page = m.dhcp
		cookies = m.claim()
		if _, beside := m.dataKey(); bytes.Contains(beside, key) {
			m.t.Error("the key that everything was encrypted with is still there")
		}
	})
	m.story("a kernel that hangs is reset by the PC's watchdog", m.kernelHangs)
	m.story("neither system starts: the recovery system does, takes an update, and the box is as it was", func() {
		m.cut()
		m.damage("root-a")   // which the initramfs finds
		m.damage("kernel-b") // which GRUB does
		m.forget()
		m.start(olderPC)
		m.untilSaid("slot R")
		stranger := m.claim() // nothing of the box's data is open here
		m.becomes("0.1.0", stranger)
		m.until("the box tells what runs", func() bool { return strings.Contains(m.alarms(stranger), "Neither system starts") })
		m.takes("good", stranger)
		m.becomes("0.2.0", cookies)
	})
}

// TestLaterLife is that of a box which was made before data were encrypted, in a newer PC, by UEFI: it keeps its data as they are until
// everything is reset, comes back from a bad update (and lives no longer with -short) and from one that has changed its data, takes a good one
// from the page, forgets its settings alone, and becomes by a backup what it was.
func TestLaterLife(t *testing.T) {
	t.Parallel()
	m := newMachine(t, filepath.Join(built(t), "disk.img"))
	m.addPlainData()
	var cookies []*http.Cookie
	var backup string
	m.story("the recovery system of a box that was never updated looks at an update", func() {
		m.recovers()
		if said := m.update(bundle(m.t, "stranger"), m.claim()); !strings.Contains(said, "no update that the box trusts") {
			m.t.Errorf("it says %q", said)
		}
		m.cut()
	})
	m.story("the same image starts by UEFI, and uses the data partition of an older version as it is", func() {
		m.start(newerPC)
		cookies = m.claim()
		m.becomes("0.1.0", cookies)
		m.calls(cookies)
		if !m.holdsExt4("data") {
			m.t.Error("it is no ext4 any more")
		}
	})
	if !testing.Short() {
		m.story("here, too, a kernel that hangs is reset by the PC's watchdog", m.kernelHangs)
	}
	m.story("a bad update, which only its start shows, goes back by itself and is told of", func() {
		m.proves()
		m.forget()
		m.takes("bad", cookies)
		m.untilSaid("slot B")
		m.untilSaid("slot A")
		m.becomes("0.1.0", cookies)
		m.until("the box tells why", func() bool { return strings.Contains(m.alarms(cookies), "Version 0.3.0 did not prove itself") })
	})
	if testing.Short() {
		return
	}
	m.story("one that fails its self-test, and has brought the data to a new form, goes back with them, and is told of", func() {
		m.proves()
		m.forget()
		m.takes("unfit", cookies)
		m.untilSaid("slot B")
		m.becomes("0.4.0", cookies)
		m.trial(cookies)
		m.untilSaid("slot A")
		cookies = m.signIn()
		m.becomes("0.1.0", cookies)
		m.until("the box tells why", func() bool {
			told := m.alarms(cookies)
			return strings.Contains(told, "Version 0.4.0 did not prove itself (the self-test failed: ") && strings.Contains(told, "data are in the form from before")
		})
		if n := len(m.records(cookies)); n != 2 {
			m.t.Errorf("there are %d records of calls", n)
		}
		m.forget()
		m.choose("Alarms")
		m.until("the panel tells why", func() bool { m.press(keyDown); return m.hasSaid("0.4.0") })
		if err := m.rename("退回以后", cookies); err != nil {
			m.t.Error("the settings cannot be changed:", err)
		}
	})
	m.story("a good update is taken from the page while it runs", func() {
		m.proves() // or it would wait for that
		m.takes("good", cookies)
		m.becomes("0.2.0", cookies)
		m.proves()
	})
	m.story("at the panel the settings are forgotten, and nothing else", func() {
		backup = m.backup(cookies)
		m.forget()
		m.reset("Settings only")
		m.untilSaid("slot B")
		cookies = m.claim()
		if n := len(m.records(cookies)); n != 2 {
			m.t.Errorf("there are %d records of calls", n)
		}
	})
	m.story("it proves itself", m.proves)
	m.story("from a reset of everything on it is encrypted", func() {
		m.plug(backup) // whoever sets up a box has it in when he switches on
		m.forget()
		m.reset("Erase all")
		m.untilSaid("slot B")
		m.claimCode()
		if m.holdsExt4("data") {
			m.t.Error("it is not encrypted")
		}
		m.dataKey()
	})
	m.story("a backup on a stick that was in at the start makes it the box that it was", func() {
		m.does("Load a backup")
		m.pull()
		cookies = m.signIn()
		if n := len(m.records(cookies)); n != 2 {
			m.t.Errorf("there are %d records of calls", n)
		}
	})
	m.story("whoever holds Esc at the start gets the recovery system, which takes an update from a stick", func() {
		m.cut()
		m.recovers()
		m.claimCode()
		m.plug(filepath.Join(built(t), "good.raucb"))
		m.does("Update by stick")
		m.pull()
		m.becomes("0.2.0", cookies)
	})
}

// recovers starts the recovery system by hand.
func (m *machine) recovers() {
	m.t.Helper()
	m.forget()
	m.start(olderPC)
	m.untilEvery(keyRepeat, "GRUB takes the recovery system", func() bool { m.press(keyEsc); return m.hasSaid("slot R") })
}

// trial has a system that has not proved itself take a call, and refuse what would be lost if it went back.
func (m *machine) trial(cookies []*http.Cookie) {
	m.t.Helper()
	if err := m.rename("试用", cookies); err == nil || !strings.Contains(err.Error(), "The new system is proving itself") {
		m.t.Error("the settings are changed:", err)
	}
	if _, err := m.call(m.t.Context(), 3*time.Second); err != nil {
		m.t.Error(err)
	}
	m.until("the call is accounted for", func() bool { return len(m.records(cookies)) == 2 })
}

// programHangs stops the program; the computer runs on.
func (m *machine) programHangs(cookies []*http.Cookie) {
	m.t.Helper()
	m.forget()
	before := m.status(cookies).Started
	c, err := net.Dial("udp", m.wedge)
	if err != nil {
		m.t.Fatal(err)
	}
	defer c.Close()
	m.until("the program hangs", func() bool {
		_, _ = c.Write([]byte("hang"))
		return m.status(cookies).Started.IsZero()
	})
	m.until("it runs again", func() bool { return m.status(cookies).Started.After(before) })
	if m.hasSaid("slot") {
		m.t.Error("the whole computer started again")
	}
}

// kernelHangs stops the computer as a whole, and waits until its watchdog has reset it.
func (m *machine) kernelHangs() {
	m.t.Helper()
	m.forget()
	m.hang()
	m.untilSaid("callbox: slot")
}

// takes sends an update that the box must take.
func (m *machine) takes(name string, cookies []*http.Cookie) {
	m.t.Helper()
	if said := m.update(bundle(m.t, name), cookies); said != "" {
		m.t.Fatalf("the update %s: %s", name, said)
	}
}

// refuses sends what the box must not take: nothing of it may be installed.
func (m *machine) refuses(cookies []*http.Cookie) {
	m.t.Helper()
	payload, signature := bundle(m.t, "good"), bundle(m.t, "small")
	payload[len(payload)/2] ^= 1
	signature[len(signature)-100] ^= 1
	m.proves()
	for _, r := range []struct {
		what   string
		bundle []byte
		why    string
	}{
		{"a flipped signature", signature, "This is no update that the box trusts"},
		{"another signer", bundle(m.t, "stranger"), "This is no update that the box trusts"},
		{"another board", bundle(m.t, "board"), "The update is for callbox-arm64, this box is callbox-x86-64"},
		{"an older version", bundle(m.t, "older"), "The update's version 0.0.9 is older than 0.1.0"},
		{"a flipped payload", payload, "The update was not installed, and the old system runs on"},
	} {
		if said := m.update(r.bundle, cookies); !strings.Contains(said, r.why) {
			m.t.Errorf("%s: the box said %q", r.what, said)
		}
	}
	m.becomes("0.1.0", cookies)
}

// becomes waits until the box runs a version.
func (m *machine) becomes(version string, cookies []*http.Cookie) {
	m.t.Helper()
	m.until("the box runs "+version, func() bool { return m.status(cookies).Version == version })
}
