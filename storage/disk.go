package storage

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// replaceFile writes a file whole: beside it first, durable, then renamed into place. A power cut leaves the old or the
// new one.
func replaceFile(path string, write func(io.Writer) error) error {
	beside, err := writeBeside(path, write)
	if err != nil {
		return err
	}
	return rename(beside, path)
}

// writeBeside writes what is to become the file at path, durably, under another name.
func writeBeside(path string, write func(io.Writer) error) (beside string, err error) {
	beside = path + ".new"
	f, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	if err = errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		os.Remove(beside)
		return "", err
	}
	return beside, nil
}

// rename moves a file within its folder, durably.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncDir(filepath.Dir(to))
}

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// freeOctets is what an ordinary user may still write where dir is.
func freeOctets(dir string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * st.Bsize, nil
}
