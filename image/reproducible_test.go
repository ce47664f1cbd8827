package main

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestReproducible builds the image twice, in two places that have nothing in common but Debian's packages: the octets are the same. Of the
// update, its payload is: a signature has a random part by which the key keeps its secret. `make reproducible` runs it.
func TestReproducible(t *testing.T) {
	packages := os.Getenv("CALLBOX_PACKAGES")
	if packages == "" {
		t.Skip("builds two images: make reproducible")
	}
	one, other := buildImage(t, packages), buildImage(t, packages)
	for _, archive := range []string{"root.squashfs.tar", "kernel.squashfs.tar"} {
		if at := firstDifference(t, filepath.Join(one, archive), filepath.Join(other, archive)); at != "" {
			t.Fatalf("%s is not the same in both images, in %s", at, archive)
		}
	}
	const result = "callbox-x86-64-0.0.0."
	for _, name := range []string{"initrd", "root.verity", "kernel.squashfs", "core.img", "esp.img", "disk.img", result + "img.zst", result + "spdx.json"} {
		if !bytes.Equal(content(t, one, name), content(t, other, name)) {
			t.Errorf("%s is not the same in both builds", name)
		}
	}
	if !bytes.Equal(payload(t, one, result+"raucb"), payload(t, other, result+"raucb")) {
		t.Error("what the update installs is not the same in both builds")
	}
}

// buildImage builds an image, with its own programs and drivers, and gives the folder of what it is made of.
func buildImage(t *testing.T, packages string) string {
	t.Helper()
	work := t.TempDir()
	b := build{
		ctx: t.Context(), board: "x86-64", computer: computers["x86-64"], version: "0.0.0", source: ".", bin: filepath.Join(work, "bin"), work: work, out: work,
		when: time.Unix(1_700_000_000, 0).UTC(), key: "keys/dev.key", cert: "keys/dev.crt", ca: "keys/dev-ca.crt", level: 1,
	}
	compile := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.bin+"/", "../cmd/boxd", "../cmd/boxctl", "./init")
	compile.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH=amd64")
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	found, err := filepath.Glob(filepath.Join(packages, "debian-*"))
	for _, file := range found {
		err = errors.Join(err, os.Symlink(file, filepath.Join(work, filepath.Base(file))))
	}
	if err := errors.Join(err, b.all()); err != nil {
		t.Fatal(err)
	}
	return work
}

// firstDifference is the first path of two archives that is not the same in both, or "".
func firstDifference(t *testing.T, one, other string) string {
	t.Helper()
	x, y := tar.NewReader(bytes.NewReader(content(t, one))), tar.NewReader(bytes.NewReader(content(t, other)))
	for {
		a, ended := x.Next()
		b, otherEnded := y.Next()
		switch {
		case ended != nil && otherEnded != nil:
			return ""
		case ended != nil:
			return b.Name
		case otherEnded != nil:
			return a.Name
		}
		left, err := io.ReadAll(x)
		right, bad := io.ReadAll(y)
		if err = errors.Join(err, bad); err != nil {
			t.Fatal(err)
		}
		if a.Name != b.Name || a.Mode != b.Mode || a.Linkname != b.Linkname || !bytes.Equal(left, right) {
			return min(a.Name, b.Name)
		}
	}
}

// payload is an update without its signature: the squashfs that it begins with (squashfs 4.0, superblock: bytes used).
func payload(t *testing.T, path ...string) []byte {
	t.Helper()
	b := content(t, path...)
	return b[:binary.LittleEndian.Uint64(b[40:])]
}

func content(t *testing.T, path ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
