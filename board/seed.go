package board

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
)

// KeepSeed leaves chance for the kernel's next start in a folder, where there is none yet: each start makes the seed of the one after it
// (image/init/seed.go).
func KeepSeed(dir string) error {
	const size = 32
	file := filepath.Join(dir, "random-seed")
	if info, err := os.Stat(file); err == nil && info.Size() == size {
		return nil
	}
	seed := make([]byte, size)
	rand.Read(seed) // waits until the kernel has chance to give
	f, err := os.OpenFile(file+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(seed)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
