package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"callbox/telephony"
)

const (
	journalBox    = 65536                  // entries that may wait for the disk
	journalBatch  = 16384                  // entries in one write
	commitEvery   = 100 * time.Millisecond // at most this often the disk is made to sync
	retryEvery    = time.Second            // after the disk refused
	maxUnwritten  = 16 << 20               // octets kept for a disk that refuses; what comes then waits in the box
	journalFailed = "journal_stalled"      // the alarm's name
)

// A Journal is the truth about what happened: entries in the order of their numbers, durable in segment files. One
// goroutine owns the file; Append and Sync post to it.
type Journal struct {
	dir     string
	boot    uint32
	started time.Time

	box   chan telephony.Entry
	syncs chan chan error
	stop  chan struct{}
	ended chan struct{}
	lost  atomic.Uint64 // entries that found the box full
	mark  marker
	board alarmBoard

	// The rest is the owner's.
	seq     uint64 // of the newest entry taken
	file    *os.File
	first   uint64    // the segment's first entry
	day     int       // of the segment's start, UTC
	size    int64     // of the durable part
	pending []byte    // lines that are not durable
	since   uint64    // number of the first pending entry
	commit  time.Time // the last
	failing bool
	sum     hash.Hash // of the durable part
	before  string    // digest of the segment before
}

// startJournal begins a new segment behind the tail. The goroutine lives until close.
func startJournal(dir string, t tail, boot uint32) *Journal {
	j := &Journal{
		dir: dir, boot: boot, started: time.Now(), seq: t.seq, before: t.before,
		box:   make(chan telephony.Entry, journalBox),
		syncs: make(chan chan error),
		stop:  make(chan struct{}),
		ended: make(chan struct{}),
	}
	j.mark.set(durable{seq: t.seq})
	go j.run()
	return j
}

// Append posts an entry and returns at once; it is durable within 100 ms of a healthy disk. Append sets Seq, Time, Mono
// and Boot. An entry that finds the box full is lost and counted in a JournalGap.
func (j *Journal) Append(e telephony.Entry) {
	now := time.Now()
	e.Time, e.Mono, e.Boot = now.Round(0).UTC(), now.Sub(j.started), j.boot
	select {
	case j.box <- e:
	default:
		j.lost.Add(1)
	}
}

// sync waits until all that was appended before is durable, and says why if the disk refuses.
func (j *Journal) sync(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case j.syncs <- answer:
	case <-j.ended:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close makes durable what was appended and ends the goroutine.
func (j *Journal) close() error {
	answer := make(chan error, 1)
	j.syncs <- answer
	err := <-answer
	close(j.stop)
	<-j.ended
	return err
}

// run is the owner: it gathers what comes, and makes it durable at most every 100 ms.
func (j *Journal) run() {
	defer close(j.ended)
	due := time.NewTimer(0)
	defer due.Stop()
	flush := func() error {
		err := j.flush()
		if err != nil {
			due.Reset(retryEvery)
		}
		return err
	}
	for {
		box := j.box
		if len(j.pending) >= maxUnwritten {
			box = nil
		}
		select {
		case e := <-box:
			j.take(e)
			j.drain(journalBatch)
			if !j.failing {
				due.Reset(max(0, commitEvery-time.Since(j.commit)))
			}
		case answer := <-j.syncs:
			j.drain(len(j.box))
			answer <- flush()
		case <-due.C:
			flush()
		case <-j.stop:
			j.mark.close()
			if j.file != nil {
				j.file.Close()
			}
			return
		}
	}
}

// drain takes up to n of what waits, and tells of what did not fit.
func (j *Journal) drain(n int) {
	for ; n > 0 && len(j.pending) < maxUnwritten; n-- {
		select {
		case e := <-j.box:
			j.take(e)
		default:
			n = 0
		}
	}
	if lost := j.lost.Swap(0); lost > 0 {
		j.takeOwn(telephony.JournalGap{Lost: lost})
	}
}

// takeOwn takes a fact of the journal itself.
func (j *Journal) takeOwn(f telephony.Fact) {
	now := time.Now()
	j.take(telephony.Entry{Time: now.Round(0).UTC(), Mono: now.Sub(j.started), Boot: j.boot, Fact: f})
}

func (j *Journal) take(e telephony.Entry) {
	j.seq++
	e.Seq = j.seq
	if len(j.pending) == 0 {
		j.since = e.Seq
	}
	if a, ok := e.Fact.(telephony.Alarm); ok {
		a.Severity = telephony.SeverityOf(a.Name)
		e.Fact = a
		j.board.put(a, e.Time)
	}
	j.pending = appendEntry(j.pending, e)
}

// flush makes durable what is pending. When the disk refuses, the pending lines go to a new segment later: after a failed
// sync nobody knows what of the old one is on disk.
func (j *Journal) flush() error {
	if len(j.pending) == 0 {
		return nil
	}
	j.commit = time.Now()
	if err := j.write(); err != nil {
		j.abandon()
		if !j.failing {
			j.failing = true
			j.takeOwn(stalledAlarm(err))
		}
		return err
	}
	j.pending = j.pending[:0]
	j.mark.set(durable{seq: j.seq, first: j.first, size: j.size})
	if j.failing {
		j.failing = false
		j.takeOwn(telephony.Alarm{Name: journalFailed})
		return j.flush()
	}
	return nil
}

// write appends the pending lines to the segment, a new one where that is due, and syncs it.
func (j *Journal) write() error {
	if j.file != nil && (j.size >= segmentBytes || j.commit.UTC().YearDay() != j.day) {
		j.leave()
	}
	if j.file == nil {
		f, header, err := createSegment(j.dir, segmentHeader{Format: segmentFormat, First: j.since, Boot: j.boot, Time: j.commit.UTC(), Before: j.before})
		if err != nil {
			return err
		}
		j.file, j.first, j.size, j.day = f, j.since, int64(len(header)), j.commit.UTC().YearDay()
		j.sum = sha256.New()
		j.sum.Write(header)
	}
	if _, err := j.file.WriteAt(j.pending, j.size); err != nil {
		return err
	}
	if err := unix.Fdatasync(int(j.file.Fd())); err != nil {
		return err
	}
	j.size += int64(len(j.pending))
	j.sum.Write(j.pending)
	return nil
}

// leave closes the segment, which the next one names by its digest.
func (j *Journal) leave() {
	j.file.Close()
	j.file, j.before = nil, hex.EncodeToString(j.sum.Sum(nil))
}

// abandon closes a segment that the disk failed, cut to what is known to be durable.
func (j *Journal) abandon() {
	if j.file == nil {
		return
	}
	j.file.Truncate(j.size) // if this fails too, readers stop at the mark and a later start cuts the tail
	if j.first != j.since {
		j.leave()
		return
	}
	j.file.Close() // it holds no durable entry, and the next segment will have its name
	os.Remove(filepath.Join(j.dir, segmentName(j.first)))
	j.file = nil
}

func stalledAlarm(err error) telephony.Alarm {
	why := "write error"
	if errors.Is(err, unix.ENOSPC) {
		why = "disk full"
	}
	return telephony.Alarm{Name: journalFailed, On: true, Message: telephony.Text{
		ZH: "磁盘拒绝写入日志（" + why + "）。通话不受影响；请检查磁盘，之后会补写。",
		EN: "The disk refuses the journal (" + why + "). Calls go on; check the disk, it is written later.",
	}}
}
