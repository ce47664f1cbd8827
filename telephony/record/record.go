// Package record writes what a party says and hears to stereo A-law WAV files: what it said on the left, what it was told
// on the right. A Recording is a telephony.Tap; it codes on the media tick into preallocated blocks of half a second and
// hands them to one writer, which appends them and has them on disk within a quarter more. A disk that stalls costs silence
// in the recording, which says so; it never delays speech. Nothing in a file is written twice but the sizes in its header.
package record

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"callbox/telephony"
)

// MostAtOnce is how many recordings may be written at the same time; Start refuses more.
const MostAtOnce = 1024

// Options are what a recorder needs of the box.
type Options struct {
	Dir        string            // the recordings folder; it exists
	Journal    telephony.Journal // is told RecordingStarted, RecordingPaused, Recorded and alarms
	Free       func() int64      // free octets on the disk of Dir; nil: never looked at
	StopFreeMB func() int        // with less free than this nothing is recorded (RecordingPolicy.StopFreeMB); nil: 0
	Now        func() time.Time  // the site's local time, which names the folders; nil: time.Now
}

// A Recorder writes the recordings of the whole box. Start may be called from any goroutine; the one that calls Run is the
// writer and owns the files.
type Recorder struct {
	o      Options
	box    chan job
	number atomic.Uint64

	mu     sync.Mutex // guards what follows; held for no wait
	active map[*Recording]bool
	ended  bool

	disk disk // the writer's
	full atomic.Bool
}

// A job is something for the writer to do for a recording, in order: open its file, append silence and a block, end it.
type job struct {
	recording *Recording
	gap       int    // frames before the block that were dropped, or never made
	block     *block // nil: nothing to append
	last      bool
}

// New makes a recorder that writes below o.Dir.
func New(o Options) *Recorder {
	if o.Free == nil {
		o.Free = func() int64 { return 1 << 62 }
	}
	if o.StopFreeMB == nil {
		o.StopFreeMB = func() int { return 0 }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Recorder{
		o: o, box: make(chan job, MostAtOnce*(blocks+2)), active: map[*Recording]bool{},
		disk: disk{alarms: map[string]bool{}, unsynced: map[*Recording]bool{}},
	}
}

// Start begins a recording for a call and returns at once; its file is opened by the writer. Purpose and agent go into the
// journal. It refuses, with an *telephony.Error, when the disk is full or MostAtOnce recordings run; the call goes on.
func (rec *Recorder) Start(call telephony.CallID, purpose, agent string) (*Recording, error) {
	if rec.full.Load() || rec.short() {
		return nil, telephony.Errorf(telephony.Unavailable, "磁盘已满，本次通话不录音：请删除旧录音或更换更大的磁盘",
			"the disk is full and this call is not recorded: delete old recordings or fit a larger disk")
	}
	id := fmt.Sprintf("%s.%d", call, rec.number.Add(1))
	r := newRecording(rec, call, telephony.Recorded{
		Recording: id,
		File:      rec.o.Now().Format("2006/01/02/") + id + extension,
		Purpose:   purpose,
		Agent:     agent,
	})
	if !rec.enter(r) {
		return nil, telephony.Errorf(telephony.Busy, "同时录音数已达上限 %d，本次通话不录音",
			"%d recordings run already, which is the most, and this call is not recorded", MostAtOnce)
	}
	rec.tell(call, telephony.RecordingStarted{Recording: id, Purpose: purpose, Agent: agent})
	rec.post(job{recording: r})
	return r, nil
}

// enter counts a recording in, if there is room.
func (rec *Recorder) enter(r *Recording) bool {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if rec.ended || len(rec.active) == MostAtOnce {
		return false
	}
	rec.active[r] = true
	return true
}

func (rec *Recorder) leave(r *Recording) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	delete(rec.active, r)
}

// running returns the recordings that are not yet ended.
func (rec *Recorder) running() []*Recording {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	var all []*Recording
	for r := range rec.active {
		all = append(all, r)
	}
	return all
}

// post hands a job to the writer. The box has room for all that MostAtOnce recordings can have under way.
func (rec *Recorder) post(j job) (ok bool) {
	select {
	case rec.box <- j:
		return true
	default:
		return false
	}
}

func (rec *Recorder) tell(call telephony.CallID, f telephony.Fact) {
	rec.o.Journal.Append(telephony.Entry{Call: call, Fact: f})
}

// short tells whether too little space is left to record.
func (rec *Recorder) short() bool { return rec.o.Free() < int64(rec.o.StopFreeMB())<<20 }
