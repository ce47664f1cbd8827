package record

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"callbox/telephony"

	"golang.org/x/sys/unix"
)

const (
	syncEvery  = 250 * time.Millisecond // from one sync to the next, unless one of a few recordings ends: what comes meanwhile waits for company
	fewFiles   = 4                      // no more are synced each for itself
	spaceEvery = time.Second            // between looks at the free space while something is recorded
	retryEvery = 10 * time.Second       // between looks at it while the disk is full
)

// The problems of a recording, in telephony.Recorded.
const (
	diskFull    = "disk_full"
	diskError   = "disk_error"
	interrupted = "interrupted"
)

// disk is what the writer knows of it.
type disk struct {
	root     *os.Root
	folder   *os.File            // is the root, to sync its file system
	unsynced map[*Recording]bool // appended to since the last sync
	due      <-chan time.Time    // of the next sync; nil while nothing is unsynced
	synced   time.Time           // when the last one began
	looked   time.Time           // when the free space was looked at
	alarms   map[string]bool     // that stand
}

// Run is the writer. When the context is done it ends what still runs as interrupted and returns.
func (rec *Recorder) Run(ctx context.Context) {
	defer rec.end()
	for {
		var retry <-chan time.Time
		if rec.full.Load() {
			retry = time.After(retryEvery)
		}
		select {
		case <-ctx.Done():
			return
		case j := <-rec.box:
			rec.work(j)
		case <-rec.disk.due:
			rec.sync()
		case <-retry:
			rec.look()
		}
	}
}

// end stops what still runs and writes what is left.
func (rec *Recorder) end() {
	rec.mu.Lock()
	rec.ended = true
	rec.mu.Unlock()
	for _, r := range rec.running() {
		if r.stop() {
			r.fact.Problem = interrupted
		}
	}
	for len(rec.box) > 0 {
		rec.work(<-rec.box)
	}
	rec.sync()
	if rec.disk.root != nil {
		_ = rec.disk.folder.Close()
		_ = rec.disk.root.Close()
	}
}

// work does a job. The disk is waited for in sync alone: a recording that begins or ends must not hold up what others have said.
func (rec *Recorder) work(j job) {
	r := j.recording
	if r.ended {
		return
	}
	rec.write(j)
	if r.ended {
		return
	}
	if j.last {
		rec.leave(r)
		rec.check(r, r.file.seal())
	}
	rec.disk.unsynced[r] = true
	switch wait := syncEvery - time.Since(rec.disk.synced); {
	case (wait <= 0 || j.last && len(rec.disk.unsynced) <= fewFiles) && len(rec.box) == 0:
		rec.sync()
	case rec.disk.due == nil:
		rec.disk.due = time.After(max(wait, 0))
	}
}

// sync waits until what was appended is on disk, ends what is complete, and looks at the free space now and then. Many files are cheaper to
// sync with the whole file system, in one commit of its journal: 300 take 11 ms that way, and 76 ms one by one. A few are synced at once,
// which is one commit as well.
func (rec *Recorder) sync() {
	rec.disk.synced, rec.disk.due = time.Now(), nil
	all := slices.Collect(maps.Keys(rec.disk.unsynced))
	errs := make([]error, len(all))
	if len(all) <= fewFiles || rec.disk.root == nil || unix.Syncfs(int(rec.disk.folder.Fd())) != nil {
		var each sync.WaitGroup
		for i, r := range all {
			each.Go(func() { errs[i] = r.file.sync() })
		}
		each.Wait()
	}
	clear(rec.disk.unsynced)
	for i, r := range all {
		if r.ended {
			continue
		}
		rec.check(r, errs[i])
		if r.file.sealed && !r.ended {
			rec.finish(r)
		}
	}
	if now := time.Now(); now.Sub(rec.disk.looked) >= spaceEvery {
		rec.disk.looked = now
		rec.look()
	}
}

// write appends what a job brings to its file, which the first job opens, and gives the block back.
func (rec *Recorder) write(j job) {
	r := j.recording
	if r.file.f == nil {
		rec.check(r, rec.open(r))
	}
	if !r.ended {
		r.fact.Gap += time.Duration(j.gap) * telephony.Tick
		rec.check(r, r.file.append(j.gap, j.block))
	}
	if j.block != nil {
		r.free <- j.block
	}
}

func (rec *Recorder) open(r *Recording) (err error) {
	if err := rec.disk.open(rec.o.Dir); err != nil {
		return err
	}
	r.file, err = create(rec.disk.root, r.fact.File)
	return err
}

func (d *disk) open(dir string) (err error) {
	if d.root != nil {
		return nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	if d.folder, err = root.Open("."); err != nil {
		return errors.Join(err, root.Close())
	}
	d.root = root
	return nil
}

// check ends a recording that the disk refuses. Calls go on.
func (rec *Recorder) check(r *Recording, err error) {
	switch {
	case err == nil:
		rec.clear(diskError)
	case errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT):
		rec.raise(diskFull, fullText)
		rec.fail(r, diskFull)
	default:
		rec.raise(diskError, errorText(err))
		rec.fail(r, diskError)
	}
}

// fail ends a recording before its time.
func (rec *Recorder) fail(r *Recording, problem string) {
	if r.ended {
		return
	}
	r.mu.Lock()
	r.stopped = true
	r.mu.Unlock()
	r.fact.Problem = problem
	rec.finish(r)
}

// finish closes a recording's file and tells the journal what is in it.
func (rec *Recorder) finish(r *Recording) {
	r.ended = true
	rec.leave(r)
	if r.file.f != nil {
		octets, err := r.file.close()
		r.fact.Octets = octets
		r.fact.Length = lengthOf(octets)
		if err != nil && r.fact.Problem == "" {
			r.fact.Problem = diskError
			rec.raise(diskError, errorText(err))
		}
	}
	rec.tell(r.call, r.fact)
}

// lengthOf is how long so many octets of audio last.
func lengthOf(octets int64) time.Duration {
	return time.Duration(octets/channels) * time.Second / telephony.SampleRate
}

// look looks at the free space: with too little of it every recording ends, with enough they may begin again.
func (rec *Recorder) look() {
	if !rec.short() {
		rec.clear(diskFull)
		return
	}
	rec.raise(diskFull, fullText)
	for _, r := range rec.running() {
		rec.fail(r, diskFull)
	}
}

var fullText = telephony.Text{
	ZH: "磁盘已满，录音已停止，通话不受影响：请删除旧录音或更换更大的磁盘",
	EN: "the disk is full and recording has stopped; calls go on: delete old recordings or fit a larger disk",
}

func errorText(err error) telephony.Text {
	return telephony.Errorf(telephony.Unavailable, "磁盘拒绝写入录音（%v），通话不受影响：请检查磁盘",
		"the disk refuses recordings (%v); calls go on: check the disk", err).Message
}

func (rec *Recorder) raise(alarm string, text telephony.Text) {
	if rec.disk.alarms[alarm] {
		return
	}
	rec.disk.alarms[alarm] = true
	rec.full.Store(rec.disk.alarms[diskFull])
	rec.tell("", telephony.Alarm{Name: alarm, On: true, Message: text})
}

func (rec *Recorder) clear(alarm string) {
	if !rec.disk.alarms[alarm] {
		return
	}
	delete(rec.disk.alarms, alarm)
	rec.full.Store(rec.disk.alarms[diskFull])
	rec.tell("", telephony.Alarm{Name: alarm, On: false})
}
