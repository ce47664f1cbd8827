package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"callbox/webui"
)

// TestStartTime measures a start from power to the page, beside the least that this computer can take for it: the same kernel, started by QEMU
// itself, with one small program that has an address and a page (testdata/floor). Both in seconds, and in seconds of QEMU's processor time, which
// other work on this computer lengthens less. The computer has two processors, as every board has at least. `make start` runs it.
func TestStartTime(t *testing.T) {
	if os.Getenv("CALLBOX_STARTS") == "" {
		t.Skip("a measurement: make start")
	}
	computer := append(slices.Clone(olderPC), "-smp", "2")
	m := newMachine(t, filepath.Join(built(t), "disk.img"))
	m.story("a first start, whose lines are answered before its page", func() {
		m.start(computer)
		m.toldStart(m.claim())
		m.proves()
	})
	floor := slices.Concat(computer, floorOf(t))
	for range 3 { // which is how many a system may have without having proved itself
		least := m.timed("the floor", floor, func() bool { return m.hasSaid("floor: here is a page") })
		whole := m.timed("a later start", computer, func() bool { return len(m.screen()) > 0 && strings.HasPrefix(m.screen()[0], "Callbox") })
		m.t.Logf("%.2f times the floor's seconds of processor", whole.Seconds()/least.Seconds())
	}
}

// toldStart is what the box tells of its start: the lines are answered first.
func (m *machine) toldStart(cookies []*http.Cookie) (h webui.Health) {
	m.t.Helper()
	m.until("the box tells of its start", func() bool { m.read("/api/health", cookies, &h); return h.PageMS > 0 })
	m.t.Logf("since the kernel started: %d ms to the program, %d to the lines, %d to the page, %d to the first call", h.ProgramMS, h.LinesMS, h.PageMS, h.FirstCallMS)
	if h.LinesMS <= 0 || h.LinesMS > h.PageMS {
		m.t.Error("the page was there before the lines")
	}
	return h
}

// timed gives the machine power and waits until it says that it is up and its page answers. It gives QEMU's seconds of processor.
func (m *machine) timed(what string, computer []string, up func() bool) time.Duration {
	m.t.Helper()
	m.cut()
	m.forget()
	began, before := time.Now(), m.spent.Load()
	m.start(computer)
	m.untilEvery(50*time.Millisecond, what+" is up", up)
	m.untilEvery(50*time.Millisecond, "its page answers", func() bool {
		answer, err := m.ask("GET", "/", nil, "", nil, 10*time.Second)
		return err == nil && answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
	})
	took := time.Since(began)
	m.cut()
	spent := time.Duration(m.spent.Load() - before)
	m.t.Logf("%s: %.1f s, of which QEMU had a processor for %.1f s", what, took.Seconds(), spent.Seconds())
	return spent
}

// floorOf makes QEMU's options that start the image's kernel with testdata/floor.
func floorOf(t *testing.T) (options []string) {
	t.Helper()
	dir := t.TempDir()
	compile := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(dir, "init"), "testdata/floor/main.go")
	compile.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH=amd64")
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	packages, err := filepath.Glob(filepath.Join(built(t), "first/debian-*.tar"))
	if err != nil || len(packages) != 1 {
		t.Fatal("the packages of make test-image are not there:", packages, err)
	}
	b := build{ctx: t.Context(), work: dir, bin: dir, level: 15}
	k, err := b.kernel(debian{tar: packages[0]}, tree{}, []string{"virtio_pci", "virtio_net"})
	if err != nil {
		t.Fatal(err)
	}
	kernel := filepath.Join(dir, "vmlinuz")
	if err := os.WriteFile(kernel, k.image, 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"-kernel", kernel, "-initrd", k.initrd, "-append", "console=ttyS0,115200 quiet loglevel=3 panic=10"}
}
