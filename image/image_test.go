package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// built is the folder of `make test-image`, with an image of version 0.1.0 and the bundles 0.2.0, 0.3.0 (whose boxd ends at once),
// 0.0.9, one of another signer and one for another board.
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

// TestLife is the life of a box (A14.7, A14.9; ideas 13, 14): it starts from a bare image, is claimed by the code on its panel, takes
// a call, refuses updates that it must not trust, takes a good one, comes back from a bad one by itself, and can be mended when nothing of it
// starts.
func TestLife(t *testing.T) {
	m := newMachine(t, filepath.Join(built(t), "disk.img"))
	var cookies []*http.Cookie
	m.story("a bare image starts by BIOS, and the code on its panel claims it", func() {
		m.start()
		cookies = m.claim(m.claimCode())
		m.becomes("0.1.0", cookies)
	})
	m.story("a telephone calls through it and hears the greeting", func() { m.calls(cookies) })
	m.story("what must not be trusted is refused", func() { m.refuses(cookies) })
	m.story("a good update is installed and proves itself", func() {
		m.takes("good", cookies)
		m.becomes("0.2.0", cookies)
	})
	m.story("a bad update, which only its start shows, goes back by itself and is told of", func() {
		m.forget()
		m.takes("bad", cookies)
		m.untilSaid("slot A")
		m.untilSaid("slot B")
		m.becomes("0.2.0", cookies)
		m.until("the box tells why", func() bool { return strings.Contains(m.alarms(cookies), "Version 0.3.0 did not prove itself") })
	})
	m.story("the same disk starts by UEFI", func() {
		m.cut()
		m.start("-bios", "/usr/share/ovmf/OVMF.fd")
		m.becomes("0.2.0", cookies)
	})
	m.story("neither system starts: the recovery system does, takes an update, and the box is as it was", func() {
		m.cut()
		m.damage("root-a")   // which the initramfs finds
		m.damage("kernel-b") // which GRUB does
		m.forget()
		m.start()
		m.untilSaid("slot R")
		stranger := m.claim(m.claimCode()) // nothing of the box's data is open here
		m.becomes("0.1.0", stranger)
		m.until("the box tells what runs", func() bool { return strings.Contains(m.alarms(stranger), "Neither system starts") })
		m.takes("good", stranger)
		m.becomes("0.2.0", cookies)
	})
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
	good := bundle(m.t, "good")
	payload, signature := bytes.Clone(good), bytes.Clone(good)
	payload[len(good)/2] ^= 1
	signature[len(good)-100] ^= 1
	for what, b := range map[string][]byte{
		"no bundle": []byte("hello"), "a flipped signature": signature, "another signer": bundle(m.t, "stranger"),
		"another board": bundle(m.t, "board"), "an older version": bundle(m.t, "older"), "a flipped payload": payload,
	} {
		if said := m.update(b, cookies); !strings.Contains(said, "message") {
			m.t.Errorf("%s: the box said %q", what, said)
		}
	}
}

// becomes waits until the box runs a version.
func (m *machine) becomes(version string, cookies []*http.Cookie) {
	m.t.Helper()
	m.until("the box runs "+version, func() bool { return m.version(cookies) == version })
}
