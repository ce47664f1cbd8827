package main

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// TestARM64: the image of the board arm64 starts, is claimed, passes its self-test and takes an update (A14.9).
func TestARM64(t *testing.T) {
	dir := os.Getenv("CALLBOX_IMAGE_ARM64")
	if dir == "" {
		t.Skip("needs an image and QEMU: make test-image-arm64")
	}
	m := newMachine(t, filepath.Join(dir, "disk.img"))
	var cookies []*http.Cookie
	m.story("a bare image starts, and the code on its panel claims it", func() {
		m.start(arm64)
		cookies = m.claim()
	})
	m.story("it proves itself, takes an update and starts with that", func() {
		update, err := os.ReadFile(filepath.Join(dir, "update.raucb"))
		if err != nil {
			m.t.Fatal(err)
		}
		m.proves()
		m.forget()
		if said := m.update(update, cookies); said != "" {
			m.t.Fatal(said)
		}
		m.untilSaid("slot B")
		m.becomes("0.2.0", cookies)
	})
}
