// Package storage keeps what the box must not forget. The journal, append-only files with a checksum per entry, is the
// truth about what happened; call records and the index of recordings are made from it and can be made again. The
// configuration, its history, accounts and the audit live in a small bbolt database with a good copy beside it. A database
// that is damaged is set aside and replaced while the box goes on; the box never waits for the disk to take a call.
package storage

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"callbox/telephony"
)

// The folders of the data directory.
const (
	journalDir   = "journal"
	callsDir     = "calls"
	recordingDir = "recordings"
	promptDir    = "prompts"
	keyDir       = "keys"
	traceDir     = "trace"
)

// Options say what a store needs to know of the box.
type Options struct {
	// Initial is the configuration of a new box; nil is telephony.DefaultConfig.
	Initial *telephony.Config
	// Repair makes the recordings playable after a stop that was not orderly; nil does nothing. It is asked once, before
	// Open returns: length tells what the index knows of a recording that was closed. It gives the recordings whose end
	// nobody knows, as they are on disk.
	Repair func(length func(recording string) (octets int64, known bool)) []telephony.Recorded
	// Trial: this version of the box has not proved itself on this computer. What it migrates stays as it was beside until Confirm.
	Trial bool
}

// A Store is the memory of one box, in one data directory. Its methods may be called from any goroutine.
type Store struct {
	*Journal
	dir       string
	lock      *os.File
	boot      bootRecord
	key       ed25519.PrivateKey // signs backups
	restored  bool               // a backup took its place at this start
	trial     atomic.Bool        // this version has not proved itself
	restoring atomic.Bool
	config    *file
	watch     watch
	reader    *reader
	tracer    *tracer
	accounts  accounts
	setup     sync.Mutex // of the file that PutSetup writes
	closed    sync.Once
	err       error // of closing
}

// Open opens the data directory, makes what is missing and repairs what is damaged. It refuses a directory that another
// process uses.
func Open(dir string, opt Options) (*Store, error) {
	if opt.Initial == nil {
		opt.Initial = telephony.DefaultConfig()
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: dir, lock: lock}
	s.trial.Store(opt.Trial)
	if err := s.open(opt); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) open(opt Options) error {
	var err error
	if s.restored, err = takeRestore(s.dir); err != nil {
		return fmt.Errorf("take the restored backup: %w", err)
	}
	for _, d := range []string{journalDir, callsDir, recordingDir, promptDir, keyDir, traceDir} {
		if err := os.MkdirAll(filepath.Join(s.dir, d), 0o700); err != nil {
			return err
		}
	}
	if s.key, err = loadKey(s.dir); err != nil {
		return err
	}
	t, err := cutTail(filepath.Join(s.dir, journalDir))
	if err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	if s.boot, err = nextBoot(s.dir, t.boot); err != nil {
		return err
	}
	s.Journal = startJournal(filepath.Join(s.dir, journalDir), t, s.boot.Boot)
	if s.tracer, err = startTracer(filepath.Join(s.dir, traceDir), s.Journal); err != nil {
		return fmt.Errorf("read the signalling messages: %w", err)
	}
	if t.skipped > 0 {
		s.Append(telephony.Entry{Fact: telephony.Oddity{Where: "journal", What: strconv.Itoa(t.skipped) + " lines at the end were not whole"}})
	}
	if s.config, err = openFile(filepath.Join(s.dir, configName), configLayout, s.damaged); err != nil {
		return err
	}
	if err := s.loadConfig(context.Background(), opt.Initial); err != nil {
		return err
	}
	if err := s.loadAccounts(); err != nil {
		return err
	}
	if s.reader, err = s.startReader(opt); err != nil {
		return err
	}
	err = s.tellBack()
	if !opt.Trial {
		err = errors.Join(err, s.Confirm())
	}
	if err != nil { // the data are good, and the next start tidies up
		s.Append(telephony.Entry{Fact: telephony.Oddity{Where: "files of another version", What: err.Error()}})
	}
	return nil
}

// damaged tells of a file that was damaged and replaced. tellBack tells of one that went back.
func (s *Store) damaged(name string, how error) {
	if errors.Is(how, errLater) {
		return
	}
	s.Append(telephony.Entry{Fact: damageAlarm(name, how)})
}

// Boot is the number of this start of the box, which counts up by one.
func (s *Store) Boot() uint32 { return s.boot.Boot }

// Clean says that the stop before this start was orderly.
func (s *Store) Clean() bool { return s.boot.clean }

// Dir is a folder below the data directory: "recordings", "prompts".
func (s *Store) Dir(name string) string { return filepath.Join(s.dir, name) }

// Free is what may still be written to the disk of the data directory, in octets; 0 when the disk does not say.
func (s *Store) Free() int64 {
	n, err := freeOctets(s.dir)
	if err != nil {
		return 0
	}
	return n
}

// Sync waits until all that was appended before is durable, and in the call records and the index of recordings. It says
// why if the disk refuses.
func (s *Store) Sync(ctx context.Context) error {
	select {
	case <-s.reader.settled:
	case <-s.reader.ended:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := s.sync(ctx); err != nil {
		return err
	}
	return s.reader.wait(ctx, s.LastSeq())
}

// Close stops in order: what was posted is durable, and the stop is marked as clean. Nothing may be posted any more.
func (s *Store) Close() error {
	s.closed.Do(func() {
		var errs []error
		if s.reader != nil {
			errs = append(errs, s.reader.close())
		}
		if s.config != nil {
			errs = append(errs, s.config.close())
		}
		if s.tracer != nil {
			s.tracer.close()
		}
		if s.Journal != nil {
			errs = append(errs, s.Journal.close())
		}
		if s.err = errors.Join(errs...); s.err == nil && s.config != nil {
			s.err = s.boot.stopped(s.dir)
		}
		s.lock.Close()
	})
	return s.err
}

// lockDir takes the data directory for this process.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close()
		var pid [16]byte
		n, _ := f.ReadAt(pid[:], 0)
		owner := strings.TrimSpace(string(pid[:n]))
		return nil, telephony.Errorf(telephony.Busy,
			"数据目录 %s 正被另一个 boxd（进程 %s）使用。请先停止它，或用 --data 指定别的目录。",
			"The data directory %s is in use by another boxd (process %s). Stop that one first, or name another directory with --data.",
			dir, owner)
	}
	if err := errors.Join(f.Truncate(0), writePID(f)); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func writePID(f *os.File) error {
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}
