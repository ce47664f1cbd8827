package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Who may read a file.
const (
	secretFile fs.FileMode = 0o600
	openFile   fs.FileMode = 0o644
)

// replace puts a text into a file, whole or not at all. It is on the disk when it returns.
func replace(name string, text []byte, mode fs.FileMode) error {
	return replaceBy(name, func(w io.Writer) error { _, err := w.Write(text); return err }, mode)
}

// replaceBy is the same of what is written piece by piece.
func replaceBy(name string, write func(io.Writer) error, mode fs.FileMode) error {
	fresh := name + ".new"
	if err := writeFile(fresh, write); err != nil {
		os.Remove(fresh)
		return err
	}
	if err := errors.Join(os.Chmod(fresh, mode), os.Rename(fresh, name)); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
