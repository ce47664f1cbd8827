package storage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

// A version of the box that has not proved itself may be the last one's that this computer runs for a while (A14.7). So what it migrates
// stays as it was, until it has: one copy of each file, named after its format. The version before, which does not know the new format,
// finds it there. What is made of the journal is then read on in the journal, so no call is lost; of the configuration nothing is, for it
// cannot be changed in between (mayChange).
const (
	formatInfix = ".format-"    // and a number: the file as it was
	laterSuffix = ".later"      // what a version left that did not prove itself
	toldSuffix  = ".later-told" // the same, and people know
)

var (
	errLater = errors.New("format of a later version of the box")
	errTrial = telephony.Errorf(telephony.Busy,
		"新系统还在自检，数据格式已更新；自检通过前不能修改设置，以免退回时丢失。请一两分钟后再试。",
		"The new system is proving itself, and has brought the data to a new form: settings cannot be changed until it has, or they were lost if the update went back. Try again in a minute or two.")
)

// keepOld keeps a file as it is before a migration. A copy of an older format stays instead: no version since has proved itself.
func keepOld(db *bbolt.DB, path string, version int) error {
	old, format := oldOf(path)
	if old != "" && format < version {
		return nil
	}
	if old != "" {
		if err := os.Remove(old); err != nil {
			return err
		}
	}
	return copyDatabase(db, path+formatInfix+strconv.Itoa(version))
}

// oldOf is the copy that a migration left beside a file, and its format; "" where there is none.
func oldOf(path string) (old string, format int) {
	list, _ := filepath.Glob(path + formatInfix + "*") // the pattern is sound
	for _, name := range list {
		if n, err := strconv.Atoi(strings.TrimPrefix(name, path+formatInfix)); err == nil {
			return name, n
		}
	}
	return "", 0
}

// goBack puts the copy that a migration left in the place of a file of a later format.
func (f *file) goBack(why error) error {
	old, format := oldOf(f.path)
	if old != "" && format <= len(f.layout.steps) {
		if _, err := checkFile(old); err != nil {
			old = ""
		}
	}
	switch {
	case old != "" && format <= len(f.layout.steps):
	case f.layout.copied:
		return tooNew(f.path, why)
	default:
		old = "" // it is made of the journal
	}
	for _, step := range stepsBack(f.path, old) {
		if err := step(); err != nil {
			return err
		}
	}
	f.told(filepath.Base(f.path), why)
	return nil
}

// stepsBack are what going back consists of. A power cut between two of them leaves the later file in its place, until the last has put the
// old one there; then all is done. The good copy is of the later format, and newer than the old file: it would be taken for what that lost.
func stepsBack(path, old string) []func() error {
	later := path + laterSuffix
	if old == "" {
		return []func() error{func() error { return rename(path, later) }}
	}
	return []func() error{
		func() error { return remove(path + goodSuffix) },
		func() error { return remove(later) },
		func() error { return os.Link(path, later) },
		func() error { return syncDir(filepath.Dir(path)) },
		func() error { return rename(old, path) },
	}
}

// remove removes a file that need not be there.
func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func tooNew(path string, why error) error {
	name := filepath.Base(path)
	return telephony.Errorf(telephony.Unavailable,
		"%[1]s 的格式来自更新的版本（%[2]v），旁边也没有升级前的副本。请安装更新的版本，或恢复备份。",
		"%[1]s has a %[2]v, and no copy from before lies beside it. Install the later version, or restore a backup.", name, why)
}

// databases are all files of a store that have a format.
func (s *Store) databases() []string {
	list, _ := filepath.Glob(filepath.Join(s.dir, callsDir, "calls-????-??.db")) // the pattern is sound
	return append(list, filepath.Join(s.dir, configName), filepath.Join(s.dir, stateName))
}

// goBack has the months go back that a version on trial has migrated, before anything is read. That the journal is to be read again is
// durable first, for their newest calls are only there.
func (r *reader) goBack(ctx context.Context) error {
	names, err := r.months.list()
	for _, name := range names {
		if old, _ := oldOf(filepath.Join(r.months.dir, name)); old == "" {
			continue
		}
		if err := r.state.Update(ctx, readAgain); err != nil {
			return err
		}
		if _, err := r.months.file(name); err != nil {
			return err
		}
	}
	return err
}

// Confirm ends the trial: the version that runs has proved itself, and the files as they were before it migrated them go.
func (s *Store) Confirm() error {
	s.trial.Store(false)
	for _, path := range s.databases() {
		if err := forgetOld(path); err != nil {
			return err
		}
	}
	return nil
}

// forgetOld removes what migrations have left of a file.
func forgetOld(path string) error {
	old, _ := oldOf(path)
	if old == "" {
		return nil
	}
	return errors.Join(remove(path+toldSuffix), remove(old), syncDir(filepath.Dir(path)))
}

// mayChange refuses what people change of the configuration and the accounts while a version is on trial that has migrated them.
func (s *Store) mayChange() error {
	if old, _ := oldOf(s.config.path); old != "" && s.trial.Load() {
		return errTrial
	}
	return nil
}

// change makes it durable, in the good copy too.
func (s *Store) change(ctx context.Context, change func(*bbolt.Tx) error) error {
	if err := s.mayChange(); err != nil {
		return err
	}
	return s.config.UpdateAndCopy(ctx, change)
}

// tellBack tells, in the audit and by an alarm, of the files that went back. What a power cut kept it from telling the next start tells.
func (s *Store) tellBack() error {
	for _, path := range s.databases() {
		if !exists(path + laterSuffix) {
			continue
		}
		name := filepath.Base(path)
		s.raise("data_went_back", telephony.Text{
			ZH: "升级没有通过自检，数据已回到升级前的格式。其间的通话和录音都在；其间登录的人请重新登录。",
			EN: "The update did not prove itself, and the data are in the form from before it. Calls and recordings since are there; whoever signed in since signs in again.",
		})
		line := AuditLine{Who: "box", Action: "data.went_back", On: name, Detail: fmt.Sprintf("what the later version left is %s", name+toldSuffix)}
		if err := s.Audit(context.Background(), line); err != nil {
			return err
		}
		if err := rename(path+laterSuffix, path+toldSuffix); err != nil {
			return err
		}
	}
	return nil
}
