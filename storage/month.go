package storage

import (
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

var (
	callsBucket  = []byte("calls")  // callKey -> Record
	idsBucket    = []byte("ids")    // CallID -> callKey
	agentsBucket = []byte("agents") // time, seq -> change
	callsLayout  = layout{steps: []step{buckets(callsBucket, idsBucket), buckets(agentsBucket)}}
)

// Months are the files of the call records, one for each month of arrivals in UTC, opened when first asked for.
type months struct {
	dir   string
	told  func(string, error)
	trial *atomic.Bool // the store's
	mu    sync.Mutex
	open  map[string]*file
}

// monthOf names the file of a time.
func monthOf(t time.Time) string { return "calls-" + t.UTC().Format("2006-01") + ".db" }

// list names the months that there are, oldest first.
func (m *months) list() ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(m.dir, "calls-????-??.db"))
	names := make([]string, len(paths))
	for i, p := range paths {
		names[i] = filepath.Base(p)
	}
	slices.Sort(names)
	return names, err
}

// file is a month by its name, made if it is missing.
func (m *months) file(name string) (*file, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f := m.open[name]; f != nil {
		return f, nil
	}
	f, err := openFile(filepath.Join(m.dir, name), callsLayout, m.told)
	if err != nil {
		return nil, err
	}
	if !m.trial.Load() {
		err = forgetOld(f.path)
	}
	if m.open == nil {
		m.open = map[string]*file{}
	}
	m.open[name] = f
	return f, err
}

func (m *months) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var errs []error
	for name, f := range m.open {
		errs = append(errs, f.close())
		delete(m.open, name)
	}
	return errors.Join(errs...)
}

// find tells where a call's record is: its month and its key. Calls of this boot are looked for in the months since it
// began, so that asking for a call in progress opens no old file.
func (r *reader) find(id telephony.CallID) (f *file, key []byte, err error) {
	m := r.months
	names, err := m.list()
	if err != nil {
		return nil, nil, err
	}
	if boot, _, _ := strings.Cut(string(id), "-"); boot == strconv.FormatUint(uint64(r.store.Boot()), 10) {
		began := r.store.started
		if now := time.Now(); now.Round(0).Before(began.Round(0)) { // the clock was set back
			began = now
		}
		names = monthsBetween(names, began.AddDate(0, 0, -1), time.Time{})
	}
	for _, name := range slices.Backward(names) {
		f, err := m.file(name)
		if err != nil {
			return nil, nil, err
		}
		err = f.View(func(tx *bbolt.Tx) error {
			if sealed := tx.Bucket(idsBucket).Get([]byte(id)); sealed != nil {
				payload, err := unseal([]byte(id), sealed)
				key = slices.Clone(payload)
				return err
			}
			return nil
		})
		if err != nil || key != nil {
			return f, key, err
		}
	}
	return nil, nil, telephony.Errorf(telephony.NotFound, "没有通话 %s 的记录。", "There is no record of call %s.", id)
}

// callKey sorts records by arrival.
func callKey(r *Record) []byte {
	return slices.Concat(number(uint64(r.Arrived.UnixNano())), number(r.First))
}

// putRecords writes records of one month.
func putRecords(tx *bbolt.Tx, records []Record) error {
	calls, ids := tx.Bucket(callsBucket), tx.Bucket(idsBucket)
	for i := range records {
		r := &records[i]
		key, id := callKey(r), []byte(r.ID)
		if err := putJSON(calls, key, r); err != nil {
			return err
		}
		if err := ids.Put(id, seal(id, key)); err != nil {
			return err
		}
	}
	return nil
}

// monthsBetween are the names out of all that may hold arrivals from from (included) to to; zero times do not bound.
func monthsBetween(names []string, from, to time.Time) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return !from.IsZero() && strings.Compare(name, monthOf(from)) < 0 || !to.IsZero() && strings.Compare(name, monthOf(to)) > 0
	})
}
