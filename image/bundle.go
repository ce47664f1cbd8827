package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// manifest is what a bundle says of itself (RAUC reference, manifest).
const manifest = `[update]
compatible=callbox-%s
version=%s

[bundle]
format=verity

[image.rootfs]
filename=root.img

[image.kernel]
filename=kernel.img
`

// bundle makes the signed update.
func (b *build) bundle(s slot) error {
	dir := b.file("bundle")
	if err := fresh(dir, b.result("raucb")); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.raucm"), fmt.Appendf(nil, manifest, b.board, b.version), 0o644); err != nil {
		return err
	}
	for from, to := range map[string]string{s.root: "root.img", s.kernel: "kernel.img"} {
		if err := copyFile(from, filepath.Join(dir, to)); err != nil {
			return err
		}
	}
	if err := b.setTimes(dir); err != nil {
		return err
	}
	return b.tool("rauc", "--cert", b.cert, "--key", b.key, "bundle", dir, b.result("raucb"))
}

func copyFile(from, to string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.Create(to)
	if err != nil {
		return err
	}
	defer w.Close()
	if _, err := io.Copy(w, r); err != nil {
		return err
	}
	return w.Close()
}
