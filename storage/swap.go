package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

const asideDir = "before-restore"

// takeRestore puts a restore that lies ready in the place of what is there, before anything is opened. Each step is a
// rename that a power cut leaves done or not done, and the next start goes on: what is moved aside first has no
// counterpart in the restore, and each of the rest moves only while its counterpart lies ready.
func takeRestore(dir string) (taken bool, err error) {
	ready := filepath.Join(dir, readyDir)
	if !exists(ready) {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Join(dir, asideDir), 0o700); err != nil {
		return false, err
	}
	gone := []string{configName + goodSuffix}
	if exists(filepath.Join(ready, journalDir)) {
		gone = append(gone, stateName, callsDir, traceDir) // are made from the journal, or named after its calls
	}
	if exists(filepath.Join(ready, configName)) {
		for _, name := range gone {
			err = errors.Join(err, moveAside(dir, name))
		}
	}
	for _, name := range []string{journalDir, promptDir, configName} {
		if err == nil && exists(filepath.Join(ready, name)) {
			err = errors.Join(moveAside(dir, name), os.Rename(filepath.Join(ready, name), filepath.Join(dir, name)), syncDir(dir))
		}
	}
	if err != nil {
		return false, err
	}
	return true, errors.Join(os.RemoveAll(ready), syncDir(dir))
}

// moveAside moves what a restore replaces to where people find it; what is there already was moved before a power cut.
func moveAside(dir, name string) error {
	err := os.Rename(filepath.Join(dir, name), filepath.Join(dir, asideDir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errors.Join(err, syncDir(filepath.Join(dir, asideDir)), syncDir(dir))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
