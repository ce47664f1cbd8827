package storage

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

const (
	mapOctets   = 256 << 20 // address space, not memory: a file below this size is never mapped anew, so readers never wait
	growOctets  = 1 << 20   // a file grows by
	keptDamaged = 3         // damaged files kept beside, for whoever wants to look into them
	goodSuffix  = ".good"
)

// A layout says what a kind of file holds and where its content comes from when it is lost.
type layout struct {
	steps  []step // one per version of the format, oldest first
	copied bool   // a good copy is kept beside; what is not copied is rebuilt from the journal
}

// A file is one bbolt database. Its goroutine (writer.go) is the only one that changes it; anybody may View.
type file struct {
	path   string
	layout layout
	told   func(file string, how error) // of damage, and of errLater; called by Open's caller or by the writer
	db     atomic.Pointer[bbolt.DB]
	jobs   chan job
	stop   chan struct{}
	ended  chan struct{}
}

// openFile opens a database, or what can be had of it: a damaged one is set aside and its good copy or an empty one takes
// its place, which told hears. The writer lives until close.
func openFile(path string, l layout, told func(string, error)) (*file, error) {
	f := &file{path: path, layout: l, told: told, jobs: make(chan job, 1024), stop: make(chan struct{}), ended: make(chan struct{})}
	err := f.inspect()
	if err == nil {
		err = f.open()
	}
	if errors.Is(err, errDamaged) {
		err = f.replace(err)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", filepath.Base(path), err)
	}
	go f.run()
	return f, nil
}

// inspect checks the file without bbolt. A file that fell behind its good copy has lost its newest commit.
func (f *file) inspect() error {
	generation, err := checkFile(f.path)
	if errors.Is(err, os.ErrNotExist) && !f.layout.copied {
		return nil
	}
	good, goodErr := checkFile(f.path + goodSuffix)
	switch {
	case errors.Is(err, os.ErrNotExist) && goodErr != nil:
		return nil // a new box
	case errors.Is(err, os.ErrNotExist):
		return damaged("the file is gone")
	case err == nil && goodErr == nil && good > generation:
		return damaged("generation %d, its copy has %d", generation, good)
	}
	return err
}

// open opens a file that was found whole, or makes a new one, and brings it to this version's format.
func (f *file) open() error {
	err := f.openFormat()
	if errors.Is(err, errLater) {
		if err = f.goBack(err); err == nil {
			err = f.openFormat()
		}
	}
	return err
}

func (f *file) openFormat() (err error) {
	var db *bbolt.DB
	guardErr := guard(func() error {
		db, err = bbolt.Open(f.path, 0o600, &bbolt.Options{
			Timeout: time.Second, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType,
			InitialMmapSize: mapOctets, NoStatistics: true,
		})
		return err
	})
	if guardErr != nil {
		return guardErr
	}
	db.AllocSize = growOctets
	if err = guard(func() error { return migrate(db, f.path, f.layout) }); err != nil {
		db.Close()
		return err
	}
	f.db.Store(db)
	return nil
}

// replace sets a damaged file aside, puts its good copy in its place if there is one, and opens that. The database that
// was open is left to itself: a reader may still be in it.
func (f *file) replace(why error) error {
	f.told(filepath.Base(f.path), why)
	if err := setAside(f.path); err != nil {
		return err
	}
	if _, err := checkFile(f.path + goodSuffix); err == nil {
		if err := copyFile(f.path+goodSuffix, f.path); err != nil {
			return err
		}
	}
	return f.open()
}

// setAside renames a damaged file; the oldest of many go.
func setAside(path string) error {
	aside := path + ".damaged-" + time.Now().UTC().Format("20060102T150405.000")
	if err := rename(path, aside); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	old, _ := filepath.Glob(path + ".damaged-*")
	slices.Sort(old)
	for _, o := range old[:max(0, len(old)-keptDamaged)] {
		os.Remove(o)
	}
	return nil
}

// copyFile copies a file whole and durably.
func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	return replaceFile(to, func(w io.Writer) error {
		_, err := io.Copy(w, src)
		return err
	})
}

// View reads in one transaction, which should last less than a second: the file grows while it is held.
func (f *file) View(read func(*bbolt.Tx) error) error {
	err := guard(func() error { return f.db.Load().View(read) })
	if errors.Is(err, errDamaged) {
		f.suspect()
		return repairing(f.path)
	}
	return err
}

// guard runs what touches bbolt: a panic of it, and a page that the disk cannot read, become an error.
func guard(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = damaged("%v", r)
		}
	}()
	return do()
}

func repairing(path string) error {
	name := filepath.Base(path)
	return telephony.Errorf(telephony.Unavailable,
		"数据库 %s 已损坏，正在修复。请稍后再试。", "The database %s is damaged and is being repaired. Try again in a minute.", name)
}
