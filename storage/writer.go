package storage

import (
	"context"
	"errors"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"callbox/telephony"
)

const groupSize = 256 // jobs in one commit

var errClosed = errors.New("storage is closed")

// A job is one change that a writer is asked for.
type job struct {
	change func(*bbolt.Tx) error // nil: only look whether the file is whole
	after  func() error          // runs on the writer when the change is durable, before done; may be nil
	done   chan error
}

// Update makes one change durable. The change may run more than once and must only touch the transaction and what it
// overwrites.
func (f *file) Update(ctx context.Context, change func(*bbolt.Tx) error) error {
	return f.post(ctx, job{change: change})
}

// UpdateAndCopy makes one change durable, in the good copy too.
func (f *file) UpdateAndCopy(ctx context.Context, change func(*bbolt.Tx) error) error {
	return f.post(ctx, job{change: change, after: f.copyGood})
}

// post hands over a job and waits for it. Once handed over it is waited for, so that the answer is always true.
func (f *file) post(ctx context.Context, j job) error {
	j.done = make(chan error, 1)
	select {
	case f.jobs <- j:
	case <-f.ended:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-j.done:
		return inWords(err)
	case <-f.ended:
		return errClosed
	}
}

// inWords says what to do about a full disk; every other error stays as it is.
func inWords(err error) error {
	if errors.Is(err, unix.ENOSPC) {
		return telephony.Errorf(telephony.Unavailable,
			"磁盘已满，无法保存。请删除旧录音，或更换更大的磁盘。",
			"The disk is full, so nothing can be saved. Delete old recordings, or fit a larger disk.")
	}
	return err
}

// suspect asks the writer to look whether the file is whole, and goes on.
func (f *file) suspect() {
	select {
	case f.jobs <- job{done: make(chan error, 1)}:
	default:
	}
}

// close ends the writer after the commit that it is at, and closes the database.
func (f *file) close() error {
	close(f.stop)
	<-f.ended
	return guard(f.db.Load().Close)
}

// run is the owner of all changes: it gathers the jobs that wait into one commit.
func (f *file) run() {
	defer close(f.ended)
	for {
		select {
		case first := <-f.jobs:
			group := append(make([]job, 0, groupSize), first)
			for len(group) < groupSize && len(f.jobs) > 0 {
				group = append(group, <-f.jobs)
			}
			f.commit(group)
		case <-f.stop:
			return
		}
	}
}

// commit makes a group durable in one transaction. A job that refuses is answered and left out, and the others go again.
func (f *file) commit(group []job) {
	for len(group) > 0 {
		refused := -1
		err := f.update(func(tx *bbolt.Tx) error {
			refused = -1
			for i, j := range group {
				if j.change == nil {
					continue
				}
				if err := j.change(tx); err != nil {
					refused = i
					return err
				}
			}
			return nil
		})
		if refused >= 0 && !errors.Is(err, errDamaged) {
			group[refused].done <- err
			group = append(group[:refused], group[refused+1:]...)
			continue
		}
		f.answer(group, err)
		return
	}
}

// update runs one transaction; a damaged file is replaced and the transaction tried once more on what took its place.
func (f *file) update(change func(*bbolt.Tx) error) error {
	for tries := 0; ; tries++ {
		err := guard(func() error { return f.db.Load().Update(change) })
		if !errors.Is(err, errDamaged) || tries > 0 {
			return err
		}
		if whole := f.inspect(); !errors.Is(whole, errDamaged) {
			return err // a fault in the change, not in the file
		}
		if replaced := f.replace(err); replaced != nil {
			return errors.Join(err, replaced)
		}
	}
}

// answer runs what is to run after the commit, each kind once, and answers.
func (f *file) answer(group []job, err error) {
	copied, after := false, error(nil)
	for _, j := range group {
		switch {
		case err != nil || j.change == nil:
			j.done <- f.look(j, err)
		case j.after == nil:
			j.done <- nil
		default:
			if !copied {
				copied, after = true, j.after()
			}
			j.done <- after
		}
	}
}

// look answers a job that was refused, or finds out whether the file is whole.
func (f *file) look(j job, err error) error {
	if err != nil || j.change != nil {
		return err
	}
	if damage := f.inspect(); errors.Is(damage, errDamaged) {
		return f.replace(damage)
	}
	return nil
}

// copyGood refreshes the good copy. It runs on the writer.
func (f *file) copyGood() error {
	return guard(func() error { return copyDatabase(f.db.Load(), f.path+goodSuffix) })
}
